"""Prepositions that particular verbs and adjectives ask for."""

from collections.abc import Iterator, Mapping

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.word_set import word_set

_EXTRA: Mapping[str, frozenset[str]] = {
    "discuss": frozenset({"about"}),
    "mention": frozenset({"about"}),
    "emphasize": frozenset({"on"}),
    "emphasise": frozenset({"on"}),
    "contact": frozenset({"with", "to"}),
    "enter": frozenset({"to", "in"}),
    "reach": frozenset({"to"}),
    "visit": frozenset({"to"}),
    "describe": frozenset({"about"}),
    "consider": frozenset({"about"}),
    "resemble": frozenset({"to", "with"}),
    "affect": frozenset({"on", "to"}),
    "follow": frozenset({"to"}),
    "approach": frozenset({"to"}),
    "oppose": frozenset({"against"}),
    "phone": frozenset({"to"}),
    "accompany": frozenset({"with"}),
    "join": frozenset({"to"}),
}
_ASKED: Mapping[str, Mapping[str, str]] = {
    "at": {"laugh": "of on from", "smile": "to", "stare": "to"},
    "of": {
        "consist": "from with", "afraid": "from", "scared": "from", "proud": "from with for about",
        "full": "with from", "jealous": "from to with", "aware": "about from", "fond": "on with in at",
        "composed": "from", "sure": "from",
    },
    "on": {
        "depend": "of from in at by", "dependent": "of from", "concentrate": "in at to", "focus": "at to of",
        "rely": "in of at to", "insist": "in to for", "keen": "in about for at",
    },
    "in": {
        "interested": "on about at with for of", "participate": "on at to for", "believe": "to",
        "specialise": "on at", "specialize": "on at", "involved": "on to", "rich": "with",
    },
    "for": {
        "responsible": "of about", "famous": "with by of about", "suitable": "to", "wait": "of",
        "search": "of", "pay": "of",
    },
    "to": {
        "similar": "with like as of", "married": "with", "belong": "for of in", "listen": "at",
        "harmful": "for", "equal": "with", "close": "from",
    },
    "from": {
        "different": "with of", "suffer": "of by", "recover": "of", "protect": "of", "escape": "of",
        "far": "of", "graduate": "of",
    },
    "with": {
        "angry": "on from", "satisfied": "of from", "happy": "from", "familiar": "of about",
        "obsessed": "in on of", "filled": "of by", "covered": "of from",
    },
    "about": {
        "excited": "on of", "dream": "with on", "complain": "on", "worried": "from of", "nervous": "of",
        "curious": "of",
    },
    "by": {"surprised": "from", "impressed": "from of", "shocked": "from", "surrounded": "of from"},
    "into": {"divide": "on", "translate": "on"},
}  # fmt: skip
_WRONG: Mapping[tuple[str, str], str] = {
    (word, wrong): right
    for right, words in _ASKED.items()
    for word, wrongs in words.items()
    for wrong in wrongs.split()
}
"""The preposition that a word asks for, by the word and the one learners put."""

_MISSING: Mapping[str, str] = {"listen": "to", "belong": "to", "depend": "on", "wait": "for"}
_PLACES = word_set("school university college gym bazaar cinema mosque theatre library kindergarten")
_WAIT_FOR = frozenset({"PRON", "PROPN"})
_PEOPLE = word_set(
    "friend friends mother father brother sister parents teacher bus train taxi result results"
)


def _object_of(reading: Reading, preposition: Token) -> Token | None:
    return next(iter(reading.children(preposition, "pobj")), None)


def _extra(reading: Reading) -> Iterator[Hit]:
    for verb in reading:
        preposition = reading.at(verb.index + 1)
        if preposition is None or verb.pos != "VERB" or preposition.head != verb.index:
            continue
        if preposition.lower not in _EXTRA.get(verb.lemma.lower(), ()) or preposition.dep not in {
            "prep",
            "dative",
        }:
            continue
        noun = _object_of(reading, preposition)
        before = reading.previous_word(verb.index)
        if noun is None or noun.lower in {"which", "what", "whom"} or noun.pos == "NUM":
            continue
        if verb.tag == "VBN" or (before is not None and before.pos == "DET"):
            continue
        if verb.lemma.lower() == "enter" and preposition.lower == "in" and noun.pos in {"PROPN", "NUM"}:
            continue
        yield hit(
            reading, verb.index, preposition.index, verb.text, verb=verb.text, preposition=preposition.text
        )


def _wrong(reading: Reading) -> Iterator[Hit]:
    for governor in reading:
        preposition = reading.at(governor.index + 1)
        if preposition is None or preposition.pos not in {"ADP", "SCONJ"} or preposition.sentence_start:
            continue
        right = _WRONG.get((governor.lemma.lower(), preposition.lower)) or _WRONG.get(
            (governor.lower, preposition.lower)
        )
        if right is None or (governor.pos not in {"VERB", "ADJ", "AUX"} and governor.lower != "interested"):
            continue
        if (
            preposition.head not in {governor.index, governor.head}
            or _object_of(reading, preposition) is None
        ):
            continue
        if governor.lower == "full" and governor.dep == "amod":
            continue
        text = f"{governor.text} {right}"
        yield hit(
            reading,
            governor.index,
            preposition.index,
            text,
            word=governor.text,
            right=right,
            wrong=preposition.text,
        )


def _missing(reading: Reading) -> Iterator[Hit]:
    for verb in reading:
        needed = _MISSING.get(verb.lemma.lower())
        following = reading.at(verb.index + 1)
        if needed is None or verb.pos != "VERB" or following is None or following.sentence_start:
            continue
        direct = next((t for t in reading.children(verb, "dobj") if t.index > verb.index), None)
        if (
            direct is None
            or reading.left_edge(direct) != following.index
            or direct.lower in {"what", "which"}
        ):
            continue
        if following.pos in {"ADP", "PART", "ADV", "PUNCT"} or following.tag in {"WP", "WDT", "RP"}:
            continue
        if verb.lemma.lower() == "wait" and not (
            (direct.pos in _WAIT_FOR or direct.lower in _PEOPLE)
            and following.lower not in {"his", "a", "your"}
        ):
            continue
        if verb.lemma.lower() == "depend" and direct.lower in {"it", "that"}:
            continue
        text = f"{verb.text} {needed} {following.text}"
        yield hit(reading, verb.index, following.index, text, verb=verb.text, preposition=needed)


def _go_place(reading: Reading) -> Iterator[Hit]:
    for verb in reading:
        place = reading.at(verb.index + 1)
        if verb.lower not in {"go", "goes", "went", "going"} or verb.pos != "VERB" or place is None:
            continue
        after = reading.at(place.index + 1)
        if place.lower not in _PLACES or place.sentence_start or place.head != verb.index:
            continue
        if after is not None and (after.pos in {"NOUN", "PROPN", "VERB"} and after.head != verb.index):
            continue
        text = f"{verb.text} to {place.text}"
        yield hit(reading, verb.index, place.index, text, verb=verb.text, preposition="to")


RULES = (
    Rule(
        id="PREP-EXTRA",
        family="prepositions",
        category="U:PREP",
        severity="medium",
        confidence=0.93,
        explanation="“{verb}” takes no “{preposition}” in English: “{correction} …”.",
        explanation_uz="Ingliz tilida “{verb}” dan keyin “{preposition}” kerak emas: “{correction} …”.",
        good=(
            "We discussed the problem.",
            "It was a visit to Samarkand.",
            "I entered the university in 2020.",
            "The answer is about sport.",
        ),
        bad=(
            Example("We discussed about this problem.", "We discussed this problem."),
            Example("She mentioned about her family.", "She mentioned her family."),
            Example("I entered to the university.", "I entered the university."),
        ),
        find=_extra,
        function_words=True,
    ),
    Rule(
        id="PREP-WRONG",
        family="prepositions",
        category="R:PREP",
        severity="medium",
        confidence=0.92,
        explanation="“{word}” goes with “{right}”, not “{wrong}”: “{correction} …”.",
        explanation_uz="“{word}” bilan “{wrong}” emas, “{right}” ishlatiladi: “{correction} …”.",
        good=("It depends on the weather.", "I am interested in music.", "My city is famous for its food."),
        bad=(
            Example("It depends of the weather.", "It depends on the weather."),
            Example("I am interested about music.", "I am interested in music."),
            Example("My city is famous with its food.", "My city is famous for its food."),
        ),
        find=_wrong,
        function_words=True,
    ),
    Rule(
        id="PREP-MISSING",
        family="prepositions",
        category="M:PREP",
        severity="medium",
        confidence=0.92,
        explanation="“{verb}” needs “{preposition}” before its object: “{correction} …”.",
        explanation_uz="“{verb}” dan keyin “{preposition}” kerak: “{correction} …”.",
        good=(
            "I listen to music every day.",
            "Wait a minute.",
            "I waited two hours.",
            "It depends.",
            "I am waiting my turn.",
        ),
        bad=(
            Example("I listen music every day.", "I listen to music every day."),
            Example("I was waiting my friend there.", "I was waiting for my friend there."),
        ),
        find=_missing,
        function_words=True,
    ),
    Rule(
        id="PREP-GO-TO",
        family="prepositions",
        category="M:PREP",
        severity="medium",
        confidence=0.88,
        explanation="Say “{correction}”: a place after “{verb}” needs “to”.",
        explanation_uz="“{verb}” dan keyin joy nomi oldidan “to” kerak: “{correction}”.",
        good=("I go to school.", "I went home.", "We go shopping."),
        bad=(
            Example("I go university by bus.", "I go to university by bus."),
            Example("My sister goes school every day.", "My sister goes to school every day."),
        ),
        find=_go_place,
        function_words=True,
    ),
)
