"""Utterances with experts' ratings: speechocean762 (Zhang et al., Interspeech 2021) in both of its layouts.

As its authors publish it: resource/scores.json, and wav.scp, utt2spk and spk2age in the folder of the split.
As JSON lines: {id, wav, text, speaker, age, utt: {accuracy, ...}, words: [{text, accuracy, phones, ...}]}.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.services.pronunciation_engine.learned import ASPECTS, Floats, Phone, Reference
from app.services.pronunciation_engine.learned.inventory import INDEX
from app.services.pronunciation_engine.learned.types import Ints
from evaluation.rows import BadRows, read_objects

ADULT = 18


@dataclass(frozen=True, slots=True)
class Rated:
    """One rated utterance. `ratings` (4,) in the order of ASPECTS and `word_ratings` 0-10, phones 0-2.

    `gender` is "f", "m", or empty where the corpus does not say.
    """

    id: str
    wav: Path
    speaker: str
    child: bool
    gender: str
    words: Reference
    ratings: Floats
    word_ratings: Floats
    phone_ratings: Floats


def read_rated(root: Path, labels: Path | None, split: str) -> list[Rated]:
    """Read the utterances of `split`; `labels` is a JSON-lines file, else the authors' files are read.

    Raises OSError when a file is not there, BadRows when one is not as it should be.
    """
    rows = _from_lines(root, labels) if labels is not None else _from_authors(root, split)
    if not rows:
        raise BadRows(f"there is no utterance in {labels or root / split}.")
    return rows


def _from_lines(root: Path, labels: Path) -> list[Rated]:
    found = []
    for number, row in read_objects(labels):
        try:
            found.append(
                _rated(
                    key=row["id"],
                    wav=root / row["wav"],
                    speaker=row["speaker"],
                    age=row["age"],
                    gender=row.get("gender", ""),
                    utterance=row["utt"],
                    words=row["words"],
                )
            )
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise BadRows(f"line {number} of {labels} is no rated utterance: {problem!r}") from None
    return found


def _from_authors(root: Path, split: str) -> list[Rated]:
    path = root / "resource" / "scores.json"
    try:
        scores = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise BadRows(f"{path} is no JSON.") from None
    folder = root / split
    wavs, speakers = _table(folder / "wav.scp"), _table(folder / "utt2spk")
    ages, genders = (
        _table(folder / name) if (folder / name).is_file() else {} for name in ("spk2age", "spk2gender")
    )
    found = []
    for key, wav in wavs.items():
        try:
            row, speaker = scores[key], speakers[key]
            words = [
                {**word, "phones_accuracy": word["phones-accuracy"], "phones": _symbols(word["phones"])}
                for word in row["words"]
            ]
            found.append(
                _rated(
                    key=key,
                    wav=root / wav,
                    speaker=speaker,
                    age=ages.get(speaker, ADULT),
                    gender=genders.get(speaker, ""),
                    utterance=row,
                    words=words,
                )
            )
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise BadRows(f"utterance {key} in {path} cannot be read: {problem!r}") from None
    return found


def _table(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {pair[0]: pair[-1].strip() for pair in pairs}


def _symbols(phones: str | Sequence[str]) -> list[str]:
    return phones.split() if isinstance(phones, str) else list(phones)


def _rated(
    *,
    key: str,
    wav: Path,
    speaker: str,
    age: str | float,
    gender: str,
    utterance: Mapping[str, Any],
    words: Sequence[Mapping[str, Any]],
) -> Rated:
    read = [(str(word["text"]), tuple(_phone(symbol) for symbol in word["phones"])) for word in words]
    rated = [[float(value) for value in word["phones_accuracy"]] for word in words]
    for (text, phones), values in zip(read, rated, strict=True):
        if len(phones) != len(values):
            raise ValueError(f"{text} has {len(phones)} phones and {len(values)} ratings")
    return Rated(
        id=str(key),
        wav=wav,
        speaker=str(speaker),
        child=float(age) < ADULT,
        gender=str(gender),
        words=read,
        ratings=np.array([float(utterance[name]) for name in ASPECTS], np.float32),
        word_ratings=np.array([float(word["accuracy"]) for word in words], np.float32),
        phone_ratings=np.array([value for values in rated for value in values], np.float32),
    )


def _phone(symbol: str) -> Phone:
    name = symbol.rstrip("012")
    if name not in INDEX:
        raise ValueError(f"{symbol!r} is no ARPAbet phone")
    return Phone(name, int(symbol[-1]) if symbol[-1].isdigit() else 0)


def folds(rows: Sequence[Rated], count: int) -> Ints:
    """Return the fold of each row; a speaker is in one fold only, and children are spread evenly."""
    child = {row.speaker: row.child for row in rows}
    rng = np.random.default_rng(0)
    fold: dict[str, int] = {}
    for group in (True, False):
        names = rng.permutation(sorted(name for name, is_child in child.items() if is_child == group))
        fold |= {str(name): (at + 2 * group) % count for at, name in enumerate(names)}
    return np.array([fold[row.speaker] for row in rows])
