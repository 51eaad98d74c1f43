"""Answers that were not understood at the time: their stored sound is heard once more."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import msgspec
import structlog

from app.services.session_store import TurnRecord
from app.services.speech import SpeechError, SpeechSpan, Transcribe

log = structlog.get_logger(__name__)


async def heard_again(record: TurnRecord, pcm: bytes, transcribe: Transcribe) -> TurnRecord:
    """Return the turn with its transcript, or as it was where that fails again or there is no sound.

    What was computed from the incomplete transcript goes with it.
    """
    spans: Sequence[SpeechSpan] = msgspec.convert(record.spans, tuple[SpeechSpan, ...])
    if not pcm:
        return record
    try:
        utterances = await transcribe(pcm, record.start_ms, spans)
    except SpeechError as failure:
        log.warning("answer.not_transcribed_later", turn_id=str(record.id), reason=str(failure))
        return record
    return replace(
        record,
        text=" ".join(utterance.text for utterance in utterances if utterance.text),
        words=[asdict(word) for utterance in utterances for word in utterance.words],
        analysis=None,
        untranscribed=False,
    )
