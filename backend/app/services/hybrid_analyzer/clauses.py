"""Where one clause ends and the next begins: the places at which a pause does not break a phrase."""

from app.services.hybrid_analyzer.reading import PUNCTUATION, Reading

_OPENING = frozenset({"advcl", "relcl", "ccomp", "csubj", "csubjpass", "acl", "parataxis"})
_AFTER_MARKER = frozenset({"well", "so", "yes", "no", "yeah", "okay", "ok", "actually", "anyway", "however"})


def clause_boundaries(reading: Reading) -> tuple[int, ...]:
    """Return the character positions, in the clean text, at which a clause or sentence starts.

    A boundary lies before a sentence, before a subordinate or coordinated clause (with its conjunction),
    after such a clause, and around an opening word like `well`. Commas do not count: a recogniser writes
    them where it hears a pause, so they would excuse every pause.
    """
    starts: set[int] = set()

    def add(index: int) -> None:
        while index < len(reading.tokens) and reading.tokens[index].pos in PUNCTUATION:
            index += 1
        if index < len(reading.tokens):
            starts.add(reading.tokens[index].start)

    for token in reading:
        if token.sentence_start:
            add(token.index)
            if token.lower in _AFTER_MARKER:
                add(token.index + 1)
        if token.pos == "PUNCT" and token.text in {".", "?", "!", ";"}:
            add(token.index + 1)
        if token.pos not in {"VERB", "AUX"}:
            continue
        if token.dep in _OPENING:
            add(reading.left_edge(token))
            add(_right_edge(reading, token.index) + 1)
        elif token.dep == "conj":
            first = reading.left_edge(token)
            before = reading.at(first - 1)
            add(first - 1 if before is not None and before.dep == "cc" else first)
    return tuple(sorted(starts))


def _right_edge(reading: Reading, index: int) -> int:
    edge = index
    stack = [index]
    while stack:
        at = stack.pop()
        edge = max(edge, at)
        stack.extend(t.index for t in reading.children(reading.tokens[at]))
    return edge
