"""Number: nouns that cannot be counted, and nouns left singular where several are meant."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.ports import Token, TrigramModel
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.words import COLLECTIVE, NEVER_PLURAL, UNCOUNTABLE
from app.services.hybrid_analyzer.word_set import word_set

_NOT_COUNTED = frozenset({"a", "an"})
_A_ALSO_COUNTS = word_set("rice water bread research transport weather fun vocabulary money music")
_MEASURES = word_set(
    "percent per cent hundred thousand million billion dozen o'clock am pm times plus point degree zero "
    "km cm mm kg g ml m mph kmh hz gb mb"
)
_SEVERAL_KINDS = word_set("various numerous few both")
_ONE = word_set("a an the one every each another this that no some very")
_COUNTED = -1.6
_NUMBER_OF = word_set(
    "band room number page chapter part level grade step unit lesson class school gate platform"
)
_AFTER_MODIFIER = word_set("- 's old long tall high wide deep thick late early younger older")
_SEVERAL = frozenset({"many", "several"})
_SOME_PEOPLE = word_set("many some other most these those young old rich poor local different few normal")
_ORDINAL = ("th", "first", "second", "third")
_DETERMINERS = word_set("the my his her its our their your these those")


def _uncountable_plural(reading: Reading) -> Iterator[Hit]:
    for token in reading:
        right = NEVER_PLURAL.get(token.lower)
        if right is None or token.pos not in {"NOUN", "PROPN"}:
            continue
        if reading.lower_at(token.index + 1) in {"of", "'"} and token.lower in {"progresses", "weathers"}:
            continue
        if token.lower == "peoples" and reading.lower_at(token.index - 1) not in _SOME_PEOPLE:
            continue
        counted = reading.lower_at(token.index - 1) in {"many", "few", "several"} and right != "children"
        if counted and right not in {"people", "men", "women"}:
            yield hit(reading, token.index - 1, token.index, f"a lot of {right}")
        else:
            yield hit(reading, token.index, token.index, right)


def _a_uncountable(reading: Reading) -> Iterator[Hit]:
    for token in reading:
        if token.lower not in _NOT_COUNTED or token.dep != "det":
            continue
        noun = reading.head(token)
        counts = noun.lower not in UNCOUNTABLE or noun.lower in _A_ALSO_COUNTS
        if counts or noun.tag != "NN" or noun.dep in {"compound", "nmod"} or noun.index <= token.index:
            continue
        after = reading.at(noun.index + 1)
        if after is not None and after.pos in {"NOUN", "PROPN"} and after.dep != "npadvmod":
            continue
        if noun.lower == "knowledge" and reading.lower_at(noun.index + 1) == "of":
            continue
        rest = reading.span_text(token.index + 1, noun.index)
        article = "some " if noun.index == token.index + 1 else ""
        yield hit(reading, token.index, noun.index, article + rest, noun=noun.lower)


def _counted_plural(reading: Reading, index: int) -> str | None:
    """Return the plural of the singular count noun at `index`, or None when it should be left alone."""
    noun = reading.tokens[index]
    after = reading.at(index + 1)
    if noun.tag != "NN" or noun.pos != "NOUN" or noun.lower in UNCOUNTABLE | _MEASURES:
        return None
    if noun.dep in {"compound", "nmod", "amod", "quantmod", "nummod"} or not noun.text.isalpha():
        return None
    if after is not None and (after.pos in {"NOUN", "PROPN", "NUM"} or after.lower in _AFTER_MODIFIER):
        return None
    if noun.lower.endswith("ing") and reading.base_verb(noun.lower):
        return None
    plural = "people" if noun.lower == "person" else reading.inflect(noun.lower, "NNS")
    if plural is None or plural == noun.lower or not plural.isalpha() or len(noun.text) < 3:
        return None
    known = reading.trigrams is None or reading.trigrams.log_probability("", "", plural) is not None
    return plural if known else None


def _after_number(reading: Reading) -> Iterator[Hit]:
    for number in reading:
        if number.pos != "NUM" or number.tag != "CD" or number.lower in _MEASURES | {"one", "1", "half", "0"}:
            continue
        if not (number.text.isalpha() or (number.text.isdigit() and len(number.text) < 4)):
            continue
        before = reading.previous_word(number.index)
        if before is not None and (before.lower in _NUMBER_OF or before.pos == "NUM" or before.lower == "'s"):
            continue
        index = number.index + 1
        adjective = reading.at(index)
        if adjective is not None and adjective.lower.endswith(_ORDINAL):
            continue
        if adjective is not None and adjective.pos == "ADJ" and adjective.tag == "JJ":
            index += 1
        noun = reading.at(index)
        following = reading.at(index + 1)
        if following is not None and following.pos == "ADJ" and following.lower not in {"last", "next"}:
            continue
        if noun is None or noun.sentence_start or number.dep != "nummod" or number.head != noun.index:
            continue
        plural = _counted_plural(reading, index)
        if plural:
            correction = reading.text[number.start : noun.start] + plural
            yield hit(reading, number.index, index, correction, number=number.text, plural=plural)


def _after_adjectives(reading: Reading, index: int) -> Token | None:
    """Return the token at `index`, or the one after up to two adjectives there."""
    end = index
    while end < index + 2 and (token := reading.at(end)) is not None and token.tag == "JJ":
        end += 1
    return reading.at(end)


def _after_many(reading: Reading) -> Iterator[Hit]:
    for many in reading:
        noun = _after_adjectives(reading, many.index + 1)
        if many.lower not in _SEVERAL or noun is None or many.head != noun.index or noun.sentence_start:
            continue
        if reading.lower_at(many.index - 1) in {"how", "too", "so"} and noun.lower == "time":
            continue
        plural = _counted_plural(reading, noun.index)
        if plural:
            text = reading.text[many.start : noun.start] + plural
            yield hit(reading, many.index, noun.index, text, number=many.text, plural=plural)


def _one_of(reading: Reading) -> Iterator[Hit]:
    for one in reading:
        determiner = reading.at(one.index + 2)
        if one.lower != "one" or reading.lower_at(one.index + 1) != "of" or determiner is None:
            continue
        if determiner.lower not in _DETERMINERS:
            continue
        noun = next(
            (
                t
                for t in reading.children(reading.tokens[one.index + 1], "pobj")
                if t.index > determiner.index
            ),
            None,
        )
        if noun is None or noun.lower in COLLECTIVE or noun.index - determiner.index > 4:
            continue
        between = reading.tokens[determiner.index + 1 : noun.index]
        if any(t.pos not in {"ADJ", "ADV"} for t in between):
            continue
        plural = _counted_plural(reading, noun.index)
        if plural:
            text = reading.text[one.start : noun.start] + plural
            yield hit(reading, one.index, noun.index, text, plural=plural)


def _after_quantity(reading: Reading) -> Iterator[Hit]:
    """`a lot of friend`, `different country`: only nouns that the word model knows as counted."""
    if reading.trigrams is None:
        return
    for token in reading:
        if token.lower == "of" and reading.lower_at(token.index - 1) in {"lot", "lots", "plenty", "kinds"}:
            first = token.index - (2 if reading.lower_at(token.index - 2) in {"a", "all", "many"} else 1)
        elif token.lower in _SEVERAL_KINDS and (
            reading.lower_at(token.index - 1) not in _ONE
            or (token.lower == "few" and reading.lower_at(token.index - 1) in {"a", "the"})
        ):
            first = token.index
        else:
            continue
        noun = _after_adjectives(reading, token.index + 1)
        if noun is None or noun.sentence_start or noun.lower in COLLECTIVE:
            continue
        plural = _counted_plural(reading, noun.index)
        before = reading.lower_at(noun.index - 1)
        if plural is None or not _more_often_plural(reading.trigrams, before, noun.lower, plural):
            continue
        text = reading.text[reading.tokens[first].start : noun.start] + plural
        number = reading.span_text(first, token.index)
        yield hit(reading, first, noun.index, text, number=number, plural=plural)


def _more_often_plural(model: TrigramModel, before: str, noun: str, plural: str) -> bool:
    """Whether the plural is likelier than the singular, by itself and after the word before it."""
    one, many = model.log_probability("", "", noun), model.log_probability("", "", plural)
    if one is None or many is None or many - one < _COUNTED:
        return False
    one, many = model.log_probability("", before, noun), model.log_probability("", before, plural)
    return one is not None and many is not None and many > one


RULES = (
    Rule(
        id="NUM-UNCOUNTABLE-PLURAL",
        family="number",
        category="R:NOUN:NUM",
        severity="low",
        confidence=0.95,
        explanation="“{quote}” has no such plural in English. Say “{correction}”.",
        explanation_uz="Ingliz tilida “{quote}” shakli ishlatilmaydi. “{correction}” deng.",
        good=("I need some information about the school.", "He gave me good advice and a lot of homework."),
        bad=(
            Example("I need more informations.", "I need more information."),
            Example("My teacher gives us many homeworks.", "My teacher gives us a lot of homework."),
            Example("I asked my parents for advices.", "I asked my parents for advice."),
        ),
        find=_uncountable_plural,
    ),
    Rule(
        id="NUM-A-UNCOUNTABLE",
        family="number",
        category="U:DET",
        severity="low",
        confidence=0.88,
        explanation="“{noun}” is not counted in English, so it takes no “a” or “an”: “{correction}”.",
        explanation_uz="“{noun}” so‘zi ingliz tilida sanalmaydi, shuning uchun oldidan “a/an” "
        "qo‘yilmaydi: “{correction}”.",
        good=(
            "She gave me a piece of advice.",
            "There is an information desk in the hall.",
            "You need a good knowledge of English.",
        ),
        bad=(
            Example("She gave me a good advice.", "She gave me good advice."),
            Example("I have a news for you.", "I have some news for you."),
            Example("We bought a furniture yesterday.", "We bought some furniture yesterday."),
        ),
        find=_a_uncountable,
        function_words=True,
    ),
    Rule(
        id="NUM-AFTER-NUMBER",
        family="number",
        category="R:NOUN:NUM",
        severity="medium",
        confidence=0.88,
        explanation="After “{number}” the noun is plural: “{plural}”.",
        explanation_uz="O‘zbekchada sondan keyin ot birlikda turadi, inglizchada esa “{number}” dan keyin "
        "ko‘plik kerak: “{plural}”.",
        good=(
            "I have two brothers.",
            "We took a two hour drive.",
            "It is a five star hotel.",
            "She is twenty one years old.",
            "I got band six in the test.",
        ),
        bad=(
            Example("I have two brother.", "I have two brothers."),
            Example("I read five book last month.", "I read five books last month."),
            Example("I lived there for three year.", "I lived there for three years."),
            Example("We were two person.", "We were two people."),
        ),
        find=_after_number,
    ),
    Rule(
        id="NUM-AFTER-MANY",
        family="number",
        category="R:NOUN:NUM",
        severity="medium",
        confidence=0.85,
        explanation="After “{number}” the noun is plural: “{plural}”.",
        explanation_uz="“{number}” dan keyin ot ko‘plikda bo‘ladi: “{plural}”.",
        good=("There are many students here.", "Many people like it.", "How many times did you go?"),
        bad=(
            Example("I have many friend in my city.", "I have many friends in my city."),
            Example("There are several reason for this.", "There are several reasons for this."),
        ),
        find=_after_many,
    ),
    Rule(
        id="NUM-ONE-OF",
        family="number",
        category="R:NOUN:NUM",
        severity="low",
        confidence=0.93,
        explanation="“One of the …” means one out of several, so the noun is plural: “{plural}”.",
        explanation_uz="“One of the …” — “bir nechtasidan biri” degani, shuning uchun ot ko‘plikda: "
        "“{plural}”.",
        good=(
            "It is one of the best ways to learn.",
            "One of my family lives there.",
            "One of the most important things is health.",
        ),
        bad=(
            Example("It is one of the best way to learn.", "It is one of the best ways to learn."),
            Example("One of my friend lives in London.", "One of my friends lives in London."),
        ),
        find=_one_of,
    ),
    Rule(
        id="NUM-AFTER-QUANTITY",
        family="number",
        category="R:NOUN:NUM",
        severity="medium",
        confidence=0.86,
        explanation="“{number}” speaks of several, so the noun is plural: “{plural}”.",
        explanation_uz="“{number}” bir nechtasini bildiradi, shuning uchun ot ko‘plikda: “{plural}”.",
        good=("I have a lot of friends.", "There is a lot of water.", "I have a few books."),
        bad=(
            Example("I have a lot of friend here.", "I have a lot of friends here."),
            Example("We visited various country last year.", "We visited various countries last year."),
        ),
        find=_after_quantity,
        source="lm",
    ),
)
