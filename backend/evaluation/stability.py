"""`--mode evaluate stability`: how far bands move when the same speech comes through another channel.

--data FILE.jsonl holds rows {id, answers: [WAV, ...]}: the recorded answers of one speaker, by their paths
from the file's folder. Each row is recognised, analysed and scored as a session is: as it was recorded, once
more the same, over an 8 kHz line, and recorded again in a noisy room.
"""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

import numpy as np

from app.analysis_models import load_assessor, load_turn_analyzer
from app.config import Settings
from app.services.analysis_coordinator import (
    AnalysisResult,
    DeepAnalysis,
    LearnerTurn,
    SecondOpinion,
    SessionMaterial,
)
from app.services.analysis_coordinator.evidence import Analysed
from app.services.pronunciation_engine.learned import PronunciationAssessor, at_once
from app.services.speech import BYTES_PER_MS, ModelNotReady, RecognitionFailed
from evaluation.channels import Samples, room_noise, telephone
from evaluation.data_command import DataCommand
from evaluation.hearing import Hearing, loaded_hearing
from evaluation.rows import BadRows, read_objects
from evaluation.sound_file import BadSound, read_pcm

CHANNELS: Mapping[str, Callable[[Samples], Samples]] = {
    "recorded": lambda samples: samples,
    "again": lambda samples: samples,
    "8_khz": telephone,
    "noisy_room": room_noise,
}
_OTHERS = ("8_khz", "noisy_room")
_COMPARED = ("bands", "ratings")


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
    async with loaded_hearing(settings) as hearing:
        loaded = hearing.models.whisper, hearing.models.activity
        assessor = load_assessor(settings.data_dir / "models", settings.whisper_model, *loaded)
        if assessor is None:
            raise ModelNotReady("what scores pronunciation could not be loaded; the log says why")
        scorer = _SessionScorer(hearing, DeepAnalysis(load_turn_analyzer()), assessor)
        rows = []
        for speaker, recorded in zip(speakers, recordings, strict=True):
            heard = {
                name: await scorer.score(speaker.id, [_through(channel, pcm) for pcm in recorded])
                for name, channel in CHANNELS.items()
            }
            rows.append(
                {
                    "id": speaker.id,
                    "bands": {name: _bands(result) for name, result in heard.items()},
                    "ratings": {name: _ratings(result) for name, result in heard.items()},
                }
            )
    return report(rows)


def report(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return {n, identical_again, sd, largest, ratings_moved, rows}.

    `sd` is by criterion the root mean square over the speakers of the standard deviation of their bands over
    the different channels, `largest` the largest of these; None where nobody has a band. `ratings_moved` is
    by channel how far the learned scores (0-100) lie from those of the recording itself, their mean over
    scores and speakers; None where there are none.
    """
    names = list(rows[0]["bands"]["recorded"])
    spread = {name: [_spread(row["bands"], name) for row in rows] for name in names}
    known = {name: [s for s in found if s is not None] for name, found in spread.items()}
    return {
        "n": len(rows),
        "identical_again": all(row[of]["recorded"] == row[of]["again"] for row in rows for of in _COMPARED),
        "sd": {name: _rms(found) for name, found in known.items()},
        "largest": {name: max(found, default=None) for name, found in known.items()},
        "ratings_moved": {name: _moved([row["ratings"] for row in rows], name) for name in _OTHERS},
        "rows": list(rows),
    }


def _through(channel: Callable[[Samples], Samples], pcm: bytes) -> bytes:
    samples = channel(np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32_768))
    return np.clip(np.round(samples * 32_768), -32_768, 32_767).astype("<i2").tobytes()


@dataclass(frozen=True, slots=True)
class _SessionScorer:
    """Does with recorded answers what is done with those of a session."""

    hearing: Hearing
    analysis: DeepAnalysis
    assessor: PronunciationAssessor

    async def score(self, name: str, sounds: Sequence[bytes]) -> AnalysisResult:
        """Analyse the answers, each in its own time and listened to whole, then score them together."""
        answers: list[Analysed] = []
        for number, pcm in enumerate(sounds):
            turn = LearnerTurn(str(number), number, 1, None, "", await self.hearing.hear(pcm))
            material = SessionMaterial(name, "full", "exam", [turn], _reader(pcm))
            [(_, analysed)] = self.analysis.analyse(material, {}, _ignore)
            sound = material.audio(turn.speech.start_ms, turn.speech.end_ms)
            listened = at_once(self.assessor.listen(sound, start_ms=turn.speech.start_ms))
            answers.append((turn, replace(analysed, pronunciation=listened)))
        material = SessionMaterial(name, "full", "exam", [turn for turn, _ in answers], lambda *_: b"")
        return self.analysis.conclude(material, SecondOpinion(tuple(answers)), _ignore)


def _reader(pcm: bytes) -> Callable[[int, int], bytes]:
    return lambda start_ms, end_ms: pcm[start_ms * BYTES_PER_MS : end_ms * BYTES_PER_MS]


def _bands(result: AnalysisResult) -> dict[str, float | None]:
    estimate = result.score.overall.estimate
    bands: dict[str, float | None] = {
        c.criterion: None if c.band is None else float(c.band) for c in result.score.criteria
    }
    return {"estimate": None if estimate is None else float(estimate), **bands}


def _ratings(result: AnalysisResult) -> dict[str, float] | None:
    scores = result.pronunciation_scores.scores
    return None if scores is None else asdict(scores)


def _moved(rated: Sequence[Mapping[str, Mapping[str, float] | None]], channel: str) -> float | None:
    moved = [
        abs(there[name] - here[name])
        for row in rated
        if (here := row["recorded"]) is not None and (there := row[channel]) is not None
        for name in here
    ]
    return round(mean(moved), 2) if moved else None


def _spread(bands: Mapping[str, Mapping[str, float | None]], name: str) -> float | None:
    found = [bands[channel][name] for channel in ("recorded", *_OTHERS)]
    known = [band for band in found if band is not None]
    return pstdev(known) if len(known) == len(found) else None


def _rms(values: Sequence[float]) -> float | None:
    return round(math.sqrt(sum(v * v for v in values) / len(values)), 4) if values else None


def _ignore(percent: int) -> None:
    """Nobody watches the progress."""


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    return DataCommand(
        name="stability",
        about=__doc__,
        metavar="FILE.jsonl",
        rows="rows {id, answers}",
        evaluate=lambda path: asyncio.run(evaluate(read_speakers(path), Settings())),
        refused=(OSError, UnicodeDecodeError, BadRows, BadSound, ModelNotReady, RecognitionFailed),
    ).run(argv)
