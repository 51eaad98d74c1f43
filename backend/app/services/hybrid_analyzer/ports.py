"""What the analyzer needs from a parser, a word model and an edit tagger: plain data, no library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a parsed text.

    `start` and `end` are character positions in the parsed text. `tag` is the Penn Treebank tag, `pos` the
    universal part of speech, `dep` the ClearNLP dependency label, `head` the index of the governing token
    (its own index for a root).
    """

    index: int
    text: str
    start: int
    end: int
    lemma: str
    tag: str
    pos: str
    dep: str
    head: int
    sentence_start: bool

    @property
    def lower(self) -> str:
        """The token in lower case."""
        return self.text.lower()


class Parser(Protocol):
    """A dependency parser with its morphology. Its methods may be called from any thread."""

    def parse(self, text: str) -> tuple[Token, ...]:
        """Tag and parse `text`; an empty text gives no tokens."""
        ...

    def inflect(self, lemma: str, tag: str) -> str | None:
        """Return the form of `lemma` that bears the Penn Treebank `tag`, or None where there is none."""
        ...

    def base_verb(self, word: str) -> str | None:
        """Return the base form of a verb form (`went` -> `go`), or None for what is no known verb form."""
        ...


class TrigramModel(Protocol):
    """A language model over three words. Its method may be called from any thread."""

    def log_probability(self, before: str, previous: str, word: str) -> float | None:
        """Return the natural log probability of `word` after `before previous`, all in lower case.

        `<s>` stands for the start of a sentence and `</s>` for its end. None for a word the model does not
        know.
        """
        ...


@dataclass(frozen=True, slots=True)
class Vote:
    """What an edit tagger would change at one token of a text, with its probability (0-1).

    `edit` is `+word` to put before the token, `=word` to say in its place, the Penn tag of the form that the
    token should take, or DELETE.
    """

    token: int
    edit: str
    probability: float


class EditTagger(Protocol):
    """A learned model of which words a text needs changed. Its method may be called from any thread."""

    def votes(self, words: Sequence[str]) -> tuple[Vote, ...]:
        """Return the changes at each token that are worth a look, in order of the tokens.

        `words` are the tokens of a text in lower case; any text is accepted, in time that grows with it.
        """
        ...
