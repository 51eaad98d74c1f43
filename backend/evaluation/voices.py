"""`--mode evaluate voices`: whether two voices in an answer are noticed, and children told from adults.

--data CORPUS_DIR is speechocean762 as its authors publish it; --labels FILE.jsonl gives the speakers as JSON
lines instead. Answers are put together from recordings of one speaker or two. --cross-validate K judges every
speaker by weights fitted without them, and --train FILE fits the weights that the product uses.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.config import Settings
from app.services.pronunciation_engine.learned import load_weights
from app.services.pronunciation_engine.learned.speakers import Speakers
from evaluation.rated_arguments import rated_arguments
from evaluation.rated_listening import Listener, each
from evaluation.rated_speech import Rated, read_rated
from evaluation.rows import BadRows
from evaluation.sound_file import BadSound
from evaluation.speaker_fitting import Voice, fit_speakers, spread_over_folds
from evaluation.voice_figures import Judged, figures, judge_answers

LEAST_RECORDINGS = 8


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    given = rated_arguments(argv, "voices", __doc__)
    try:
        rows = read_rated(given.data, given.labels, given.split)
        voices = _voices(rows, Settings().data_dir / "models", given.jobs)
        found = _fit(voices, given) if given.train or given.cross_validate else _evaluate(voices)
    except (OSError, UnicodeDecodeError, BadRows, BadSound) as problem:
        sys.stderr.write(f"evaluate voices: {problem}\n")
        return 2
    sys.stdout.write(json.dumps(found, indent=None if given.json else 2) + "\n")
    return 0


def _voices(rows: Sequence[Rated], models: Path, jobs: int) -> dict[str, Voice]:
    """Listen to everybody with eight recordings or more. Raises BadRows for fewer than four of them."""
    of: dict[str, list[Rated]] = {}
    for row in rows:
        of.setdefault(row.speaker, []).append(row)
    of = {speaker: own for speaker, own in of.items() if len(own) >= LEAST_RECORDINGS}
    if len(of) < 4:
        raise BadRows(f"there are {len(of)} speakers with {LEAST_RECORDINGS} recordings; it takes four.")
    frames = iter(each(Listener.voiced_frames, [row for own in of.values() for row in own], models, jobs))
    changed = iter(each(Listener.voiced_changes, [own[0] for own in of.values()], models, jobs))
    return {
        speaker: Voice(own[0].child, own[0].gender, [next(frames) for _ in own], (0, next(changed)))
        for speaker, own in of.items()
    }


def _evaluate(voices: Mapping[str, Voice]) -> dict[str, Any]:
    prefix = "speakers/"
    own = {name.removeprefix(prefix): w for name, w in load_weights().items() if name.startswith(prefix)}
    return figures(judge_answers(list(voices.values()), Speakers(own), seed=0))


def _fit(voices: Mapping[str, Voice], given: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {"speakers": len(voices)}
    if given.cross_validate:
        fold = spread_over_folds(voices, given.cross_validate)
        judged: list[Judged] = []
        for held in range(given.cross_validate):
            weights = fit_speakers([voice for name, voice in voices.items() if fold[name] != held])
            left = [voice for name, voice in voices.items() if fold[name] == held]
            judged += judge_answers(left, Speakers(weights), seed=held)
        found |= figures(judged) | {"folds": given.cross_validate}
    if given.train:
        with given.train.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **fit_speakers(list(voices.values())))
        found |= {"weights": str(given.train), "bytes": given.train.stat().st_size}
    return found
