"""`--mode evaluate pronunciation`: agreement of the learned pronunciation scores with experts' ratings.

--data CORPUS_DIR is speechocean762 as its authors publish it; --labels FILE.jsonl gives the ratings as JSON
lines instead. --cross-validate K scores every speaker by weights fitted without them, and --train FILE fits
the weights that the product uses; both need `pip install -r backend/requirements-train.in`.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.config import Settings
from app.services.speech import ModelNotReady, RecognitionFailed
from evaluation import long_answer
from evaluation.rated_agreement import cross_validated, report
from evaluation.rated_arguments import rated_arguments
from evaluation.rated_listening import TIMED, Listener, each
from evaluation.rated_speech import Rated, read_rated
from evaluation.rows import BadRows
from evaluation.sound_file import BadSound


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    given = rated_arguments(argv, "pronunciation", __doc__)
    settings = Settings()
    models = settings.data_dir / "models"
    try:
        rows = read_rated(given.data, given.labels, given.split)
        if given.train or given.cross_validate:
            found = _fit(rows, models, given)
        else:
            found = _evaluate(rows, settings, given.jobs)
    except _REFUSED as problem:
        sys.stderr.write(f"evaluate pronunciation: {problem}\n")
        return 2
    sys.stdout.write(json.dumps(found, indent=None if given.json else 2) + "\n")
    return 0


class MissingTorch(Exception):
    """Fitting needs a package that the product does not."""


_REFUSED = (
    OSError,
    UnicodeDecodeError,
    BadRows,
    BadSound,
    MissingTorch,
    ModelNotReady,
    RecognitionFailed,
)


def _evaluate(rows: Sequence[Rated], settings: Settings, jobs: int) -> dict[str, Any]:
    """Score every row by the product's own path; the first rows are timed, while nothing else runs.

    So are two minutes of them joined to one answer, `long_answer`; null where there are not as many.
    """
    pcm = long_answer.joined(rows)
    costs = None if pcm is None else asyncio.run(long_answer.cost(pcm, settings))
    models = settings.data_dir / "models"
    listener = Listener(models)
    judged = [listener.judge(row) for row in rows[:TIMED]]
    rtf = listener.cpu_s / listener.sound_s
    judged += each(Listener.judge, rows[TIMED:], models, jobs)
    return {**report(rows, judged, rtf), "long_answer": costs}


def _fit(rows: Sequence[Rated], models: Path, given: argparse.Namespace) -> dict[str, Any]:
    try:
        from evaluation import fitting  # noqa: PLC0415 - PyTorch is not part of the product
    except ImportError:
        raise MissingTorch("Fitting needs PyTorch: pip install -r backend/requirements-train.in") from None
    read = each(Listener.read, rows, models, given.jobs)
    kept = [(pair, row) for pair, row in zip(read, rows, strict=True) if pair is not None]
    pairs, rated = [pair for pair, _ in kept], [row for _, row in kept]
    one_each = list({row.speaker: row for row in rated}.values())
    changed = each(Listener.changes, one_each, models, given.jobs)
    changes = {row.speaker: change for row, change in zip(one_each, changed, strict=True)}
    found: dict[str, Any] = {"n": len(pairs)}
    if given.cross_validate:
        found["folds"] = given.cross_validate
        for known, name in ((False, "without_text"), (True, "with_text")):
            scores, fold = fitting.held_out(pairs, rated, changes, known=known, count=given.cross_validate)
            found[name] = cross_validated(rated, scores, fold, known=known)
    if given.train:
        weights = fitting.fit_weights(pairs, rated, changes)
        with given.train.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **weights)
        found |= {"weights": str(given.train), "bytes": given.train.stat().st_size}
    return found
