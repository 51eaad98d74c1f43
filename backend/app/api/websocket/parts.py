"""What a live session is made of: the ports it works through."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.api.websocket.clock import Clock
from app.api.websocket.latency import Meter, NoMeter
from app.api.websocket.limits import Limits
from app.services.analysis_coordinator import (
    LearnerTurn,
    Sound,
    TurnAnalysis,
    TurnFeedback,
    stored_analyses,
)
from app.services.conversation import Exam, WordingWanted, ends_open
from app.services.prompt_manager import OnBehalfOf
from app.services.pronunciation_engine.learned import SpeechResult
from app.services.session_notices import SessionNotices
from app.services.session_store import SessionRecord, SessionStore, TurnRecord
from app.services.speech import EndOfTurn, SpeechToText, TextToSpeech, VoiceActivity
from app.services.storage import BlobStore


class Summarise(Protocol):
    """Makes the fast summary, off the event loop."""

    async def __call__(
        self, analyses: Sequence[TurnAnalysis], *, mode: str, clock: str, reason: str
    ) -> dict[str, Any]:
        """Return the summary of the answers analysed so far, as JSON."""
        ...


def recalled(turns: Sequence[TurnRecord]) -> dict[int, TurnAnalysis]:
    """Return what was found in a session's answers before this process held it, by their place in it."""
    analyses = stored_analyses(turns)
    return {turn.index: analyses[str(turn.id)] for turn in turns if str(turn.id) in analyses}


async def unheard(answer: LearnerTurn, sound: Sound) -> SpeechResult | None:
    """Leave listening to the deep analysis."""
    return None


Word = Callable[[OnBehalfOf, WordingWanted], Awaitable[str | None]]
"""Gives the examiner's next line in words of its own, or None for the scripted one. Never raises."""


async def as_scripted(learner: OnBehalfOf, wanted: WordingWanted) -> None:
    """Say what is scripted."""


@dataclass(frozen=True, slots=True)
class SessionParts:
    """Injected once per process.

    `exam` makes the exam a session was created for; `blobs` keeps the microphone signals; `analyse` computes
    an answer's analysis off the event loop and `feedback` what the learner is told of it in practice;
    `listen` scores how it sounded, or returns None where there is no time for that; `word` gives
    the examiner's next line in words of its own, or None for the scripted one; `recall` reads the analyses
    made earlier back; `ready` says whether the models are loaded; `end_of_turn` hears from the last
    words whether more must come; `notices` hurry what the store would show at the next look.
    """

    store: SessionStore
    recogniser: SpeechToText
    voice: TextToSpeech
    voice_activity: VoiceActivity
    exam: Callable[[SessionRecord], Exam]
    blobs: BlobStore
    analyse: Callable[[LearnerTurn, bytes], Awaitable[TurnAnalysis]]
    feedback: Callable[[LearnerTurn, TurnAnalysis], Awaitable[TurnFeedback]]
    summarise: Summarise
    listen: Callable[[LearnerTurn, Sound], Awaitable[SpeechResult | None]] = unheard
    word: Word = as_scripted
    recall: Callable[[Sequence[TurnRecord]], Mapping[int, TurnAnalysis]] = recalled
    ready: Callable[[], bool] = lambda: True
    end_of_turn: EndOfTurn = ends_open
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    meter: Meter = field(default_factory=NoMeter)
    notices: SessionNotices = field(default_factory=SessionNotices)
