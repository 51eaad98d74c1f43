"""`--mode evaluate grammar`: how right the findings are, and how often correct speech is flagged.

--data FILE.m2 holds the findings against annotated learner text in the speech condition; --text FILE.jsonl
counts findings on rows {id, text} of correct speech, read as they are. Both are read as talks of about 1,000
words in the order of the file. --train FILE.txt fits the edit tagger
to correct sentences, one on a line, over the encoder in --encoder; it needs
`pip install -r backend/requirements-train.in`.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.adapters.spacy_parser import SpacyParser
from app.analysis_models import load_turn_analyzer
from app.services.analysis_coordinator import LearnerTurn, TurnAnalyzer
from app.services.hybrid_analyzer import Finding
from app.services.speech import SpokenTurn, Utterance
from evaluation.m2 import BadM2, M2Sentence, read_m2
from evaluation.rows import BadRows, read_objects
from evaluation.scoring import Scored, ratio, score_sentence, summarise
from evaluation.speech_condition import CONDITION, Edit, SpokenSentence, as_speech

WORDS_OF_A_TALK = 1000
"""What a candidate says in an exam of 11 to 14 minutes. A file says not who spoke, so that rows are read as
talks of this length in their order; how often a speaker makes mistakes is judged from a talk."""


def as_turn(turn_id: str, text: str) -> LearnerTurn:
    """Return a text as an answer without sound or word times."""
    return LearnerTurn(turn_id, 0, 1, None, "", SpokenTurn(0, 0, (Utterance(0, text, 0, 0),)))


def talks(texts: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Yield (id, text) rows in their order, as many at a time as one talk has words."""
    talk: list[tuple[str, str]] = []
    words = 0
    for turn_id, text in texts:
        talk.append((turn_id, text))
        words += len(text.split())
        if words >= WORDS_OF_A_TALK:
            yield talk
            talk, words = [], 0
    if talk:
        yield talk


def read(analyzer: TurnAnalyzer, texts: Sequence[tuple[str, str]]) -> Iterator[tuple[Finding, ...]]:
    """Yield what is found in each (id, text), read as the answers of talks are when they are over: twice."""
    for talk in talks(texts):
        turns = [as_turn(turn_id, text) for turn_id, text in talk]
        once = [(turn, analyzer.analyze(turn, b"")) for turn in turns]
        for analysis in analyzer.vote_again(once):
            yield analysis.language.findings


def score_data(analyzer: TurnAnalyzer, sentences: Sequence[M2Sentence], *, unmarked: bool) -> dict[str, Any]:
    """Return the figures of `summarise`, the condition, and on request the flags nobody marked."""
    scored: list[Scored] = []
    left: list[dict[str, Any]] = []
    heard = [as_speech(sentence) for sentence in sentences]
    found = read(analyzer, [(f"m2-{number}", spoken.text) for number, spoken in enumerate(heard, 1)])
    for number, (spoken, findings) in enumerate(zip(heard, found, strict=True), 1):
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
    for (row_id, text), findings in zip(rows, read(analyzer, rows), strict=True):
        words += len(text.split())
        found.extend(
            {
                "id": row_id,
                "rule_id": f.rule_id,
                "quote": f.quote,
                "correction": f.correction,
                "context": text[max(0, f.char_start - 60) : f.char_end + 40],
            }
            for f in findings
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


class MissingTorch(Exception):
    """What fitting needs is not installed."""


def train(sentences: Path, encoder: Path, out: Path, minutes: float) -> dict[str, Any]:
    """Fit the edit tagger. Raises OSError, UnicodeDecodeError or MissingTorch."""
    lines = [line for line in sentences.read_text(encoding="utf-8").splitlines() if line.strip()]
    try:
        from evaluation.edit_tagging import fitting  # noqa: PLC0415 - PyTorch is not part of the product
    except ImportError:
        raise MissingTorch("Fitting needs PyTorch: pip install -r backend/requirements-train.in") from None
    return fitting.train(SpacyParser.load(), lines, encoder, out, minutes=minutes)


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="run.py --mode evaluate grammar", description=__doc__, allow_abbrev=False
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, metavar="FILE.m2", help="annotated learner sentences")
    source.add_argument("--text", type=Path, metavar="FILE.jsonl", help="rows {id, text} of correct speech")
    source.add_argument("--train", type=Path, metavar="FILE.txt", help="correct sentences, one on a line")
    parser.add_argument(
        "--encoder", type=Path, metavar="FOLDER", help="with --train: the encoder to start from"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="with --train: where it is written")
    parser.add_argument("--minutes", type=float, default=60.0, help="with --train: computing time (60)")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    parser.add_argument("--unmarked", action="store_true", help="with --data: list flags no annotator marked")
    given = parser.parse_args(argv)
    if given.train is not None and (given.encoder is None or given.out is None):
        parser.error("--train also needs --encoder and --out.")
    try:
        if given.train is not None:
            report = train(given.train, given.encoder, given.out, given.minutes)
        elif given.data is not None:
            sentences = read_m2(given.data)
            report = score_data(load_turn_analyzer(), sentences, unmarked=given.unmarked)
        else:
            rows = read_rows(given.text)
            report = score_text(load_turn_analyzer(), rows)
    except (OSError, UnicodeDecodeError, BadM2, BadRows, MissingTorch) as problem:
        sys.stderr.write(f"evaluate grammar: {problem}\n")
        return 2
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=None if given.json else 2) + "\n")
    return 0
