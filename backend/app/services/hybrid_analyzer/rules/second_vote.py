"""Mistakes that an edit tagger sees and no rule declares: a second voter.

The tagger learned from native sentences with mistakes put in (see the adapter's model card), and its
probabilities were fitted to how often this speaker makes mistakes (`mistake_rate`). A vote counts when it is
likely enough for its kind and stands at a place where such a mistake can be; a less likely one also has to
make the text likelier for the word model. Replaced prepositions, and most words too many, are never heard:
it is wrong there as often as right.

It is sure of too little: of the votes that it gives at least one chance in five, four in five are right by
reading.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from app.services.hybrid_analyzer.findings import Severity
from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.missing_words import BARE_AFTER_PREPOSITION
from app.services.hybrid_analyzer.rules.spoken import SpokenWords
from app.services.hybrid_analyzer.rules.words import COLLECTIVE, UNCOUNTABLE
from app.services.hybrid_analyzer.word_set import word_set

_PLACES_OF_NOUNS = frozenset({"dobj", "pobj", "attr", "conj"})
_DESCRIBES = frozenset({"amod", "compound", "advmod", "nmod"})
_LONGEST_PHRASE = 4
_DETERMINED = frozenset({"det", "poss", "nummod", "predet", "neg", "quantmod"})
_NEEDS_BASE = word_set("do does did does n't can could will would should must might may to")
_TAKES_GERUND = word_set("enjoy like love hate avoid finish start keep practise of about for without by in")
_TAKES_TO = word_set("want need like love plan hope decide try have start begin would")
_VERB_TAGS = frozenset({"VB", "VBP", "VBZ", "VBD", "VBG", "VBN"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl"})
_WITHOUT_IT = word_set("be seem look sound depend")
_JOINS_IS = word_set("that it he she there")
_BEFORE_BE = _JOINS_IS | word_set("i you we they this these those everything everyone")
_BY = word_set("bus car train plane taxi metro subway bike bicycle boat ship tram air hand mail email phone")
_TAKE_NO_ARTICLE = _VERB_TAGS - {"VBG", "VBN"} | {"NNP", "NNPS", "IN", "PRP", "PRP$", "DT", "CC", "UH"}
_DETERMINERS = frozenset({"DT", "PRP$", "POS", "WP$", "PDT"})
_NAMED = frozenset({"NN", "NNS", "NNP", "NNPS", "JJ", "DT"})
_SURE = 0.2
"""From here on a vote needs no second witness."""


def _votes(reading: Reading, edits: frozenset[str], least: float) -> Iterator[tuple[Token, str, float]]:
    """Yield the tokens that the tagger would change like this, the change, and how likely it is."""
    for vote in reading.votes:
        if vote.edit in edits and vote.probability >= least and vote.token < len(reading):
            yield reading.tokens[vote.token], vote.edit, vote.probability


def _spoken(reading: Reading) -> SpokenWords | None:
    return None if reading.trigrams is None else SpokenWords(reading, reading.trigrams)


def _likelier(gain: float | None, least: float) -> bool:
    return gain is not None and gain >= least


def _put_before(reading: Reading, token: Token, word: str) -> Hit:
    return hit(reading, token.index, token.index, f"{word} {token.text}")


def _determiner(reading: Reading) -> Iterator[Hit]:
    spoken = _spoken(reading)
    chances: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for first, edit, chance in _votes(reading, frozenset({"+a", "+an", "+the"}), 0.0):
        chances[first.index]["the" if edit == "+the" else "a"] += chance
    for index, each in chances.items():
        first, chance = reading.tokens[index], sum(each.values())
        noun = _noun_of(reading, first)
        if chance < 0.1 or _takes_none(reading, first, noun):
            continue
        word = "the" if each["the"] >= each["a"] else _article(spoken, first)
        gain = None if spoken is None else spoken.gain(first, word)
        if chance >= _SURE and (spoken is None or gain is not None):
            whole = noun.tag == "NN" and reading.left_edge(noun) == index
            last = noun if whole else first
            yield hit(reading, index, last.index, f"{word} {reading.span_text(index, last.index)}")
        elif _likelier(gain, 0.0) and _lacks_determiner(reading, first, noun, word):
            yield hit(reading, index, noun.index, f"{word} {reading.span_text(index, noun.index)}")


def _noun_of(reading: Reading, first: Token) -> Token:
    """Return the noun whose phrase `first` begins, or the word that it describes."""
    noun = first
    while noun.dep in _DESCRIBES and reading.head(noun).index > noun.index:
        noun = reading.head(noun)
    return noun if noun.index - first.index <= _LONGEST_PHRASE else first


def _takes_none(reading: Reading, first: Token, noun: Token) -> bool:
    """Whether no article belongs before `first`: it has a determiner, or goes without (at school, by bus)."""
    before = reading.at(first.index - 1)
    if first.tag in _TAKE_NO_ARTICLE or (before is not None and before.tag in _DETERMINERS):
        return True
    if before is not None and before.lower == "by" and noun.lower in _BY:
        return True
    return noun.dep == "pobj" and first is noun and noun.lower in BARE_AFTER_PREPOSITION


def _article(spoken: SpokenWords | None, first: Token) -> str:
    """Return `a` or `an`: by the letter, or the other where the word model knows it to be likelier."""
    word, other = ("an", "a") if first.lower[0] in "aeiou" else ("a", "an")
    if spoken is None:
        return word
    gain, of_other = spoken.gain(first, word), spoken.gain(first, other)
    return other if gain is not None and of_other is not None and of_other > gain else word


def _lacks_determiner(reading: Reading, first: Token, noun: Token, word: str) -> bool:
    """Whether `noun`, whose phrase should begin with `first`, is a single thing that can take `word`."""
    if word != "the" and noun.lower in UNCOUNTABLE:
        return False
    if noun.tag != "NN" or noun.dep not in _PLACES_OF_NOUNS or reading.children(noun, *_DETERMINED):
        return False
    after = reading.at(noun.index + 1)
    return reading.left_edge(noun) == first.index and (after is None or after.pos not in {"NOUN", "PROPN"})


def _extra_the(reading: Reading) -> Iterator[Hit]:
    for article, _, _ in _votes(reading, frozenset({"DELETE"}), _SURE):
        after = reading.at(article.index + 1)
        if article.lower != "the" or after is None or after.tag not in _NAMED:
            continue
        if len(after.text) > 1 and _known(reading, after):
            yield hit(reading, article.index, after.index, after.text)


def _known(reading: Reading, token: Token) -> bool:
    """Whether the word model, where there is one, knows the word: fragments and names are no mistakes."""
    model = reading.trigrams
    return model is None or model.log_probability("", "", token.lower) is not None


def _number(reading: Reading) -> Iterator[Hit]:
    for noun, tag, chance in _votes(reading, frozenset({"NNS", "NN"}), 0.12):
        if tag == "NN":
            after = reading.at(noun.index + 1)
            alone = noun.tag == "NNS" and (after is None or after.pos not in {"NOUN", "PROPN"})
            form, least = (noun.lemma.lower() if alone else None), 1.5
        else:
            counted = noun.tag == "NN" and noun.lower not in UNCOUNTABLE | {"person"}
            form, least = (reading.inflect(noun.lower, "NNS") if counted else None), 0.0
        if form and form != noun.lower and _agrees(reading, noun, form, chance, least):
            yield hit(reading, noun.index, noun.index, form)


def _agrees(reading: Reading, token: Token, form: str, chance: float, least: float) -> bool:
    """Whether the text is likelier by `least` with the form; for a sure vote it need only be a known word."""
    gain = _gain_of(reading, token, form)
    return _likelier(gain, least) or (chance >= _SURE and (gain is not None or reading.trigrams is None))


def _verb_form(reading: Reading) -> Iterator[Hit]:
    for verb, tag, chance in _votes(reading, frozenset({"VB", "VBG", "VBN"}), 0.1):
        before = reading.at(verb.index - 1)
        if tag == "VB" and before is not None and before.tag == "PRP":
            before = reading.at(verb.index - 2)
        if before is None:
            continue
        asks = before.lower in _NEEDS_BASE if tag == "VB" else before.lemma.lower() in _TAKES_GERUND
        if chance >= _SURE or (asks and tag != "VBN"):
            yield from _inflected(reading, verb, tag, chance, least=1.0)


def _inflected(reading: Reading, verb: Token, tag: str, chance: float, *, least: float) -> Iterator[Hit]:
    """Yield the verb in the form `tag`, where that makes the text likelier or the tagger is sure."""
    base = reading.base_verb(verb.lower)
    form = reading.inflect(base, tag) if base and verb.tag in _VERB_TAGS else None
    if form and form != verb.lower and (chance >= _SURE or _likelier(_gain_of(reading, verb, form), least)):
        yield hit(reading, verb.index, verb.index, form)


def _gain_of(reading: Reading, token: Token, other: str) -> float | None:
    spoken = _spoken(reading)
    return None if spoken is None else spoken.gain_of(token, other)


def _agreement(reading: Reading) -> Iterator[Hit]:
    edits = frozenset({"VBZ", "VBP", "=is", "=are", "=has", "=have", "=does"})
    for verb, edit, chance in _votes(reading, edits, 0.1):
        if verb.tag not in _VERB_TAGS or (verb.dep == "relcl" and chance < _SURE):
            continue
        if edit == "VBZ" or (edit == "VBP" and verb.tag == "VBZ"):
            yield from _inflected(reading, verb, edit, chance, least=1.0)
        elif (
            edit.startswith("=")
            and edit[1:] != verb.lower
            and not _of_several(reading, verb)
            and (chance >= _SURE or _likelier(_gain_of(reading, verb, edit[1:]), 1.0))
        ):
            yield hit(reading, verb.index, verb.index, edit[1:])


def _of_several(reading: Reading, verb: Token) -> bool:
    """Whether a pronoun beside `are` or a team as its subject allows the plural form."""
    beside = {reading.lower_at(verb.index - 1), reading.lower_at(verb.index + 1)}
    subjects = {t.lower for t in reading.children(verb, *_SUBJECTS)} | {reading.lower_at(verb.index - 1)}
    return verb.lower in {"are", "have", "do"} and bool(
        beside & {"we", "you", "they"} or subjects & COLLECTIVE
    )


def _past(reading: Reading) -> Iterator[Hit]:
    for verb, tag, chance in _votes(reading, frozenset({"VBD"}), 0.25):
        if verb.tag in {"VB", "VBP"} and reading.children(verb, *_SUBJECTS):
            yield from _inflected(reading, verb, tag, chance, least=0.0)


def _subject(reading: Reading) -> Iterator[Hit]:
    for verb, _, _ in _votes(reading, frozenset({"+it"}), _SURE):
        if (
            verb.tag in {"VBZ", "VBD"}
            and verb.dep != "auxpass"
            and verb.lemma.lower() in _WITHOUT_IT
            and not reading.children(verb, *_SUBJECTS)
        ):
            correction = "it's" if verb.lower == "is" else f"it {verb.text}"
            yield hit(reading, verb.index, verb.index, correction)


def _be(reading: Reading) -> Iterator[Hit]:
    spoken = _spoken(reading)
    for token, edit, _ in _votes(reading, frozenset({"+is", "+are", "+am"}), 0.12):
        before, after = reading.at(token.index - 1), reading.at(token.index + 1)
        if before is None or before.lower not in _BEFORE_BE or token.tag not in {"JJ", "JJR", "VBG"}:
            continue
        if after is not None and after.pos in {"NOUN", "PROPN"}:
            continue
        if spoken is None or not _likelier(spoken.gain(token, edit[1:]), 0.5):
            continue
        joined = edit == "+is" and before.lower in _JOINS_IS
        text = f"{before.text}'s {token.text}" if joined else f"{before.text} {edit[1:]} {token.text}"
        yield hit(reading, before.index, token.index, text)


def _to(reading: Reading) -> Iterator[Hit]:
    spoken = _spoken(reading)
    for verb, _, chance in _votes(reading, frozenset({"+to"}), 0.1):
        before = reading.at(verb.index - 1)
        if verb.tag not in {"VB", "VBP"} or before is None or before.lemma.lower() not in _TAKES_TO:
            continue
        if chance >= _SURE or (spoken is not None and _likelier(spoken.gain(verb, "to"), 2.0)):
            yield _put_before(reading, verb, "to")


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
        "EXTRA-THE",
        "U:DET",
        _extra_the,
        told=("“the” is not said here: “{correction}”.", "bu yerda “the” aytilmaydi: “{correction}”."),
        bad=(("If I go to the Tokyo I will call you.", "If I go to Tokyo I will call you."),),
        good=("I went to the station.",),
        function_words=True,
    ),
    _rule(
        "NUMBER",
        "R:NOUN:NUM",
        _number,
        told=(
            "think whether one or several of them are meant: here “{correction}” fits.",
            "bittasi yoki bir nechtasi nazarda tutilganini o‘ylang: bu yerda “{correction}” mos keladi.",
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
        bad=(("And this house have a big garden.", "And this house has a big garden."),),
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
        bad=(("Wow that awesome.", "Wow that's awesome."),),
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
