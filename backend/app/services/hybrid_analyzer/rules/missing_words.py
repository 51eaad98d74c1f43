"""Missing determiners and prepositions, where a word model finds the text with the word far likelier."""

from collections.abc import Iterator, Mapping

from app.services.hybrid_analyzer.ports import Token, TrigramModel
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.words import COLLECTIVE, UNCOUNTABLE
from app.services.hybrid_analyzer.word_set import word_set

_DETERMINERS = ("a", "an", "the")
_MIN_GAIN = {"dobj": 1.3, "attr": 1.3, "pobj": 1.6}
"""How much likelier (ln) the text must become, by the noun's place; tuned on text where none is missing."""

_MIN_PREPOSITION_GAIN = 0.8
_MIN_PLURAL_USE = -3.2
"""Log ratio of plural to singular below which a noun is not usually counted."""

_OF_NOUN = frozenset({"det", "poss", "nummod", "predet", "neg", "case"})
_PREMODIFIERS = frozenset({"amod", "compound", "advmod"})
_BARE_AFTER_PREPOSITION = word_set(
    "school work home bed church college university class town night noon sea hospital prison court hand foot "
    "heart mind course fact general time age love war peace nature life death society culture sunday country "
    "summer winter spring autumn dinner lunch breakfast control sight record average default"
)
_NOT_JUDGED = word_set(
    "lot kind sort one today tomorrow yesterday tonight mom mum dad mother father god part name number "
    "person people man top sex food fish work school home church college university bed hard game change "
    "hope power action drama comedy horror romance fiction thriller fantasy cartoon animation football soccer "
    "baseball basketball tennis chess golf lunch dinner breakfast english life love death fun color colour "
    "beer wine coffee tea juice chocolate cheese cake meat chicken pizza pasta fruit salad soup sauce salt "
    "bird video pop rock jazz art history science math business marketing design law medicine engineering "
    "care attention advantage place hand care sense time i u r s m b c d e f g h j k l n o p q t v w x y z"
)
_GOVERNED: Mapping[str, tuple[str, ...]] = {
    "agree": ("with",), "apologise": ("to",), "apologize": ("to",), "belong": ("to",), "chat": ("with",),
    "communicate": ("with",), "compete": ("in", "with"), "complain": ("about",), "concentrate": ("on",),
    "deal": ("with",), "enrol": ("in",), "enroll": ("in",), "focus": ("on",), "graduate": ("from",),
    "listen": ("to",), "live": ("in",), "participate": ("in",), "rely": ("on",), "search": ("for",),
    "sit": ("in", "on"), "talk": ("about", "to", "with"), "wait": ("for",), "look": ("at", "for"),
    "go": ("to",), "come": ("to",), "refer": ("to",), "respond": ("to",), "reply": ("to",),
    "suffer": ("from",), "apply": ("for",), "arrive": ("at", "in"), "believe": ("in",), "consist": ("of",),
    "disagree": ("with",), "smile": ("at",), "stare": ("at",), "succeed": ("in",), "stay": ("in", "at"),
    "recover": ("from",), "react": ("to",), "travel": ("to",), "return": ("to",), "laugh": ("at",),
}  # fmt: skip
_WITHOUT_PREPOSITION = word_set(
    "home there here abroad somewhere anywhere everywhere nowhere every this that last next all one two three "
    "four five six seven eight nine ten some a-lot lot fine crazy wild bad wrong mad insane together alone "
    "today tomorrow yesterday tonight yourself himself themselves other each what which who many few several "
    "half much more most it"
)


class _Spoken:
    """The words of a reading with clitics attached, as the word model knows them."""

    def __init__(self, reading: Reading, model: TrigramModel) -> None:
        self._model = model
        self._words: list[str] = []
        self._at: dict[int, int] = {}
        end = -1
        for token in reading:
            if token.pos == "PUNCT":
                continue
            if token.start == end and (token.text.startswith("'") or token.lower == "n't"):
                self._words[-1] += token.lower
            else:
                self._at[token.index] = len(self._words)
                self._words.append(token.lower)
            end = token.end

    def _word(self, index: int) -> str:
        if index < 0:
            return "<s>"
        return self._words[index] if index < len(self._words) else "</s>"

    def gain(self, token: Token, inserted: str) -> float | None:
        """Return by how much (ln) the text becomes likelier with a word before `token`; None if unknown."""
        index = self._at.get(token.index)
        if index is None:
            return None
        p = self._model.log_probability
        two, one, here, after = (self._word(index + k) for k in (-2, -1, 0, 1))
        without = (p(two, one, here), p(one, here, after))
        with_it = (p(two, one, inserted), p(one, inserted, here), p(inserted, here, after))
        if None in without or None in with_it:
            return None
        return sum(v for v in with_it if v is not None) - sum(v for v in without if v is not None)

    def log_ratio(self, word: str, other: str) -> float | None:
        """Return ln of how often `other` is used for each use of `word`."""
        first, second = (self._model.log_probability("", "", w) for w in (word, other))
        return None if first is None or second is None else second - first


def _counted(reading: Reading, spoken: _Spoken, noun: Token) -> bool:
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
    if after is None or after.sentence_start:
        return True
    return after.pos not in {"NOUN", "PROPN", "ADJ", "NUM", "X"} and after.lower not in {"or", "and", "-"}


def _missing_determiner(reading: Reading) -> Iterator[Hit]:
    if reading.trigrams is None:
        return
    spoken = _Spoken(reading, reading.trigrams)
    for noun in reading:
        least = _MIN_GAIN.get(noun.dep)
        if least is None or noun.tag != "NN" or noun.pos != "NOUN" or not noun.text.isalpha():
            continue
        if noun.lower in UNCOUNTABLE | COLLECTIVE | _NOT_JUDGED or not _stands_alone(reading, noun):
            continue
        first = _phrase_start(reading, noun)
        if first is None or first.sentence_start or first.lower in {"such", "what", "more", "most"}:
            continue
        if noun.dep == "pobj" and first is noun and noun.lower in _BARE_AFTER_PREPOSITION:
            continue
        vowel = first.lower[0] in "aeiou"
        gains = [
            (gain, word)
            for word in _DETERMINERS
            if word != ("a" if vowel else "an") and (gain := spoken.gain(first, word)) is not None
        ]
        if not gains or max(gains)[0] < least or not _counted(reading, spoken, noun):
            continue
        word = max(gains)[1]
        yield hit(
            reading, first.index, noun.index, f"{word} {reading.span_text(first.index, noun.index)}",
            determiner=word, noun=noun.text,
        )  # fmt: skip


def _missing_preposition(reading: Reading) -> Iterator[Hit]:
    if reading.trigrams is None:
        return
    spoken = _Spoken(reading, reading.trigrams)
    for verb in reading:
        choices = _GOVERNED.get(verb.lemma.lower())
        after = reading.at(verb.index + 1)
        if choices is None or verb.pos != "VERB" or after is None or after.sentence_start:
            continue
        if after.pos not in {"NOUN", "PROPN", "PRON", "DET", "ADJ"} or after.lower in _WITHOUT_PREPOSITION:
            continue
        if after.tag in {"WP", "WDT", "WP$", "EX"} or after.dep in {"nsubj", "nsubjpass", "expl", "acomp"}:
            continue
        phrase = after if after.pos in {"NOUN", "PROPN", "PRON"} else reading.head(after)
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
        ),
        bad=(
            Example("I went to supermarket yesterday.", "I went to the supermarket yesterday."),
            Example("I usually read magazine at home.", "I usually read a magazine at home."),
        ),
        find=_missing_determiner,
        function_words=True,
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
