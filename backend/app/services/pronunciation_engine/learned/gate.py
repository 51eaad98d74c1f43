"""Whether what was heard can be scored at all."""

from collections.abc import Sequence

import numpy as np

from app.services.pronunciation_engine.learned import goodness
from app.services.pronunciation_engine.learned.distance import edit_distance
from app.services.pronunciation_engine.learned.inventory import INDEX
from app.services.pronunciation_engine.learned.results import Reason
from app.services.pronunciation_engine.learned.types import Heard

MIN_VOICED_S = 0.3
MIN_VOICED_SHARE = 0.06
"""Music and noise set voice activity off now and then; in read speech it holds half of the time."""

UNRELIABLE_LOGPROB = -2.5
"""Mean token log-probability; of 1,250 rated recordings (half of them children's) none was below -2.35."""

LANGUAGE_AFTER_S = 6.0
"""On shorter accented speech the recogniser's view of the language is worth little."""

FOREIGN = 0.08
FOREIGN_LOGPROB = -0.8
MAX_DISAGREEMENT = 0.9
"""Phones heard that differ from a reference text, per expected phone: another text was read."""


def speech_problem(pieces: Sequence[Heard]) -> Reason | None:
    """Say why free speech cannot be scored; None when it can."""
    voiced = sum(piece.tracks.voiced_s for piece in pieces)
    total = sum(piece.tracks.duration_s for piece in pieces)
    if voiced < MIN_VOICED_S:
        return "insufficient_sample" if voiced > 0 else "no_speech"
    if voiced < MIN_VOICED_SHARE * total:
        return "no_speech"
    if not any(piece.words for piece in pieces):
        return "asr_unreliable"
    sure = _mean(pieces, [piece.tracks.decoding.score for piece in pieces])
    if sure < UNRELIABLE_LOGPROB:
        return "asr_unreliable"
    english = _mean(pieces, [piece.tracks.decoding.english for piece in pieces])
    if voiced >= LANGUAGE_AFTER_S and english < FOREIGN and sure < FOREIGN_LOGPROB:
        return "other_language"
    return None


def reading_problem(heard: Heard) -> Reason | None:
    """Say why a read text cannot be scored; None when it can."""
    if heard.tracks.voiced_s < MIN_VOICED_S:
        return "insufficient_sample" if heard.tracks.voiced_s > 0 else "no_speech"
    expected = [INDEX[phone.name] for word in heard.reference for phone in word.phones]
    freely, _ = goodness.freely_heard(heard.tracks.posteriors)
    recognised = [INDEX[phone.name] for word in heard.words for phone in word.phones]
    distance = min(edit_distance(other, expected) for other in (freely, recognised))
    return "other_text" if distance > MAX_DISAGREEMENT * len(expected) else None


def _mean(pieces: Sequence[Heard], values: Sequence[float]) -> float:
    weights = [piece.tracks.voiced_s for piece in pieces]
    return float(np.average(values, weights=weights))
