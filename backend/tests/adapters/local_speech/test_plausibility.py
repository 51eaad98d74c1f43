import pytest

from app.adapters.local_speech.plausibility import Decoding, was_spoken


def decoding(text: str, logprob: float = -0.2, no_speech: float = 0.01) -> Decoding:
    return Decoding(text, (1,), logprob, no_speech)


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech"),
    [
        ("Yes.", -0.44, 0.0),
        ("Thank you.", -0.14, 0.0),
        ("You", -0.8, 0.02),
        ("I very like it because he go there", -1.3, 0.2),
    ],
)
def test_believes_what_a_heard_voice_said(text: str, logprob: float, no_speech: float) -> None:
    assert was_spoken(decoding(text, logprob, no_speech), heard=True)


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech"),
    [
        ("", 0.0, 0.0),
        ("...", -0.1, 0.0),
        ("you", -0.62, 0.9),
        ("Thank you.", -0.4, 0.5),
        ("Thanks for watching!", -0.2, 0.01),
        ("I'm not going to be able to do it.", -1.71, 0.55),
        ("I", -2.1, 0.2),
        ("I'm, I'm, I'm.", -1.1, 0.82),
    ],
)
def test_does_not_believe_what_silence_and_noise_are_taken_for(
    text: str, logprob: float, no_speech: float
) -> None:
    assert not was_spoken(decoding(text, logprob, no_speech), heard=True)
    assert not was_spoken(decoding(text, logprob, no_speech), heard=False)


def test_without_a_heard_voice_only_a_sure_text_counts() -> None:
    assert was_spoken(decoding("I live in Samarkand.", -0.3), heard=False)
    assert not was_spoken(decoding("I live in Samarkand.", -0.9), heard=False)
    assert was_spoken(decoding("I live in Samarkand.", -0.9), heard=True)


def test_a_stuck_or_unsure_decoding_deserves_another_try() -> None:
    assert decoding("I mean, " * 20).degenerate
    assert decoding("mumble", -1.2).degenerate
    assert not decoding("I live in Samarkand with my parents.").degenerate
    assert not decoding("you", -1.2, 0.9).degenerate
