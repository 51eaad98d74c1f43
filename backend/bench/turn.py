"""--mode bench turn: how long a learner waits after an answer, and of what the wait is made.

The product's own path: a development server with the local models and its own database in a process of its
own, the reference client, and synthesised speech in real time. Answers of each length are given in a Part 1
interview of their own, and those of eight seconds once more in practice, where feedback follows each.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import httpx

from app.adapters.sample_voice import LearnerVoice
from app.api.websocket.protocol import AiReply, SttFinal, TurnFeedback, TurnNext, TurnState
from app.services.sample_learner import Breath
from app.services.speech import BYTES_PER_MS
from bench.parts.turn_parts import PartsReport, TurnWatch
from client import ClientError, ExamClient, LiveExam, Speech, SystemClock, percentile
from demo.server import ServerFailed, demo_server

LENGTHS_S = (4, 8, 20)
FEEDBACK_LENGTH_S = 8
READY_TIMEOUT_S = 300.0
PAUSE_MS = 300
"""Between sentences: long enough to be one, too short to end a turn."""
SEEDS_APART = 1_000
PLAYED = "speakmate_voice_played_seconds"
NAME = "My name is Dilnoza Yusupova."
SENTENCES = (
    "I usually get up at seven o'clock.",
    "My university is not far from my house.",
    "I like it because the teachers are kind.",
    "After the lessons I meet my friends.",
    "We often drink tea together.",
    "Sometimes we go to the park near the river.",
    "In the evening I help my mother at home.",
    "My brother plays football on Sunday.",
    "I want to work in a bank one day.",
    "Last year we visited Samarkand.",
    "It was very hot, but I enjoyed it.",
    "I read books when I have free time.",
)


class FeedbackReport(TypedDict):
    """Milliseconds from the last final transcript of an answer to the feedback on it, over `n` answers."""

    n: int
    p50: float | None
    p95: float | None


class Report(TypedDict):
    """`turns`: by the length of the answer in seconds. `feedback_ms`: in practice. `first_played_ms`: mean of
    all lines from the first frame of the voice that the server sent to its playing, as the server reckons
    from the client's marks."""

    turns: dict[str, PartsReport]
    feedback_ms: FeedbackReport
    first_played_ms: int | None
    part: int
    frame_ms: int


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; return 0 if every answer was heard out and replied to, 1 if not."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench turn", description=__doc__)
    parser.add_argument("--answers", type=int, default=6, help="answers of each length, 8 at most (6)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    if not 1 <= options.answers <= 8:
        parser.error("--answers: between 1 and 8, which is what a Part 1 of long answers has room for.")
    with tempfile.TemporaryDirectory(prefix="speakmate-bench-") as folder:
        try:
            report = asyncio.run(_measure(Path(folder), options.answers))
        except (ServerFailed, ClientError) as failed:
            sys.stderr.write(f"The benchmark did not run: {failed}\n")
            return 1
    sys.stdout.write((json.dumps(report) if options.json else json.dumps(report, indent=2)) + "\n")
    heard_out = [*(parts["n"] for parts in report["turns"].values()), report["feedback_ms"]["n"]]
    return 0 if all(n == options.answers for n in heard_out) else 1


async def _measure(folder: Path, answers: int) -> Report:
    voice = await asyncio.to_thread(LearnerVoice)
    turns: dict[str, PartsReport] = {}
    feedback = FeedbackReport(n=0, p50=None, p95=None)
    async with demo_server(folder) as server, ExamClient(server.url) as client:
        await client.wait_until_ready(READY_TIMEOUT_S)
        token = await client.sign_in("learner")
        frame_ms = 0
        for length_s in LENGTHS_S:
            said = [await asyncio.to_thread(_answer, voice, length_s, number) for number in range(answers)]
            name = await asyncio.to_thread(voice.speak, [Breath(NAME)], seed=1)
            session = await client.create_session("part1", clock="standard")
            watch = TurnWatch()
            exam = LiveExam(server.url, session["id"], token, clock=SystemClock(), timings=watch)
            frame_ms = exam.microphone.frame_ms
            async with exam:
                await _interview(exam, watch, name, said)
            turns[str(length_s)] = watch.parts()
            if length_s == FEEDBACK_LENGTH_S:
                session = await client.create_session("practice", part=1)
                async with LiveExam(server.url, session["id"], token, clock=SystemClock()) as practice:
                    feedback = await _practice(practice, said)
        played_ms = await _played_ms(server.url)
    return Report(turns=turns, feedback_ms=feedback, first_played_ms=played_ms, part=1, frame_ms=frame_ms)


async def _played_ms(url: str) -> int | None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        told = (await http.get("/metrics")).raise_for_status().text
    numbers = dict(line.rsplit(" ", 1) for line in told.splitlines() if line.startswith(PLAYED))
    count = float(numbers.get(f"{PLAYED}_count", 0))
    return round(float(numbers[f"{PLAYED}_sum"]) / count * 1000) if count else None


def _answer(voice: LearnerVoice, length_s: int, number: int) -> Speech:
    """Say sentences until there is about so much speech; every number begins with another one."""
    breaths: list[Breath] = []
    while True:
        sentence = SENTENCES[(number * 5 + len(breaths)) % len(SENTENCES)]
        longer = [*breaths, Breath(sentence, PAUSE_MS)]
        speech = voice.speak(longer, seed=SEEDS_APART * number)
        if len(speech.pcm) / BYTES_PER_MS >= length_s * 1_000:
            return speech
        breaths = longer


async def _interview(exam: LiveExam, watch: TurnWatch, name: Speech, said: Sequence[Speech]) -> None:
    """Answer what is asked; end the exam after the last of the answers has been replied to."""
    waiting = list(said)
    asked: AiReply | None = None
    await exam.start()
    async for event in exam:
        match event:
            case AiReply(expects_answer=True):
                asked = event
            case TurnState(state="listening") if asked is not None:
                if asked.part is None:
                    exam.say(name)
                elif waiting:
                    watch.watched = True
                    exam.say(waiting.pop(0))
                asked = None
            case TurnState(state="examiner_speaking") if not (waiting or watch.watched):
                await exam.end("the benchmark is over")
                return
            case _:
                pass


async def _practice(exam: LiveExam, said: Sequence[Speech]) -> FeedbackReport:
    """Give each answer and wait for the feedback on it, then for the next question."""
    clock, waiting = SystemClock(), list(said)
    waits_ms: list[float] = []
    final: float | None = None
    asked = False
    await exam.start()
    async for event in exam:
        match event:
            case AiReply(expects_answer=True):
                asked = True
            case TurnState(state="listening") if asked and waiting:
                asked, final = False, None
                exam.say(waiting.pop(0))
            case SttFinal():
                final = clock.now()
            case TurnFeedback() if final is not None:
                waits_ms.append((clock.now() - final) * 1000)
                if not waiting:
                    await exam.end("the benchmark is over")
                    break
                await exam.choose(TurnNext())
            case _:
                pass
    return FeedbackReport(n=len(waits_ms), p50=percentile(waits_ms, 0.5), p95=percentile(waits_ms, 0.95))
