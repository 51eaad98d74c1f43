"""A whole sitting against a scripted server; the learner is a script too, time flies."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from app.api.websocket.protocol import (
    AiReply,
    AnalysisReady,
    AudioCommit,
    CueCard,
    ErrorEvent,
    ExamPhase,
    PlaybackMark,
    Ready,
    SessionEnd,
    SttFinal,
    SttPartial,
    SummaryReady,
    TurnState,
)
from app.services.sample_learner import SampleAnswer, SampleQuestion
from client import ConnectionLost, ExamClient, Speech
from demo.sitting import NotHeld, Sitting, sit
from tests.fakes.exam_server import ExamServer, Peer
from tests.fakes.manual_clock import HurriedClock

CARD = CueCard("Describe a place.", ["where it is"], "and explain why.")
SPEECH = Speech(b"\x09\x00" * 16 * 200)
SESSION = {"id": "s1", "status": "ended", "summary": {"words": 3}, "turns": []}


class ScriptedLearner:
    """Gives the answers it was made with, and remembers what it was asked."""

    def __init__(self, *answers: SampleAnswer, prepares: bool = True) -> None:
        self._answers = list(answers)
        self.prepares = prepares
        self.left_ms = None
        self.asked: list[SampleQuestion] = []
        self.heard_ms: list[int] = []

    def answer(self, question: SampleQuestion) -> SampleAnswer | None:
        self.asked.append(question)
        return self._answers.pop(0) if self._answers else None

    def turn_taken(self, heard_ms: int) -> None:
        self.heard_ms.append(heard_ms)


class Log:
    """A view that keeps what it is shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def examiner(self, at_ms: int, text: str) -> None:
        self.lines.append(f"E {text}")

    def card(self, card: CueCard, preparation_ms: int | None) -> None:
        self.lines.append(f"C {card.topic} {preparation_ms}")

    def learner(self, at_ms: int, text: str) -> None:
        self.lines.append(f"L {text}")

    def partial(self, at_ms: int, text: str) -> None:
        self.lines.append(f"P {text}")

    def note(self, text: str) -> None:
        self.lines.append(f"N {text}")

    def working(self, what: str, seconds: int) -> None:
        self.lines.append(f"W {what}")


class Examiner:
    """Says lines with numbers of their own."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._seq = 1

    def seq(self) -> int:
        self._seq += 1
        return self._seq

    async def ask(
        self,
        text: str,
        *,
        part: int | None = 1,
        start_ms: int = 0,
        answer: bool = True,
        kind: str = "question",
    ) -> None:
        """Say a line aloud; listen once it has been heard, if an answer is wanted."""
        name = f"u{self._seq}"
        await self.peer.send(
            AiReply(
                seq=self.seq(),
                utterance_id=name,
                text=text,
                part=part,
                kind=kind,
                frame_conformance="verbatim",
                expects_answer=answer,
                start_ms=start_ms,
            ),
            TurnState(state="examiner_speaking"),
        )
        seq = self.seq()
        self.seq()
        await self.peer.speak(name, bytes(4_800), stream=self._seq, rate=24_000, seq=seq)
        await self.peer.until(lambda: name in self._heard())
        if answer:
            await self.listen()

    def _heard(self) -> set[str]:
        return {mark.utterance_id for mark in self.peer.of(PlaybackMark) if mark.done}

    async def listen(self) -> None:
        await self.peer.send(TurnState(state="listening"))

    async def finish(self, *, analysis: bool = True) -> None:
        await self.peer.send(TurnState(state="ended"), SummaryReady(seq=self.seq(), summary={"words": 3}))
        if analysis:
            await self.peer.send(AnalysisReady(seq=self.seq(), analysis_id="a1", status="done", url="/x"))
        await self.peer.close()


@pytest.fixture
async def server() -> AsyncIterator[ExamServer]:
    fake = ExamServer(
        replies={
            "POST /api/v1/sessions": (201, {"id": "s1"}),
            "GET /api/v1/sessions/s1": (200, SESSION),
            "GET /api/v1/analysis/sessions/s1": (200, {"status": "done", "result": {}, "findings": []}),
        }
    )
    async with fake.running():
        yield fake


async def hold(
    server: ExamServer, learner: ScriptedLearner, script: Callable[[Examiner], Awaitable[None]]
) -> tuple[Sitting, Log, Peer]:
    log = Log()

    async def run(peer: Peer) -> None:
        await peer.begin()
        await script(Examiner(peer))

    server.script = run
    async with ExamClient(server.url, token="T", clock=HurriedClock()) as client:
        sitting = await sit(client, learner, log, mode="quick", clock="short")
    return sitting, log, server.peers[0]


def voiced_ms(peer: Peer) -> int:
    return peer.audio.count(b"\x09\x00") // 16


async def test_a_dialogue_is_held_and_shown(server: ExamServer) -> None:
    learner = ScriptedLearner(SampleAnswer(SPEECH))

    async def script(examiner: Examiner) -> None:
        peer = examiner.peer
        await examiner.ask("Let's talk about homes.", answer=False, kind="transition")
        await examiner.ask("Where do you live?")
        await peer.until(lambda: voiced_ms(peer) == 200)
        await peer.send(
            SttPartial(utterance_id="p", revision=1, text="In", start_ms=0, end_ms=9),
            SttFinal(seq=examiner.seq(), utterance_id="p", text="In a flat.", start_ms=0, end_ms=9, words=[]),
        )
        await examiner.ask("Thank you.", start_ms=60_000, answer=False)
        await examiner.finish()

    sitting, log, _ = await hold(server, learner, script)
    assert [line for line in log.lines if line[0] in "ELP"] == [
        "E Let's talk about homes.",
        "E Where do you live?",
        "P In",
        "L In a flat.",
        "E Thank you.",
    ]
    assert learner.asked == [SampleQuestion("Where do you live?", 1, about="Let's talk about homes.")]
    assert learner.heard_ms[0] > 200
    assert sitting.analysis["status"] == "done"
    assert sitting.session == SESSION
    assert sitting.timings["turn_latency_ms"]["p50"] is not None
    assert sitting.timings["analysis_ms"] is not None


async def test_nothing_is_said_before_the_examiner_listens(server: ExamServer) -> None:
    learner = ScriptedLearner(SampleAnswer(SPEECH))

    async def script(examiner: Examiner) -> None:
        peer = examiner.peer
        await examiner.ask("Why?", answer=True)
        await peer.until(lambda: voiced_ms(peer) == 200)
        await examiner.finish()

    _, _, peer = await hold(server, learner, script)
    first_word = next(i for i, f in enumerate(peer.frames) if any(f.payload))
    heard = peer.order.index("PlaybackMark")
    assert [kind for kind in peer.order[:heard] if kind == "frame"]
    assert first_word >= sum(kind == "frame" for kind in peer.order[:heard])


async def test_an_examiner_who_cuts_in_is_given_the_word(server: ExamServer) -> None:
    learner = ScriptedLearner(SampleAnswer(Speech(b"\x09\x00" * 16 * 600_000)))

    async def script(examiner: Examiner) -> None:
        peer = examiner.peer
        await examiner.ask("Tell me everything.")
        await peer.until(lambda: voiced_ms(peer) >= 400)
        at_ms = next(f.offset_ms for f in peer.frames if any(f.payload)) + 400
        await examiner.ask("I'll stop you there.", start_ms=at_ms, answer=False)
        await peer.until(lambda: not any(peer.frames[-1].payload))
        await examiner.finish()

    sitting, _, peer = await hold(server, learner, script)
    assert learner.heard_ms == [400]
    assert voiced_ms(peer) < 600_000
    assert sitting.timings["turn_latency_ms"]["p50"] is None


async def test_the_long_turn(server: ExamServer) -> None:
    learner = ScriptedLearner(
        SampleAnswer(SPEECH, says_so=True), SampleAnswer(SPEECH, says_so=True), prepares=False
    )

    async def script(examiner: Examiner) -> None:
        peer = examiner.peer
        await peer.send(
            ExamPhase(seq=examiner.seq(), phase="p2_prep", part=2, limit_ms=60_000, card=CARD),
            TurnState(state="preparing"),
        )
        await peer.expect(Ready)
        await peer.send(
            ExamPhase(seq=examiner.seq(), phase="p2_talk", part=2, limit_ms=120_000, card=CARD),
            TurnState(state="listening"),
        )
        commit = await peer.expect(AudioCommit)
        assert commit.end_of_turn
        await examiner.ask("Can you tell me anything more about that?", part=2, start_ms=10**6)
        await peer.expect(AudioCommit, 2)
        await peer.send(ExamPhase(seq=examiner.seq(), phase="p2_round", part=2))
        await examiner.ask("Thank you.", part=2, start_ms=10**6, answer=False)
        await examiner.finish()

    _, log, peer = await hold(server, learner, script)
    assert "C Describe a place. 60000" in log.lines
    assert [(q.text, q.talk, q.limit_ms) for q in learner.asked] == [
        ("Describe a place. where it is and explain why.", True, 120_000),
        ("Describe a place. where it is and explain why.", True, 40_000),
    ]
    assert voiced_ms(peer) == 400


async def test_a_learner_who_prepares_does_not_hurry_the_examiner(server: ExamServer) -> None:
    async def script(examiner: Examiner) -> None:
        await examiner.peer.send(TurnState(state="preparing"))
        await examiner.ask("All right.", answer=False)
        await examiner.finish()

    _, _, peer = await hold(server, ScriptedLearner(prepares=True), script)
    assert peer.of(Ready) == []


async def test_a_learner_with_nothing_left_to_say_ends_the_exam(server: ExamServer) -> None:
    async def script(examiner: Examiner) -> None:
        await examiner.ask("What else?")
        await examiner.peer.expect(SessionEnd)
        await examiner.finish()

    _, log, peer = await hold(server, ScriptedLearner(), script)
    assert len(peer.of(SessionEnd)) == 1
    assert "N Everything was said: the learner ends the exam." in log.lines


async def test_the_opening_is_told_apart_from_the_exam(server: ExamServer) -> None:
    learner = ScriptedLearner(SampleAnswer(Speech(bytes(32 * 400), spans=()), says_so=True))

    async def script(examiner: Examiner) -> None:
        await examiner.ask("Could you tell me your full name, please?", part=None)
        await examiner.peer.expect(AudioCommit)
        await examiner.finish()

    await hold(server, learner, script)
    assert learner.asked[0].part is None


async def test_what_the_server_refuses_is_shown_and_the_exam_goes_on(server: ExamServer) -> None:
    async def script(examiner: Examiner) -> None:
        await examiner.peer.send(ErrorEvent(code="odd", class_="client", message="That was odd."))
        await examiner.finish()

    sitting, log, _ = await hold(server, ScriptedLearner(), script)
    assert "N Refused: That was odd. [odd]" in log.lines
    assert sitting.analysis["status"] == "done"


async def test_an_analysis_that_is_not_announced_is_fetched(server: ExamServer) -> None:
    sitting, _, _ = await hold(server, ScriptedLearner(), lambda examiner: examiner.finish(analysis=False))
    assert sitting.analysis["status"] == "done"


async def test_a_lost_connection_is_an_error(server: ExamServer) -> None:
    with pytest.raises(ConnectionLost):
        await hold(server, ScriptedLearner(), lambda examiner: examiner.peer.close(4500, "internal"))


async def test_a_server_that_closes_too_early_has_held_no_exam(server: ExamServer) -> None:
    server.replies["GET /api/v1/sessions/s1"] = (200, SESSION | {"status": "live"})
    with pytest.raises(NotHeld, match="live"):
        await hold(server, ScriptedLearner(), lambda examiner: examiner.peer.close())
