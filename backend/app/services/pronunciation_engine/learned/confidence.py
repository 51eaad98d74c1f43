"""How sure the recogniser was of its reading, as 22 numbers."""

import numpy as np

from app.services.pronunciation_engine.learned.types import Decoding

_UNSURE = np.array([[-5.0, 5.0, 0.0, 0.0]], dtype=np.float32)


def measures(decoding: Decoding, duration_s: float) -> list[float]:
    """Statistics over tokens and words; an empty reading counts as one word of probability exp(-5)."""
    tokens = decoding.tokens if len(decoding.tokens) else _UNSURE
    words = decoding.words or (_UNSURE,)
    log_prob = tokens[:, 0]
    word = np.array([rows[:, 0].min() for rows in words])
    margin = np.array([(rows[:, 2] - rows[:, 3]).min() for rows in words])
    entropy = np.array([rows[:, 1].max() for rows in words])
    aligned = np.log(decoding.aligned + 1e-4) if len(decoding.aligned) else np.array([-5.0])
    found = [log_prob.mean(), log_prob.min(), log_prob.std(), np.percentile(log_prob, 20)]
    found += [
        tokens[:, 1].mean(),
        tokens[:, 1].max(),
        word.mean(),
        word.min(),
        np.exp(word).mean(),
        np.exp(word).std(),
    ]
    found += [(word < -0.7).mean(), (word < -1.5).mean(), margin.mean(), margin.min(), entropy.mean()]
    found += [
        np.percentile(word, 25),
        aligned.mean(),
        aligned.min(),
        decoding.score,
        np.log(decoding.no_speech + 1e-4),
    ]
    return [float(value) for value in (*found, len(decoding.words) / max(duration_s, 0.3), log_prob[-1])]
