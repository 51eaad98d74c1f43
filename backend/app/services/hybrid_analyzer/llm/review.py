"""What of a model's reply is kept, and what it does to an answer's findings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.services.hybrid_analyzer.analyzer import LanguageAnalysis
from app.services.hybrid_analyzer.findings import Finding
from app.services.hybrid_analyzer.gate import MIN_CONFIDENCE
from app.services.hybrid_analyzer.llm.answer import Answer
from app.services.hybrid_analyzer.llm.request import MAX_FINDINGS
from app.services.hybrid_analyzer.llm.schema import Proposal, Verdict, read_reply
from app.services.hybrid_analyzer.llm.verify import Refusal, Refused, Verifier
from app.services.hybrid_analyzer.merge import merge, overlapping, same_correction

MAX_PROPOSALS = 60
"""Proposals about one answer that are looked at."""

CONFIRMATION_RATIO = 3.0
"""How much likelier a model is taken to confirm a real mistake than a false alarm: an assumption, to be
replaced by a measurement of the model in use."""

MAX_CONFIRMED_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Review:
    """An answer after the second reading.

    `added` and `corroborated` count new findings and proposals of what was found already; `confirmed` and
    `declined` count suspected places. `refused` counts by reason what was not kept.
    """

    language: LanguageAnalysis
    added: int = 0
    corroborated: int = 0
    confirmed: int = 0
    declined: int = 0
    refused: Mapping[Refusal, int] = field(default_factory=dict)


def apply_reply(answer: Answer, text: str) -> Review:
    """Check the reply `text` about `answer` and merge what stands.

    Findings of the rules stay as they are, with their own explanations: a proposal at the same place adds
    nothing to them. Raises UnreadableReply.
    """
    proposals, verdicts, malformed = read_reply(text)
    refused: Counter[Refusal] = Counter()
    if malformed:
        refused["malformed"] = malformed
    confirmed, declined = _judged(answer.language.candidates, verdicts, refused)
    standing = merge([*answer.language.findings, *confirmed])
    proposed, corroborated = _checked(answer, standing, proposals, refused)
    language = replace(answer.language, findings=merge([*standing, *proposed]), llm="reviewed")
    return Review(
        language=language,
        added=len(proposed),
        corroborated=corroborated,
        confirmed=len(confirmed),
        declined=declined,
        refused={reason: count for reason, count in refused.items() if count},
    )


def _judged(
    candidates: Sequence[Finding], verdicts: Sequence[Verdict], refused: Counter[Refusal]
) -> tuple[list[Finding], int]:
    """Return the suspected places the model confirms, as findings, and how many it takes for correct."""
    said: dict[str, set[str]] = {}
    known = {c.id for c in candidates}
    for verdict in verdicts:
        if verdict.id in known:
            said.setdefault(verdict.id, set()).add(verdict.verdict)
        else:
            refused["unknown_candidate"] += 1
    confirmed = []
    for candidate in candidates:
        told = said.get(candidate.id, set())
        if len(told) > 1:
            refused["contradictory"] += 1
        elif "mistake" in told:
            finding = _confirmed(candidate)
            if finding.confidence >= MIN_CONFIDENCE:
                confirmed.append(finding)
            else:
                refused["unsure"] += 1
    declined = sum(told == {"correct"} for told in said.values())
    return confirmed, declined


def _confirmed(candidate: Finding) -> Finding:
    odds = CONFIRMATION_RATIO * candidate.confidence / max(1e-6, 1 - candidate.confidence)
    confidence = min(MAX_CONFIRMED_CONFIDENCE, odds / (1 + odds))
    return replace(candidate, confidence=round(confidence, 3), source="rule+llm")


def _checked(
    answer: Answer, standing: Sequence[Finding], proposals: Sequence[Proposal], refused: Counter[Refusal]
) -> tuple[list[Finding], int]:
    """Return the proposals that stand beside `standing`, and how many only say the same again."""
    verifier = Verifier(answer)
    fitting: list[Finding] = []
    refused["too_many"] += len(proposals[MAX_PROPOSALS:])
    for proposal in proposals[:MAX_PROPOSALS]:
        try:
            fitting.append(verifier.finding(proposal))
        except Refused as no:
            refused[no.reason] += 1
    fresh = [f for f in fitting if not any(overlapping(s, f) for s in standing)]
    best = merge(fresh)
    kept = best[:MAX_FINDINGS]
    refused["too_many"] += len(best) - len(kept)
    corroborated = 0
    for finding in fitting:
        if finding in best:
            continue
        beside = [other for other in (*standing, *best) if overlapping(other, finding)]
        if any(same_correction(other, finding) for other in beside):
            corroborated += 1
        else:
            refused["overlaps_finding"] += 1
    return list(kept), corroborated
