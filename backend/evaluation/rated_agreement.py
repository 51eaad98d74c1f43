"""Scores against experts' ratings: the figures of `--mode evaluate pronunciation`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.services.pronunciation_engine.learned import ASPECTS, Floats
from app.services.pronunciation_engine.learned.types import Ints, RawScores
from evaluation.agreement import spearman
from evaluation.correlation import agreement
from evaluation.rated_listening import Judged
from evaluation.rated_speech import Rated


def report(rows: Sequence[Rated], judged: Sequence[Judged], cpu_rtf: float) -> dict[str, Any]:
    """Return the figures; `unscored` counts recordings for which the product gave no score."""
    free = [(j.free, row.ratings) for j, row in zip(judged, rows, strict=True) if j.free is not None]
    known = [(j, row) for j, row in zip(judged, rows, strict=True) if j.known is not None]
    return {
        "n": len(rows),
        "unscored": {"without_text": len(rows) - len(free), "with_text": len(rows) - len(known)},
        "without_text": {"utterance": _utterance(free)},
        "with_text": {
            "utterance": _utterance([(j.known, row.ratings) for j, row in known if j.known is not None]),
            "word": _parts([(j.words, row.word_ratings) for j, row in known if j.words is not None]),
            "phone": _parts([(j.phones, row.phone_ratings) for j, row in known if j.phones is not None]),
        },
        "adult_speakers": _speakers(
            [(row, j.free) for j, row in zip(judged, rows, strict=True) if j.free is not None]
        ),
        "cpu_rtf": round(cpu_rtf, 4),
    }


def cross_validated(
    rows: Sequence[Rated], scores: Sequence[RawScores], fold: Ints, *, known: bool
) -> dict[str, Any]:
    """Return mean and spread over folds of the correlation with the experts."""
    per_fold: list[dict[str, float | None]] = []
    for held in sorted(set(fold.tolist())):
        pairs = [(s, r) for s, r, f in zip(scores, rows, fold, strict=True) if f == held]
        figures = {
            name: values["pcc"]
            for name, values in _utterance([(s.utterance, r.ratings) for s, r in pairs]).items()
        }
        if known:
            figures["word"] = _parts([(s.words, r.word_ratings) for s, r in pairs])["pcc"]
            figures["phone"] = _parts([(s.phones, r.phone_ratings) for s, r in pairs])["pcc"]
        per_fold.append(figures)
    folds = {name: {"pcc": _mean(per_fold, name), "sd": _spread(per_fold, name)} for name in per_fold[0]}
    ranked = _speakers([(row, raw.utterance) for row, raw in zip(rows, scores, strict=True)])
    return {**folds, "adult_speakers": ranked}


def _utterance(pairs: Sequence[tuple[Floats, Floats]]) -> dict[str, dict[str, float | None]]:
    if not pairs:
        return {name: {"pcc": None, "srcc": None, "mse": None} for name in ASPECTS}
    found = np.stack([scores for scores, _ in pairs])
    ratings = np.stack([labels for _, labels in pairs])
    return {name: agreement(found[:, at], ratings[:, at]).to_json() for at, name in enumerate(ASPECTS)}


def _speakers(scored: Sequence[tuple[Rated, Floats]]) -> dict[str, Any]:
    """Return how the adults' mean scores rank like their mean ratings: a test is many utterances."""
    of: dict[str, list[tuple[Floats, Floats]]] = {}
    for row, scores in scored:
        if not row.child:
            of.setdefault(row.speaker, []).append((scores, row.ratings))
    means = [np.mean(pairs, axis=0) for pairs in of.values()]
    ranked = {
        name: spearman(np.array([m[0][at] for m in means]), np.array([m[1][at] for m in means]))
        for at, name in enumerate(ASPECTS)
    }
    return {"n": len(means), "srcc": ranked}


def _parts(pairs: Sequence[tuple[Floats, Floats]]) -> dict[str, Any]:
    """Figures for words or phones; accuracy is their only aspect, so its figures stand directly there too."""
    if not pairs:
        return {"pcc": None, "srcc": None, "mse": None}
    figures = agreement(
        np.concatenate([scores for scores, _ in pairs]), np.concatenate([labels for _, labels in pairs])
    ).to_json()
    return {**figures, "accuracy": figures}


def _mean(per_fold: Sequence[dict[str, float | None]], name: str) -> float | None:
    values = [value for fold in per_fold if (value := fold[name]) is not None]
    return round(float(np.mean(values)), 4) if values else None


def _spread(per_fold: Sequence[dict[str, float | None]], name: str) -> float | None:
    values = [value for fold in per_fold if (value := fold[name]) is not None]
    return round(float(np.std(values)), 4) if values else None
