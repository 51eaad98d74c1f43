import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.conversation.replies import Reply, classify, is_negative


def kind(text: str) -> Reply:
    return classify(text, len(text.split()))


@pytest.mark.parametrize(
    "text",
    [
        "Sorry?",
        "Pardon?",
        "What?",
        "Excuse me?",
        "Can you repeat, please?",
        "Could you please say that again?",
        "Would you mind repeating the question?",
        "Can you speak slowly please?",
        "Could you explain the question?",
        "I don't understand.",
        "I don’t understand what you mean",
        "Sorry, I didn't understand. Can you repeat the question please?",
        "Excuse me, I don't understand your question",
        "I can't hear you",
        "What did you say?",
        "I am sorry, what was the question?",
        "One more time please.",
        "Repeat please",
        "please say again",
        "Teacher, please repeat.",
        "I not understand question",
        "It is not clear for me",
        "Tushunmadim",
        "Iltimos, qaytaring",
        "Yana bir marta",
        "Не понял",
        "Повторите, пожалуйста",
    ],
)
def test_asks_for_the_question_again(text: str) -> None:
    assert kind(text) is Reply.CLARIFY


@pytest.mark.parametrize(
    "text",
    [
        "I repeat new words every day.",
        "I don't understand why people like noise.",
        "I can't hear the birds in my street.",
        "I didn't get it from my parents.",
        "I don't get up early.",
        "Sorry, I don't know my neighbours well.",
        "I don't know my neighbours very well.",
        "What do I do first? I wash my face.",
        "What I like most is tea.",
        "No, I don't really hear many languages.",
        "Sorry? Oh, I live in a flat with my parents.",
        "I'm not sure, but I think it is good.",
        "It was, how to say, a very big house.",
        "My score in maths was good at school.",
        "Well, it is difficult to find parking places here.",
        "Nothing special, I just sleep.",
    ],
)
def test_answers_are_not_taken_for_requests(text: str) -> None:
    assert kind(text) is Reply.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "I don't know.",
        "I have no idea about this",
        "It's difficult question",
        "Um, I don't know, sorry",
        "I don't know what to say",
        "Honestly, I never thought about it.",
        "Bilmayman",
        "Не знаю",
    ],
)
def test_does_not_know(text: str) -> None:
    assert kind(text) is Reply.DONT_KNOW


@pytest.mark.parametrize(
    "text",
    [
        "What does neighbourhood mean?",
        "What means accent?",
        "What's the meaning of hospitality?",
        "How do you say kitob in English?",
        "What should I say?",
        "Can you help me please?",
    ],
)
def test_asks_for_words(text: str) -> None:
    assert kind(text) is Reply.ASKS_WORDS


@pytest.mark.parametrize(
    "text",
    ["What is my score?", "What's my band score?", "How was my answer?", "Is my answer okay?", "Did I pass?"],
)
def test_asks_for_the_score(text: str) -> None:
    assert kind(text) is Reply.ASKS_SCORE


@pytest.mark.parametrize(
    ("count", "expected"), [(0, Reply.SILENT), (4, Reply.SHORT), (5, Reply.ANSWER), (40, Reply.STRONG)]
)
def test_length_decides_the_rest(count: int, expected: Reply) -> None:
    assert classify("tea " * count, count) is expected


def test_a_long_reply_is_an_answer_however_it_begins() -> None:
    text = "Can you repeat after me was what our teacher said every day when I was at school"
    assert kind(text) is Reply.ANSWER


def test_punctuation_alone_is_silence() -> None:
    assert classify(" ... ", 1) is Reply.SILENT


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("No.", True),
        ("Well, no, never.", True),
        ("I don't.", True),
        ("Not really", True),
        ("Yes", False),
        ("Notebooks", False),
        ("The north", False),
    ],
)
def test_negative(text: str, negative: bool) -> None:
    assert is_negative(text) is negative


@given(st.text(max_size=300), st.integers(0, 60))
def test_any_text_is_classified(text: str, count: int) -> None:
    assert isinstance(classify(text, count), Reply)
