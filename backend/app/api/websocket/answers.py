"""The learner's answers of one session: opened, heard, transcribed, noted and analysed."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

import structlog

from app.api.websocket.answer import UTTERANCES_A_ROUND, Answer, Question
from app.api.websocket.connection import Connection
from app.api.websocket.journal import Journal
from app.api.websocket.live_state import SavedAnswer, saved_answer
from app.api.websocket.microphone import Heard, Microphone
from app.api.websocket.overheard import Overheard
from app.api.websocket.overhearing import Overhearing
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
from app.services import speech
from app.services.analysis_coordinator import TurnAnalysis, learner_turns
from app.services.conversation import AnswerEnded, Listen, PauseMemory, SpeechStarted, SpeechStopped
from app.services.pii import names_said
from app.services.session_store import TurnRecord
from app.services.speech import (
    BYTES_PER_MS,
    Partial,
    RecognitionStream,
    SpeechError,
    SpeechSpan,
    SpokenTurn,
    Utterance,
)

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


class Answers:
    """At most one answer is open; those before it may still be transcribed or analysed.

    `own` starts a task that lives and dies with the session; `wake` is called when an answer is done;
    `worded` adds to its event what may be said next, and is waited for; `sound` reads a stretch of the stored
    signal; `told` is called when the learner has been told about an answer, and None in an exam.
    """

    def __init__(
        self,
        parts: SessionParts,
        journal: Journal,
        microphone: Microphone,
        *,
        next_index: Callable[[], int],
        own: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        wake: Callable[[], None],
        worded: Callable[[AnswerEnded], Awaitable[AnswerEnded]],
        sound: Callable[[int, int], Awaitable[bytes]],
        told: Callable[[UUID], None] | None = None,
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._microphone = microphone
        self._next_index = next_index
        self._own = own
        self._wake = wake
        self._worded = worded
        self._found = TurnAnalyses(parts, journal, own=own, sound=sound, told=told)
        self._overhearing = Overhearing(
            parts.recogniser, microphone, show=self._show_partial, note=self._note_utterance
        )
        self.memory = PauseMemory()
        self._done: deque[AnswerDone] = deque()
        self._transcribing: set[asyncio.Task[None]] = set()
        self.connection: Connection | None = None
        self.current: Answer | None = None
        self._awaited: Answer | None = None
        self.failures = 0
        self._told_of_substitute = False
        self._transcribed_ms = 0
        self._names: tuple[str, ...] = ()

    @property
    def transcribing(self) -> bool:
        """Whether a transcript is still being made."""
        return bool(self._transcribing)

    @property
    def analyses(self) -> list[TurnAnalysis]:
        """What was found in the answers so far, in order."""
        return self._found.done

    def expect(self, names: Sequence[str]) -> None:
        """Take note of what the learner is called: words that a recogniser may be told to expect."""
        self._names = tuple(dict.fromkeys([*self._names, *names]))[:MAX_NAMES]

    def take_done(self) -> AnswerDone | None:
        """Return the next answer that has been transcribed."""
        done = self._done.popleft() if self._done else None
        if done is not None and done.answer is self._awaited:
            self._awaited = None
        return done

    # --- from one process to another --------------------------------------------------------------------

    def saved(self) -> SavedAnswer | None:
        """Return the answer that the exam waits for, as far as it has been transcribed."""
        return None if self._awaited is None else saved_answer(self._awaited)

    def restore(self, stored: SavedAnswer | None, analyses: Mapping[int, TurnAnalysis]) -> None:
        """Go on where another process was: the answer is open again, and the signal from the microphone's
        position on belongs to it."""
        self._found.restore(analyses)
        if stored is None:
            return
        heard_ms = self._microphone.position_ms
        answer = self.reborn(stored)
        answer.spans = [
            SpeechSpan(span.start_ms, min(span.end_ms, heard_ms))
            for span in stored.spans
            if span.start_ms < heard_ms
        ]
        answer.rounds = max((u.index // UTTERANCES_A_ROUND + 1 for u in stored.utterances), default=0)
        first = UTTERANCES_A_ROUND * answer.rounds

        def show(text: Partial) -> None:
            self._show_partial(answer, replace(text, utterance_index=first + text.utterance_index))

        def note(utterance: Utterance) -> None:
            self._note_utterance(answer, replace(utterance, index=first + utterance.index))

        answer.stream = self._parts.recogniser.open(
            start_ms=heard_ms, on_partial=show, on_utterance=note, hints=self._names
        )
        self.current = self._awaited = answer
        self._microphone.listened_to = True

    def catch_up(self, turns: Sequence[TurnRecord]) -> None:
        """Analyse the answers about which another process still owed the learner something."""
        open_id = None if self.current is None else self.current.id
        records = {str(turn.id): turn for turn in turns}
        for turn in learner_turns(turns):
            record = records[turn.turn_id]
            self._note_names(record)
            if record.analysis is None and record.text and record.id != open_id:
                self._found.begin(turn, record)

    def reborn(self, stored: SavedAnswer) -> Answer:
        """Return an answer as another process left it; nobody listens to it."""
        answer = Answer(
            stored.listen, stored.question, stored.opened_ms, stored.listened_ms, self.memory, id=stored.id
        )
        answer.index, answer.rounds, answer.failed = stored.index, stored.rounds, stored.failed
        answer.spans = list(stored.spans)
        answer.utterances = {utterance.index: utterance for utterance in stored.utterances}
        return answer

    # --- the open answer --------------------------------------------------------------------------------

    def open(self, listen: Listen, question: Question) -> list[SpeechStarted]:
        """Listen; an answer that began a moment ago is heard from its beginning.

        What the answer before it has already been transcribed from is not heard again.
        """
        recent_ms, recent = self._microphone.recent()
        opened_ms = max(recent_ms, self._transcribed_ms)
        pcm = recent[(opened_ms - recent_ms) * BYTES_PER_MS :]
        answer = Answer(listen, question, opened_ms, self._microphone.position_ms, self.memory)
        answer.stream = self._parts.recogniser.open(
            start_ms=opened_ms,
            on_partial=partial(self._show_partial, answer),
            on_utterance=partial(self._note_utterance, answer),
            hints=self._names,
        )
        answer.stream.feed(pcm)
        self.current = self._awaited = answer
        self._microphone.listened_to = True
        since_ms = self._microphone.speaking_since_ms
        return [] if since_ms is None else self._started(since_ms)

    def hear(self, heard: Heard) -> list[SpeechStarted | SpeechStopped]:
        """Add a piece of the signal; return what the exam is to know."""
        answer = self.current
        if answer is None or answer.stream is None:
            return []
        answer.stream.feed(heard.pcm)
        news: list[SpeechStarted | SpeechStopped] = []
        for event in heard.events:
            match event:
                case speech.SpeechStarted(at_ms):
                    news += self._started(at_ms)
                case speech.SpeechStopped(at_ms):
                    news += self._stopped(at_ms)
        since_ms = self._microphone.speaking_since_ms
        if since_ms is not None and not answer.speaking:
            news += self._started(max(since_ms, answer.spoke_until_ms))
        return news

    def silence_due_ms(self) -> int | None:
        """Return when to look at a microphone that sends nothing, in milliseconds of the session's clock."""
        answer = self.current
        if answer is None or not answer.spoke:
            return None
        stalled_ms = self._microphone.last_heard_at_ms + self._parts.limits.stalled_ms
        if answer.speaking:
            return stalled_ms
        hard_ms = answer.listen.policy.hard_ms
        if hard_ms is None:
            return None
        silence_ms = self._microphone.position_ms - answer.spoke_until_ms
        return max(stalled_ms, self._microphone.last_heard_at_ms + hard_ms - silence_ms)

    def stall(self, now_ms: int) -> list[SpeechStopped]:
        """Take a microphone that has stopped sending in the middle of speech as silent."""
        due_ms = self.silence_due_ms()
        if self.current is None or not self.current.speaking or due_ms is None or now_ms < due_ms:
            return []
        return self._stopped(self._microphone.position_ms)

    def over(self, now_ms: int) -> bool:
        """Whether silence has ended the turn: by the signal, or by the clock when no signal comes.

        Without a signal the longest wait counts, for the learner may be speaking into a slow network.
        """
        if self.current is None or self.current.speaking:
            return False
        over_at_ms = self.current.over_at_ms()
        if over_at_ms is None:
            return False
        due_ms = self.silence_due_ms()
        return self._microphone.position_ms >= over_at_ms or (due_ms is not None and now_ms >= due_ms)

    def end(self, *, insist: bool = False) -> Answer | None:
        """Close the turn and have it transcribed; None if none is open.

        With `insist` it is transcribed even if no speech was noticed: the learner says there was some.
        """
        answer, self.current = self.current, None
        if answer is None:
            return None
        self._microphone.listened_to = False
        position_ms = self._microphone.position_ms
        answer.speech_stopped(position_ms)
        if answer.spoke or insist:
            self._transcribed_ms = position_ms
        assert answer.stream is not None
        this_round = _Round(answer.rounds, answer.stream, position_ms, answer.transcription)
        answer.transcription = task = self._own(
            self._transcribe(answer, this_round, insist=insist), "answer.transcribe"
        )
        self._transcribing.add(task)
        task.add_done_callback(self._transcribing.discard)
        return answer

    # --- what is said after the turn was taken as over --------------------------------------------------

    def overhear(self, answer: Answer, heard: Heard) -> Overheard | None:
        """Take in what may be more of an answer that was closed; None while nothing is said."""
        overheard = self._overhearing.hear(answer, heard)
        if self._overhearing.is_over():
            self.ignore()
            return None
        return overheard

    def ignore(self) -> None:
        """What was overheard was a remark: drop it."""
        overheard = self._overhearing.take()
        if overheard is not None:
            self._own(overheard.stream.aclose(), "answer.ignore")

    def reopen(self, answer: Answer) -> list[SpeechStarted | SpeechStopped]:
        """Go on with a closed answer: what was overheard belongs to it, and its transcript is made anew."""
        overheard = self._overhearing.take()
        assert overheard is not None
        self._found.stop(answer.id)
        self._done = deque(done for done in self._done if done.answer is not answer)
        answer.rounds += 1
        answer.stream = None
        for span in overheard.spans:
            answer.speech_started(span.start_ms)
            answer.speech_stopped(span.end_ms)
        if overheard.since_ms is not None:
            answer.speech_started(overheard.since_ms)
        answer.stream = overheard.stream
        self.current = self._awaited = answer
        self._microphone.listened_to = True
        return [SpeechStarted()] if answer.speaking else [SpeechStarted(), SpeechStopped()]

    def _started(self, at_ms: int) -> list[SpeechStarted]:
        answer = self.current
        if answer is None or answer.speaking:
            return []
        if answer.index is None:
            answer.index = self._next_index()
        answer.speech_started(at_ms)
        return [SpeechStarted()]

    def _stopped(self, at_ms: int) -> list[SpeechStopped]:
        answer = self.current
        if answer is None or not answer.speaking:
            return []
        answer.speech_stopped(at_ms)
        return [SpeechStopped()]

    # --- transcripts ------------------------------------------------------------------------------------

    def _show_partial(self, answer: Answer, text: Partial) -> None:
        if text.utterance_index in answer.utterances:
            return
        answer.unfinished = self._parts.end_of_turn(text.text)
        if self.connection is None:
            return
        event = partial_event(answer, text)
        self.connection.offer(event.utterance_id, event, after_seq=self._journal.last_seq)

    def _note_utterance(self, answer: Answer, utterance: Utterance) -> None:
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
                        self._note_utterance(answer, replace(utterance, index=first + utterance.index))
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
            self._note_names(record)
            self._journal.add(turns=[record])
            if not answer.failed:
                self._found.begin(learner_turn(answer, record.index, spoken), record)
        words = len(spoken.words) or len(spoken.text.split())
        return AnswerEnded(spoken.text, spoken.speech_ms, words, recognised=not answer.failed)

    def _note_names(self, record: TurnRecord) -> None:
        if record.kind == GREETING:
            self.expect(names_said([record.text]))

    def _record(self, answer: Answer, spoken: SpokenTurn) -> TurnRecord:
        if answer.index is None:
            answer.index = self._next_index()
        return turn_record(answer, answer.index, spoken)

    async def settled(self, within_ms: int) -> None:
        """Return when every answer is transcribed and analysed; after `within_ms` the analyses are given up.

        Transcripts are waited for as long as they may take: an answer counts more than a punctual summary.
        """
        while self._transcribing:
            await asyncio.wait(self._transcribing)
        await self._found.settled(within_ms)
