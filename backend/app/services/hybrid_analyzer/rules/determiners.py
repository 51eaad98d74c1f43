"""Articles and other determiners that do not fit the noun beside them."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.words import COLLECTIVE, PLURAL_SINGULAR_FORM, UNCOUNTABLE
from app.services.hybrid_analyzer.word_set import word_set

_VOWEL_SOUND = word_set(
    "action actor actress activity adventure airport amazing american animal animated apartment app apple "
    "area army article artist asian aunt awesome easy egg electric elephant email emotional empty end energy "
    "engineer english enormous evening event exam example excellent exciting exercise expensive experience "
    "expert extra eye idea image important impossible indian individual industry instrument intelligent "
    "interest interesting international internet interview island issue italian item object obvious office "
    "old open opinion opportunity option orange ordinary organisation organization other outdoor outside "
    "ugly umbrella uncle unhappy unusual unforgettable hour honest"
)
_CONSONANT_SOUND = word_set(
    "university uniform universal unit unique useful usual european user union book movie film friend car "
    "house good great big small new game story student teacher day week person problem question very really "
    "nice long lot boy girl man woman city country place thing way company restaurant hotel"
)
_NUMBER_BETWEEN = word_set("few lot couple dozen hundred thousand million great good many")
_THESE = {"this": "these", "that": "those"}
_BEFORE_THAT = frozenset({"of", "in", "all", "about"})
_SINGLE = frozenset({"every", "each", "another"})
_PARTITIVES = word_set("some many few several most both all")
_PAIRS = word_set(
    "jeans trousers pants glasses scissors clothes thanks means series species crossroads headquarters "
    "gallows barracks lens bus gas heads thumbs summons antibiotics"
)
_SINGULAR_WITH_PLURAL_VERB = {"woman": "women", "man": "men", "child": "children", "person": "people"}


def _a_an(reading: Reading) -> Iterator[Hit]:
    for article in reading:
        following = reading.at(article.index + 1)
        if article.pos != "DET" or following is None or following.sentence_start:
            continue
        if article.lower == "a" and following.lower in _VOWEL_SOUND:
            right = "an"
        elif article.lower == "an" and following.lower in _CONSONANT_SOUND:
            right = "a"
        else:
            continue
        noun = reading.head(article)
        if noun.index <= article.index or noun.index - article.index > 4:
            continue
        yield hit(
            reading, article.index, following.index, f"{_like(article, right)} {following.text}",
            article=right, word=following.text,
        )  # fmt: skip


def _is_plural(reading: Reading, noun: Token) -> bool:
    if noun.tag != "NNS" or noun.lower in PLURAL_SINGULAR_FORM | _PAIRS | COLLECTIVE:
        return False
    return noun.lemma != noun.lower and reading.inflect(noun.lemma, "NNS") == noun.lower


def _single_before_plural(reading: Reading) -> Iterator[Hit]:
    for word in reading:
        if word.dep != "det" or word.lower not in _SINGLE | {"a", "an"}:
            continue
        noun = reading.head(word)
        if not 0 < noun.index - word.index <= 2 or not _is_plural(reading, noun):
            continue
        between = reading.tokens[word.index + 1 : noun.index]
        if any(t.pos != "ADJ" or t.lower in _NUMBER_BETWEEN for t in between):
            continue
        after = reading.at(noun.index + 1)
        if after is not None and (after.pos in {"NOUN", "PROPN"} or after.lower in {"'", "'s"}):
            continue
        if any(t.lower == "other" for t in between) and word.lower == "each":
            continue
        text = reading.text[word.start : noun.start] + noun.lemma
        yield hit(reading, word.index, noun.index, text, determiner=word.text, noun=noun.lemma)


def _like(word: Token, right: str) -> str:
    """Begin the new word with a capital where the old one has one."""
    return right.capitalize() if word.text[0].isupper() else right


def _this_plural(reading: Reading) -> Iterator[Hit]:
    for word in reading:
        right = _THESE.get(word.lower)
        noun = reading.at(word.index + 1)
        if right is None or word.dep != "det" or noun is None or word.head != noun.index:
            continue
        if word.lower == "that" and reading.lower_at(word.index - 1) not in _BEFORE_THAT:
            continue
        after = reading.at(noun.index + 1)
        if not _is_plural(reading, noun) or (after is not None and after.pos in {"NOUN", "PART"}):
            continue
        yield hit(
            reading, word.index, noun.index, f"{_like(word, right)} {noun.text}", right=right, noun=noun.text
        )


def _some_of(reading: Reading) -> Iterator[Hit]:
    for word in reading:
        determiner = reading.at(word.index + 2)
        if word.lower not in _PARTITIVES or reading.lower_at(word.index + 1) != "of" or determiner is None:
            continue
        if determiner.lower not in {"these", "those", "his", "her", "their", "our", "my", "your"}:
            continue
        described = reading.at(word.index + 3)
        favourite = described is not None and described.lower in {"favorite", "favourite", "best"}
        noun = reading.at(word.index + (4 if favourite else 3))
        if noun is None or noun.tag != "NN" or noun.pos != "NOUN" or noun.head != word.index + 1:
            continue
        after = reading.at(noun.index + 1)
        if noun.lower in UNCOUNTABLE | COLLECTIVE or (after is not None and after.pos in {"NOUN", "PART"}):
            continue
        if word.lower in {"some", "most", "all"} and not favourite and noun.lower not in _COUNTED_THINGS:
            continue
        plural = reading.inflect(noun.lower, "NNS")
        if plural and plural != noun.lower:
            text = reading.text[word.start : noun.start] + plural
            yield hit(reading, word.index, noun.index, text, quantity=f"{word.text} of", plural=plural)


_COUNTED_THINGS = word_set(
    "friend book movie film album song student teacher problem question idea picture photo game city country "
    "place language classmate colleague neighbour neighbor brother sister cousin relative lesson subject "
    "hobby character actor singer"
)


def _bare_person(reading: Reading) -> Iterator[Hit]:
    for noun in reading:
        plural = _SINGULAR_WITH_PLURAL_VERB.get(noun.lower)
        if plural is None or noun.dep != "nsubj" or reading.children(noun, "det", "poss", "nummod", "conj"):
            continue
        verb = reading.at(noun.index + 1)
        if (
            verb is None
            or verb.lower not in {"are", "were", "have"}
            or noun.head not in {verb.index, verb.head}
        ):
            continue
        text = f"{_like(noun, plural)} {verb.text}"
        yield hit(reading, noun.index, verb.index, text, plural=plural, verb=verb.text)


RULES = (
    Rule(
        id="DET-A-AN",
        family="determiners",
        category="R:DET",
        severity="low",
        confidence=0.85,
        explanation="Before the sound of “{word}” say “{article}”.",
        explanation_uz="“{word}” oldidan “{article}” aytiladi.",
        good=("It was an interesting book.", "A university is a big place.", "I waited an hour."),
        bad=(
            Example("It is a interesting film.", "It is an interesting film."),
            Example("I saw an good movie.", "I saw a good movie."),
        ),
        find=_a_an,
        function_words=True,
    ),
    Rule(
        id="DET-ONE-PLURAL",
        family="determiners",
        category="R:NOUN:NUM",
        severity="low",
        confidence=0.86,
        explanation="“{determiner}” means one, so the noun is singular: “{noun}”.",
        explanation_uz="“{determiner}” bittani bildiradi, shuning uchun ot birlikda: “{noun}”.",
        good=(
            "Every student knows it.",
            "I need a few books.",
            "We love each other.",
            "It is a sports club.",
        ),
        bad=(
            Example("She needs another books.", "She needs another book."),
            Example("I read a books every week.", "I read a book every week."),
        ),
        find=_single_before_plural,
    ),
    Rule(
        id="DET-THESE",
        family="determiners",
        category="R:DET",
        severity="low",
        confidence=0.85,
        explanation="“{noun}” is plural, so say “{right}”.",
        explanation_uz="“{noun}” ko‘plikda, shuning uchun “{right}” deyiladi.",
        good=("I like these books.", "I think that students work hard.", "This sports club is good."),
        bad=(
            Example("I like this books very much.", "I like these books very much."),
            Example("This problems are very serious.", "These problems are very serious."),
        ),
        find=_this_plural,
    ),
    Rule(
        id="NUM-SOME-OF",
        family="number",
        category="R:NOUN:NUM",
        severity="low",
        confidence=0.86,
        explanation="“{quantity}” speaks of several, so the noun is plural: “{plural}”.",
        explanation_uz="“{quantity}” bir nechtasini bildiradi, shuning uchun ot ko‘plikda: “{plural}”.",
        good=("Some of my work is hard.", "Most of my friends live here.", "Some of his music is good."),
        bad=(
            Example("I listen to some of his song.", "I listen to some of his songs."),
            Example("Many of my friend live here.", "Many of my friends live here."),
        ),
        find=_some_of,
    ),
    Rule(
        id="NUM-PEOPLE-ARE",
        family="number",
        category="R:NOUN:NUM",
        severity="medium",
        confidence=0.87,
        explanation="With “{verb}” use the plural: “{plural}”.",
        explanation_uz="“{verb}” bilan ko‘plik shakli ishlatiladi: “{plural}”.",
        good=("Women are strong.", "The man and woman are here.", "A child is happy."),
        bad=(
            Example("I think woman are better drivers.", "I think women are better drivers."),
            Example("Young child are very active.", "Young children are very active."),
        ),
        find=_bare_person,
    ),
)
