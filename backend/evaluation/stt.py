"""`--mode evaluate stt`: word error rate of the recogniser, and what its confidence is worth.

--data FILE.jsonl holds rows {wav, text}: a recording, by its path from the file's folder, and the words that
were said in it.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.local_speech import LocalSpeech
from app.adapters.local_speech.pacing import Pacing
from app.adapters.local_speech.recognition import WhisperRecogniser
from app.config import Settings
from app.services.speech import (
    SAMPLE_RATE,
    ModelNotReady,
    RecognitionFailed,
)
from evaluation.hearing import hear
from evaluation.rows import BadRows, read_objects
from evaluation.sound_file import BadSound, read_pcm
from evaluation.transcripts import compare, figures

FINALS_ONLY = Pacing(first_partial_ms=3_600_000)
"""Partials are shown to the learner and thrown away; what is measured is the transcript that stays."""


@dataclass(frozen=True, slots=True)
class Said:
    """A recording and what was said in it."""

    wav: Path
    text: str


def read_manifest(path: Path) -> list[Said]:
    """Read {wav, text} rows. Raises OSError, UnicodeDecodeError or BadRows."""
    rows = []
    for number, row in read_objects(path):
        wav, text = row.get("wav"), row.get("text")
        if not isinstance(wav, str) or not isinstance(text, str):
            raise BadRows(f"line {number} of {path} is no {{wav, text}}")
        rows.append(Said(path.parent / wav, text))
    if not rows:
        raise BadRows(f"{path} has no rows")
    return rows


async def evaluate(rows: Sequence[Said], settings: Settings) -> dict[str, Any]:
    """Return {n, wer, wer_ci, cpu_rtf, fillers_kept, confidence_auc, ...} over all rows.

    `cpu_rtf` is CPU seconds per second of sound. Raises ModelNotReady, RecognitionFailed, OSError, BadSound.
    """
    speech = LocalSpeech(settings.data_dir / "models", whisper_model=settings.whisper_model, threads=1)
    await speech.load()
    try:
        await speech.wait_ready()
        recogniser = WhisperRecogniser(lambda: speech.models.whisper, speech.pool, pacing=FINALS_ONLY)
        compared = []
        cpu_s = sound_s = 0.0
        for row in rows:
            pcm = read_pcm(row.wav)
            started = time.process_time()
            words = (await hear(recogniser, speech.voice_activity, pcm)).words
            cpu_s += time.process_time() - started
            sound_s += len(pcm) / 2 / SAMPLE_RATE
            compared.append(compare(row.text, words))
    finally:
        await speech.aclose()
    return {"n": len(rows), **figures(compared), "cpu_rtf": round(cpu_s / sound_s, 4) if sound_s else None}


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode evaluate stt", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FILE.jsonl", help="rows {wav, text}")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    try:
        found = asyncio.run(evaluate(read_manifest(given.data), Settings()))
    except (OSError, UnicodeDecodeError, BadRows, BadSound, ModelNotReady, RecognitionFailed) as problem:
        sys.stderr.write(f"evaluate stt: {problem}\n")
        return 2
    sys.stdout.write(json.dumps(found, indent=None if given.json else 2) + "\n")
    return 0
