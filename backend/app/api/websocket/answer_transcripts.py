"""The transcripts of one session's answers: shown as they grow, noted when final, told to the exam."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace

import structlog

from app.api.websocket.answer import UTTERANCES_A_ROUND, Answer
from app.api.websocket.connection import Connection
from app.api.websocket.journal import Journal
from app.api.websocket.microphone import Microphone
from app.api.websocket.parts import SessionParts
from app.api.websocket.protocol import WarningEvent
from app.api.websocket.transcripts import (
    GREETING,
    final_event,
    learner_turn,
    partial_event,
    turn_record,
    utterance_id,
)
from app.api.websocket.turn_analyses import TurnAnalyses
from app.services.conversation import AnswerEnded
from app.services.pii import names_said
from app.services.session_store import TurnRecord
from app.services.speech import Partial, RecognitionStream, SpeechError, SpokenTurn, Utterance

MAX_NAMES = 8

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """An answer with its transcript, which was there at `transcribed_ms`, as the exam wants to know it."""

    answer: Answer
    event: AnswerEnded
    transcribed_ms: int


@dataclass(frozen=True, slots=True)
class _Round:
    """A stretch of an answer, from where the learner was listened to until the turn was taken as over."""

    number: int
    stream: RecognitionStream
    until_ms: int
    earlier: asyncio.Task[None] | None


class Transcripts:
    """Makes an answer's transcript, a round at a time, and concludes the answer when its last round is done.

    `found` is told of every answer that can be analysed; the other parameters are those of Answers.
    """

    def __init__(
        self,
        parts: SessionParts,
        journal: Journal,
        microphone: Microphone,
        found: TurnAnalyses,
        *,
        next_index: Callable[[], int],
        own: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        wake: Callable[[], None],
        worded: Callable[[AnswerEnded], Awaitable[AnswerEnded]],
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._microphone = microphone
        self._found = found
        self._next_index = next_index
        self._own = own
        self._wake = wake
        self._worded = worded
        self.connection: Connection | None = None
        self.failures = 0
        self.names: tuple[str, ...] = ()
        self._done: list[AnswerDone] = []
        self._under_way: list[asyncio.Task[None]] = []
        self._told_of_substitute = False

    def expect(self, names: Sequence[str]) -> None:
        """Take note of what the learner is called: words that a recogniser may be told to expect."""
        self.names = tuple(dict.fromkeys([*self.names, *names]))[:MAX_NAMES]

    def note_names(self, record: TurnRecord) -> None:
        """Expect what learners call themselves where they introduce themselves."""
        if record.kind == GREETING:
            self.expect(names_said([record.text]))

    def take_done(self) -> AnswerDone | None:
        """Return the next answer that has been transcribed."""
        return self._done.pop(0) if self._done else None

    def forget_done(self, answer: Answer) -> None:
        """The answer goes on: the exam is not told that it was over."""
        self._done = [done for done in self._done if done.answer is not answer]

    def finish_round(self, answer: Answer, until_ms: int, *, insist: bool) -> None:
        """Have the answer's stream transcribed to its end; the microphone was at `until_ms` then."""
        assert answer.stream is not None
        this_round = _Round(answer.rounds, answer.stream, until_ms, answer.transcription)
        answer.transcription = task = self._own(
            self._transcribe(answer, this_round, insist=insist), "answer.transcribe"
        )
        self._under_way.append(task)
        task.add_done_callback(self._under_way.remove)

    async def settled(self) -> None:
        """Return when every round is transcribed, however long that takes."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def show_partial(self, answer: Answer, text: Partial) -> None:
        """Show words as they come, and let them tell whether more must follow."""
        if text.utterance_index in answer.utterances:
            return
        answer.unfinished = self._parts.end_of_turn(text.text)
        if self.connection is None:
            return
        event = partial_event(answer, text)
        self.connection.offer(event.utterance_id, event, after_seq=self._journal.last_seq)

    def note_utterance(self, answer: Answer, utterance: Utterance) -> None:
        """Log an utterance's final transcript and, with it, the turn as far as it has come."""
        if utterance.index in answer.utterances:
            return
        answer.utterances[utterance.index] = utterance
        if not answer.speaking:
            answer.unfinished = self._parts.end_of_turn(utterance.text)
        if self.connection is not None:
            self.connection.withdraw(utterance_id(answer, utterance.index))
        if utterance.text:
            spoken = answer.spoken(self._microphone.position_ms)
            self._journal.add(final_event(answer, utterance), turns=[self._record(answer, spoken)])

    async def _transcribe(self, answer: Answer, this_round: _Round, *, insist: bool) -> None:
        """Finish a round of the answer; the last round concludes it, once those before are finished too."""
        first, stream = UTTERANCES_A_ROUND * this_round.number, this_round.stream
        failed = False
        try:
            if answer.spoke or insist:
                async with asyncio.timeout(self._parts.limits.transcription_ms / 1000):
                    for utterance in await stream.finish():
                        self.note_utterance(answer, replace(utterance, index=first + utterance.index))
        except (SpeechError, TimeoutError) as failure:
            failed = True
            log.warning("answer.not_transcribed", reason=str(failure) or type(failure).__name__)
        except Exception:
            failed = True
            log.exception("answer.transcription_crashed")
        await stream.aclose()
        if stream.substituted:
            self._tell_of_substitute(answer)
        if failed and not answer.failed:
            answer.failed = True
            self.failures += 1
        if this_round.earlier is not None:
            await asyncio.wait({this_round.earlier})
        if answer.rounds == this_round.number:
            event = self._conclude(answer, answer.spoken(this_round.until_ms))
            transcribed_ms = self._parts.clock.now_ms()
            event = await self._worded(event)
            if answer.rounds == this_round.number:
                self._done.append(AnswerDone(answer, event, transcribed_ms))
                self._wake()

    def _tell_of_substitute(self, answer: Answer) -> None:
        """Say once in a session that the usual recogniser is out of reach."""
        if self._told_of_substitute:
            return
        self._told_of_substitute = True
        self._journal.add(
            WarningEvent(
                turn_id=str(answer.id),
                code="recogniser_substituted",
                message="The usual recogniser is out of reach; another one listens, nothing is lost.",
            )
        )

    def _conclude(self, answer: Answer, spoken: SpokenTurn) -> AnswerEnded:
        if answer.failed:
            self._journal.add(
                WarningEvent(
                    turn_id=str(answer.id),
                    code="transcription_failed",
                    message="This answer could not be transcribed; its recording is kept.",
                )
            )
        if answer.spoke or spoken.text:
            record = self._record(answer, spoken)
            self.note_names(record)
            self._journal.add(turns=[record])
            if not answer.failed:
                self._found.begin(learner_turn(answer, record.index, spoken), record)
        words = len(spoken.words) or len(spoken.text.split())
        return AnswerEnded(spoken.text, spoken.speech_ms, words, recognised=not answer.failed)

    def _record(self, answer: Answer, spoken: SpokenTurn) -> TurnRecord:
        if answer.index is None:
            answer.index = self._next_index()
        return turn_record(answer, answer.index, spoken)
