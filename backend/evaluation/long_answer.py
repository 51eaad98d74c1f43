"""What a long answer costs: recognised, measured for delivery and scored whole, on one thread."""

import time
from collections.abc import Sequence
from typing import Any

from app.adapters.local_speech.aligner import SphinxAligner
from app.adapters.local_speech.ears import load_ears
from app.config import Settings
from app.services.pronunciation_engine import assess_delivery
from app.services.pronunciation_engine.learned import PronunciationAssessor, at_once, load_weights
from app.services.speech import SAMPLE_RATE
from evaluation.hearing import loaded_hearing
from evaluation.rated_speech import Rated
from evaluation.sound_file import read_pcm

LONG_S = 120
_PAUSE_S = 0.35
_BYTES_PER_S = 2 * SAMPLE_RATE


def joined(rows: Sequence[Rated], seconds: float = LONG_S) -> bytes | None:
    """Join recordings, with pauses, to an answer of that length; None where they are shorter together.

    Raises OSError, BadSound.
    """
    pcm, pause = b"", bytes(int(_PAUSE_S * SAMPLE_RATE) * 2)
    for row in rows:
        pcm += read_pcm(row.wav) + pause
        if len(pcm) >= seconds * _BYTES_PER_S:
            return pcm[: int(seconds * _BYTES_PER_S)]
    return None


async def cost(pcm: bytes, settings: Settings) -> dict[str, Any]:
    """Return the seconds of one core, and on the clock, that 16 kHz mono PCM16 takes the product.

    It is recognised while it is spoken; `scored` is what is left for then: delivery and the experts' ratings
    of all of it. `cpu_rtf` is the sum of both per second of sound. Raises ModelNotReady, RecognitionFailed.
    """
    async with loaded_hearing(settings) as hearing:
        models, aligner = hearing.models, SphinxAligner()
        ears = load_ears(settings.data_dir / "models", models.whisper, models.activity)
        assessor = PronunciationAssessor(ears, load_weights())
        watch = _Watch()
        spoken = await hearing.hear(pcm)
        recognised = watch.lap()
        assess_delivery(spoken, pcm, aligner=aligner)
        at_once(assessor.listen(pcm))
        scored = watch.lap()
    sound_s = len(pcm) / _BYTES_PER_S
    return {
        "sound_s": round(sound_s, 1),
        "recognised": recognised,
        "scored": scored,
        "cpu_rtf": round((recognised["cpu_s"] + scored["cpu_s"]) / sound_s, 4),
    }


class _Watch:
    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def lap(self) -> dict[str, float]:
        """Seconds since the last lap."""
        cpu, wall = time.process_time(), time.perf_counter()
        found = {"cpu_s": round(cpu - self._cpu, 2), "wall_s": round(wall - self._wall, 2)}
        self._cpu, self._wall = cpu, wall
        return found
