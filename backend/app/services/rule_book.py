"""The rules, and what a model reports in their place, as they stand now.

Read anew whenever it matters, so that no process needs a restart.
"""

from collections.abc import Sequence
from typing import Protocol

import structlog

from app.services.errors import StorageUnavailable
from app.services.finding_feedback import FeedbackStore
from app.services.hybrid_analyzer import (
    DEFAULT_RULES,
    MEASURED,
    VOTED_RULES,
    Declared,
    Standing,
    declared_rules,
    standings,
)
from app.services.hybrid_analyzer.llm import MODEL_FINDINGS

log = structlog.get_logger(__name__)


class RuleMeter(Protocol):
    """What is counted about the rules."""

    def rule_switched(self, rule_id: str, *, off: bool) -> None:
        """A rule was found switched off, or on again."""
        ...


class RuleBook:
    """Knows which rules have switched themselves off, and tells when that changes."""

    def __init__(
        self,
        store: FeedbackStore,
        meter: RuleMeter,
        *,
        declared: Sequence[Declared] = (
            *declared_rules((*DEFAULT_RULES, *VOTED_RULES), MEASURED),
            *MODEL_FINDINGS,
        ),
    ) -> None:
        self._store = store
        self._meter = meter
        self._declared = declared
        self._off: frozenset[str] = frozenset()

    async def standings(self) -> tuple[Standing, ...]:
        """Return how every rule stands. Raises StorageUnavailable."""
        found = standings(self._declared, await self._store.disputes())
        self._note(found)
        return found

    async def switched_off(self) -> frozenset[str]:
        """Return the rules that are off, as last known when the store does not answer."""
        try:
            await self.standings()
        except StorageUnavailable as unavailable:
            log.warning("rules.standing_unknown", reason=str(unavailable))
        return self._off

    def _note(self, found: Sequence[Standing]) -> None:
        off = {s.rule_id: s for s in found if s.state == "off"}
        for rule_id, stands in off.items():
            if rule_id not in self._off:
                self._meter.rule_switched(rule_id, off=True)
                log.warning(
                    "rules.switched_off",
                    rule_id=rule_id,
                    rule_version=stands.rule_version,
                    precision=stands.precision,
                    floor=stands.floor,
                    learners_disputing=stands.learners_disputing,
                )
        for rule_id in self._off - off.keys():
            self._meter.rule_switched(rule_id, off=False)
            log.info("rules.switched_on", rule_id=rule_id)
        self._off = frozenset(off)
