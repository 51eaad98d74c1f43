import pytest

from app.services.hybrid_analyzer.clean import leave_out
from app.services.hybrid_analyzer.disfluency import find_disfluencies, is_filler
from app.services.hybrid_analyzer.l1 import UZBEK_FILLERS
from app.services.hybrid_analyzer.transcript import read_transcript


def meant(text: str) -> str:
    transcript = read_transcript(text)
    return leave_out(transcript.normal, find_disfluencies(transcript)).text.strip()


@pytest.mark.parametrize(
    "word",
    ["um", "umm", "uum", "uh", "uhm", "er", "err", "erm", "urr", "mm", "mmm", "Hmm", "ah",
     "eee", "aaa", "uu", "uun", "em", "ehh", "errn", "mhn", "nn", "huum"],
)  # fmt: skip
def test_fillers_in_every_spelling(word: str) -> None:
    assert is_filler(word)


@pytest.mark.parametrize(
    "word",
    [
        "a",
        "am",
        "her",
        "I",
        "oh",
        "me",
        "err-or",
        "hum",
        "ahead",
        "eh1",
        "era",
        "us",
        "urn",
        "ham",
        "an",
    ],
)
def test_words_are_not_fillers(word: str) -> None:
    assert not is_filler(word)


def test_hesitation_words_of_the_first_language() -> None:
    text = "Xo‘sh, my, ya'ni, my city is haligi, big"
    transcript = read_transcript(text)
    found = find_disfluencies(transcript, UZBEK_FILLERS)
    assert [d.text for d in found if d.kind == "filler"] == ["Xo'sh", "ya'ni", "haligi"]
    assert not find_disfluencies(transcript)


@pytest.mark.parametrize(
    ("said", "clean"),
    [
        ("Um, I like it.", "I like it."),
        ("I, uh, live in uh Tashkent", "I, live in Tashkent"),
        ("I I I think so", "I think so"),
        ("I think I think it is good", "I think it is good"),
        ("in the, in the city", "in the city"),
        ("I um I went home", "I went home"),
        ("she pay she paid for it", "she paid for it"),
        ("he he go he goes home", "he goes home"),
        ("he work works in a bank", "he works in a bank"),
        ("he she works there", "she works there"),
        ("I want to err go home", "I want to go home"),
        ("a the book", "the book"),
        ("the goods is are expensive", "the goods are expensive"),
        ("I have two brother, I mean, I have two brothers", "I have two brothers"),
    ],
)
def test_what_the_speaker_meant(said: str, clean: str) -> None:
    assert meant(said) == clean


@pytest.mark.parametrize(
    "said",
    [
        "It is very very good.",
        "I know that that man is here.",
        "He had had enough.",
        "No no, I like it.",
        "I like it. It is good.",
        "They go. They go there every day.",
        "To err is human.",
        "I will err on the safe side.",
        "I gave her his book.",
        "I know him and I knew her.",
    ],
)
def test_what_is_meant_stays(said: str) -> None:
    assert meant(said) == said


def test_the_way_back_leads_to_the_original_characters() -> None:
    text = "Um, I I live in uh Tashkent"
    transcript = read_transcript(text)
    clean = leave_out(transcript.normal, find_disfluencies(transcript))
    at = clean.text.index("in Tashkent")
    start, end = clean.original_span(at, at + len("in Tashkent"))
    assert text[start:end] == "in uh Tashkent"
