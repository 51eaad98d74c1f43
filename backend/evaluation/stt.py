"""`--mode evaluate stt`: word error rate of the recogniser, and what its confidence is worth.

--data FILE.jsonl holds rows {wav, text}: a recording, by its path from the file's folder, and the words that
were said in it.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import Settings
from app.services.speech import SAMPLE_RATE, ModelNotReady, RecognitionFailed
from evaluation.data_command import DataCommand
from evaluation.hearing import loaded_hearing
from evaluation.rows import BadRows, read_objects
from evaluation.sound_file import BadSound, read_pcm
from evaluation.transcripts import compare, figures


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
    compared = []
    cpu_s = sound_s = 0.0
    async with loaded_hearing(settings) as hearing:
        for row in rows:
            pcm = read_pcm(row.wav)
            started = time.process_time()
            words = (await hearing.hear(pcm)).words
            cpu_s += time.process_time() - started
            sound_s += len(pcm) / 2 / SAMPLE_RATE
            compared.append(compare(row.text, words))
    return {"n": len(rows), **figures(compared), "cpu_rtf": round(cpu_s / sound_s, 4) if sound_s else None}


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    return DataCommand(
        name="stt",
        about=__doc__,
        metavar="FILE.jsonl",
        rows="rows {wav, text}",
        evaluate=lambda path: asyncio.run(evaluate(read_manifest(path), Settings())),
        refused=(OSError, UnicodeDecodeError, BadRows, BadSound, ModelNotReady, RecognitionFailed),
    ).run(argv)
