"""From readings and experts' ratings to the weights that the product runs."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.services.pronunciation_engine.learned import Floats, normalise
from app.services.pronunciation_engine.learned.inventory import OTHER, PHONES
from app.services.pronunciation_engine.learned.normalise import Normaliser
from app.services.pronunciation_engine.learned.scorer import KERNEL_DECAY, KERNEL_LINEAR, Scorer
from app.services.pronunciation_engine.learned.types import Ints, RawScores
from app.services.pronunciation_engine.learned.vectors import Reading
from evaluation import phone_net
from evaluation.carrying import carried
from evaluation.channel_changes import Changes, without_channel
from evaluation.rated_speech import Rated, folds

SEEDS = 3
"""Nets that are averaged."""

LANDMARKS, RIDGE = 300, 12.0
WELL_RATED = 1.8
LEAST_TOKENS = 100
FLOOR_PERCENT = 2.0
"""Of the phones rated 1.8 or better, this many in a hundred lie below their kind's floor."""

_HALF_PRECISION_FROM = 5_000

Pair = tuple[Reading, Reading]
"""One utterance read against the recognised text and against the reference."""


def fit_weights(
    pairs: Sequence[Pair], rated: Sequence[Rated], changes: Mapping[str, Changes], *, seeds: int = SEEDS
) -> dict[str, Floats]:
    """Fit both kinds, and the floors for phones of free speech; large arrays in half precision.

    `changes` hold, by speaker, what other channels do to a recording.
    """
    fitted = fit_kind(pairs, rated, changes, known=False, seeds=seeds)
    free = {**fitted, **usual_phones(pairs, rated, changes)}
    known = fit_kind(pairs, rated, changes, known=True, seeds=seeds)
    both = [name for name in free if name in known and np.array_equal(free[name], known[name])]
    weights = {f"both/{name}": free[name] for name in both}
    weights |= {f"free/{name}": value for name, value in free.items() if name not in both}
    weights |= {f"known/{name}": value for name, value in known.items() if name not in both}
    return {
        name: value.astype(np.float16 if value.size >= _HALF_PRECISION_FROM else np.float32)
        for name, value in weights.items()
    }


def fit_kind(
    pairs: Sequence[Pair],
    rated: Sequence[Rated],
    changes: Mapping[str, Changes],
    *,
    known: bool,
    seeds: int = SEEDS,
) -> dict[str, Floats]:
    """Fit the weights for recognised text, or (`known`) for a reference text.

    Of `changes`, by speaker, those of other speakers than the rated ones are left alone.
    """
    rng = np.random.default_rng(0)
    readings = [pair[known] for pair in pairs]
    speakers = sorted({row.speaker for row in rated} & set(changes))
    weights = without_channel(normalise.fit(readings, rng=rng), [changes[speaker] for speaker in speakers])
    scale = Normaliser(weights, known=known)
    ratings = np.stack([row.ratings for row in rated])
    mean, spread = ratings.mean(0), ratings.std(0)
    points = np.stack([scale.point(reading) for reading in readings])
    weights |= {**_kernel(points, ratings, rng), "ratings_mean": mean, "ratings_scale": spread}
    examples = [
        _example(scale, reading, row, known=known) for reading, row in zip(readings, rated, strict=True)
    ]
    for seed in range(seeds):
        weights |= {f"net{seed}.{name}": value for name, value in phone_net.fit(examples, mean, spread, seed)}
    return weights


def held_out(
    pairs: Sequence[Pair],
    rated: Sequence[Rated],
    changes: Mapping[str, Changes],
    *,
    known: bool,
    count: int,
    seeds: int = SEEDS,
) -> tuple[list[RawScores], Ints]:
    """Score every utterance by weights that were fitted without its speaker; also return its fold."""
    fold = folds(rated, count)
    scores: dict[int, RawScores] = {}
    for held in range(count):
        train = np.flatnonzero(fold != held).tolist()
        chosen = [pairs[i] for i in train], [rated[i] for i in train]
        fitted = fit_kind(*chosen, changes, known=known, seeds=seeds)
        kind = "known" if known else "free"
        scorer = Scorer({f"{kind}/{name}": value for name, value in fitted.items()}, known=known)
        scores |= {i: scorer.score(pairs[i][known]) for i in np.flatnonzero(fold == held).tolist()}
    return [scores[i] for i in range(len(pairs))], fold


def usual_phones(
    pairs: Sequence[Pair], rated: Sequence[Rated], changes: Mapping[str, Changes]
) -> dict[str, Floats]:
    """Measure what is usual among well-rated phones of held-out free speech.

    `phone_floor` (39,) is the score that all but two in a hundred of a kind reach. `confused` (39, 39) is the
    share of the tokens of a kind (rows) that lie below their floor and sound most like another (columns).
    """
    scores, _ = held_out(pairs, rated, changes, known=False, count=5, seeds=1)
    tokens = np.concatenate(
        [
            np.column_stack([ids, nearest, raw.phones, ratings])
            for (reading, _), raw, row in zip(pairs, scores, rated, strict=True)
            for ids, nearest, ratings in [_tokens(reading, row)]
        ]
    )
    good = tokens[tokens[:, 3] >= WELL_RATED]
    least = float(np.percentile(good[:, 2], FLOOR_PERCENT)) if len(good) else 0.0
    floors = np.full(len(PHONES), least, np.float32)
    confused = np.zeros((len(PHONES), len(PHONES)), np.float32)
    for phone in range(len(PHONES)):
        own = good[good[:, 0] == phone]
        if len(own) < LEAST_TOKENS:
            continue
        floors[phone] = np.percentile(own[:, 2], FLOOR_PERCENT)
        for heard in own[own[:, 2] <= floors[phone], 1].astype(int):
            confused[phone, heard] += 1 / len(own)
    np.fill_diagonal(confused, 0)
    return {"phone_floor": floors, "confused": confused}


def _tokens(reading: Reading, row: Rated) -> tuple[Ints, Ints, Floats]:
    ratings, _ = carried(reading, row)
    return reading.phones.ids, reading.phones.posteriors[:, :OTHER].argmax(axis=1), ratings


def _kernel(points: Floats, ratings: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    """Ridge regression on Nyström features of a Gaussian kernel plus a linear one."""
    points, ratings = points.astype(np.float64), ratings.astype(np.float64)
    weight = np.where(ratings[:, 0] <= phone_net.LOW_RATING, phone_net.LOW_WEIGHT, 1.0)[:, None]
    mean = (weight * ratings).sum(0) / weight.sum()
    centres = points[rng.permutation(len(points))[:LANDMARKS]]
    distance = _squared(points, centres)
    width = float(np.median(distance))
    basis, values, _ = np.linalg.svd(width * np.exp(-KERNEL_DECAY * _squared(centres, centres) / width))
    basis = basis / np.sqrt(values + 1e-6 * values[0])
    near = width * np.exp(-KERNEL_DECAY * distance / width) @ basis
    features = np.column_stack([near, np.sqrt(KERNEL_LINEAR) * points])
    gram = (features * weight).T @ features + RIDGE * np.eye(features.shape[1])
    solved = np.linalg.solve(gram, (features * weight).T @ (ratings - mean))
    return {
        "centres": centres,
        "width": np.array(width),
        "near_weight": width * basis @ solved[: len(centres)],
        "linear_weight": np.sqrt(KERNEL_LINEAR) * solved[len(centres) :],
        "offset": mean,
    }


def _squared(left: Floats, right: Floats) -> Floats:
    distance: Floats = (left**2).sum(1)[:, None] + (right**2).sum(1)[None] - 2 * left @ right.T
    return distance


def _example(scale: Normaliser, reading: Reading, row: Rated, *, known: bool) -> phone_net.Example:
    phones, words = (row.phone_ratings, row.word_ratings) if known else carried(reading, row)
    return phone_net.Example(
        rows=scale.rows(reading),
        ids=reading.phones.ids,
        word=reading.phones.word,
        context=scale.context(reading),
        ratings=row.ratings,
        phone_ratings=phones,
        word_ratings=words,
    )
