import random

import pytest

from app.services.conversation.turn_policy import (
    DISCUSSION,
    INTERVIEW,
    LONG_TURN,
    REACTION_MS,
    PauseMemory,
    TurnPolicy,
    goes_on,
    may_barge_in,
    silence_wait_ms,
    turn_is_over,
)


def remembering(*pauses_ms: int) -> PauseMemory:
    memory = PauseMemory()
    for pause_ms in pauses_ms:
        memory.add(pause_ms)
    return memory


@pytest.mark.parametrize(
    ("silence_ms", "unfinished", "over"),
    [(1_199, False, False), (1_200, False, True), (3_999, True, False), (4_000, True, True)],
)
def test_quick_speaker_in_part_1(silence_ms: int, unfinished: bool, over: bool) -> None:
    assert turn_is_over(silence_ms, INTERVIEW, PauseMemory(), unfinished=unfinished) is over


def test_slow_speaker_is_given_time_but_not_for_ever() -> None:
    memory = remembering(1_500, 2_000, 1_800)
    assert not turn_is_over(2_000, INTERVIEW, memory)
    assert turn_is_over(4_000, INTERVIEW, remembering(9_000))
    assert not turn_is_over(3_999, INTERVIEW, remembering(9_000))


@pytest.mark.parametrize(
    ("policy", "typical_ms", "wait_ms"),
    [(INTERVIEW, 0, 1_200), (DISCUSSION, 0, 1_350), (DISCUSSION, 1_000, 2_250), (DISCUSSION, 5_000, 6_000)],
)
def test_the_wait_without_a_model(policy: TurnPolicy, typical_ms: int, wait_ms: int) -> None:
    assert silence_wait_ms(policy, remembering(typical_ms)) == wait_ms


def test_silence_never_ends_the_long_turn() -> None:
    assert silence_wait_ms(LONG_TURN, PauseMemory()) is None
    assert not turn_is_over(600_000, LONG_TURN, PauseMemory(), unfinished=True)


def test_gaps_between_words_teach_nothing() -> None:
    memory = remembering(120, 249)
    assert memory.typical_ms == 0.0
    memory.add(250)
    assert memory.typical_ms == 250.0


def test_memory_follows_the_speaker() -> None:
    memory = remembering(1_000, 2_000)
    assert memory.typical_ms == pytest.approx(1_200)


@pytest.mark.parametrize(
    ("speech_ms", "words", "question", "allowed"),
    [(700, 2, False, True), (699, 2, False, False), (700, 1, False, False), (5_000, 20, True, False)],
)
def test_barge_in(speech_ms: int, words: int, question: bool, allowed: bool) -> None:
    assert may_barge_in(INTERVIEW, question_being_asked=question, speech_ms=speech_ms, words=words) is allowed


def test_nobody_barges_into_the_long_turn() -> None:
    assert not may_barge_in(LONG_TURN, question_being_asked=False, speech_ms=9_000, words=30)


@pytest.mark.parametrize(
    ("onset_after_reply_ms", "continues"), [(None, True), (-500, True), (299, True), (300, False)]
)
def test_who_speaks_before_they_can_have_heard_the_reply_goes_on(
    onset_after_reply_ms: int | None, continues: bool
) -> None:
    assert goes_on(onset_after_reply_ms) is continues


LESS_ADAPTIVE = TurnPolicy(soft_ms=1_500, hard_ms=6_000, patience=2.0, barge_in=None)


def lost_turns(policy: TurnPolicy, *, median_ms: int, spread: float) -> float:
    """Return in how many of 100 pauses speakers lose the turn for good, with log-normal pauses.

    Who goes on before REACTION_MS of the reply were heard keeps it. The first thirty pauses only teach.
    """
    chance = random.Random(7)
    lost = counted = 0
    for _ in range(100):
        memory = PauseMemory()
        for number in range(90):
            pause_ms = round(median_ms * chance.lognormvariate(0, spread))
            wait_ms = silence_wait_ms(policy, memory)
            assert wait_ms is not None
            goes = pause_ms >= wait_ms + REACTION_MS
            if not goes:
                memory.add(pause_ms)
            if number >= 30:
                lost, counted = lost + goes, counted + 1
    return 100 * lost / counted


@pytest.mark.parametrize("spread", [0.5, 0.65, 0.8])
def test_part_3_takes_no_more_turns_away_than_a_longer_wait_that_adapts_less(spread: float) -> None:
    medians = (350, 450, 550, 700, 900)
    longer = [lost_turns(LESS_ADAPTIVE, median_ms=m, spread=spread) for m in medians]
    ours = [lost_turns(DISCUSSION, median_ms=m, spread=spread) for m in medians]
    assert sum(ours) <= sum(longer)
    assert all(mine <= theirs + 0.5 for mine, theirs in zip(ours, longer, strict=True))
