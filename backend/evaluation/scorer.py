"""`--mode evaluate scorer`: bands of transcripts, and how they agree with reference levels.

--data FILE.jsonl holds rows {id, turns: [{text, start_ms?, end_ms?}] or text, reference?}: what a learner
said, answer by answer or in one piece. Without sound, pronunciation is not judged and the interval is wider.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.analysis_models import load_turn_analyzer
from app.services.analysis_coordinator import DeepAnalysis, LearnerTurn, SecondOpinion, SessionMaterial
from app.services.ielts_scorer import Score, to_half_band
from app.services.speech import SpokenTurn, Utterance
from evaluation.agreement import quadratic_kappa, rmse, spearman
from evaluation.data_command import DataCommand

LONG_TURN = 2
"""The part of a transcript in one piece: nothing is known of how long its answers were."""


class BadRows(ValueError):
    """A row that cannot be scored; the message names its line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One transcript, and the level it was given by people (None where nobody did)."""

    id: str
    turns: tuple[LearnerTurn, ...]
    reference: float | None


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a file. Raises OSError, UnicodeDecodeError or BadRows."""
    rows: list[Row] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(_row(json.loads(line), number))
        except ValueError as problem:
            raise BadRows(f"line {number} of {path}: {problem}") from None
    return rows


def _row(data: Any, number: int) -> Row:
    if not isinstance(data, dict):
        raise BadRows("no JSON object")
    one_piece = "turns" not in data
    spoken = [data] if one_piece else data["turns"]
    if not isinstance(spoken, list):
        raise BadRows("`turns` is no list")
    reference = data.get("reference")
    if reference is not None and (isinstance(reference, bool) or not isinstance(reference, int | float)):
        raise BadRows("`reference` is no number")
    return Row(
        str(data.get("id", number)),
        tuple(_turn(turn, index, LONG_TURN if one_piece else 1) for index, turn in enumerate(spoken)),
        None if reference is None else float(reference),
    )


def _turn(data: Any, index: int, part: int) -> LearnerTurn:
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise BadRows(f"turn {index} has no `text`")
    start, end = data.get("start_ms", 0), data.get("end_ms", 0)
    if not all(isinstance(time, int | float) for time in (start, end)) or end < start:
        raise BadRows(f"turn {index} ends before it starts, or its times are no numbers")
    speech = SpokenTurn(int(start), int(end), (Utterance(0, data["text"], int(start), int(end)),))
    return LearnerTurn(str(index), index, part, None, "", speech)


def predict(analysis: DeepAnalysis, row: Row) -> Score:
    """Score a transcript as the product scores a session whose sound is gone."""
    material = SessionMaterial(row.id, "full", "exam", row.turns, lambda start, end: b"")
    answers = analysis.analyse(material, {}, _ignore)
    return analysis.conclude(material, SecondOpinion(answers), _ignore).score


def _ignore(percent: int) -> None:
    """Nobody watches the progress of one transcript."""


def report(rows: Sequence[Row], scores: Sequence[Score]) -> dict[str, Any]:
    """Return each row's bands, and the agreement over the rows that have both a band and a reference.

    `estimate` is the mean of the criteria's bands before rounding, `expected` the mean of the bands that the
    measures allow: half bands leave many strong speakers together, so ranks are taken over `expected`.
    """
    shown = [_shown(row, score) for row, score in zip(rows, scores, strict=True)]
    both = [r for r in shown if r["expected"] is not None and r["reference"] is not None]
    expected, estimate, overall, reference = (
        np.asarray([r[name] for r in both], dtype=np.float64)
        for name in ("expected", "estimate", "overall", "reference")
    )
    return {
        "n": len(both),
        "spearman": spearman(expected, reference),
        "qwk": quadratic_kappa(overall, reference),
        "rmse": rmse(overall, reference),
        "sd": {"predicted": _spread(estimate), "reference": _spread(reference)},
        "without_band": len(rows) - sum(r["estimate"] is not None for r in shown),
        "rows": shown,
    }


def _shown(row: Row, score: Score) -> dict[str, Any]:
    overall, estimate, expected = score.overall.to_json(), score.overall.estimate, score.overall.expected
    return {
        "id": row.id,
        "overall": None if estimate is None else float(to_half_band(estimate, "nearest_half_up")),
        "estimate": overall["estimate"],
        "expected": None if expected is None else round(expected, 3),
        "band_low": overall["band_low"],
        "band_high": overall["band_high"],
        "criteria": {c.criterion: _criterion(c.to_json()) for c in score.criteria},
        "reference": row.reference,
    }


def _criterion(criterion: Mapping[str, Any]) -> dict[str, Any]:
    return {name: criterion[name] for name in ("band", "interval", "reason")}


def _spread(values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    return round(float(values.std()), 4) if len(values) else None


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    return DataCommand(
        name="scorer",
        about=__doc__,
        metavar="FILE.jsonl",
        rows="transcripts",
        evaluate=_evaluate,
        refused=(OSError, UnicodeDecodeError, BadRows),
    ).run(argv)


def _evaluate(path: Path) -> dict[str, Any]:
    rows = read_rows(path)
    analysis = DeepAnalysis(load_turn_analyzer())
    return report(rows, [predict(analysis, row) for row in rows])
