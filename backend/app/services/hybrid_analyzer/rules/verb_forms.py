"""Verb forms after modals, after do, and after to."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.words import FREQUENCY_ADVERBS
from app.services.hybrid_analyzer.word_set import word_set

_MODALS = word_set("can could must should will would may might")
_BETWEEN = FREQUENCY_ADVERBS | {"not", "n't"}
_ALSO_BASE = word_set(
    "found felt bore saw left lay wound ground bound fell thought bit shot rose cut put read set let "
    "hit cost "
    "shut hurt quit spread split bet rid used does"
)
_CLEARLY_PAST = word_set("went saw ate came gave took knew wrote spoke bought met told said made")
_PRONOUNS = word_set("i we they he she you")
_WANT_TO = word_set("want wants wanted need needs needed like likes liked try tries tried")


def _base_of_inflected(reading: Reading, verb: Token) -> str | None:
    """Return the base of a token that is clearly a third-person or past form; None for anything else.

    The tagger is not asked: after a modal it calls any form a base form.
    """
    if verb.pos in {"PUNCT", "PART", "DET", "ADP"} or verb.lower in _ALSO_BASE or not verb.text.isalpha():
        return None
    base = reading.base_verb(verb.lower)
    if base is None or base == verb.lower:
        return None
    forms = {reading.inflect(base, "VBZ"), reading.inflect(base, "VBD")}
    return base if verb.lower in forms else None


def _after_modal(reading: Reading) -> Iterator[Hit]:
    for modal in reading:
        if modal.tag != "MD" or modal.lower not in _MODALS:
            continue
        before = reading.previous_word(modal.index)
        if modal.lower == "will" and before is not None and before.tag in {"JJ", "DT", "PRP$"}:
            continue
        index = reading.skip(modal.index + 1, _BETWEEN)
        verb = reading.at(index)
        if verb is None or verb.sentence_start:
            continue
        base = _base_of_inflected(reading, verb)
        if base is None and verb.tag == "VBG" and verb.pos == "VERB" and index == modal.index + 1:
            base = reading.base_verb(verb.lower)
        if base is None or base == verb.lower or modal.head not in {verb.index, verb.head}:
            continue
        if any(t.index > modal.index for t in reading.children(verb, "nsubj", "nsubjpass")):
            continue
        text = reading.text[modal.start : verb.start] + base
        yield hit(reading, modal.index, index, text, modal=modal.text, verb=base)


def _after_do(reading: Reading) -> Iterator[Hit]:
    for do in reading:
        if do.lower not in {"do", "does", "did"} or do.pos != "AUX":
            continue
        index = do.index + 1
        negated = reading.lower_at(index) in {"n't", "not"}
        if negated or reading.lower_at(index) in {"i", "you", "he", "she", "it", "we", "they"}:
            index += 1
        else:
            continue
        index = reading.skip(index, FREQUENCY_ADVERBS)
        verb = reading.at(index)
        if verb is None or verb.sentence_start or do.head != verb.index:
            continue
        base = _base_of_inflected(reading, verb)
        if base is None and verb.tag == "VBG" and verb.pos == "VERB":
            base = reading.base_verb(verb.lower)
        if base and base != verb.lower:
            text = reading.text[do.start : verb.start] + base
            yield hit(reading, do.index, index, text, do=reading.span_text(do.index, index - 1), verb=base)


def _habit(reading: Reading, to: Token) -> bool:
    """Whether `to` follows `I used`, which tells of a habit, not `I am used`."""
    return reading.lower_at(to.index - 1) == "used" and reading.lower_at(to.index - 2) in _PRONOUNS


def _after_to(reading: Reading) -> Iterator[Hit]:
    for to in reading:
        verb = reading.at(to.index + 1)
        if to.lower != "to" or verb is None or verb.sentence_start:
            continue
        wanted = reading.lower_at(to.index - 1) in _WANT_TO or _habit(reading, to)
        base = _base_of_inflected(reading, verb) if wanted or verb.lower in _CLEARLY_PAST else None
        if base is None and wanted and verb.tag == "VBG" and verb.pos == "VERB":
            base = reading.base_verb(verb.lower)
        if base and base != verb.lower:
            yield hit(reading, to.index, verb.index, f"{to.text} {base}", verb=base)


RULES = (
    Rule(
        id="VERB-AFTER-MODAL",
        family="verb_forms",
        category="R:VERB:FORM",
        severity="medium",
        confidence=0.93,
        explanation="After “{modal}” use the plain verb: “{correction}”.",
        explanation_uz="“{modal}” dan keyin fe’l o‘zakda, qo‘shimchasiz keladi: “{correction}”.",
        good=(
            "She can speak Russian.",
            "I could put it here.",
            "My will is strong.",
            "You should always read.",
        ),
        bad=(
            Example("She can speaks Russian.", "She can speak Russian."),
            Example("We should went home.", "We should go home."),
            Example("He will always helps me.", "He will always help me."),
        ),
        find=_after_modal,
    ),
    Rule(
        id="VERB-AFTER-DO",
        family="verb_forms",
        category="R:VERB:FORM",
        severity="medium",
        confidence=0.92,
        explanation="“{do}” already carries the tense, so the verb stays plain: “{correction}”.",
        explanation_uz="Zamonni “{do}” ko‘rsatadi, shuning uchun fe’l o‘zakda qoladi: “{correction}”.",
        good=("I didn't go there.", "She doesn't like it.", "What I did was wrong.", "Did you read it?"),
        bad=(
            Example("I didn't went there.", "I didn't go there."),
            Example("She doesn't likes it.", "She doesn't like it."),
            Example("He did not came yesterday.", "He did not come yesterday."),
        ),
        find=_after_do,
    ),
    Rule(
        id="VERB-AFTER-TO",
        family="verb_forms",
        category="R:VERB:FORM",
        severity="medium",
        confidence=0.88,
        explanation="After “to” use the plain verb: “{correction}”.",
        explanation_uz="“to” dan keyin fe’l o‘zakda keladi: “{correction}”.",
        good=("I want to go home.", "I tried to read it.", "The last one I went to was big."),
        bad=(
            Example("I want to went abroad.", "I want to go abroad."),
            Example("She needs to works more.", "She needs to work more."),
            Example("I used to playing chess.", "I used to play chess."),
        ),
        find=_after_to,
    ),
)
