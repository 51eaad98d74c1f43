"""`--mode evaluate stability`: how far bands move when the same speech comes through another channel.

--data FILE.jsonl holds rows {id, answers: [WAV, ...]}: the recorded answers of one speaker, by their paths
from the file's folder. Each row is recognised, analysed and scored as a session is: as it was recorded, once
more the same, over an 8 kHz line, and recorded again in a noisy room.
"""

import argparse
import asyncio
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import pstdev
from typing import Any

import numpy as np

from app.adapters.local_speech import LocalSpeech
from app.adapters.local_speech.recognition import WhisperRecogniser
from app.analysis_models import load_turn_analyzer
from app.config import Settings
from app.services.analysis_coordinator import DeepAnalysis, LearnerTurn, SecondOpinion, SessionMaterial
from app.services.analysis_coordinator.evidence import Analysed
from app.services.ielts_scorer import Score
from app.services.speech import BYTES_PER_MS, ModelNotReady, RecognitionFailed
from evaluation.channels import Samples, room_noise, telephone
from evaluation.hearing import hear
from evaluation.rows import BadRows, read_objects
from evaluation.sound_file import BadSound, read_pcm
from evaluation.stt import FINALS_ONLY

CHANNELS: Mapping[str, Callable[[Samples], Samples]] = {
    "recorded": lambda samples: samples,
    "again": lambda samples: samples,
    "8_khz": telephone,
    "noisy_room": room_noise,
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """The answers of one speaker, as recordings."""

    id: str
    answers: tuple[Path, ...]


def read_speakers(path: Path) -> list[Speaker]:
    """Read {id, answers} rows. Raises OSError, UnicodeDecodeError or BadRows."""
    rows = []
    for number, row in read_objects(path):
        answers = row.get("answers")
        if not isinstance(answers, list) or not answers or not all(isinstance(a, str) for a in answers):
            raise BadRows(f"line {number} of {path} is no {{id, answers: [WAV, ...]}}")
        rows.append(Speaker(str(row.get("id", number)), tuple(path.parent / answer for answer in answers)))
    if not rows:
        raise BadRows(f"{path} has no rows")
    return rows


async def evaluate(speakers: Sequence[Speaker], settings: Settings) -> dict[str, Any]:
    """Score every speaker over every channel. Raises ModelNotReady, RecognitionFailed, OSError, BadSound."""
    recordings = [[read_pcm(path) for path in speaker.answers] for speaker in speakers]
    speech = LocalSpeech(settings.data_dir / "models", whisper_model=settings.whisper_model, threads=1)
    await speech.load()
    analysis = DeepAnalysis(load_turn_analyzer())
    try:
        await speech.wait_ready()
        recogniser = WhisperRecogniser(lambda: speech.models.whisper, speech.pool, pacing=FINALS_ONLY)
        rows = []
        for speaker, recorded in zip(speakers, recordings, strict=True):
            heard = {}
            for name, channel in CHANNELS.items():
                sounds = [_through(channel, pcm) for pcm in recorded]
                spoken = [await hear(recogniser, speech.voice_activity, pcm) for pcm in sounds]
                turns = tuple(
                    LearnerTurn(str(number), number, 1, None, "", turn) for number, turn in enumerate(spoken)
                )
                heard[name] = _scored(analysis, speaker.id, turns, sounds)
            rows.append({"id": speaker.id, "bands": heard})
    finally:
        await speech.aclose()
    return report(rows)


def report(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return {n, identical_again, sd, largest, rows}.

    `sd` is by criterion the root mean square over the speakers of the standard deviation of their bands over
    the different channels, `largest` the largest of these; None where nobody has a band.
    """
    names = list(rows[0]["bands"]["recorded"])
    spread = {name: [_spread(row["bands"], name) for row in rows] for name in names}
    known = {name: [s for s in found if s is not None] for name, found in spread.items()}
    return {
        "n": len(rows),
        "identical_again": all(row["bands"]["recorded"] == row["bands"]["again"] for row in rows),
        "sd": {name: _rms(found) for name, found in known.items()},
        "largest": {name: max(found, default=None) for name, found in known.items()},
        "rows": list(rows),
    }


def _through(channel: Callable[[Samples], Samples], pcm: bytes) -> bytes:
    samples = channel(np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32_768))
    return np.clip(np.round(samples * 32_768), -32_768, 32_767).astype("<i2").tobytes()


def _scored(
    analysis: DeepAnalysis, name: str, turns: Sequence[LearnerTurn], sounds: Sequence[bytes]
) -> dict[str, float | None]:
    """Analyse the answers, each in its own time, then score them together."""
    answers: list[Analysed] = []
    for turn, pcm in zip(turns, sounds, strict=True):
        material = SessionMaterial(name, "full", "exam", [turn], _reader(pcm))
        answers += analysis.analyse(material, {}, _ignore)
    material = SessionMaterial(name, "full", "exam", turns, lambda start_ms, end_ms: b"")
    return _bands(analysis.conclude(material, SecondOpinion(tuple(answers)), _ignore).score)


def _reader(pcm: bytes) -> Callable[[int, int], bytes]:
    return lambda start_ms, end_ms: pcm[start_ms * BYTES_PER_MS : end_ms * BYTES_PER_MS]


def _bands(score: Score) -> dict[str, float | None]:
    estimate = score.overall.estimate
    bands: dict[str, float | None] = {
        c.criterion: None if c.band is None else float(c.band) for c in score.criteria
    }
    return {"estimate": None if estimate is None else float(estimate), **bands}


def _spread(bands: Mapping[str, Mapping[str, float | None]], name: str) -> float | None:
    found = [bands[channel][name] for channel in CHANNELS if channel != "again"]
    known = [band for band in found if band is not None]
    return pstdev(known) if len(known) == len(found) else None


def _rms(values: Sequence[float]) -> float | None:
    return round(math.sqrt(sum(v * v for v in values) / len(values)), 4) if values else None


def _ignore(percent: int) -> None:
    """Nobody watches the progress."""


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode evaluate stability", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FILE.jsonl", help="rows {id, answers}")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    try:
        found = asyncio.run(evaluate(read_speakers(given.data), Settings()))
    except (OSError, UnicodeDecodeError, BadRows, BadSound, ModelNotReady, RecognitionFailed) as problem:
        sys.stderr.write(f"evaluate stability: {problem}\n")
        return 2
    sys.stdout.write(json.dumps(found, indent=None if given.json else 2) + "\n")
    return 0
