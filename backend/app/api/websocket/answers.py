"""The learner's answers of one session: opened, heard, gone on with, and restored in another process."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from app.api.websocket.answer import UTTERANCES_A_ROUND, Answer, Question
from app.api.websocket.answer_transcripts import AnswerDone, Transcripts
from app.api.websocket.connection import Connection
from app.api.websocket.journal import Journal
from app.api.websocket.live_state import SavedAnswer, saved_answer
from app.api.websocket.microphone import Heard, Microphone
from app.api.websocket.overheard import Overheard
from app.api.websocket.overhearing import Overhearing
from app.api.websocket.parts import SessionParts
from app.api.websocket.turn_analyses import TurnAnalyses
from app.services import speech
from app.services.analysis_coordinator import TurnAnalysis, learner_turns
from app.services.conversation import AnswerEnded, Listen, PauseMemory, SpeechStarted, SpeechStopped
from app.services.session_store import TurnRecord
from app.services.speech import BYTES_PER_MS, Partial, SpeechSpan, Utterance


class Answers:
    """At most one answer is open; those before it may still be transcribed or analysed.

    `own` starts a task that lives and dies with the session; `wake` is called when an answer is done;
    `worded` adds to its event what may be said next, and is waited for; `sound` reads a stretch of the stored
    signal; `replied` returns when the reply to an answer has begun; `told` is called when the learner has
    been told about an answer, and None in an exam.
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
        replied: Callable[[], Awaitable[None]],
        told: Callable[[UUID], None] | None = None,
    ) -> None:
        self._parts = parts
        self._microphone = microphone
        self._next_index = next_index
        self._own = own
        self._found = TurnAnalyses(parts, journal, own=own, sound=sound, replied=replied, told=told)
        self._transcripts = Transcripts(
            parts, journal, microphone, self._found, next_index=next_index, own=own, wake=wake, worded=worded
        )
        self._overhearing = Overhearing(
            parts.recogniser,
            microphone,
            show=self._transcripts.show_partial,
            note=self._transcripts.note_utterance,
        )
        self.memory = PauseMemory()
        self.current: Answer | None = None
        self._awaited: Answer | None = None
        self._transcribed_ms = 0

    @property
    def connection(self) -> Connection | None:
        """Where words are shown as they come; None while the learner is away."""
        return self._transcripts.connection

    @connection.setter
    def connection(self, connection: Connection | None) -> None:
        self._transcripts.connection = connection

    @property
    def failures(self) -> int:
        """How many answers could not be transcribed, in whole or in part."""
        return self._transcripts.failures

    @property
    def analyses(self) -> list[TurnAnalysis]:
        """What was found in the answers so far, in order."""
        return self._found.done

    def expect(self, names: Sequence[str]) -> None:
        """Take note of what the learner is called: words that a recogniser may be told to expect."""
        self._transcripts.expect(names)

    def take_done(self) -> AnswerDone | None:
        """Return the next answer that has been transcribed."""
        done = self._transcripts.take_done()
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
            self._transcripts.show_partial(
                answer, replace(text, utterance_index=first + text.utterance_index)
            )

        def note(utterance: Utterance) -> None:
            self._transcripts.note_utterance(answer, replace(utterance, index=first + utterance.index))

        answer.stream = self._parts.recogniser.open(
            start_ms=heard_ms, on_partial=show, on_utterance=note, hints=self._transcripts.names
        )
        self.current = self._awaited = answer
        self._microphone.listened_to = True

    def catch_up(self, turns: Sequence[TurnRecord]) -> None:
        """Analyse the answers about which another process still owed the learner something."""
        open_id = None if self.current is None else self.current.id
        records = {str(turn.id): turn for turn in turns}
        for turn in learner_turns(turns):
            record = records[turn.turn_id]
            self._transcripts.note_names(record)
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
            on_partial=partial(self._transcripts.show_partial, answer),
            on_utterance=partial(self._transcripts.note_utterance, answer),
            hints=self._transcripts.names,
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
        self._transcripts.finish_round(answer, position_ms, insist=insist)
        return answer

    # --- what is said after the turn was taken as over --------------------------------------------------

    def overhear(self, answer: Answer, heard: Heard) -> Overheard | None:
        """Take in what may be more of an answer that was closed; None while nothing is said."""
        overheard = self._overhearing.hear(answer, heard, hints=self._transcripts.names)
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
        self._transcripts.forget_done(answer)
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

    async def settled(self, within_ms: int) -> None:
        """Return when every answer is transcribed and analysed; after `within_ms` the analyses are given up.

        Transcripts are waited for as long as they may take: an answer counts more than a punctual summary.
        """
        await self._transcripts.settled()
        await self._found.settled(within_ms)
