"""Holding what a model proposes against the learner's own words. What does not fit is refused, by reason."""

import re
from typing import Literal

from app.services.hybrid_analyzer.findings import Finding, finding_id
from app.services.hybrid_analyzer.gate import MEND_WITHIN, MIN_CONFIDENCE, heard_clearly, mended_later
from app.services.hybrid_analyzer.legible import Skipped, legible, straightened
from app.services.hybrid_analyzer.llm.answer import Answer
from app.services.hybrid_analyzer.llm.categories import (
    CATEGORIES,
    MAX_MODEL_CONFIDENCE,
    criterion_of,
    model_rule_id,
)
from app.services.hybrid_analyzer.llm.schema import Proposal
from app.services.hybrid_analyzer.transcript import read_transcript

Refusal = Literal[
    "malformed",
    "unknown_category",
    "empty_field",
    "overlong_field",
    "unprintable",
    "not_english",
    "no_such_occurrence",
    "quote_not_in_transcript",
    "quote_ambiguous",
    "correction_equals_quote",
    "not_meant",
    "heard_unclearly",
    "unsure",
    "explanation_quotes_unsaid",
    "overlaps_finding",
    "unknown_candidate",
    "contradictory",
    "too_many",
]

MAX_QUOTE_CHARS = 200
MAX_CORRECTION_CHARS = 240
MAX_EXPLANATION_CHARS = 400

_QUOTED = re.compile(r"“([^”]*)”|\"([^\"]*)\"")
_LINK_OR_MARKUP = re.compile(r"https?:|www\.|[<>{}\[\]`\\|]", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_AROUND = ' .,?!;:…"“”'


class Refused(Exception):
    """A proposal that is not shown; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


class Verifier:
    """Checks proposals about one answer."""

    def __init__(self, answer: Answer) -> None:
        self._turn_id = answer.turn_id
        self._text = answer.text
        self._straight = straightened(answer.text)
        self._transcript = read_transcript(answer.text, answer.words)
        gaps = answer.language.disfluencies
        self._meant = [
            t for t in self._transcript.tokens if not any(g.start <= t.start < g.end for g in gaps)
        ]

    def finding(self, proposal: Proposal) -> Finding:
        """Return the proposal as a finding. Raises Refused."""
        if proposal.category not in CATEGORIES:
            raise Refused("unknown_category")
        correction = " ".join(proposal.correction.split()).strip(_AROUND)
        explanation = " ".join(proposal.explanation.split())
        explanation_uz = " ".join((proposal.explanation_uz or "").split()) or None
        _check_fields(proposal.quote, correction, explanation, explanation_uz)
        start, end = self._span(proposal)
        quote = self._text[start:end]
        self._check_correction(start, end, correction)
        for text in (explanation, explanation_uz):
            self._check_quotations(text or "", correction)
        heard = heard_clearly(self._transcript, start, end, weak_words=proposal.severity == "low")
        if heard is None:
            raise Refused("heard_unclearly")
        confidence = round(min(proposal.confidence, MAX_MODEL_CONFIDENCE) * heard, 3)
        if not confidence >= MIN_CONFIDENCE:
            raise Refused("unsure")
        rule_id = model_rule_id(proposal.category)
        start_ms, end_ms = self._transcript.times(start, end)
        return Finding(
            id=finding_id(self._turn_id, rule_id, start, end),
            rule_id=rule_id,
            category=proposal.category,
            criterion=criterion_of(proposal.category),
            severity=proposal.severity,
            confidence=confidence,
            source="llm",
            turn_id=self._turn_id,
            char_start=start,
            char_end=end,
            start_ms=start_ms,
            end_ms=end_ms,
            quote=quote,
            correction=correction,
            explanation=explanation,
            explanation_uz=explanation_uz,
        )

    def _span(self, proposal: Proposal) -> tuple[int, int]:
        """Return the characters of the quote: of the occurrence that is meant, or of its only one.

        Punctuation around it, which a recogniser put there, is left out.
        """
        words = straightened(proposal.quote).strip(_AROUND)
        found = [
            m.start()
            for m in re.finditer(f"(?={re.escape(words)})", self._straight)
            if self._whole_words(m.start(), m.start() + len(words))
        ]
        if not found:
            raise Refused("quote_not_in_transcript")
        place = proposal.occurrence
        if place is None:
            if len(found) > 1:
                raise Refused("quote_ambiguous")
            place = 1
        if not 1 <= place <= len(found):
            raise Refused("no_such_occurrence")
        start = found[place - 1]
        return start, start + len(words)

    def _whole_words(self, start: int, end: int) -> bool:
        """Whether the span begins and ends with words that were read, none of them cut."""
        starts = {t.start for t in self._transcript.tokens}
        ends = {t.end for t in self._transcript.tokens}
        return start in starts and end in ends

    def _check_correction(self, start: int, end: int, correction: str) -> None:
        if legible(correction)[1] != Skipped():
            raise Refused("not_english")
        meant = [t for t in self._meant if start <= t.start < end]
        if not meant:
            raise Refused("not_meant")
        corrected = _words(correction)
        if corrected in (_words(self._straight[start:end]), [t.lower for t in meant]):
            raise Refused("correction_equals_quote")
        following = [t.lower for t in self._meant if t.start >= end][:MEND_WITHIN]
        if mended_later(self._straight[start:end], correction, following):
            raise Refused("not_meant")

    def _check_quotations(self, explanation: str, correction: str) -> None:
        """Refuse an explanation that puts words into the learner's mouth."""
        known = {t.lower for t in self._transcript.tokens} | set(_words(correction))
        for match in _QUOTED.finditer(explanation):
            if not set(_words(match.group(1) or match.group(2) or "")) <= known:
                raise Refused("explanation_quotes_unsaid")


def _words(text: str) -> list[str]:
    return [w.lower() for w in _WORDS.findall(straightened(text))]


def _check_fields(quote: str, correction: str, explanation: str, explanation_uz: str | None) -> None:
    if not (quote.strip(_AROUND) and correction and explanation):
        raise Refused("empty_field")
    if (
        len(quote) > MAX_QUOTE_CHARS
        or len(correction) > MAX_CORRECTION_CHARS
        or max(len(explanation), len(explanation_uz or "")) > MAX_EXPLANATION_CHARS
    ):
        raise Refused("overlong_field")
    shown = f"{correction}{explanation}{explanation_uz or ''}"
    if not shown.isprintable() or _LINK_OR_MARKUP.search(shown):
        raise Refused("unprintable")
