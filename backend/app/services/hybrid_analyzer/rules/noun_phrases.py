"""Noun phrases whose shape asks for a determiner or a plural, whatever stands around them."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.ports import Token, TrigramModel
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.words import COLLECTIVE, PLURAL_SINGULAR_FORM, UNCOUNTABLE
from app.services.hybrid_analyzer.word_set import word_set

_MIN_ARTICLE_USE = 0.85
"""ln of how much likelier a noun is after `a` than anywhere; mass nouns stay below."""

_MIN_PLURAL_USE = -3.2
_MIN_PLURAL_OFTEN = -1.4
_WHOLE = word_set(
    "time day night way world family year week month morning evening afternoon house food money country city "
    "school class team body life place area staff thing book story film movie game season course process "
    "summer winter stuff work hell fun house village town company picture album band group room page ride"
)
_KEEPS_OTHER = word_set(
    "the any some no every one each my his her our their your this that what which another 's"
)
_NO_ARTICLE = word_set(
    "kinda mixed favorite favourite same last next first second such other enough much more most own"
)


def _article_use(model: TrigramModel, noun: str) -> float | None:
    """Return ln P(noun | a) - ln P(noun): high for nouns that are counted, None for unknown words."""
    alone, after = model.log_probability("", "", noun), model.log_probability("", "a", noun)
    return None if alone is None or after is None else after - alone


def _plural(reading: Reading, noun: Token, least: float) -> str | None:
    """Return the plural of a noun that is used in it at least `least` (ln) as often as in the singular."""
    model = reading.trigrams
    plural = "people" if noun.lower == "person" else reading.inflect(noun.lower, "NNS")
    if model is None or plural is None or plural == noun.lower:
        return None
    one, many = model.log_probability("", "", noun.lower), model.log_probability("", "", plural)
    return plural if one is not None and many is not None and many - one > least else None


def _of_pronoun(reading: Reading, be: Token) -> bool:
    """Whether the subject of `be` is a pronoun: titles and days of the year follow names."""
    return any(t.pos in {"PRON", "DET"} for t in reading.children(be, "nsubj"))


def _ends_phrase(reading: Reading, noun: Token) -> bool:
    after = reading.at(noun.index + 1)
    if after is None or after.sentence_start:
        return True
    if after.lower in {"or", "and", "-", "of", "are", "were"}:
        return False
    return after.pos not in {"NOUN", "PROPN", "NUM", "X", "PART"}


def _single(noun: Token) -> bool:
    known = UNCOUNTABLE | COLLECTIVE | PLURAL_SINGULAR_FORM
    return noun.tag == "NN" and noun.pos == "NOUN" and noun.text.isalpha() and noun.lower not in known


def _described_without_article(reading: Reading) -> Iterator[Hit]:
    """Yield `it is very good movie`: the word model sees three words, too few to reach the noun."""
    for noun in reading:
        if (
            noun.dep != "attr"
            or reading.trigrams is None
            or not _single(noun)
            or not _ends_phrase(reading, noun)
        ):
            continue
        before = [t for t in reading.children(noun) if t.index < noun.index]
        adjectives = [t for t in before if t.dep == "amod" and t.tag == "JJ"]
        if not adjectives or any(t.dep not in {"amod", "compound"} or t.pos == "PROPN" for t in before):
            continue
        first = reading.tokens[min(reading.left_edge(t) for t in before)]
        inside = {t.lower for t in reading.tokens[first.index : noun.index]}
        if first.sentence_start or inside & _NO_ARTICLE or adjectives[-1].index != noun.index - 1:
            continue
        if any(t.pos not in {"ADJ", "ADV", "NOUN"} for t in reading.tokens[first.index : noun.index]):
            continue
        opener = reading.tokens[first.index - 1]
        if opener.lemma != "be" or inside & {"so", "too"} or not _of_pronoun(reading, opener):
            continue
        use = _article_use(reading.trigrams, noun.lower)
        if use is None or use < _MIN_ARTICLE_USE or _plural(reading, noun, _MIN_PLURAL_USE) is None:
            continue
        article = "an" if first.lower[0] in "aeio" else "a"
        text = f"{article} {reading.span_text(first.index, noun.index)}"
        yield hit(reading, first.index, noun.index, text, noun=noun.text)


def _described_one(reading: Reading) -> Iterator[Hit]:
    """Yield `it is good one`, `show me cheaper one`."""
    for one in reading:
        adjective = reading.at(one.index - 1)
        if (
            one.lower != "one"
            or one.sentence_start
            or adjective is None
            or adjective.tag not in {"JJ", "JJR"}
        ):
            continue
        first = adjective.index
        while (
            reading.lower_at(first - 1) in {"very", "really", "more"}
            and not reading.tokens[first].sentence_start
        ):
            first -= 1
        before, after = reading.at(first - 1), reading.at(one.index + 1)
        if before is None or reading.tokens[first].sentence_start or adjective.lower in _NO_ARTICLE:
            continue
        if after is not None and not after.sentence_start and after.pos in {"NOUN", "ADJ", "NUM", "PROPN"}:
            continue
        if (
            before.lemma == "be"
            or (before.pos == "VERB" and adjective.head == one.index)
            or before.lower == "me"
        ):
            article = "an" if reading.tokens[first].lower[0] in "aeio" else "a"
            text = f"{article} {reading.span_text(first, one.index)}"
            yield hit(reading, first, one.index, text, noun=reading.span_text(first, one.index))


def _described(reading: Reading) -> Iterator[Hit]:
    yield from _described_without_article(reading)
    yield from _described_one(reading)


def _other_singular(reading: Reading) -> Iterator[Hit]:
    for other in reading:
        noun = reading.at(other.index + 1)
        if other.lower != "other" or noun is None or noun.sentence_start or not _single(noun):
            continue
        before = reading.lower_at(other.index - 1)
        if before in _KEEPS_OTHER or other.head != noun.index or not _ends_phrase(reading, noun):
            continue
        if noun.lower in {"side", "day", "hand", "half", "end", "life"}:
            continue
        if any(t.index < other.index for t in reading.children(noun, "det", "poss", "nummod", "amod")):
            continue
        plural = _plural(reading, noun, _MIN_PLURAL_OFTEN)
        if plural:
            yield hit(reading, other.index, noun.index, f"{other.text} {plural}", plural=plural)


def _all_singular(reading: Reading) -> Iterator[Hit]:
    for every in reading:
        determiner, noun = reading.at(every.index + 1), reading.at(every.index + 2)
        if every.lower != "all" or determiner is None or noun is None or noun.sentence_start:
            continue
        if determiner.lower not in {"my", "his", "her", "our", "their", "your", "the"}:
            continue
        if not _single(noun) or noun.lower in _WHOLE or determiner.head != noun.index:
            continue
        plural = _plural(reading, noun, -0.7) if _ends_phrase(reading, noun) else None
        if plural:
            text = f"{every.text} {determiner.text} {plural}"
            yield hit(reading, every.index, noun.index, text, plural=plural)


def _singular_are(reading: Reading) -> Iterator[Hit]:
    """Yield `horror movie are good`: a bare singular whose verb says that several are meant."""
    for noun in reading:
        verb = reading.at(noun.index + 1)
        if noun.dep != "nsubj" or verb is None or verb.lower not in {"are", "were"} or not _single(noun):
            continue
        before = [t for t in reading.children(noun) if t.index < noun.index]
        if len(reading.children(noun)) != len(before) or noun.head not in {verb.index, verb.head}:
            continue
        if any(t.dep not in {"amod", "compound"} or t.tag not in {"JJ", "NN"} for t in before):
            continue
        first = min([reading.left_edge(t) for t in before] + [noun.index])
        if reading.lower_at(first - 1) in {"and", "or", "of", "with", "to", "for", "in"}:
            continue
        plural = _plural(reading, noun, -1.0)
        if plural:
            yield hit(reading, noun.index, verb.index, f"{plural} {verb.text}", plural=plural, verb=verb.text)


RULES = (
    Rule(
        id="NUM-ARE",
        family="noun_phrases",
        category="R:NOUN:NUM",
        severity="medium",
        confidence=0.86,
        explanation="With “{verb}” use the plural: “{plural}”.",
        explanation_uz="“{verb}” bilan ko‘plik shakli ishlatiladi: “{plural}”.",
        good=("Movies are fun.", "My family are here.", "The book and the film are good."),
        bad=(
            Example("I think horror movie are boring.", "I think horror movies are boring."),
            Example("Video game are bad for children.", "Video games are bad for children."),
        ),
        find=_singular_are,
        source="lm",
    ),
    Rule(
        id="DET-DESCRIBED",
        family="noun_phrases",
        category="M:DET",
        severity="low",
        confidence=0.85,
        explanation="A single “{noun}” that is described needs “a” or “an”: “{correction}”.",
        explanation_uz="Sifat bilan kelgan birlikdagi “{noun}” oldidan “a” yoki “an” kerak: “{correction}”.",
        good=(
            "It was a very good movie.",
            "It is good music.",
            "She is my best friend.",
            "We eat healthy food.",
        ),
        bad=(
            Example("It is very good movie.", "It is a very good movie."),
            Example("He is very good teacher.", "He is a very good teacher."),
            Example("I think it is good one.", "I think it is a good one."),
        ),
        find=_described,
        function_words=True,
        source="lm",
    ),
    Rule(
        id="NUM-OTHER",
        family="noun_phrases",
        category="R:NOUN:NUM",
        severity="low",
        confidence=0.85,
        explanation="“Other” without “the” or “an” speaks of several: “{plural}”.",
        explanation_uz="“The” yoki “an”siz “other” bir nechtasini bildiradi: “{plural}”.",
        good=("I want the other book.", "Other people like it.", "We help each other day by day."),
        bad=(
            Example("I want to visit other country.", "I want to visit other countries."),
            Example("I watched other movie too.", "I watched other movies too."),
        ),
        find=_other_singular,
        source="lm",
    ),
    Rule(
        id="NUM-ALL",
        family="noun_phrases",
        category="R:NOUN:NUM",
        severity="low",
        confidence=0.87,
        explanation="“All” speaks of several here: “{plural}”.",
        explanation_uz="Bu yerda “all” bir nechtasini bildiradi: “{plural}”.",
        good=("I worked all the time.", "All my family came.", "All my friends came."),
        bad=(
            Example("All my friend like it.", "All my friends like it."),
            Example("I know all the student here.", "I know all the students here."),
        ),
        find=_all_singular,
        source="lm",
    ),
)
