"""The demo from its command line to its last word."""

import asyncio
import contextlib
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from app.adapters.sample_voice import LearnerVoice
from app.services.sample_learner import SynthesisedLearner
from client import ClientError, ExamClient
from demo import feedback
from demo.learner import Learner
from demo.options import Options, exam_clock, exam_mode, parse
from demo.outcome import Outcome, transcript, write_pdf, write_report
from demo.recordings import RecordedLearner, Recording, RecordingInvalid, load
from demo.screen import Screen, minutes
from demo.server import LOG_NAME, ServerFailed, demo_server
from demo.sitting import NotHeld, sit
from demo.workspace import workspace

USER = "demo"
READY_TIMEOUT_S = 120.0
REPORT_TIMEOUT_S = 60.0


def main(argv: Sequence[str]) -> int:
    """Run the demo; return 0 if the exam was held and analysed, 1 if not, 2 for arguments that do not fit."""
    options = parse(argv)
    screen = Screen(sys.stderr if options.as_json else sys.stdout)
    try:
        recordings = [load(path) for path in options.audio]
    except RecordingInvalid as invalid:
        return _refuse(screen, f"run.py --mode demo: {invalid}", 2)
    folder: Path | None = None
    try:
        with workspace(options.data_dir) as folder:
            outcome = asyncio.run(_demo(options, recordings, folder, screen))
    except OSError as unusable:
        return _refuse(screen, f"The demo did not work: {unusable}", 1)
    except ServerFailed as failed:
        return _refuse(screen, str(failed), 1)
    except (ClientError, NotHeld) as failed:
        log = "" if folder is None else f"\nThe server's log: {folder / LOG_NAME}"
        return _refuse(screen, f"The demo did not work: {failed}{log}", 1)
    finally:
        screen.settle()
    if options.as_json:
        print(json.dumps(outcome, ensure_ascii=False))
    return 0 if outcome["analysis"]["status"] == "done" else 1


async def _demo(options: Options, recordings: list[Recording], folder: Path, screen: Screen) -> Outcome:
    mode, clock = exam_mode(options, recordings), exam_clock(options)
    _introduce(screen, recordings, mode, clock)
    async with contextlib.AsyncExitStack() as held:
        screen.working("starting the server and its database")
        server = await held.enter_async_context(demo_server(folder, port=options.port))
        client = await held.enter_async_context(ExamClient(server.url))
        screen.working("loading the speech models")
        learner = await asyncio.to_thread(_learner, options, recordings)
        await client.wait_until_ready(READY_TIMEOUT_S)
        await client.sign_in(USER)
        sitting = await sit(client, learner, screen, mode=mode, clock=clock)
        session_id = str(sitting.session["id"])
        rss_mb = server.rss_mb()
        analysed = sitting.analysis["status"] == "done"
        pdf = await client.report(session_id, timeout_s=REPORT_TIMEOUT_S) if analysed else None
    pdf_path = None if pdf is None else write_pdf(folder, session_id, pdf)
    report = write_report(folder, session_id, sitting.analysis)
    feedback.show(screen, sitting.analysis)
    _conclude(screen, options, learner.left_ms, pdf_path or report, session_id)
    return Outcome(
        transcript=transcript(sitting.session["turns"]),
        summary=sitting.session["summary"],
        analysis=sitting.analysis,
        timings=sitting.timings,
        session_id=session_id,
        mode=mode,
        clock=clock,
        learner="recordings" if recordings else "synthesised",
        unused_audio_ms=learner.left_ms,
        server_rss_mb=rss_mb,
        report_path=str(report),
        pdf_path=None if pdf_path is None else str(pdf_path),
    )


def _learner(options: Options, recordings: list[Recording]) -> Learner:
    return RecordedLearner(recordings) if recordings else SynthesisedLearner(options.seed, LearnerVoice())


def _introduce(screen: Screen, recordings: Sequence[Recording], mode: str, clock: str) -> None:
    screen.title("SpeakMate AI: a demonstration")
    if recordings:
        total_ms = sum(r.duration_ms for r in recordings)
        screen.text(f"The learner: {len(recordings)} recording(s), {minutes(total_ms)} min.")
        for silent in (r for r in recordings if not r.spans):
            screen.text(f"No speech was found in {silent.name}; it is played as it is.")
    else:
        screen.text(
            "The learner: a synthetic voice with composed answers and the mistakes Uzbek speakers make."
        )
    how = (
        "shortened: a few seconds to prepare, half a minute to talk" if clock == "short" else "as in the test"
    )
    screen.text(f"The exam: {mode}. Its clock: {how}.")
    screen.text("")


def _conclude(screen: Screen, options: Options, left_ms: int | None, report: Path, session_id: str) -> None:
    screen.title("Report")
    if left_ms:
        screen.text(f"The exam was over before the recordings: {minutes(left_ms)} min of them were not used.")
    screen.text(str(report))
    address = f"/api/v1/analysis/sessions/{session_id}"
    if options.data_dir is None:
        screen.text(
            "The demo's database is gone; with --data-dir DIR it stays, and the API serves the analysis."
        )
    else:
        command = f"python backend/run.py --data-dir {shlex.quote(str(options.data_dir))}"
        screen.text(f"{command} serves it to the user {USER!r} at {address}.")


def _refuse(screen: Screen, message: str, status: int) -> int:
    screen.settle()
    print(message, file=sys.stderr)
    return status
