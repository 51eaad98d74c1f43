"""Correct sentences with the mistakes of learners put in, and what would mend each of them.

The rates follow what learners of English drop, add and confuse most (determiners, forms of nouns and verbs,
be, it); three sentences in ten stay as they are, so that a tagger learns to leave well alone.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.services.hybrid_analyzer import Parser, Token
from app.services.hybrid_analyzer.word_set import word_set

KEEP, DELETE = "KEEP", "DELETE"

_UNTOUCHED = 0.3
_STRENGTHS = (0.5, 0.8, 1.0, 1.4, 2.0)
"""How many mistakes a sentence gets, as factors of the rates below; one is drawn for each sentence."""
_SPOKEN = 0.75
"""Share of the sentences in lower case and without marks, as a recogniser writes them."""

_ARTICLES = word_set("a an the")
_PREPOSITIONS: Mapping[str, float] = {
    "in": 0.25, "on": 0.2, "at": 0.14, "to": 0.15, "of": 0.15, "for": 0.15, "with": 0.12, "about": 0.1,
    "from": 0.06, "by": 0.05, "into": 0.02, "during": 0.01,
}  # fmt: skip
"""With the weight of each as what is said in place of another."""
_BE = word_set("is are am was were 's 're 'm be been being")
_FINITE_BE = _BE - {"be", "been", "being"}
_WHOLE = {"'s": "is", "'re": "are", "'m": "am", "'ve": "have", "'ll": "will", "ca": "can", "wo": "will"}
_OTHER_BE = {
    "is": ("are", "was"), "are": ("is", "were"), "was": ("were", "is"), "were": ("was", "are"),
    "am": ("is", "was"), "'s": ("are", "was"), "'re": ("is", "were"),
}  # fmt: skip
"""The form in the wrong number, and the one in the wrong tense."""
_BE_OF = {"i": "am", "he": "is", "she": "is", "it": "is"}
_CONFUSED = {
    "much": "many", "many": "much", "this": "these", "these": "this", "that": "those", "those": "that",
    "it": "them", "them": "it", "has": "have", "have": "has", "does": "do", "do": "does", "but": "and",
    "and": "but", "or": "and", "so": "but", "he": "she", "she": "he", "his": "her", "her": "his",
}  # fmt: skip
_BEFORE_NOUN = word_set("DT PRP$ JJ NN NNS NNP CD POS JJS JJR VBG WP$ HYPH")
_NOT_INFLECTED = _BE | word_set("have has had do does did")


@dataclass(slots=True)
class Said:
    """A word as a learner may say it: `edit` mends it in place, `before` is what should come before it."""

    word: str
    edit: str = KEEP
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """Words in lower case with the edit of each, and what should stand before each and at the end."""

    words: tuple[str, ...]
    edits: tuple[str, ...]
    before: tuple[str | None, ...]


@dataclass(slots=True)
class _Spoiler:
    """One sentence on its way: what is said so far, and the word that was left out last."""

    parser: Parser
    rng: random.Random
    tokens: Sequence[Token]
    strength: float
    said: list[Said] = field(default_factory=list)
    missing: str | None = None

    def spoil(self) -> list[Said]:
        for index, token in enumerate(self.tokens):
            self._add(index, token)
            if self.missing is None and self._drop(index, token):
                continue
            change = self._replacement(index, token)
            word, edit = change if change is not None else (token.text, KEEP)
            self.said.append(Said(word, edit, self.missing))
            self.missing = None
        return self.said

    def _chance(self, rate: float) -> bool:
        return self.rng.random() < rate * self.strength

    def _at(self, index: int) -> Token | None:
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def _glued(self, index: int) -> bool:
        before = self._at(index - 1)
        return before is not None and before.end == self.tokens[index].start

    def _add(self, index: int, token: Token) -> None:
        """Say a word too many before the token."""
        before = self._at(index - 1)
        if before is None or self.missing is not None or self._glued(index):
            return
        extra: str | None = None
        if token.tag in {"NN", "NNS", "NNP"} and before.tag not in _BEFORE_NOUN:
            if self._chance(0.025):
                single = "an" if token.lower[0] in "aeiou" else "a"
                extra = "the" if token.tag != "NN" or self.rng.random() < 0.5 else single
        elif token.tag in {"DT", "PRP$", "PRP", "NN", "NNS"} and before.tag.startswith("VB"):
            if self._chance(0.01):
                extra = self.rng.choice(("to", "about", "of", "for", "with", "in"))
        elif token.tag == "VB" and before.tag == "MD":
            extra = "to" if self._chance(0.03) else None
        elif token.tag in {"VBP", "VBD", "VBZ"} and token.lower not in _BE and before.tag == "PRP":
            extra = _BE_OF.get(before.lower, "are") if self._chance(0.012) else None
        elif token.tag == "JJR":
            extra = "more" if self._chance(0.04) else None
        if extra is not None:
            self.said.append(Said(extra, DELETE))

    def _drop(self, index: int, token: Token) -> bool:
        """Leave the token out; what is said next is told what is missing before it."""
        after = self._at(index + 1)
        if after is not None and after.start == token.end and "'" in after.lower:
            return False
        rate = self._drop_rate(token, after)
        if not rate or not self._chance(rate):
            return False
        self.missing = _WHOLE.get(token.lower, token.lower)
        return True

    @staticmethod
    def _drop_rate(token: Token, after: Token | None) -> float:
        word, tag = token.lower, token.tag
        follows, follows_tag = (after.lower, after.tag) if after is not None else ("", ".")
        if word in _ARTICLES:
            return 0.19 if after is not None and follows_tag not in {",", "."} else 0.0
        if tag in {"IN", "TO", "RP"} and word in _PREPOSITIONS:
            return 0.04 if word == "to" and follows_tag == "VB" else 0.05
        if word in _FINITE_BE and tag != "POS":
            return 0.07 if follows_tag != "RB" and follows != "n't" else 0.0
        if word in {"have", "has", "had", "'ve"} and follows_tag == "VBN":
            return 0.06
        if word in {"do", "does", "did"} and follows_tag == "PRP":
            return 0.06
        if tag == "MD" and word in {"will", "would", "'ll", "can"}:
            return 0.025
        if word == "it" and tag == "PRP":
            return 0.12
        others = {"PRP$": 0.02, "EX": 0.05}
        pronouns = dict.fromkeys(("i", "he", "she", "we", "they"), 0.008)
        pronouns |= dict.fromkeys(("them", "him", "me", "us"), 0.015) | {"be": 0.04, "been": 0.04}
        return others.get(tag, pronouns.get(word, 0.0))

    def _replacement(self, index: int, token: Token) -> tuple[str, str] | None:
        """Return another word for the token, and the edit that mends it; None to say it as it is."""
        word, tag = token.lower, token.tag
        after = self._at(index + 1)
        follows, follows_tag = (after.lower, after.tag) if after is not None else ("", ".")
        if word in _ARTICLES and self._chance(0.02):
            single = "an" if follows[:1] in set("aeiou") else "a"
            return ("the" if word != "the" else single), f"={word}"
        if tag in {"IN", "TO"} and word in _PREPOSITIONS and follows_tag != "VB" and self._chance(0.06):
            others = [p for p in _PREPOSITIONS if p != word]
            return self.rng.choices(others, [_PREPOSITIONS[p] for p in others])[0], f"={word}"
        if word in _OTHER_BE and tag != "POS" and follows != "n't" and self._chance(0.05):
            number, tense = _OTHER_BE[word]
            return (tense if self.rng.random() < 0.2 else number), f"={_WHOLE.get(word, word)}"
        if word in _CONFUSED and self._chance(self._confusion_rate(token)):
            return _CONFUSED[word], f"={word}"
        return self._other_form(token)

    @staticmethod
    def _confusion_rate(token: Token) -> float:
        word, tag = token.lower, token.tag
        if word in {"has", "does"}:
            return 0.09 if tag != "VB" else 0.0
        if word in {"have", "do"}:
            return 0.02 if tag != "VB" else 0.0
        if word in {"this", "these", "that", "those"}:
            return 0.05 if tag == "DT" else 0.0
        return {"much": 0.05, "many": 0.05, "it": 0.02, "them": 0.02}.get(word, 0.006)

    def _other_form(self, token: Token) -> tuple[str, str] | None:
        """Return a noun in the other number or a verb in another form."""
        form: str | None = None
        if token.tag == "NNS" and self._chance(0.13):
            form = token.lemma.lower()
        elif token.tag == "NN" and token.text.isalpha() and self._chance(0.02):
            form = self.parser.inflect(token.lower, "NNS")
        elif token.tag.startswith("VB") and token.text.isalpha() and token.lower not in _NOT_INFLECTED:
            form = self._other_verb(token)
        return (form, token.tag) if form and form != token.lower else None

    def _other_verb(self, token: Token) -> str | None:
        base = self.parser.base_verb(token.lower)
        rates = {"VBZ": 0.16, "VBP": 0.035, "VBD": 0.12, "VB": 0.05, "VBG": 0.1, "VBN": 0.09}
        if base is None or not self._chance(rates.get(token.tag, 0.0)):
            return None
        choices = {
            "VBZ": ((1.0, "VB"),),
            "VBP": ((0.7, "VBZ"), (0.8, "VBG"), (1.0, "VBD")),
            "VBD": ((0.8, "VB"), (0.9, "VBZ"), (1.0, "VBG")),
            "VB": ((0.25, "VBG"), (0.5, "VBD"), (0.75, "VBZ"), (1.0, "VBN")),
            "VBG": ((0.8, "VB"), (1.0, "VBN")),
            "VBN": ((0.5, "VB"), (0.65, "VBG"), (1.0, "VBD")),
        }[token.tag]
        drawn = self.rng.random()
        tag = next(tag for up_to, tag in choices if drawn <= up_to)
        return base if tag == "VB" else self.parser.inflect(base, tag)


def with_mistakes(parser: Parser, sentence: str, rng: random.Random) -> Example | None:
    """Return a sentence with mistakes put in by `rng`, or None when too little of it is left."""
    strength = 0.0 if rng.random() < _UNTOUCHED else rng.choice(_STRENGTHS)
    spoiler = _Spoiler(parser, rng, parser.parse(sentence), strength)
    said, at_end = spoiler.spoil(), spoiler.missing
    if rng.random() < _SPOKEN:
        said, at_end = _without_marks(said, at_end)
    if len(said) < 3:
        return None
    return Example(
        tuple(s.word.lower() for s in said),
        tuple(s.edit for s in said),
        (*(s.before for s in said), at_end),
    )


def _without_marks(said: Sequence[Said], at_end: str | None) -> tuple[list[Said], str | None]:
    kept: list[Said] = []
    missing: str | None = None
    for each in said:
        missing = each.before if missing is None else missing
        if any(c.isalnum() for c in each.word):
            kept.append(Said(each.word, each.edit, missing))
            missing = None
    return kept, at_end if at_end is not None else missing


def examples(parser: Parser, sentences: Sequence[str], rng: random.Random) -> Iterator[Example]:
    """Yield sentences with mistakes, in their order."""
    for sentence in sentences:
        example = with_mistakes(parser, sentence, rng)
        if example is not None:
            yield example
