"""Putting an answer before the model: the learner's words as data, fenced in."""

import hashlib
import json

from app.services.hybrid_analyzer.findings import Finding
from app.services.hybrid_analyzer.legible import MAX_CHARS
from app.services.hybrid_analyzer.llm.answer import Answer
from app.services.hybrid_analyzer.llm.categories import CATEGORIES
from app.services.hybrid_analyzer.llm.port import ReviewRequest
from app.services.hybrid_analyzer.llm.schema import reply_schema

MAX_FINDINGS = 12
"""New findings that one answer may get from the model; more would bury the learner."""


def review_request(answer: Answer) -> ReviewRequest:
    """Return the request to read `answer`."""
    data = json.dumps(
        {
            "part": answer.part,
            "question": answer.question,
            "answer": answer.text[:MAX_CHARS],
            "already_found": [_place(f) for f in answer.language.findings],
            "suspected": [{"id": f.id, **_place(f)} for f in answer.language.candidates],
        },
        ensure_ascii=False,
    )
    data = data.encode("utf-8", "replace").decode()
    boundary = _boundary(data)
    return ReviewRequest(
        turn_id=answer.turn_id,
        data=f"<<<{boundary}\n{data}\n{boundary}>>>",
        boundary=boundary,
        categories=tuple(sorted(CATEGORIES)),
        max_findings=MAX_FINDINGS,
        reply_schema=reply_schema(),
    )


def _place(finding: Finding) -> dict[str, object]:
    return {
        "quote": finding.quote,
        "correction": finding.correction,
        "category": finding.category,
        "char_start": finding.char_start,
        "char_end": finding.char_end,
    }


def _boundary(data: str) -> str:
    """Return a word that does not occur in `data`, the same one for the same data."""
    attempt = 0
    while (mark := "DATA-" + hashlib.sha256(f"{attempt}{data}".encode()).hexdigest()[:16]) in data:
        attempt += 1
    return mark
