"""What an exception tells us must not tell somebody's words."""

import pytest
from pydantic import BaseModel, ValidationError

from app.exception_text import MAX_MESSAGE, exception_text, harmless, message_of

SAID = "My name is Dilnoza Yusupova"


class Answer(BaseModel):
    """Something that refuses what was said, and quotes it."""

    band: float


def test_a_trace_shows_where_and_never_what() -> None:
    transcript = SAID

    def score(text: str) -> None:
        raise ValueError(f"cannot score {text!r}")

    try:
        try:
            score(transcript)
        except ValueError as first:
            raise RuntimeError("the analysis failed") from first
    except RuntimeError as failure:
        text = exception_text(failure)
    assert "Dilnoza" not in text
    assert "ValueError: cannot score '…'" in text
    assert "which led to:" in text
    assert text.endswith("RuntimeError: the analysis failed")
    assert "test_exception_text.py" in text


def test_members_of_a_group_are_shown() -> None:
    group = ExceptionGroup("two went wrong", [KeyError("turn_id"), OSError(28, "No space left on device")])
    assert exception_text(group).splitlines() == [
        "ExceptionGroup: two went wrong (2 sub-exceptions)",
        "  | KeyError: 'turn_id'",
        "  | OSError: [Errno 28] No space left on device",
    ]


def test_a_model_that_quotes_its_input_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        Answer.model_validate({"band": SAID})
    assert "Dilnoza" in str(refused.value)
    assert "Dilnoza" not in message_of(refused.value)
    assert "band" in message_of(refused.value)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("duplicate key\nDETAIL:  Key (email)=(aziz@mail.uz) already exists.", "duplicate key\n…"),
        ('relation "public.jobs" does not exist', 'relation "public.jobs" does not exist'),
        ("refused by postgresql://app:hunter22@db/x", "refused by postgresql://[SECRET]@db/x"),
        ("call +998901234567 back", "call [PHONE_1] back"),
        ("he said “I am Aziz” and left", "he said “…” and left"),
        ("Authorization: Bearer abcdef123456", "Authorization: [SECRET]"),
    ],
)
def test_what_stays_of_a_message(said: str, left: str) -> None:
    assert harmless(said) == left


def test_a_message_has_an_end_and_never_fails() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert len(message_of(Exception("word " * 10_000))) <= MAX_MESSAGE + 1
    assert message_of(Mute()) == "…"
    assert exception_text(Mute()).endswith("Mute: …")


def test_a_chain_that_goes_in_a_circle_ends() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert exception_text(one).count("which led to:") <= 10
