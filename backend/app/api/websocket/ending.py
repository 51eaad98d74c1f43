"""The end of a session: everything that was said is stored, summed up, and queued for its analysis."""

import asyncio
from typing import Any

import structlog

from app.api.websocket.answers import Answers
from app.api.websocket.conditions import Conditions
from app.api.websocket.journal import Journal
from app.api.websocket.parts import SessionParts
from app.api.websocket.protocol import SummaryReady
from app.services.errors import StorageUnavailable
from app.services.session_store import SessionRecord
from app.services.speech import AudioLog

log = structlog.get_logger()


async def store_end(
    record: SessionRecord,
    reason: str,
    *,
    parts: SessionParts,
    journal: Journal,
    answers: Answers,
    audio: AudioLog,
    conditions: Conditions,
) -> None:
    """Wait for the last answer, sum up, and end the session in one transaction with its queued analysis.

    Raises StaleOwner and StorageUnavailable.
    """
    await answers.settled(parts.limits.summary_ms)
    await flush(journal, audio, parts.limits.flush_ms)
    summary = await _summary(record, reason, parts, answers)
    summary["conditions"] = conditions.to_json(untranscribed=answers.failures)
    await journal.finish(
        SummaryReady(summary=summary), reason=reason, summary=summary, audio_ms=audio.stored_ms
    )


async def flush(journal: Journal, audio: AudioLog, within_ms: int) -> None:
    """Store what is left of the audio, once the journal has shown that the session is still held.

    What cannot be stored in time is given up. Raises StaleOwner and StorageUnavailable.
    """
    journal.add()
    await journal.settled()
    try:
        async with asyncio.timeout(within_ms / 1000):
            await audio.flush()
    except TimeoutError:
        log.exception("session.audio_not_stored", missing_ms=audio.received_ms - audio.stored_ms)


async def give_lease_back(record: SessionRecord, parts: SessionParts) -> None:
    """Let another process have the session, of which everything is stored.

    A lease that the store does not take back within `flush_ms` runs out by itself.
    """
    clock, limits = parts.clock, parts.limits
    give_up_ms = clock.now_ms() + limits.flush_ms
    while True:
        try:
            return await parts.store.release(record)
        except StorageUnavailable as unavailable:
            if clock.now_ms() >= give_up_ms:
                log.warning("session.lease_not_released", reason=str(unavailable))
                return None
        await clock.sleep_until(clock.now_ms() + limits.handover_poll_ms)


async def _summary(
    record: SessionRecord, reason: str, parts: SessionParts, answers: Answers
) -> dict[str, Any]:
    try:
        return await parts.summarise(answers.analyses, mode=record.mode, clock=record.clock, reason=reason)
    except Exception:
        # Ending the session matters more than its summary: the deep analysis hangs on it.
        log.exception("session.not_summarised")
        return {"mode": record.mode, "clock": record.clock, "reason": reason}
