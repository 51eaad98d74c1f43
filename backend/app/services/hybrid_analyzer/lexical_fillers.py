"""Words that only hold the floor: `like`, `you know`, `I mean` where they add nothing to what is said."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import PUNCTUATION, Reading
from app.services.hybrid_analyzer.word_set import word_set

_ASKED_OR_DENIED = word_set(
    "do does did don't doesn't didn't n't not to can could will would may might if as what"
)
_OPENS_OBJECT = word_set(
    "what how why where when who which whether if that about of anything nothing something"
)
_COMPARING = word_set(
    "just sorta kinda of exactly so look looks looked sound sounds feel feels felt seem seems"
)
_AS_SAID = frozenset({"say", "mention", "tell"})
_LIKING = word_set("i you we they do does did don't didn't to would really also not")
_SPEAKERS = word_set("i you he she we they everyone everybody people who")
_POINTED_AT = word_set("that this it me him her them us you")


def find_lexical_fillers(reading: Reading) -> tuple[tuple[int, int], ...]:
    """Return the characters (start, end) of every `like`, `you know` and `I mean` used as a filler.

    `I like it`, `like my father`, `do you know the word`, `I mean the other one` are none.
    """
    return tuple(_find(reading))


def _find(reading: Reading) -> Iterator[tuple[int, int]]:
    for token in reading:
        match token.lower:
            case "like" if _holds_floor(reading, token):
                yield token.start, token.end
            case "know" if _is_aside(reading, token, "you"):
                yield reading.tokens[token.index - 1].start, token.end
            case "mean" if _is_aside(reading, token, "i"):
                yield reading.tokens[token.index - 1].start, token.end
            case _:
                continue


def _holds_floor(reading: Reading, like: Token) -> bool:
    before, after = reading.previous_word(like.index), reading.at(like.index + 1)
    if before is None or after is None or after.pos in PUNCTUATION or after.lower == "like":
        return False
    if (
        before.tag in {"PRP$", "DT"}
        or (before.pos == "ADP" and before.lower not in _COMPARING)
        or after.tag == "CD"
    ):
        return before.lower not in _COMPARING
    if like.pos != "INTJ" and like.dep != "intj":
        return False
    if before.lower in _LIKING | _COMPARING or after.lower in _POINTED_AT or _quotes(reading, before):
        return False
    later = reading.at(after.index + 1)
    return later is None or later.lemma not in _AS_SAID


def _quotes(reading: Reading, before: Token) -> bool:
    """Whether the words before `like` are `I was` or `she's`: what follows is what somebody said."""
    return before.lemma == "be" and reading.lower_at(before.index - 1) in _SPEAKERS


def _is_aside(reading: Reading, verb: Token, subject: str) -> bool:
    if reading.lower_at(verb.index - 1) != subject:
        return False
    before = reading.previous_word(verb.index - 1)
    if before is not None and before.lower in _ASKED_OR_DENIED:
        return False
    after = reading.at(verb.index + 1)
    return after is None or after.pos in PUNCTUATION or after.lower not in _OPENS_OBJECT
