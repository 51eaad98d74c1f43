"""Mistakes that an edit tagger sees and no rule declares: a second voter.

The tagger learned from native sentences with mistakes put in (see the adapter's model card). A vote counts
when it is likely enough for its kind, stands at a place where such a mistake can be, and makes the text
likelier for the word model too; a sure one needs no second witness. Its bad kinds (prepositions, words too
many) are never heard.
"""

from collections.abc import Callable, Iterator

from app.services.hybrid_analyzer.findings import Severity
from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.missing_words import BARE_AFTER_PREPOSITION
from app.services.hybrid_analyzer.rules.spoken import SpokenWords
from app.services.hybrid_analyzer.rules.words import UNCOUNTABLE
from app.services.hybrid_analyzer.word_set import word_set

_PLACES_OF_NOUNS = frozenset({"dobj", "pobj", "attr", "conj"})
_DETERMINED = frozenset({"det", "poss", "nummod", "predet", "neg", "quantmod"})
_NEEDS_BASE = word_set("do does did n't can could will would should must might may")
_TAKES_GERUND = word_set("enjoy like love hate avoid finish start keep practise of about for without by in")
_TAKES_TO = word_set("want need like love plan hope decide try have start begin would")
_VERB_TAGS = frozenset({"VB", "VBP", "VBZ", "VBD", "VBG", "VBN"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl"})
_SURE = 0.8
"""From here on a vote needs no second witness."""


def _votes(reading: Reading, edits: frozenset[str], least: float) -> Iterator[tuple[Token, str, bool]]:
    """Yield the tokens that the tagger would change like this, the change, and whether it is sure."""
    for vote in reading.votes:
        if vote.edit in edits and vote.probability >= least and vote.token < len(reading):
            yield reading.tokens[vote.token], vote.edit, vote.probability >= _SURE


def _spoken(reading: Reading) -> SpokenWords | None:
    return None if reading.trigrams is None else SpokenWords(reading, reading.trigrams)


def _likelier(gain: float | None, least: float) -> bool:
    return gain is not None and gain >= least


def _put_before(reading: Reading, token: Token, word: str) -> Hit:
    return hit(reading, token.index, token.index, f"{word} {token.text}")


def _determiner(reading: Reading) -> Iterator[Hit]:
    spoken = _spoken(reading)
    for first, edit, sure in _votes(reading, frozenset({"+a", "+an", "+the"}), 0.6):
        word = edit[1:] if edit == "+the" else "an" if first.lower[0] in "aeiou" else "a"
        noun = first if first.tag == "NN" else reading.head(first)
        if sure:
            whole = noun.tag == "NN" and reading.left_edge(noun) == first.index
            last = noun if whole else first
            text = f"{word} {reading.span_text(first.index, last.index)}"
            yield hit(reading, first.index, last.index, text)
            continue
        if not _lacks_determiner(reading, first, noun) or (word != "the" and noun.lower in UNCOUNTABLE):
            continue
        if spoken is not None and _likelier(spoken.gain(first, word), 0.0):
            text = f"{word} {reading.span_text(first.index, noun.index)}"
            yield hit(reading, first.index, noun.index, text)


def _lacks_determiner(reading: Reading, first: Token, noun: Token) -> bool:
    """Whether `noun`, whose phrase should begin with `first`, is a single thing without a determiner."""
    if noun.tag != "NN" or noun.dep not in _PLACES_OF_NOUNS or reading.children(noun, *_DETERMINED):
        return False
    if noun.dep == "pobj" and first is noun and noun.lower in BARE_AFTER_PREPOSITION:
        return False
    after = reading.at(noun.index + 1)
    return reading.left_edge(noun) == first.index and (after is None or after.pos not in {"NOUN", "PROPN"})


def _number(reading: Reading) -> Iterator[Hit]:
    spoken = _spoken(reading)
    for noun, _, sure in _votes(reading, frozenset({"NNS"}), 0.5):
        plural = reading.inflect(noun.lower, "NNS")
        if noun.tag != "NN" or noun.lower in UNCOUNTABLE or not plural or plural == noun.lower:
            continue
        if sure or (spoken is not None and _likelier(spoken.gain_of(noun, plural), -1.0)):
            yield hit(reading, noun.index, noun.index, plural)


def _verb_form(reading: Reading) -> Iterator[Hit]:
    for verb, tag, sure in _votes(reading, frozenset({"VB", "VBG"}), 0.5):
        before = reading.at(verb.index - 1)
        if tag == "VB" and before is not None and before.tag == "PRP":
            before = reading.at(verb.index - 2)
        if before is None:
            continue
        asks = before.lower in _NEEDS_BASE if tag == "VB" else before.lemma.lower() in _TAKES_GERUND
        if asks or sure:
            yield from _inflected(reading, verb, tag, least=1.0, sure=sure)


def _inflected(reading: Reading, verb: Token, tag: str, *, least: float, sure: bool) -> Iterator[Hit]:
    """Yield the verb in the form `tag`, where that makes the text likelier or the tagger is sure."""
    base = reading.base_verb(verb.lower)
    form = reading.inflect(base, tag) if base and verb.tag in _VERB_TAGS else None
    if form and form != verb.lower and (sure or _likelier(_gain_of(reading, verb, form), least)):
        yield hit(reading, verb.index, verb.index, form)


def _gain_of(reading: Reading, token: Token, other: str) -> float | None:
    spoken = _spoken(reading)
    return None if spoken is None else spoken.gain_of(token, other)


def _agreement(reading: Reading) -> Iterator[Hit]:
    edits = frozenset({"VBZ", "=is", "=are", "=has", "=have", "=does"})
    for verb, edit, sure in _votes(reading, edits, 0.65):
        if verb.tag not in _VERB_TAGS or (verb.dep == "relcl" and not sure):
            continue
        if edit == "VBZ":
            yield from _inflected(reading, verb, edit, least=0.0, sure=sure)
        elif edit[1:] != verb.lower and (sure or _likelier(_gain_of(reading, verb, edit[1:]), 1.0)):
            yield hit(reading, verb.index, verb.index, edit[1:])


def _past(reading: Reading) -> Iterator[Hit]:
    for verb, tag, sure in _votes(reading, frozenset({"VBD"}), 0.5):
        if verb.tag in {"VB", "VBP"} and reading.children(verb, *_SUBJECTS):
            yield from _inflected(reading, verb, tag, least=1.0, sure=sure)


def _inserted(
    reading: Reading, edits: frozenset[str], least: float, gain: float
) -> Iterator[tuple[Token, str, bool]]:
    spoken = _spoken(reading)
    for token, edit, sure in _votes(reading, edits, least):
        if sure or (spoken is not None and _likelier(spoken.gain(token, edit[1:]), gain)):
            yield token, edit[1:], sure


def _subject(reading: Reading) -> Iterator[Hit]:
    for verb, word, _ in _inserted(reading, frozenset({"+it"}), _SURE, 1.5):
        if verb.tag in {"VBZ", "VBD"} and not reading.children(verb, *_SUBJECTS):
            yield _put_before(reading, verb, word)


def _be(reading: Reading) -> Iterator[Hit]:
    for token, word, sure in _inserted(reading, frozenset({"+is", "+are", "+am"}), 0.5, 1.5):
        if sure or token.tag in {"JJ", "RB", "IN", "VBG"}:
            yield _put_before(reading, token, word)


def _to(reading: Reading) -> Iterator[Hit]:
    for verb, word, sure in _inserted(reading, frozenset({"+to"}), 0.5, 2.0):
        before = reading.at(verb.index - 1)
        if sure or (verb.tag == "VB" and before is not None and before.lemma.lower() in _TAKES_TO):
            yield _put_before(reading, verb, word)


def _rule(
    name: str,
    category: str,
    find: Callable[[Reading], Iterator[Hit]],
    *,
    told: tuple[str, str],
    bad: tuple[tuple[str, str], ...],
    good: tuple[str, ...],
    severity: Severity = "low",
    function_words: bool = False,
) -> Rule:
    return Rule(
        id=f"TAG-{name}",
        family="second_vote",
        category=category,
        severity=severity,
        confidence=0.82,
        explanation=f"Check this: {told[0]}",
        explanation_uz=f"Shu joyni tekshiring: {told[1]}",
        good=good,
        bad=tuple(Example(wrong, right) for wrong, right in bad),
        find=find,
        function_words=function_words,
        source="lm",
    )


SECOND_VOTES = (
    _rule(
        "DETERMINER",
        "M:DET",
        _determiner,
        told=(
            "a single thing usually needs a word like “a” or “the” before it: “{correction}”.",
            "birlikdagi narsa oldidan odatda “a” yoki “the” kerak: “{correction}”.",
        ),
        bad=(("Samarkand is nice place.", "Samarkand is a nice place."),),
        good=("Samarkand is a nice place.", "We have lunch at school.", "I like music."),
        function_words=True,
    ),
    _rule(
        "NUMBER",
        "R:NOUN:NUM",
        _number,
        told=(
            "more than one of them is meant, so the plural fits: “{correction}”.",
            "bu yerda bir nechtasi nazarda tutilgan, shuning uchun ko‘plik mos keladi: “{correction}”.",
        ),
        bad=(("I like music and reading book.", "I like music and reading books."),),
        good=("I like music and reading books.", "I have one brother."),
    ),
    _rule(
        "VERB-FORM",
        "R:VERB:FORM",
        _verb_form,
        told=(
            "another form of the verb follows here: “{correction}”.",
            "bu yerda fe’lning boshqa shakli keladi: “{correction}”.",
        ),
        bad=(("What movies did you watched before?", "What movies did you watch before?"),),
        good=("What movies did you watch before?", "We enjoy watching films."),
        severity="medium",
    ),
    _rule(
        "AGREEMENT",
        "R:VERB:SVA",
        _agreement,
        told=(
            "the verb goes with its subject: “{correction}”.",
            "fe’l egaga moslashadi: “{correction}”.",
        ),
        bad=(("And this house have big land.", "And this house has big land."),),
        good=("He lives there and they live here.",),
        severity="medium",
    ),
    _rule(
        "PAST",
        "R:VERB:TENSE",
        _past,
        told=(
            "the story is in the past, so the past form fits: “{correction}”.",
            "voqea o‘tmishda bo‘lgan, shuning uchun o‘tgan zamon shakli mos keladi: “{correction}”.",
        ),
        bad=(
            ("Yesterday she come to my house and ate.", "Yesterday she came to my house and ate."),
        ),
        good=("We took the cat and went back home.", "I usually take the bus."),
        severity="medium",
    ),
    _rule(
        "IT",
        "M:PRON",
        _subject,
        told=(
            "the sentence needs its subject “it”: “{correction}”.",
            "gapda ega bo‘lib “it” kelishi kerak: “{correction}”.",
        ),
        bad=(("I think was the main fight.", "I think it was the main fight."),),
        good=("I think it was the main fight.",),
        severity="medium",
        function_words=True,
    ),
    _rule(
        "BE",
        "M:VERB",
        _be,
        told=(
            "a form of “be” belongs here: “{correction}”.",
            "bu yerda “be” fe’lining shakli kerak: “{correction}”.",
        ),
        bad=(("Wow that awesome.", "Wow that is awesome."),),
        good=("That is awesome.", "What a nice day."),
        severity="medium",
    ),
    _rule(
        "TO",
        "M:VERB:FORM",
        _to,
        told=(
            "“to” comes before the second verb: “{correction}”.",
            "ikkinchi fe’l oldidan “to” keladi: “{correction}”.",
        ),
        bad=(("I think I want ask something.", "I think I want to ask something."),),
        good=("I want to ask something.", "Let me ask something."),
        severity="medium",
    ),
)  # fmt: skip
