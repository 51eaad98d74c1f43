"""Of what the wait after an answer is made, as the reference client sees it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from app.api.websocket.protocol import AiReply, ServerMessage, SttFinal, TurnState
from client import Percentiles, Timings, percentile


@dataclass(frozen=True, slots=True)
class TurnParts:
    """Milliseconds, one after the other; `total_ms` is all of them.

    `end_of_turn_ms`: last sample of speech to the news that the turn is taken as over. `final_ms`: to the
    last final transcript; 0 where it came before. `reply_ms`: to the text of the next line.
    `first_voice_ms`: to the first byte of its voice, which the reference player plays at once.
    """

    end_of_turn_ms: float
    final_ms: float
    reply_ms: float
    first_voice_ms: float

    @property
    def total_ms(self) -> float:
        """The whole wait."""
        return self.end_of_turn_ms + self.final_ms + self.reply_ms + self.first_voice_ms


class PartsReport(TypedDict):
    """Over `n` answers; `cut_off` more were not heard out."""

    n: int
    cut_off: int
    end_of_turn_ms: Percentiles
    final_ms: Percentiles
    reply_ms: Percentiles
    first_voice_ms: Percentiles
    total_ms: Percentiles


class TurnWatch(Timings):
    """Collects the parts of every answer that is `watched`; instants are the client's."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[TurnParts] = []
        self.cut_off = 0
        self.watched = False
        self._silent: float | None = None
        self._over: float | None = None
        self._final: float | None = None
        self._replied: float | None = None

    def speech_began(self, spoken_at: float) -> None:
        """A stretch of speech began."""
        super().speech_began(spoken_at)
        self._silent = self._over = self._final = self._replied = None

    def speech_paused(self, spoken_at: float) -> None:
        """A stretch of speech ended."""
        super().speech_paused(spoken_at)
        self._silent = spoken_at

    def event_came(self, event: ServerMessage, now: float) -> None:
        """An event arrived."""
        super().event_came(event, now)
        match event:
            case TurnState(state="thinking") if self._over is None:
                self._over = now
            case SttFinal() if self._replied is None:
                self._final = now
            case AiReply() if self._replied is None:
                self._replied = now
            case _:
                pass

    def voice_came(self, now: float) -> None:
        """The first byte of a line arrived: the wait is over."""
        super().voice_came(now)
        if self.watched and self._replied is not None:
            if self._silent is None or self._over is None or self._over < self._silent:
                self.cut_off += 1
            else:
                self.turns.append(self._parts(self._silent, self._over, self._replied, now))
        self.watched = False

    def parts(self) -> PartsReport:
        """Return what was collected."""

        def spread(part: Callable[[TurnParts], float]) -> Percentiles:
            values = [part(turn) for turn in self.turns]
            return Percentiles(p50=percentile(values, 0.5), p95=percentile(values, 0.95))

        return PartsReport(
            n=len(self.turns),
            cut_off=self.cut_off,
            end_of_turn_ms=spread(lambda turn: turn.end_of_turn_ms),
            final_ms=spread(lambda turn: turn.final_ms),
            reply_ms=spread(lambda turn: turn.reply_ms),
            first_voice_ms=spread(lambda turn: turn.first_voice_ms),
            total_ms=spread(lambda turn: turn.total_ms),
        )

    def _parts(self, silent: float, over: float, replied: float, voice: float) -> TurnParts:
        final = min(replied, max(over, self._final or over))
        return TurnParts(
            end_of_turn_ms=(over - silent) * 1000,
            final_ms=(final - over) * 1000,
            reply_ms=(replied - final) * 1000,
            first_voice_ms=(voice - replied) * 1000,
        )
