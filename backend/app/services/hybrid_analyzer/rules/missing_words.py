"""Missing determiners and prepositions, where a word model finds the text with the word far likelier."""

from collections.abc import Iterator, Mapping

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.spoken import SpokenWords
from app.services.hybrid_analyzer.rules.words import COLLECTIVE, UNCOUNTABLE
from app.services.hybrid_analyzer.word_set import word_set

_DETERMINERS = ("a", "an", "the")
_MIN_GAIN = {"dobj": 1.8, "attr": 1.8, "pobj": 2.1}
"""How much likelier (ln) the text must become, by the noun's place; tuned on text where none is missing.

What gains less waits for the second vote, which finds nearly all of it and is wrong a third as often there.
"""

_ABSTRACT = ("tion", "sion", "ment", "ness", "ity", "ance", "ence", "ism", "ship", "port", "trol")
_CONCRETE = word_set(
    "apartment vacation experience station question department document instrument government"
)
_MORE_FOR_ABSTRACT = 2.0
"""Abstract nouns are counted in some senses only, so more is asked of them."""

_MIN_PREPOSITION_GAIN = 0.8
_MIN_PLURAL_USE = -3.2
"""Log ratio of plural to singular below which a noun is not usually counted."""

_OF_NOUN = frozenset({"det", "poss", "nummod", "predet", "neg", "case"})
_PREMODIFIERS = frozenset({"amod", "compound", "advmod"})
BARE_AFTER_PREPOSITION = word_set(
    "school work home bed church college university class town night noon sea hospital prison court hand "
    "foot heart mind course fact general time age love war peace nature life death society culture "
    "sunday country "
    "summer winter spring autumn dinner lunch breakfast control sight record average default"
)
_OUTINGS = word_set("walk run ride drive swim drink rest break dance")
"""Verbs that are nouns too, and what one goes out for: `for run` lacks its article."""

_NOT_JUDGED = word_set(
    "lot kind sort one today tomorrow yesterday tonight mom mum dad mother father god part name number "
    "person "
    "people man top sex food fish work school home church college university bed hard game change "
    "hope power action drama comedy horror romance fiction thriller fantasy cartoon animation football "
    "soccer "
    "baseball basketball tennis chess golf lunch dinner breakfast english life love death fun color colour "
    "beer wine coffee tea juice chocolate cheese cake meat chicken pizza pasta fruit salad soup sauce salt "
    "bird video pop rock jazz art history science math business marketing design law medicine engineering "
    "care attention advantage place hand care sense time root square i u r s m b c d e f g h j k l n o "
    "p q t v w x y z"
)
_GOVERNED: Mapping[str, tuple[str, ...]] = {
    "agree": ("with",), "apologise": ("to",), "apologize": ("to",), "belong": ("to",), "chat": ("with",),
    "communicate": ("with",), "compete": ("in", "with"), "complain": ("about",), "concentrate": ("on",),
    "deal": ("with",), "enrol": ("in",), "enroll": ("in",), "focus": ("on",), "graduate": ("from",),
    "listen": ("to",), "live": ("in",), "participate": ("in",), "rely": ("on",), "search": ("for",),
    "sit": ("in", "on"), "talk": ("about", "to", "with"), "wait": ("for",), "look": ("at",),
    "go": ("to",), "refer": ("to",), "respond": ("to",), "reply": ("to",),
    "suffer": ("from",), "apply": ("for",), "arrive": ("at", "in"), "believe": ("in",), "consist": ("of",),
    "disagree": ("with",), "smile": ("at",), "stare": ("at",), "succeed": ("in",), "stay": ("in", "at"),
    "recover": ("from",), "react": ("to",), "travel": ("to",), "laugh": ("at",),
}  # fmt: skip
_WITHOUT_PREPOSITION = word_set(
    "home there here abroad somewhere anywhere everywhere nowhere every this that last next all one two "
    "three "
    "four five six seven eight nine ten some a-lot lot fine crazy wild bad wrong mad insane together alone "
    "today tomorrow yesterday tonight yourself himself themselves other each what which who many few several "
    "half much more most it"
)


_OF_ALL_KINDS = word_set("like love hate prefer enjoy dislike")
_NOT_KINDS = word_set("matrix exercise exercising study cooking sport travel dance talk help change")
_MIN_KIND_USE = -1.3
_MIN_PLURAL_GAIN = 1.8
_PLURAL_MARGIN = 0.7


_BEGINS_CLAUSE = frozenset({"PRON", "AUX", "SCONJ", "ADV"})


def _counted(reading: Reading, spoken: SpokenWords, noun: Token) -> bool:
    """Whether a noun is usually counted, so that in the singular it needs a determiner."""
    plural = reading.inflect(noun.lower, "NNS")
    if plural is None or plural == noun.lower:
        return False
    ratio = spoken.log_ratio(noun.lower, plural)
    return ratio is not None and ratio > _MIN_PLURAL_USE


def _phrase_start(reading: Reading, noun: Token) -> Token | None:
    """Return the first token of a bare noun phrase, None when something unusual stands before the noun."""
    if reading.children(noun, *_OF_NOUN):
        return None
    before = [t for t in reading.children(noun) if t.index < noun.index]
    if any(t.dep not in _PREMODIFIERS or t.pos in {"PROPN", "NUM"} for t in before):
        return None
    return reading.tokens[min([reading.left_edge(t) for t in before] + [noun.index])]


def _stands_alone(reading: Reading, noun: Token) -> bool:
    """Whether the noun ends its phrase: without commas a list or a compound is easily misread."""
    after = reading.at(noun.index + 1)
    if after is None or after.sentence_start or after.dep == "npadvmod":
        return True
    if after.lower in {"or", "and"}:
        following = reading.at(after.index + 1)
        return following is None or following.pos in _BEGINS_CLAUSE
    return after.pos not in {"NOUN", "PROPN", "ADJ", "NUM", "X"} and after.lower != "-"


def _bare_nouns(reading: Reading) -> Iterator[tuple[Token, Token]]:
    """Yield singular nouns without a determiner where one could stand, and their phrase's first token."""
    for noun in reading:
        if noun.dep not in _MIN_GAIN or noun.tag != "NN" or noun.pos != "NOUN" or not noun.text.isalpha():
            continue
        if noun.lower in UNCOUNTABLE | COLLECTIVE | _NOT_JUDGED or not _stands_alone(reading, noun):
            continue
        first = _phrase_start(reading, noun)
        if first is None or first.sentence_start or first.lower in {"such", "what", "more", "most"}:
            continue
        if noun.dep == "pobj" and first is noun and noun.lower in BARE_AFTER_PREPOSITION:
            continue
        if first is noun and _is_purpose(reading, noun):
            continue
        yield noun, first


def _is_purpose(reading: Reading, noun: Token) -> bool:
    """Whether `for talk` may stand for `to talk`, so that an article would not mend it."""
    is_verb = reading.base_verb(noun.lower) == noun.lower
    return is_verb and reading.lower_at(noun.index - 1) == "for" and noun.lower not in _OUTINGS


def _best_determiner(spoken: SpokenWords, first: Token) -> tuple[float, str] | None:
    """Return the determiner that makes the text likeliest, with its gain; None for unknown words."""
    wrong = "a" if first.lower[0] in "aeiou" else "an"
    words = (word for word in _DETERMINERS if word != wrong)
    return max(((g, word) for word in words if (g := spoken.gain(first, word)) is not None), default=None)


def _best_plural(reading: Reading, spoken: SpokenWords, noun: Token) -> tuple[float, str] | None:
    """Return the plural of a noun that is often used in it, with its gain; None where there is none."""
    plural = reading.inflect(noun.lower, "NNS")
    if plural is None or plural == noun.lower:
        return None
    ratio, gain = spoken.log_ratio(noun.lower, plural), spoken.gain_of(noun, plural)
    return None if ratio is None or ratio < _MIN_KIND_USE or gain is None else (gain, plural)


def _plural_wins(plural: tuple[float, str] | None, determiner: tuple[float, str] | None) -> bool:
    """Whether the plural repairs a bare noun clearly better than a determiner does."""
    if plural is None:
        return False
    return determiner is None or plural[0] > determiner[0] + _PLURAL_MARGIN


def _missing_determiner(reading: Reading) -> Iterator[Hit]:
    if reading.trigrams is None:
        return
    spoken = SpokenWords(reading, reading.trigrams)
    for noun, first in _bare_nouns(reading):
        determiner, plural = _best_determiner(spoken, first), _best_plural(reading, spoken, noun)
        least = _MIN_GAIN[noun.dep]
        if noun.lower.endswith(_ABSTRACT) and noun.lower not in _CONCRETE:
            least += _MORE_FOR_ABSTRACT
        if determiner is None or determiner[0] < least or _plural_wins(plural, determiner):
            continue
        if not _counted(reading, spoken, noun) or _names_kind(reading, noun):
            continue
        word = determiner[1]
        text = f"{word} {reading.span_text(first.index, noun.index)}"
        yield hit(reading, first.index, noun.index, text, determiner=word, noun=noun.text)


def _names_kind(reading: Reading, noun: Token) -> bool:
    return noun.dep == "dobj" and reading.head(noun).lemma.lower() in _OF_ALL_KINDS


def _bare_singular(reading: Reading) -> Iterator[Hit]:
    """`I like dog`, `we watch movie`: a bare count noun where the plural is the likelier repair."""
    if reading.trigrams is None:
        return
    spoken = SpokenWords(reading, reading.trigrams)
    for noun, first in _bare_nouns(reading):
        plural, determiner = _best_plural(reading, spoken, noun), _best_determiner(spoken, first)
        if plural is None or noun.lower in _NOT_KINDS:
            continue
        if _names_kind(reading, noun):
            if plural[0] < 0:
                continue
        elif plural[0] < _MIN_PLURAL_GAIN or not _plural_wins(plural, determiner):
            continue
        text = reading.text[first.start : noun.start] + plural[1]
        yield hit(reading, first.index, noun.index, text, noun=noun.text, plural=plural[1])


def _missing_preposition(reading: Reading) -> Iterator[Hit]:
    if reading.trigrams is None:
        return
    spoken = SpokenWords(reading, reading.trigrams)
    for verb in reading:
        choices = _GOVERNED.get(verb.lemma.lower())
        after = reading.at(verb.index + 1)
        if choices is None or verb.pos != "VERB" or after is None or after.sentence_start:
            continue
        if after.pos not in {"NOUN", "PROPN", "PRON", "DET", "ADJ"} or after.lower in _WITHOUT_PREPOSITION:
            continue
        if after.tag in {"WP", "WDT", "WP$", "EX"} or after.dep in {"nsubj", "nsubjpass", "expl", "acomp"}:
            continue
        phrase = reading.head(after) if after.dep in _OF_NOUN | _PREMODIFIERS else after
        if phrase.dep in {"npadvmod", "nsubj", "nsubjpass"} or phrase.head != verb.index:
            continue
        gains = [(gain, word) for word in choices if (gain := spoken.gain(after, word)) is not None]
        if not gains or max(gains)[0] < _MIN_PREPOSITION_GAIN:
            continue
        word = max(gains)[1]
        yield hit(
            reading, verb.index, after.index, f"{verb.text} {word} {after.text}",
            verb=verb.text, preposition=word,
        )  # fmt: skip


RULES = (
    Rule(
        id="LM-MISSING-DET",
        family="missing_words",
        category="M:DET",
        severity="low",
        confidence=0.82,
        explanation="A single “{noun}” usually needs a word like “a” or “the”: “{correction}”.",
        explanation_uz="Birlikdagi “{noun}” oldidan odatda “a” yoki “the” kerak: “{correction}”.",
        good=(
            "I went to the supermarket to buy a present.",
            "She goes to school by bus.",
            "I like music and I listen to it at work.",
            "I go there for talk with my friends.",
        ),
        bad=(
            Example("I went to supermarket yesterday.", "I went to the supermarket yesterday."),
            Example("We went to department store.", "We went to a department store."),
            Example("I went out for run in the morning.", "I went out for a run in the morning."),
        ),
        find=_missing_determiner,
        function_words=True,
        source="lm",
    ),
    Rule(
        id="LM-BARE-KIND",
        family="missing_words",
        category="R:NOUN:NUM",
        severity="low",
        confidence=0.82,
        explanation="All things of a kind are named in the plural: “{plural}”.",
        explanation_uz="Bir turdagi barcha narsalar haqida ko‘plikda aytiladi: “{plural}”.",
        good=("I like the dog.", "I love music.", "She likes my car."),
        bad=(
            Example("I like dog very much.", "I like dogs very much."),
            Example("She loves flower.", "She loves flowers."),
        ),
        find=_bare_singular,
        source="lm",
    ),
    Rule(
        id="LM-MISSING-PREP",
        family="missing_words",
        category="M:PREP",
        severity="medium",
        confidence=0.85,
        explanation="“{verb}” needs “{preposition}” here: “{correction} …”.",
        explanation_uz="Bu yerda “{verb}” dan keyin “{preposition}” kerak: “{correction} …”.",
        good=("I went to a restaurant with my father.", "I went home and talked to my friends."),
        bad=(
            Example("I went a nice restaurant.", "I went to a nice restaurant."),
            Example("I agree my friend.", "I agree with my friend."),
        ),
        find=_missing_preposition,
        function_words=True,
        source="lm",
    ),
)
