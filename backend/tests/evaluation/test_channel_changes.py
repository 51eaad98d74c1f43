"""A channel moves speech along few directions; the components that are scored no longer see those."""

import numpy as np

from app.services.pronunciation_engine.learned import Floats
from app.services.pronunciation_engine.learned.vectors import LAYERS
from evaluation.channel_changes import without_channel

WIDTH, COMPONENTS = 30, 5
rng = np.random.default_rng(3)


def weights() -> dict[str, Floats]:
    found: dict[str, Floats] = {"numbers_mean": np.zeros(3)}
    for layer in LAYERS:
        found[f"pooled_scale/{layer}"] = rng.uniform(0.5, 2, WIDTH)
        found[f"pooled_basis/{layer}"] = rng.standard_normal((WIDTH, COMPONENTS))
    return found


def test_what_channels_have_in_common_is_not_seen_any_more() -> None:
    given, channel = weights(), rng.standard_normal(WIDTH)
    noise = {layer: 0.01 * rng.standard_normal((40, WIDTH)) for layer in LAYERS}
    changes = [
        {layer: size * channel[None] + noise[layer][n : n + 1] for layer in LAYERS}
        for n, size in enumerate(rng.uniform(0.5, 1.5, 40))
    ]
    found = without_channel(given, changes)
    for layer in LAYERS:
        moved = channel / given[f"pooled_scale/{layer}"]
        before, after = (np.abs(moved @ w[f"pooled_basis/{layer}"]).max() for w in (given, found))
        assert after < 0.03 * before


def test_everything_else_is_seen_as_before() -> None:
    given, channel = weights(), rng.standard_normal(WIDTH)
    found = without_channel(given, [dict.fromkeys(LAYERS, channel[None])])
    assert found.keys() == given.keys()
    for layer in LAYERS:
        changed = found[f"pooled_basis/{layer}"] - given[f"pooled_basis/{layer}"]
        assert np.linalg.matrix_rank(changed, tol=1e-4) <= 2
        assert (found[f"pooled_scale/{layer}"] == given[f"pooled_scale/{layer}"]).all()


def test_without_other_channels_nothing_changes() -> None:
    given = weights()
    assert without_channel(given, []) == given
