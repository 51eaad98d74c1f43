"""Review logs are read in the shapes they come in, and schedulers are judged by what happened."""

import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.services.training_engine import Review, Sm2
from evaluation.scheduler import Prediction, figures, main, predict

DAY_MS = 86_400_000
NOON_MS = 1_767_268_800_000


def evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> dict[str, Any]:
    file = tmp_path / "reviews.csv"
    file.write_text(text)
    assert main(["--data", str(file), "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_shapes_of_logs_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    offsets = (0, 1, 7, 7, 30)
    ratings = (3, 3, 1, 3, 4)
    by_day = "card_id,day_offset,rating\n" + "".join(
        f"7,{day},{rating}\n" for day, rating in zip(offsets, ratings, strict=True)
    )
    by_ms = "user_id,card_id,review_time,review_rating,extra\n" + "".join(
        f"u,7,{NOON_MS + day * DAY_MS},{rating},x\n" for day, rating in zip(offsets, ratings, strict=True)
    )
    by_iso = "card,reviewed_at,grade\n" + "".join(
        f"7,{date(2026, 1, 1) + timedelta(days=day)}T12:00:00Z,{[0, 1, 3, 4, 5][rating]}\n"
        for day, rating in zip(offsets, ratings, strict=True)
    )
    first, *others = (evaluate(tmp_path, capsys, text) for text in (by_day, by_ms, by_iso))
    assert (first["cards"], first["reviews"], first["n"]) == (1, 5, 3)
    assert others == [first, first]
    assert set(first["sm2"]) == set(first["fsrs"]) == {"log_loss", "rmse_bins"}


def test_two_learners_cards_are_two_cards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = "user_id,card_id,day_offset,rating\na,1,0,3\nb,1,1,3\na,1,2,3\n"
    report = evaluate(tmp_path, capsys, log)
    assert (report["cards"], report["n"]) == (2, 1)


def test_a_prediction_is_made_before_the_review_is_seen() -> None:
    start = date(2026, 1, 1)
    reviews = [Review(start, 5), Review(start, 5), Review(start + timedelta(days=6), 0)]
    [only] = predict(Sm2(), reviews)
    assert only == Prediction(pytest.approx(0.9), False, 6, 3, 0)


def test_figures_of_a_worked_example() -> None:
    same = [Prediction(0.8, right, 4, 2, 0) for right in (True, True, True, False)]
    loss = -(3 * math.log(0.8) + math.log(0.2)) / 4
    assert figures(same) == {"log_loss": round(loss, 4), "rmse_bins": 0.05}
    apart = [Prediction(0.9, True, 1, 2, 0), Prediction(0.9, False, 300, 2, 0)]
    assert figures(apart)["rmse_bins"] == round(math.sqrt((0.1**2 + 0.9**2) / 2), 4)


def test_an_empty_log_has_no_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = evaluate(tmp_path, capsys, "card_id,day_offset,rating\n")
    assert (report["n"], report["fsrs"]) == (0, {"log_loss": None, "rmse_bins": None})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "here are none"),
        ("a,b\n1,2\n", "here are a, b"),
        ("card_id,day_offset,rating\n1,0,5\n", "line 2"),
        ("card_id,day_offset,grade\n1,0,6\n", "not 0 to 5"),
        ("card_id,day_offset,rating\n1,soon,3\n", "line 2"),
        ("card_id,review_time,rating\n1,1e300,3\n", "line 2"),
        ("card_id,review_time,rating\n1,yesterday,3\n", "line 2"),
        ("card_id,day_offset,rating\n1\n", "line 2"),
        (None, "No such file"),
    ],
)
def test_what_cannot_be_read_is_said(
    content: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reviews.csv"
    if content is not None:
        file.write_text(content)
    assert main(["--data", str(file)]) == 2
    assert said in capsys.readouterr().err
