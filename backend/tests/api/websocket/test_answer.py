"""One answer: its stretches of speech, its end, and what belongs to it."""

from app.api.websocket.answer import Answer, Question
from app.services.conversation import BargeIn, Listen, PauseMemory, TurnPolicy
from app.services.speech import SpeechSpan, Utterance

POLICY = TurnPolicy(soft_ms=1_200, hard_ms=4_000, patience=1.5, barge_in=BargeIn())
PATIENT = TurnPolicy(soft_ms=0, hard_ms=None, patience=1.0, barge_in=None)


def answer(policy: TurnPolicy = POLICY, memory: PauseMemory | None = None) -> Answer:
    return Answer(
        Listen(policy, 1, "q1"), Question("Why?", "question"), 4_000, 5_000, memory or PauseMemory()
    )


def test_silence_ends_the_turn_only_after_speech() -> None:
    turn = answer()
    assert turn.over_at_ms() is None
    turn.speech_started(6_000)
    assert turn.over_at_ms() is None
    turn.speech_stopped(7_000)
    assert turn.over_at_ms() == 8_200


def test_a_speaker_who_pauses_is_waited_for() -> None:
    memory = PauseMemory()
    turn = answer(memory=memory)
    for start, stop in ((6_000, 7_000), (9_000, 10_000)):
        turn.speech_started(start)
        turn.speech_stopped(stop)
    assert memory.typical_ms == 2_000
    assert turn.over_at_ms() == 10_000 + 3_000
    assert answer(memory=memory).over_at_ms() is None


def test_silence_never_ends_the_long_turn() -> None:
    turn = answer(PATIENT)
    turn.speech_started(6_000)
    turn.speech_stopped(7_000)
    assert turn.over_at_ms() is None


def test_marks_out_of_order_change_nothing() -> None:
    turn = answer()
    turn.speech_stopped(5_500)
    turn.speech_started(6_000)
    turn.speech_started(6_500)
    turn.speech_stopped(7_000)
    turn.speech_stopped(7_500)
    assert turn.spans == [SpeechSpan(6_000, 7_000)]


def test_a_turn_reaches_from_the_question_to_a_moment_behind_the_last_word() -> None:
    turn = answer()
    turn.speech_started(6_000)
    turn.speech_stopped(7_000)
    spoken = turn.spoken(9_000)
    assert (spoken.start_ms, spoken.end_ms) == (5_000, 7_300)
    assert turn.spoken(7_100).end_ms == 7_100


def test_a_turn_that_began_early_begins_with_its_speech_but_not_before_its_sound() -> None:
    turn = answer()
    turn.speech_started(4_500)
    turn.speech_stopped(7_000)
    assert turn.spoken(9_000).start_ms == 4_200
    earlier = answer()
    earlier.speech_started(3_000)
    earlier.speech_stopped(7_000)
    assert earlier.spoken(9_000).start_ms == 4_000
    assert earlier.spans[0].start_ms == 4_000


def test_utterances_are_in_order() -> None:
    turn = answer()
    turn.utterances = {1: Utterance(1, "two", 0, 1), 0: Utterance(0, "one", 0, 1)}
    assert turn.spoken(9_000).text == "one two"
