"""Subjects, their verbs, and the forms that agree: what the agreement rules share."""

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Hit, hit
from app.services.hybrid_analyzer.rules.words import CAUSATIVE, FREQUENCY_ADVERBS, PAST_TIME
from app.services.hybrid_analyzer.word_set import word_set

SUBJECT = frozenset({"nsubj", "nsubjpass"})
_PLURAL = {"is": "are", "was": "were", "has": "have", "does": "do"}
_AUXILIARIES = word_set(
    "do does did can could will would shall should may might must have has had is are was were am "
    "let make makes made help helps helped"
)

_SAID_TO_SOMEONE = word_set("were be 'd let welcome thank please hope")
"""Forms that are no present of the subject before them: calls, thanks and wishes that follow a name."""

_RELATIVES = word_set("husband brother sister wife mother father parent friend student teacher doctor child")
"""Nouns that a speaker in search of a word puts after a pronoun, which looks like a verb to a parser."""


def finite_after(reading: Reading, subject: Token) -> Token | None:
    """Return the verb right after a subject, with at most one adverb between, in the same sentence."""
    index = reading.skip(subject.index + 1, FREQUENCY_ADVERBS)
    verb = reading.at(index)
    if verb is None or index - subject.index > 2 or verb.sentence_start:
        return None
    return verb if verb.pos in {"VERB", "AUX"} and verb.lemma not in _RELATIVES else None


def wished(reading: Reading, verb: Token) -> bool:
    """Whether the verb stands in a clause like `it is good that she come`, where the plain form is right."""
    if not any(t.lower == "that" for t in reading.children(verb, "mark")):
        return False
    head = reading.head(verb)
    return head.pos == "ADJ" or bool(reading.children(head, "acomp"))


def asked(reading: Reading, subject: Token, start: int) -> bool:
    """Whether an auxiliary, a causative verb or a conjunction before the subject explains the form."""
    before = reading.previous_word(start)
    if before is None:
        return False
    if before.lower in _AUXILIARIES or before.lemma in CAUSATIVE or before.lower in {"n't", "not"}:
        return True
    if before.lower in {"and", "or", "nor", "than", "that's"} and subject.dep in {"conj", *SUBJECT}:
        return before.lower != "and" or reading.head(before).pos in {"NOUN", "PROPN", "PRON"}
    return any(t.index < subject.index for t in reading.children(reading.head(subject), "aux", "auxpass"))


def about_past(reading: Reading, verb: Token) -> bool:
    """Whether a past time or a past verb stands near, so that the right form may be a past one."""
    for token in reading.tokens[max(0, verb.index - 10) : verb.index + 9]:
        if token.lower in PAST_TIME or (token.tag == "VBD" and token.head in {verb.index, verb.head}):
            return True
    return False


def plural_form(verb: Token) -> str | None:
    """Return the form that agrees with a plural, None when the verb has it already or cannot be judged."""
    if verb.text.startswith("'"):
        return None
    if verb.lower in _PLURAL:
        return _PLURAL[verb.lower]
    is_singular = verb.tag == "VBZ" and verb.pos == "VERB" and verb.lemma != verb.lower
    return verb.lemma if is_singular and verb.lower != "means" else None


def is_bare(reading: Reading, verb: Token) -> bool:
    """Whether the verb has its base form and means the present."""
    if verb.lower in {"have", "do"}:
        return True
    if verb.tag not in {"VBP", "VB"} or verb.lower in _SAID_TO_SOMEONE or verb.pos == "AUX":
        return False
    if reading.base_verb(verb.lower) != verb.lower:
        return False
    return reading.inflect(verb.lower, "VBZ") != verb.lower and verb.lemma == verb.lower


def agreeing(reading: Reading, subject: Token, verb: Token, form: str | None) -> Hit | None:
    """Build the hit that puts `form` in the verb's place, None where that changes nothing.

    A contracted `n't` stays with its verb.
    """
    if form is None or form == verb.lower:
        return None
    last = verb.index
    after = reading.at(verb.index + 1)
    if after is not None and after.lower == "n't" and after.start == verb.end:
        if form == "am":
            return None
        last, form = after.index, form + "n't"
    text = reading.text[subject.start : verb.start] + form
    return hit(reading, subject.index, last, text, subject=subject.text, verb=form)
