"""A parsed turn as rules read it: tokens, their relations, and the morphology to build corrections."""

from collections.abc import Iterator, Sequence

from app.services.hybrid_analyzer.ports import Parser, Token, TrigramModel, Vote

PUNCTUATION = frozenset({"PUNCT", "SPACE", "SYM"})


def lower_letters(text: str) -> str:
    """Return `text` in lower case at the same length: the rare letter that grows by it stays as it is."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


class Reading:
    """The parse of one clean text with the questions rules ask of it. Indices count tokens.

    `votes` are what an edit tagger would change, where one was asked.
    """

    __slots__ = ("_children", "_parser", "lower", "text", "tokens", "trigrams", "votes")

    def __init__(
        self,
        text: str,
        tokens: Sequence[Token],
        parser: Parser,
        trigrams: TrigramModel | None = None,
        votes: Sequence[Vote] = (),
    ) -> None:
        self.text = text
        self.lower = lower_letters(text)
        self.tokens = tuple(tokens)
        self.trigrams = trigrams
        self.votes = tuple(votes)
        self._parser = parser
        self._children: list[list[int]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if token.head != token.index:
                self._children[token.head].append(token.index)

    def with_votes(self, votes: Sequence[Vote]) -> "Reading":
        """Return the same reading with what an edit tagger says of it."""
        return Reading(self.text, self.tokens, self._parser, self.trigrams, votes)

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    def at(self, index: int) -> Token | None:
        """Return the token at `index`, or None outside the text."""
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def lower_at(self, index: int) -> str:
        """Return the lower-case token at `index`, empty outside the text."""
        token = self.at(index)
        return token.lower if token else ""

    def children(self, token: Token, *deps: str) -> list[Token]:
        """Return the tokens governed by `token`, all or those with one of the labels `deps`."""
        found = (self.tokens[i] for i in self._children[token.index])
        return [t for t in found if not deps or t.dep in deps]

    def head(self, token: Token) -> Token:
        """Return the token that governs `token` (itself for a root)."""
        return self.tokens[token.head]

    def inflect(self, lemma: str, tag: str) -> str | None:
        """Return the form of `lemma` with the Penn tag `tag`, or None."""
        return self._parser.inflect(lemma, tag)

    def base_verb(self, word: str) -> str | None:
        """Return the base form of a verb form, whatever the tagger made of it; None for no known verb."""
        return self._parser.base_verb(word)

    def previous_word(self, index: int) -> Token | None:
        """Return the nearest word before `index` in the same sentence; punctuation is passed over."""
        if self.tokens[index].sentence_start:
            return None
        for at in range(index - 1, -1, -1):
            token = self.tokens[at]
            if token.pos not in PUNCTUATION:
                return token
            if token.sentence_start:
                return None
        return None

    def left_edge(self, token: Token) -> int:
        """Return the index of the leftmost token of the phrase that `token` heads."""
        edge = token.index
        stack = [token.index]
        while stack:
            at = stack.pop()
            edge = min(edge, at)
            stack.extend(self._children[at])
        return edge

    def skip(self, index: int, words: frozenset[str]) -> int:
        """Return the first index from `index` whose token is not one of `words`."""
        while index < len(self.tokens) and self.tokens[index].lower in words:
            index += 1
        return index

    def span_text(self, first: int, last: int) -> str:
        """Return the text from token `first` to token `last`, both included."""
        return self.text[self.tokens[first].start : self.tokens[last].end]
