"""When a learner's silence means that the turn is over, and when the learner may interrupt.

Pure: silences and durations are passed in as milliseconds. Starting values; learners pause often (a fixed
0.7 s wait cut 15-23 answers in two minutes of disfluent speech), so the waits are long.
"""

from dataclasses import dataclass

MIN_PAUSE_MS = 250
"""Shorter gaps belong to articulation, not to pausing (the usual cut-off in fluency research, e.g. De Jong
and Bosker 2013), and teach nothing about the speaker."""

REACTION_MS = 300
"""Nobody reacts to a voice in less: who begins to speak within this time was going on with the answer."""


@dataclass(frozen=True, slots=True)
class BargeIn:
    """How much the learner must say before the examiner gives way."""

    min_speech_ms: int = 700
    min_words: int = 2


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """How long to wait, in milliseconds of silence, before the turn is taken as over.

    `patience` widens the wait to that many times the learner's own typical pause, so that slow speakers are
    not cut off; `hard_ms` bounds it, and None means that silence never ends the turn (a timer does, or the
    learner's word). `barge_in` is None where the learner cannot interrupt.
    """

    soft_ms: int
    hard_ms: int | None
    patience: float
    barge_in: BargeIn | None


INTERVIEW = TurnPolicy(soft_ms=1_200, hard_ms=4_000, patience=1.5, barge_in=BargeIn())
"""The opening, Part 1 and the rounding-off questions."""

LONG_TURN = TurnPolicy(soft_ms=0, hard_ms=None, patience=1.0, barge_in=None)
"""The Part 2 talk: the exam's own timers end it."""

DISCUSSION = TurnPolicy(soft_ms=1_350, hard_ms=6_000, patience=2.25, barge_in=BargeIn())
"""Part 3. The learner's typical pause, known by then, counts for more than the least wait: who pauses
briefly is answered sooner, who pauses long is waited for longer. Simulated speakers (log-normal pauses,
medians of 350 to 900 ms) lose the turn in 3.6 of 100 pauses; in 4.2 with 1,500 ms and twice that pause."""


@dataclass(slots=True)
class PauseMemory:
    """The learner's typical pause within a turn: an exponential mean in milliseconds, 0 when unknown."""

    weight: float = 0.2
    typical_ms: float = 0.0

    def add(self, pause_ms: int) -> None:
        """Learn from a pause after which the learner went on speaking."""
        if pause_ms < MIN_PAUSE_MS:
            return
        if self.typical_ms == 0.0:
            self.typical_ms = float(pause_ms)
        else:
            self.typical_ms += self.weight * (pause_ms - self.typical_ms)


def silence_wait_ms(policy: TurnPolicy, memory: PauseMemory, *, unfinished: bool = False) -> int | None:
    """Return the silence after which the turn is over, or None if silence does not end it.

    The wait is max(soft, patience * typical), bounded by hard; all of hard for an answer that sounds
    `unfinished`. No opinion shortens it: what sounds complete is too often a pause for thought.
    """
    if policy.hard_ms is None or unfinished:
        return policy.hard_ms
    return min(max(policy.soft_ms, round(policy.patience * memory.typical_ms)), policy.hard_ms)


def turn_is_over(
    silence_ms: int, policy: TurnPolicy, memory: PauseMemory, *, unfinished: bool = False
) -> bool:
    """Decide on a silence of `silence_ms` that is still going on."""
    wait_ms = silence_wait_ms(policy, memory, unfinished=unfinished)
    return wait_ms is not None and silence_ms >= wait_ms


def goes_on(onset_after_reply_ms: int | None) -> bool:
    """Whether speech after the end of a turn continues that turn, so that the reply is taken back.

    `onset_after_reply_ms` is when it began, counted from the first sound of the reply; None while the reply
    has not been heard at all.
    """
    return onset_after_reply_ms is None or onset_after_reply_ms < REACTION_MS


def may_barge_in(policy: TurnPolicy, *, question_being_asked: bool, speech_ms: int, words: int) -> bool:
    """Whether what the learner says over the examiner's voice should silence it; never over a question."""
    if policy.barge_in is None or question_being_asked:
        return False
    return speech_ms >= policy.barge_in.min_speech_ms and words >= policy.barge_in.min_words
