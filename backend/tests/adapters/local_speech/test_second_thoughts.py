import pytest

from app.adapters.local_speech.plausibility import Decoding
from app.adapters.local_speech.second_thoughts import Reading, believed
from app.adapters.local_speech.word_confidence import AlignedWord


def reading(text: str, *chances: float, logprob: float = -0.5) -> Reading:
    """Return words with these chances, the last of them for all that follow."""
    given = [*chances, *[chances[-1]] * len(text.split())]
    words = [
        AlignedWord(word, at * 300, at * 300 + 300, (chance,))
        for at, (word, chance) in enumerate(zip(text.split(), given, strict=False))
    ]
    return Reading(Decoding(text, (1,), logprob, 0.02), tuple(words))


def test_a_reading_is_doubtful_when_many_of_its_words_do_not_fit_the_sound() -> None:
    assert not reading("I live in Samarkand now", 0.9).doubtful
    assert not reading("I live in Samarkand now", 0.1, 0.9).doubtful
    assert reading("I live in Samarkand now", 0.1, 0.2, 0.9).doubtful


def test_hesitations_are_never_what_is_doubted() -> None:
    assert not reading("Um, uh, I like it", 0.01, 0.02, 0.9).doubtful


def test_a_looping_or_hopeless_reading_is_doubtful_however_likely_its_words() -> None:
    assert reading("I mean, " * 20, 0.9).doubtful
    assert reading("I live in Samarkand", 0.9, logprob=-1.2).doubtful


def test_silence_is_not_asked_again() -> None:
    silent = Reading(Decoding("you", (1,), -1.2, 0.9), (AlignedWord("you", 0, 200, (0.1,)),))
    assert not silent.doubtful


@pytest.mark.parametrize(
    ("prompted", "plain", "chosen"),
    [
        (reading("I see it, I'm so, so, so, I see it", 0.4), reading("I see it on the phone.", 0.4), "plain"),
        (reading("Um, I, uh, like it.", 0.1, 0.8), reading("I like it.", 0.8), "prompted"),
        (reading("He go to school.", 0.8), reading("He goes to the school.", 0.7), "prompted"),
        (reading("be there.", 0.1, 0.9), reading("Three were hurt but I want to be there.", 0.9), "plain"),
        (reading("I like it.", 0.2), Reading(Decoding("", (), -0.2, 0.02)), "prompted"),
    ],
    ids=[
        "invented",
        "hesitant",
        "learner grammar",
        "lost the beginning",
        "only prompted",
    ],
)
def test_which_of_two_readings_is_believed(prompted: Reading, plain: Reading, chosen: str) -> None:
    assert believed(prompted, plain) is {"prompted": prompted, "plain": plain}[chosen]


def test_what_loops_is_not_believed_however_likely_its_words() -> None:
    looping, other = reading("I mean, " * 20, 0.9), reading("I live in Samarkand.", 0.6)
    assert believed(looping, other) is other
    assert believed(other, looping) is other
