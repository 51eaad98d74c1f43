"""The corpus in both layouts, the figures, and the command over the product's own path."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.adapters.local_speech import SpeechModels
from evaluation.correlation import agreement
from evaluation.pronunciation import main
from evaluation.rated_agreement import report
from evaluation.rated_listening import Judged
from evaluation.rated_speech import Rated, folds, read_rated
from evaluation.rows import BadRows
from tests.adapters.local_speech.aloud import say

TEXTS = ("We call it bear.", "The weather was cold at night.")
LABELS = {
    "WE": "W IY0", "CALL": "K AO0 L", "IT": "IH0 T", "BEAR": "B EH0 R", "THE": "DH AH0",
    "WEATHER": "W EH1 DH ER0", "WAS": "W AA0 Z", "COLD": "K OW0 L D", "AT": "AE0 T", "NIGHT": "N AY0 T",
}  # fmt: skip


def labelled(text: str) -> dict[str, object]:
    words = [
        {
            "text": word,
            "accuracy": 10,
            "total": 10,
            "stress": 10,
            "phones": LABELS[word].split(),
            "phones-accuracy": [2.0] * len(LABELS[word].split()),
        }
        for word in text.rstrip(".").upper().split()
    ]
    scores = {"accuracy": 9, "fluency": 8, "prosodic": 8, "total": 9, "completeness": 10.0}
    return {"text": text.rstrip(".").upper(), **scores, "words": words}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two speakers, one utterance each, without sound."""
    (tmp_path / "resource").mkdir()
    (tmp_path / "test").mkdir()
    keys = ["000010011", "000020011"]
    scores = {key: labelled(text) for key, text in zip(keys, TEXTS, strict=True)}
    (tmp_path / "resource" / "scores.json").write_text(json.dumps(scores))
    tables = {"wav.scp": "\tWAVE/{}.WAV", "utt2spk": "\tS{}"}
    for name, shape in tables.items():
        (tmp_path / "test" / name).write_text("".join(key + shape.format(key) + "\n" for key in keys))
    (tmp_path / "test" / "spk2age").write_text("S000010011\t6\nS000020011\t40\n")
    return tmp_path


def as_lines(rows: list[Rated], root: Path) -> str:
    return "\n".join(
        json.dumps(
            {
                "id": row.id,
                "wav": str(row.wav.relative_to(root)),
                "speaker": row.speaker,
                "age": 6 if row.child else 40,
                "utt": dict(
                    zip(("accuracy", "fluency", "prosodic", "total"), row.ratings.tolist(), strict=True)
                ),
                "words": [
                    {
                        "text": text,
                        "accuracy": 10,
                        "phones": [p.name for p in phones],
                        "phones_accuracy": [2] * len(phones),
                    }
                    for text, phones in row.words
                ],
            }
        )
        for row in rows
    )


def test_both_layouts_hold_the_same(corpus: Path, tmp_path: Path) -> None:
    authors = read_rated(corpus, None, "test")
    assert [(row.child, row.speaker) for row in authors] == [(True, "S000010011"), (False, "S000020011")]
    assert authors[0].words[3][1][1].name == "EH"
    assert authors[1].words[1][1][1].stress == 1
    labels = tmp_path / "labels.jsonl"
    labels.write_text(as_lines(authors, corpus))
    lines = read_rated(corpus, labels, "test")
    for one, other in zip(authors, lines, strict=True):
        assert (one.id, one.wav, one.child) == (other.id, other.wav, other.child)
        assert (one.ratings == other.ratings).all()
        assert (one.phone_ratings == other.phone_ratings).all()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1"),
        ('{"id": "1"}', "line 1"),
        ("", "no utterance"),
    ],
)
def test_labels_that_cannot_be_read_are_named(corpus: Path, tmp_path: Path, line: str, said: str) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text(line)
    with pytest.raises(BadRows, match=said):
        read_rated(corpus, labels, "test")


def test_a_folder_that_is_no_corpus_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert "scores.json" in capsys.readouterr().err


def test_weights_are_fitted_on_the_training_split_only(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(corpus), "--split", "test", "--train", str(corpus / "w.npz")])
    assert "train only" in capsys.readouterr().err


def test_no_speaker_is_in_two_folds(corpus: Path) -> None:
    rows = read_rated(corpus, None, "test") * 3
    fold = folds(rows, 2)
    assert len({(row.speaker, int(f)) for row, f in zip(rows, fold, strict=True)}) == 2


def test_agreement_is_between_minus_one_and_one() -> None:
    found = agreement(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 9.0]))
    assert found.pcc == pytest.approx(0.9707, abs=1e-4)
    assert (found.srcc, found.mse) == (1.0, round((1 + 4 + 36) / 3, 4))
    assert agreement(np.array([1.0, 2.0]), np.array([5.0, 5.0])).pcc is None


def test_recordings_without_a_score_are_counted(corpus: Path) -> None:
    rows = read_rated(corpus, None, "test")
    four = np.array([9.0, 8.0, 8.0, 9.0])
    last = Judged(four, four, np.ones(len(rows[1].words)), np.ones(len(rows[1].phone_ratings)))
    found = report(rows, [Judged(None, None), last], 0.2)
    assert (found["n"], found["unscored"]) == (2, {"without_text": 1, "with_text": 1})
    nothing = report(rows, [Judged(None, None)] * 2, 0.2)
    assert nothing["with_text"]["word"]["pcc"] is None


def test_adult_speakers_are_ranked_by_the_mean_of_their_utterances(corpus: Path) -> None:
    row = read_rated(corpus, None, "test")[0]
    said = [("a", 4.0, 2.0), ("a", 6.0, 9.0), ("b", 7.0, 6.0), ("c", 9.0, 8.0)]
    rows = [
        replace(row, speaker=speaker, child=False, ratings=np.full(4, rating)) for speaker, rating, _ in said
    ]
    judged = [Judged(np.full(4, score), None) for _, _, score in said]
    rows.append(replace(row, speaker="d", child=True, ratings=np.full(4, 10.0)))
    judged.append(Judged(np.full(4, 0.0), None))
    assert report(rows, judged, 0.2)["adult_speakers"] == {
        "n": 3,
        "srcc": dict.fromkeys(("accuracy", "fluency", "prosodic", "total"), 1.0),
    }


def test_the_command_scores_with_the_product(
    corpus: Path, speech_models: SpeechModels, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus / "WAVE").mkdir()
    for row, text in zip(read_rated(corpus, None, "test"), TEXTS, strict=True):
        sound = np.frombuffer(say(speech_models, text), "<i2")
        soundfile.write(row.wav, sound, 16_000, format="WAV")
    assert main(["--data", str(corpus), "--split", "test", "--json", "--jobs", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["unscored"]) == (2, {"without_text": 0, "with_text": 0})
    assert set(found["without_text"]["utterance"]) == {"accuracy", "fluency", "prosodic", "total"}
    assert found["with_text"]["utterance"]["total"]["mse"] < 4
    assert found["with_text"]["phone"]["mse"] < 0.5
    assert found["cpu_rtf"] > 0
