"""--mode bench summary: from the end of an exam to its summary, and to its analysis.

The product's own path: a development server with the local models and its own database in a process of its
own, the reference client, and a synthesised learner who sits whole exams in real time. Answers are analysed
while the talk goes on, as ever, so a full exam takes its twelve to fourteen minutes.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from app.adapters.sample_voice import LearnerVoice
from app.services.sample_learner import SynthesisedLearner
from client import ClientError, ExamClient, Percentiles, percentile
from demo.server import ServerFailed, demo_server
from demo.sitting import NotHeld, Sitting, sit
from demo.unseen import Unseen

READY_TIMEOUT_S = 300.0
MODES = ("full", "part1", "part2", "part3", "quick")
MAX_EXAMS = 8


class Report(TypedDict):
    """Milliseconds at the client, from the news that the exam is over; `failed` exams have no analysis.

    `delivery` is how the learner's speech reached the server; `talk_s` and `speech_s` are the mean length of
    an exam and of the learner's answers in it.
    """

    summary_ms: Percentiles
    analysis_ms: Percentiles
    exams: int
    failed: int
    mode: str
    clock: str
    delivery: str
    talk_s: int
    speech_s: int


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; return 0 if every exam was summed up and analysed, 1 if not."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench summary", description=__doc__)
    parser.add_argument("--exams", type=int, default=1, help="exams, one after the other (1)")
    parser.add_argument("--exam", choices=MODES, default="full", help="which exam (full)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    if not 1 <= options.exams <= MAX_EXAMS:
        parser.error(f"--exams: between 1 and {MAX_EXAMS}.")
    with tempfile.TemporaryDirectory(prefix="speakmate-bench-") as folder:
        try:
            sittings = asyncio.run(_sit(Path(folder), options.exams, options.exam))
        except (ServerFailed, ClientError, NotHeld) as failed:
            sys.stderr.write(f"The benchmark did not run: {failed}\n")
            return 1
    report = _report(sittings, options.exam)
    sys.stdout.write((json.dumps(report) if options.json else json.dumps(report, indent=2)) + "\n")
    return 0 if report["failed"] == 0 else 1


async def _sit(folder: Path, exams: int, mode: str) -> list[Sitting]:
    """Hold the exams, each with another learner."""
    sittings = []
    async with demo_server(folder) as server, ExamClient(server.url) as client:
        await client.wait_until_ready(READY_TIMEOUT_S)
        voice = await asyncio.to_thread(LearnerVoice)
        for number in range(1, exams + 1):
            await client.sign_in(f"learner-{number}")
            learner = SynthesisedLearner(number, voice)
            sittings.append(await sit(client, learner, Unseen(), mode=mode, clock="standard"))
    return sittings


def _report(sittings: Sequence[Sitting], mode: str) -> Report:
    done = [sitting for sitting in sittings if sitting.analysis["status"] == "done"]
    return Report(
        summary_ms=_percentiles([sitting.timings["summary_ms"] for sitting in sittings]),
        analysis_ms=_percentiles([sitting.timings["analysis_ms"] for sitting in done]),
        exams=len(sittings),
        failed=len(sittings) - len(done),
        mode=mode,
        clock="standard",
        delivery="real_time",
        talk_s=round(sum(sitting.session["audio_ms"] for sitting in sittings) / len(sittings) / 1000),
        speech_s=round(sum(map(_speech_ms, sittings)) / len(sittings) / 1000),
    )


def _speech_ms(sitting: Sitting) -> int:
    turns = [turn for turn in sitting.session["turns"] if turn["speaker"] == "learner"]
    return sum(int(turn["end_ms"]) - int(turn["start_ms"]) for turn in turns)


def _percentiles(values: Sequence[int | None]) -> Percentiles:
    known = [float(value) for value in values if value is not None]
    return Percentiles(p50=percentile(known, 0.5), p95=percentile(known, 0.95))
