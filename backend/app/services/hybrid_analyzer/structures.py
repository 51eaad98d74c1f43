"""Grammatical range: which structures a speaker uses."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.verb_groups import SUBJECTS, verb_group

_VERBS = frozenset({"VERB", "AUX"})


@dataclass(frozen=True, slots=True)
class Structure:
    """One use of a structure: its kind and the characters of the clean text that show it."""

    kind: str
    start: int
    end: int


def _span(reading: Reading, *tokens: Token) -> tuple[int, int]:
    return min(t.start for t in tokens), max(t.end for t in tokens)


def _verb_structures(reading: Reading, verb: Token) -> Iterator[Structure]:
    group = verb_group(reading, verb)
    whole = _span(reading, verb, *group.auxiliaries)
    if group.perfect:
        yield Structure("perfect", *whole)
    if group.passive:
        yield Structure("passive", *whole)
    elif group.progressive:
        yield Structure("progressive", *whole)
    if group.future:
        yield Structure("future", *whole)
    elif group.modal not in {None, "can"}:
        yield Structure("modal", *whole)
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
        case "ccomp" if reading.children(token, *SUBJECTS):
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
        if token.pos in _VERBS:
            found.extend(_verb_structures(reading, token))
            found.extend(_clause_structures(reading, token))
        if token.tag in {"JJR", "RBR"} or (token.lower == "more" and token.dep == "advmod"):
            found.append(Structure("comparative", token.start, token.end))
        if token.tag in {"JJS", "RBS"}:
            found.append(Structure("superlative", token.start, token.end))
        if token.dep == "expl":
            found.append(Structure("there_is", *_span(reading, token, reading.head(token))))
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.kind)))
