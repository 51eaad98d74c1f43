"""Answers of one voice and of two, put together from recordings: how often one is taken for the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import Any

import numpy as np

from app.services.pronunciation_engine.learned import Floats
from app.services.pronunciation_engine.learned.speakers import (
    APART,
    CHILD_STRETCHES,
    CHILDLIKE,
    Speakers,
    distance,
    stretches,
)
from evaluation.speaker_fitting import Voice

SIZES = (8, 20)
"""Recordings in an answer: half a minute and a minute and a half."""
STEP = 6
PAIRS = 90
"""Pairs of speakers of one call, at most."""

CHANGED = ("telephone", "noise", "distance")
"""In the order in which recordings are changed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Recordings put together, and whose they are.

    `kind` is `one`, `telephone`, `noise` or `distance` (a part of it through that channel), `quarter` or
    `half` (a second voice in as much of it).
    """

    kind: str
    of: tuple[Voice, Voice]
    recordings: Sequence[Floats]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in an answer; `childlike` is None where there is too little voice to say."""

    kind: str
    size: int
    child: bool
    woman: bool
    same_gender: bool
    apart: float
    childlike: float | None


def judge_answers(voices: Sequence[Voice], speakers: Speakers, *, seed: int) -> list[Judged]:
    """Judge answers of each speaker, and of pairs of adults and pairs of children, in turns."""
    rng = np.random.default_rng(seed)
    pairs = [pair for pair in combinations(voices, 2) if pair[0].child == pair[1].child]
    chosen = [pairs[at] for at in rng.permutation(len(pairs))[:PAIRS]]
    answers = chain(*map(_alone, voices), *(_in_turns(pair, rng) for pair in chosen))
    return [_judge(answer, speakers) for answer in answers]


def _alone(voice: Voice) -> Iterator[Answer]:
    own, (index, changed) = voice.recordings, voice.changed
    for size in SIZES:
        for start in range(0, len(own) - size + 1, STEP):
            yield Answer("one", (voice, voice), own[start : start + size])
    rest = [frames for at, frames in enumerate(own) if at != index][: SIZES[0] - 2]
    for channel, frames in zip(CHANGED, changed, strict=True):
        yield Answer(channel, (voice, voice), [*rest, frames, frames])


def _in_turns(pair: tuple[Voice, Voice], rng: np.random.Generator) -> Iterator[Answer]:
    most = min(len(voice.recordings) for voice in pair)
    for size, (kind, share) in product(SIZES, (("quarter", 4), ("half", 2))):
        if size <= most:
            counts = size - size // share, size // share
            a, b = (
                [voice.recordings[at] for at in rng.permutation(len(voice.recordings))[:count]]
                for voice, count in zip(pair, counts, strict=True)
            )
            middle = len(a) // 2, len(b) // 2
            turns = [*a[: middle[0]], *b[: middle[1]], *a[middle[0] :], *b[middle[1] :]]
            yield Answer(kind, pair, turns)


def _judge(answer: Answer, speakers: Speakers) -> Judged:
    frames = np.concatenate([frames.astype(np.float32) for frames in answer.recordings])
    places = speakers.places(stretches(frames))
    one, other = answer.of
    return Judged(
        kind=answer.kind,
        size=len(answer.recordings),
        child=one.child,
        woman=one.gender == "f",
        same_gender=one.gender == other.gender,
        apart=distance(places),
        childlike=speakers.childlike(places) if len(places) >= CHILD_STRETCHES else None,
    )


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return how often one voice was taken for two, how often two were found, and adults for children."""
    one = [answer for answer in judged if answer.kind == "one"]
    adults, children = [a for a in one if not a.child], [a for a in one if a.child]
    two = [a for a in judged if a.kind in {"quarter", "half"} and not a.child]
    return {
        "one_voice_taken_for_two": {
            "adults": _apart(adults),
            "children": _apart(children),
            **{name: _apart(answer for answer in judged if answer.kind == name) for name in CHANGED},
        },
        "two_adult_voices_found": {
            f"{gender}_{kind}_{size}": _apart(
                a for a in two if (a.kind, a.size, a.same_gender) == (kind, size, gender == "same_gender")
            )
            for gender in ("same_gender", "other_gender")
            for kind in ("quarter", "half")
            for size in SIZES
        },
        "children": {
            "auc": _auc(one),
            "found": _childlike(children),
            "men_taken_for_children": _childlike(a for a in adults if not a.woman),
            "women_taken_for_children": _childlike(a for a in adults if a.woman),
        },
    }


def _apart(answers: Iterable[Judged]) -> dict[str, Any]:
    return _share([answer.apart > APART for answer in answers])


def _childlike(answers: Iterable[Judged]) -> dict[str, Any]:
    return _share([a.childlike > CHILDLIKE for a in answers if a.childlike is not None])


def _share(found: Sequence[bool]) -> dict[str, Any]:
    return {"n": len(found), "share": round(sum(found) / len(found), 4) if found else None}


def _auc(answers: Sequence[Judged]) -> float | None:
    """Chance that a child's answer looks more like a child's than an adult's answer does."""
    child = np.array([a.childlike for a in answers if a.child and a.childlike is not None])
    adult = np.array([a.childlike for a in answers if not a.child and a.childlike is not None])
    if not len(child) or not len(adult):
        return None
    return round(float((child[:, None] > adult[None]).mean()), 4)
