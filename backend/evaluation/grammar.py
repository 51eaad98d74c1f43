"""`--mode evaluate grammar`: how right the findings are, and how often correct speech is flagged.

--data FILE.m2 holds the findings against annotated learner text in the speech condition; --text FILE.jsonl
counts findings on rows {id, text} of correct speech, read as they are.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.analysis_models import load_turn_analyzer
from app.services.analysis_coordinator import LearnerTurn, TurnAnalyzer
from app.services.hybrid_analyzer import Finding, LanguageAnalysis
from app.services.speech import SpokenTurn, Utterance
from evaluation.m2 import BadM2, M2Sentence, read_m2
from evaluation.rows import BadRows, read_objects
from evaluation.scoring import Scored, ratio, score_sentence, summarise
from evaluation.speech_condition import CONDITION, Edit, SpokenSentence, as_speech


def analyse(analyzer: TurnAnalyzer, turn_id: str, text: str) -> LanguageAnalysis:
    """Analyse `text` as the product analyses an answer, without sound or word times."""
    speech = SpokenTurn(0, 0, (Utterance(0, text, 0, 0),))
    return analyzer.analyze(LearnerTurn(turn_id, 0, 1, None, "", speech), b"").language


def score_data(analyzer: TurnAnalyzer, sentences: Sequence[M2Sentence], *, unmarked: bool) -> dict[str, Any]:
    """Return the figures of `summarise`, the condition, and on request the flags nobody marked."""
    scored: list[Scored] = []
    left: list[dict[str, Any]] = []
    for number, sentence in enumerate(sentences, 1):
        spoken = as_speech(sentence)
        findings = analyse(analyzer, f"m2-{number}", spoken.text).findings
        result = score_sentence(spoken, _edits(spoken, findings))
        scored.append(result)
        left.extend(
            {
                "sentence": number,
                "rule_id": flag.rule_id,
                "text": spoken.text,
                "said": " ".join(spoken.words[flag.edit.start : flag.edit.end]),
                "correction": " ".join(flag.edit.correction),
            }
            for flag in result.flags
            if not flag.detected
        )
    report = {"condition": CONDITION, **summarise(scored)}
    return {**report, "unmarked": left} if unmarked else report


def _edits(spoken: SpokenSentence, findings: Sequence[Finding]) -> Iterator[tuple[str, Edit]]:
    """Yield what findings change in what can be heard."""
    for finding in findings:
        edit = spoken.edit(finding.char_start, finding.char_end, finding.correction, finding.category)
        if edit is not None:
            yield finding.rule_id, edit


def score_text(analyzer: TurnAnalyzer, rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return how many words the rows have and what is flagged in them."""
    words = 0
    found: list[dict[str, Any]] = []
    for row_id, text in rows:
        words += len(text.split())
        found.extend(
            {
                "id": row_id,
                "rule_id": f.rule_id,
                "quote": f.quote,
                "correction": f.correction,
                "context": text[max(0, f.char_start - 60) : f.char_end + 40],
            }
            for f in analyse(analyzer, row_id, text).findings
        )
    return {
        "words": words,
        "flags": len(found),
        "flags_per_1000_words": ratio(1000 * len(found), words),
        "findings": found,
    }


def read_rows(path: Path) -> list[tuple[str, str]]:
    """Read {id, text} rows. Raises OSError, UnicodeDecodeError or BadRows."""
    rows: list[tuple[str, str]] = []
    for number, row in read_objects(path):
        if not isinstance(row.get("text"), str) or "id" not in row:
            raise BadRows(f"line {number} of {path} is no {{id, text}}")
        rows.append((str(row["id"]), row["text"]))
    return rows


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode evaluate grammar", description=__doc__, allow_abbrev=False
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, metavar="FILE.m2", help="annotated learner sentences")
    source.add_argument("--text", type=Path, metavar="FILE.jsonl", help="rows {id, text} of correct speech")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    parser.add_argument("--unmarked", action="store_true", help="with --data: list flags no annotator marked")
    given = parser.parse_args(argv)
    try:
        if given.data is not None:
            sentences = read_m2(given.data)
            report = score_data(load_turn_analyzer(), sentences, unmarked=given.unmarked)
        else:
            rows = read_rows(given.text)
            report = score_text(load_turn_analyzer(), rows)
    except (OSError, UnicodeDecodeError, BadM2, BadRows) as problem:
        sys.stderr.write(f"evaluate grammar: {problem}\n")
        return 2
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=None if given.json else 2) + "\n")
    return 0
