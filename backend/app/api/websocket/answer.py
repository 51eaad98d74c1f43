"""One answer: what is heard from the moment the examiner listens until the turn is over."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from app.services.conversation import Listen, PauseMemory, silence_wait_ms
from app.services.new_id import new_id
from app.services.speech import RecognitionStream, SpeechSpan, SpokenTurn, Utterance

LEAD_MS = 300
"""Sound that belongs to an answer before its first speech was noticed."""
TAIL_MS = 300
"""Sound that belongs to it behind the last: voice activity ends before the voice has quite died away."""
UTTERANCES_A_ROUND = 1_000
"""Utterances are numbered from a multiple of this each time an answer goes on."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer answers: the words that were asked and their kind in the script."""

    text: str
    kind: str


@dataclass(slots=True)
class Answer:
    """The learner's open turn. Positions are session milliseconds.

    `index` is its place in the dialogue, given when the learner first speaks. Recognition begins at
    `opened_ms`, a little before the examiner listened, for those who answer fast. `rounds` counts how often
    the learner went on after the turn had been taken as over. `failed` says that a part was not recognised,
    `unfinished` that the last words ask for more.
    """

    listen: Listen
    question: Question
    opened_ms: int
    listened_ms: int
    memory: PauseMemory
    id: UUID = field(default_factory=new_id)
    index: int | None = None
    stream: RecognitionStream | None = None
    speaking: bool = False
    spans: list[SpeechSpan] = field(default_factory=list)
    utterances: dict[int, Utterance] = field(default_factory=dict)
    rounds: int = 0
    failed: bool = False
    unfinished: bool = False
    transcription: asyncio.Task[None] | None = None
    _speaking_since_ms: int = 0

    @property
    def spoke(self) -> bool:
        """Whether the learner has been heard."""
        return self.speaking or bool(self.spans)

    @property
    def spoke_until_ms(self) -> int:
        """Where the last stretch of speech ended; where listening began, if there was none."""
        return self.spans[-1].end_ms if self.spans else self.listened_ms

    def speech_started(self, at_ms: int) -> None:
        """The learner speaks; after a pause, the pause is remembered."""
        if self.speaking:
            return
        self.speaking = True
        self.unfinished = False
        self._speaking_since_ms = max(at_ms, self.opened_ms)
        if self.spans:
            self.memory.add(at_ms - self.spans[-1].end_ms)
        if self.stream is not None:
            self.stream.resume(self._speaking_since_ms)

    def speech_stopped(self, at_ms: int) -> None:
        """The learner is silent since `at_ms`."""
        if not self.speaking:
            return
        self.speaking = False
        end_ms = max(self._speaking_since_ms, at_ms)
        self.spans.append(SpeechSpan(self._speaking_since_ms, end_ms))
        if self.stream is not None:
            self.stream.pause(end_ms)

    def over_at_ms(self) -> int | None:
        """Return the microphone position at which silence ends the turn, None if it does not."""
        if self.speaking or not self.spans:
            return None
        wait_ms = silence_wait_ms(self.listen.policy, self.memory, unfinished=self.unfinished)
        return None if wait_ms is None else self.spoke_until_ms + wait_ms

    def spoken(self, position_ms: int) -> SpokenTurn:
        """Return the turn as heard up to `position_ms`: from the end of the question, or from the first word
        where that came before."""
        start_ms = self.listened_ms
        if self.spans:
            start_ms = max(self.opened_ms, min(start_ms, self.spans[0].start_ms - LEAD_MS))
        return SpokenTurn(
            start_ms=start_ms,
            end_ms=max(start_ms, min(position_ms, self.spoke_until_ms + TAIL_MS)),
            utterances=tuple(self.utterances[i] for i in sorted(self.utterances)),
            spans=tuple(self.spans),
        )
