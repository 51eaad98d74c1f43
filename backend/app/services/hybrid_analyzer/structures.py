"""Grammatical range: which structures a speaker uses, and how clauses build up."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading

_CLAUSAL = frozenset({"advcl", "relcl", "ccomp", "csubj", "csubjpass", "acl", "pcomp", "xcomp"})
_SUBJECTS = ("nsubj", "nsubjpass", "expl", "csubj")


@dataclass(frozen=True, slots=True)
class Structure:
    """One use of a structure: its kind and the characters of the clean text that show it."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClauseCounts:
    """How many main clauses there are, and how many subordinate clauses hang on them."""

    main: int
    subordinate: int


def _is_clause_head(token: Token) -> bool:
    return token.pos in {"VERB", "AUX"}


def _main_clauses(reading: Reading) -> Iterator[Token]:
    """Yield the verbs of main clauses: roots, and verbs joined to them that have a subject of their own."""
    main: set[int] = set()
    for token in reading:
        if token.dep == "ROOT" and _is_clause_head(token):
            main.add(token.index)
            yield token
    changed = True
    while changed:
        changed = False
        for token in reading:
            if token.index in main or token.dep not in {"conj", "parataxis"} or token.head not in main:
                continue
            if _is_clause_head(token) and reading.children(token, *_SUBJECTS):
                main.add(token.index)
                changed = True
                yield token


def count_clauses(reading: Reading) -> ClauseCounts:
    """Count main and subordinate clauses.

    A main clause with what hangs on it is close to the AS-unit of Foster, Tonkyn & Wigglesworth (2000); it is
    found without punctuation, which recognised speech lacks.
    """
    main = sum(1 for _ in _main_clauses(reading))
    subordinate = sum(1 for t in reading if t.dep in _CLAUSAL - {"xcomp"} and _is_clause_head(t))
    subordinate += sum(
        1
        for t in reading
        if t.dep == "xcomp" and t.pos == "VERB" and reading.children(t, "dobj", "prep", "ccomp")
    )
    return ClauseCounts(main, subordinate)


def _span(reading: Reading, *tokens: Token) -> tuple[int, int]:
    return min(t.start for t in tokens), max(t.end for t in tokens)


def _verb_structures(reading: Reading, verb: Token) -> Iterator[Structure]:
    auxiliaries = reading.children(verb, "aux", "auxpass")
    lowers = {t.lower for t in auxiliaries}
    if verb.tag == "VBN" and any(t.lemma == "have" for t in auxiliaries):
        yield Structure("perfect", *_span(reading, verb, *auxiliaries))
    if any(t.dep == "auxpass" for t in auxiliaries):
        yield Structure("passive", *_span(reading, verb, *auxiliaries))
    elif verb.tag == "VBG" and any(t.lemma == "be" for t in auxiliaries):
        yield Structure("progressive", *_span(reading, verb, *auxiliaries))
    if lowers & {"will", "'ll", "shall"} or (
        verb.tag == "VBG" and verb.lower == "going" and reading.children(verb, "xcomp")
    ):
        yield Structure("future", *_span(reading, verb, *auxiliaries))
    if lowers & {"would", "could", "might", "should", "must", "may", "'d"}:
        yield Structure("modal", *_span(reading, verb, *auxiliaries))
    if verb.tag == "VBD":
        yield Structure("past", verb.start, verb.end)


def _clause_structures(reading: Reading, token: Token) -> Iterator[Structure]:
    marks = [t for t in reading.children(token, "mark", "advmod") if t.index < token.index]
    first = marks[0] if marks else token
    match token.dep:
        case "advcl":
            conditional = any(t.lower in {"if", "unless"} for t in marks)
            yield Structure(
                "conditional" if conditional else "adverbial_clause", *_span(reading, first, token)
            )
        case "relcl":
            edge = reading.tokens[reading.left_edge(token)]
            yield Structure("relative_clause", *_span(reading, edge, token))
        case "ccomp" if reading.children(token, *_SUBJECTS):
            yield Structure("complement_clause", *_span(reading, reading.head(token), token))
        case "xcomp" if token.tag in {"VB", "VBG"}:
            yield Structure("infinitive_or_gerund", *_span(reading, reading.head(token), token))
        case "pcomp" if token.tag == "VBG":
            yield Structure("preposition_and_gerund", *_span(reading, reading.head(token), token))
        case "acl":
            yield Structure("reduced_relative", *_span(reading, reading.head(token), token))
        case "csubj" | "csubjpass":
            yield Structure("clause_as_subject", *_span(reading, token, reading.head(token)))
        case _:
            return


def find_structures(reading: Reading) -> tuple[Structure, ...]:
    """Return every use of a structure that shows range, in order of place.

    Whether a structure is well formed is not judged here.
    """
    found: list[Structure] = []
    for token in reading:
        if _is_clause_head(token):
            found.extend(_verb_structures(reading, token))
            found.extend(_clause_structures(reading, token))
        if token.tag in {"JJR", "RBR"} or (token.lower == "more" and token.dep == "advmod"):
            found.append(Structure("comparative", token.start, token.end))
        if token.tag in {"JJS", "RBS"}:
            found.append(Structure("superlative", token.start, token.end))
        if token.dep == "expl":
            found.append(Structure("there_is", *_span(reading, token, reading.head(token))))
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.kind)))
