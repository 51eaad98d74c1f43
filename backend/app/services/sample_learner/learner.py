"""A synthesised learner of Uzbek background, whose answers are composed and spoken here."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.services.sample_learner.asking import SampleQuestion
from app.services.sample_learner.hesitation import PARAGRAPH_MS, Breath, estimate_ms, hesitate, plain_text
from app.services.sample_learner.phrases import Mind, bundled_bank
from app.services.speech import Speech

REACTION_MS = (450, 1_000)
THINKING_MS = (800, 1_500)
TALK_SHARE = 0.85
"""How much of the time for the long turn the learner plans to use."""
LONGEST_TALK_MS = 95_000
SEEDS_PER_ANSWER = 1_000


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """What to say. `text` is known of what was composed here; `says_so` means that the learner will say
    when it is over, as a click on "done" does, instead of leaving that to the examiner's ear."""

    speech: Speech
    text: str | None = None
    says_so: bool = False


class SampleVoice(Protocol):
    """The learner's voice."""

    def speak(self, breaths: Sequence[Breath], *, seed: int, lead_ms: int = 0) -> Speech:
        """Render an answer that begins after `lead_ms` of silence; the same for the same seed and breaths."""
        ...


class SynthesisedLearner:
    """A phrase bank and a synthetic voice. The same for the same seed. Called by one thread at a time."""

    prepares = True
    left_ms = None

    def __init__(self, seed: int, voice: SampleVoice) -> None:
        self._mind = Mind(bundled_bank(), seed)
        self._rng = random.Random(seed)  # noqa: S311 - seeded hesitations, nothing secret
        self._voice = voice
        self._seed = seed * SEEDS_PER_ANSWER
        self._story: list[str] = []

    @property
    def name(self) -> str:
        """What the learner would like to be called."""
        return self._mind.persona.first

    def answer(self, question: SampleQuestion) -> SampleAnswer:
        """Return an answer that suits the question as far as the phrase bank allows."""
        self._seed += SEEDS_PER_ANSWER
        if question.talk:
            return self._talk(question)
        lead_ms = self._rng.randint(*(THINKING_MS if question.part == 3 else REACTION_MS))
        return self._say(hesitate(self._mind.answer(question), self._rng), lead_ms)

    def turn_taken(self, heard_ms: int) -> None:
        """A cut answer is let go, as learners do."""

    def _talk(self, question: SampleQuestion) -> SampleAnswer:
        """Tell as much of a story as fits; asked for more, go on with it."""
        if not self._story:
            self._story = self._mind.answer(question)
        room_ms = TALK_SHARE * min(question.limit_ms or LONGEST_TALK_MS, LONGEST_TALK_MS)
        breaths: list[Breath] = []
        while self._story:
            more = hesitate(self._story[:1], self._rng)
            if breaths and estimate_ms([*breaths, *more]) > room_ms:
                break
            if breaths:
                breaths[-1] = Breath(breaths[-1].text, self._rng.randint(*PARAGRAPH_MS))
            breaths += more
            self._story.pop(0)
        return self._say(breaths, THINKING_MS[0], says_so=True)

    def _say(self, breaths: Sequence[Breath], lead_ms: int, *, says_so: bool = False) -> SampleAnswer:
        speech = self._voice.speak(breaths, seed=self._seed, lead_ms=lead_ms)
        return SampleAnswer(speech, plain_text(breaths), says_so)
