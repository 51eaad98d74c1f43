"""A learner who sits an exam through the protocol, in virtual time: listens, waits a moment, answers."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from uuid import UUID, uuid4

from app.api.websocket.protocol import (
    AiReply,
    AnalysisReady,
    AudioConfig,
    AudioFrame,
    ClientMessage,
    ErrorEvent,
    ExamPhase,
    PlaybackMark,
    ServerMessage,
    SessionEnd,
    SessionResume,
    SessionResumed,
    SessionStart,
    SessionStarted,
    SttFinal,
    SttPartial,
    SummaryReady,
    TtsAudio,
    TtsClear,
    TurnFeedback,
    TurnState,
    WarningEvent,
)
from app.services.speech import Speech
from client.microphone import Microphone
from client.playback import VirtualPlayer
from tests.fakes.engines import Spoken
from tests.fakes.pipe import Pipe
from tests.fakes.world import ALICE, World

REACTION_S = 0.5
Answer = tuple[Spoken, ...]


class Learner:
    """Answers each question with the next of `answers` (`()` is silence), then with the last one again.

    `story` is what was said and done, one line an event. With `marks` the client reports what it has played.
    """

    def __init__(
        self,
        world: World,
        session_id: UUID,
        answers: Iterable[Answer],
        *,
        marks: bool = True,
        frame_ms: int = 100,
        user: UUID = ALICE,
    ) -> None:
        self.world = world
        self.session_id = session_id
        self.user = user
        self.name = uuid4().hex
        self.answers = deque(answers)
        self.story: list[str] = []
        self.partials: list[SttPartial] = []
        self.sent: list[ClientMessage] = []
        self.said = bytearray()
        self.state: str | None = None
        self.last_seq = 0
        self.seqs: list[int] = []
        self.microphone = Microphone(frame_ms=frame_ms)
        self.player = VirtualPlayer()
        self.pipe = Pipe()
        self.started = False
        self.on_event: Callable[[ServerMessage], None] = lambda _: None
        self._marks = marks
        self._ticker: asyncio.Task[None] | None = None
        self._reaction: asyncio.TimerHandle | None = None

    # --- what the learner does --------------------------------------------------------------------------

    async def start(self, display_name: str | None = None) -> None:
        """Connect, start the exam, and stream the microphone from then on."""
        self._connect()
        self.pipe.send(AudioConfig(frame_ms=self.microphone.frame_ms))
        self.pipe.send(SessionStart(display_name=display_name))
        await self.pipe.until(lambda: self.started)

    async def come_back(self) -> SessionResumed:
        """Connect again after a cut and go on where the server says."""
        self._connect()
        self.pipe.send(AudioConfig(frame_ms=self.microphone.frame_ms))
        self.pipe.send(SessionResume(session_id=str(self.session_id), last_seq=self.last_seq))
        await self.pipe.until(lambda: self.pipe.of(SessionResumed))
        resumed = self.pipe.of(SessionResumed)[0]
        assert isinstance(resumed, SessionResumed)
        self._resend(resumed.received_ms)
        self.started = True
        return resumed

    def cut(self) -> None:
        """Lose the connection; the learner does not speak meanwhile."""
        self.started = False
        self.pipe.cut()

    async def wait_for(self, condition: Callable[[], object], within_s: float = 1_200.0) -> None:
        """Go on with the exam until the condition holds."""
        await self.pipe.until(condition, within_s)

    async def sit(self) -> list[str]:
        """Sit the exam to the end of its summary; return the story."""
        await self.start()
        await self.wait_for(self.has_summary)
        return self.story

    async def end(self) -> None:
        """End the session and wait for its summary."""
        self.pipe.send(SessionEnd())
        await self.wait_for(self.has_summary)

    def speak(self, *pieces: Spoken) -> None:
        """Say something now, whoever's turn it is, and nothing of one's own accord."""
        self.answers = deque([()])
        self.microphone.say(Speech(self.world.book.speak(*pieces)))

    def unplayed_ms(self) -> float:
        """How much of a complete utterance is still to be heard; 0 while none is."""
        voice = next(iter(self.player._waiting), None)
        return voice.received_ms - voice.played_ms if voice is not None and voice.complete else 0

    def has_summary(self) -> bool:
        """Whether the summary has come."""
        return any(line.startswith("summary") for line in self.story)

    def heard(self, text: str) -> bool:
        """Whether a line of the story contains the text."""
        return any(text in line for line in self.story)

    def leave(self) -> None:
        """Stop everything."""
        if self._ticker is not None:
            self._ticker.cancel()

    # --- inside -----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.pipe = self.world.connect(
            self.session_id, user=self.user, pipe=Pipe(self._take), client=self.name
        )
        if self._ticker is None:
            self._ticker = asyncio.ensure_future(self._tick())

    async def _tick(self) -> None:
        due = asyncio.get_running_loop().time()
        while True:
            due += self.microphone.frame_ms / 1000
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            if not (self.started and self.pipe.open):
                continue
            frame = self.microphone.take()
            self.said += frame.payload
            self.pipe.send_frame(frame)
            marks = self.player.advance(due)
            for mark in marks if self._marks else []:
                self.pipe.send(
                    PlaybackMark(utterance_id=mark.utterance_id, played_ms=mark.played_ms, done=mark.done)
                )

    def _resend(self, from_ms: int) -> None:
        frame_ms = self.microphone.frame_ms
        for number, offset in enumerate(range(from_ms, self.microphone.position_ms, frame_ms)):
            payload = bytes(self.said[offset * 32 : min(offset + frame_ms, self.microphone.position_ms) * 32])
            self.pipe.send_frame(AudioFrame(1, 0, number, offset, payload))

    def _take(self, message: ServerMessage | AudioFrame) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(message, AudioFrame):
            self.player.feed(message.stream, message.payload, now)
            return
        if message.seq is not None:
            self.seqs.append(message.seq)
            self.last_seq = max(self.last_seq, message.seq)
        self._react(message, now)
        line = tell(message)
        if line is not None:
            self.story.append(line)
        self.on_event(message)

    def _react(self, message: ServerMessage, now: float) -> None:
        match message:
            case SessionStarted():
                self.started = True
            case SttPartial():
                self.partials.append(message)
            case TtsAudio(state="begin"):
                self.player.begin(message.utterance_id, message.stream_id, message.sample_rate)
            case TtsAudio():
                self.player.end(message.utterance_id)
            case TtsClear():
                self.player.clear(message.utterance_id, now)
            case TurnState():
                self._whose_turn(message.state)
            case _:
                pass

    def _whose_turn(self, state: str) -> None:
        if state == "listening" and self.state not in ("learner_speaking", "paused"):
            self._reaction = asyncio.get_running_loop().call_later(REACTION_S, self._answer)
        elif state == "ended":
            self.started = False
            self.microphone.hush()
        self.state = state

    def _answer(self) -> None:
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        with suppress(ValueError):
            self.microphone.say(Speech(self.world.book.speak(*answer)))


def tell(event: ServerMessage) -> str | None:
    """Put an event into a line; None for those that only pass."""
    match event:
        case ExamPhase(phase=phase, limit_ms=limit_ms, card=card):
            limit = "" if limit_ms is None else f", at most {limit_ms // 1000} s"
            return f"phase {phase}{limit}{'' if card is None else ', with card'}"
        case AiReply(kind="question" | "card", text=text, question_id=str(question_id)):
            return f"examiner: {text} [{question_id}]"
        case AiReply(kind=kind, question_id=question_id):
            return f"examiner: ({kind}){'' if question_id is None else f' [{question_id}]'}"
        case TtsAudio(state="end", duration_ms=duration_ms):
            return f"voice {'heard' if duration_ms else 'missing'}"
        case TtsClear():
            return "voice cleared"
        case TurnFeedback(measures=measures):
            return f"feedback on {measures['words']} words"
        case SttFinal(text=text):
            words = len(text.split())
            return f"learner: {text}" if words <= 20 else f"learner: {text[:60]}... ({words} words)"
        case _:
            return _tell_of_the_session(event)


def _tell_of_the_session(event: ServerMessage) -> str | None:
    match event:
        case SessionStarted(mode=mode, clock=clock):
            return f"started {mode} ({clock} clock)"
        case SessionResumed(phase=phase):
            return f"resumed in {phase}"
        case SummaryReady(summary=summary):
            return (
                f"summary {summary['reason']}, {summary.get('answers')} answers, {summary.get('words')} words"
            )
        case AnalysisReady(status=status):
            return f"analysis {status}"
        case WarningEvent(code=code):
            return f"warning {code}"
        case ErrorEvent(code=code, fatal=fatal):
            return f"error {code}{' (fatal)' if fatal else ''}"
        case _:
            return None
