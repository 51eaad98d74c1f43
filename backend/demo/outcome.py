"""What a demo leaves behind: one JSON object, and the report file. Pure but for writing that file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from client import TimingsReport

REPORTS = "reports"


class TranscriptLine(TypedDict):
    """One turn; times are milliseconds from the session's first microphone sample."""

    speaker: str
    text: str
    start_ms: int
    end_ms: int


class Outcome(TypedDict):
    """The object that --json prints."""

    session_id: str
    mode: str
    clock: str
    learner: str
    transcript: list[TranscriptLine]
    summary: dict[str, Any] | None
    analysis: dict[str, Any]
    timings: TimingsReport
    unused_audio_ms: int | None
    server_rss_mb: float | None
    report_path: str
    pdf_path: str | None


def transcript(turns: Sequence[Mapping[str, Any]]) -> list[TranscriptLine]:
    """Return the stored turns, in order, without those in which nothing was said."""
    ordered = sorted(turns, key=lambda turn: turn["index"])
    return [
        TranscriptLine(
            speaker=turn["speaker"], text=turn["text"], start_ms=turn["start_ms"], end_ms=turn["end_ms"]
        )
        for turn in ordered
        if turn["text"]
    ]


def write_report(folder: Path, session_id: str, analysis: Mapping[str, Any]) -> Path:
    """Write the analysis to reports/<session>.json under `folder` and return its path."""
    path = folder / REPORTS / f"{session_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(analysis, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def write_pdf(folder: Path, session_id: str, pdf: bytes) -> Path:
    """Write the report to reports/<session>.pdf under `folder` and return its path."""
    path = folder / REPORTS / f"{session_id}.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pdf)
    return path
