import pytest

from app.services.conversation import ends_open


@pytest.mark.parametrize(
    "text",
    [
        "I like my city because",
        "I like my city, because...",
        "We have plov and",
        "It was difficult, but",
        "I went to the",
        "My brother gave me a",
        "I live with my",
        "One of",
        "It is a kind of",
        "This film is very",
        "In the future I",
        "I think it\u2019s",
        "When I was a child they're",
        "If I had more money I'll",
        "My hobby is um",
        "I bought, uh,",
        "He is my, eee",
        "We cook haligi",
        "It was anaqa...",
        "She works as a, hmm.",
        "It is bigger than",
    ],
)
def test_more_must_come(text: str) -> None:
    assert ends_open(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "2001",
        "I study economics at the university.",
        "It is the city I come from.",
        "This is the friend I live with.",
        "Yes, I am.",
        "Yes, it is.",
        "No, I don't.",
        "That is something I want to.",
        "My friend and I.",
        "He is taller than I.",
        "I think so.",
        "It is about the same for me, you know.",
        "I love her.",
        "I like that.",
        "Because I want to be a doctor.",
        "The letter is A.B.",
        "Mening ismim Dilnoza.",
        "Chunki u yerda dengiz bor.",
    ],
)
def test_it_may_be_the_end(text: str) -> None:
    assert not ends_open(text)
