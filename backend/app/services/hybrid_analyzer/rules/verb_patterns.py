"""Which form one verb asks of the next: gerunds, infinitives, participles, and be where it is missing."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.rules.words import FREQUENCY_ADVERBS, ONLY_VERBS
from app.services.hybrid_analyzer.word_set import word_set

_TAKES_GERUND = word_set("enjoy avoid finish dislike practise")
_TAKES_TO = word_set("want hope decide plan prefer")
_TAKES_TO_AFTER_WOULD = word_set("like love prefer")
_PREPOSITIONS = word_set("of without by about in at on after before")
_PERFECT_ADVERBS = FREQUENCY_ADVERBS | {"ever", "not", "n't", "already", "yet"}
_NEVER_BARE = word_set("be go see do eat write speak take give know fly choose forget drive")
_PAST_ONLY = word_set(
    "went saw did ate wrote spoke took gave knew flew chose forgot drove began drank sang swam broke fell "
    "grew threw wore stole woke rode shook tore"
)
_SUBJECTS = {"i": "am", "he": "is", "she": "is", "we": "are", "they": "are"}
_BE_FOR = {**_SUBJECTS, "it": "is", "you": "are", "that": "is"}
_OPENERS = word_set(
    "and but because so yes no yeah well oh okay ok think believe guess wow although if when hmm nice cool"
)
_PREDICATIVE = word_set(
    "nice good great awesome cool amazing interesting hard difficult easy important beautiful happy sad "
    "tired "
    "busy hungry sick ill afraid glad sure ready excited funny boring bored expensive cheap famous "
    "popular useful dangerous terrible wonderful delicious possible impossible necessary true angry "
    "interested friendly lovely perfect fantastic awful"
)
_PARTICIPLES = {
    "base": "based", "call": "called", "locate": "located", "situate": "situated", "direct": "directed",
    "marry": "married", "interest": "interested", "surprise": "surprised", "name": "named",
}  # fmt: skip
_AFTER_PARTICIPLE = {
    "base": {"on", "in"}, "locate": {"in", "near", "on", "at"}, "situate": {"in", "near", "on", "at"},
    "direct": {"by"}, "marry": {"to", "with"}, "interest": {"in"}, "surprise": {"by", "at"},
}  # fmt: skip


def _gerund(reading: Reading, word: str) -> str | None:
    form = reading.inflect(word, "VBG")
    return form if form and form != word else None


def _is_base(reading: Reading, token: Token | None, *, only: bool) -> bool:
    """Whether a token is a verb's base form; `only` asks for words that are nothing else."""
    if token is None or token.sentence_start or not token.text.isalpha():
        return False
    if only:
        return token.lower in ONLY_VERBS
    return token.tag in {"VB", "VBP"} and reading.base_verb(token.lower) == token.lower


def _gerund_after(reading: Reading) -> Iterator[Hit]:
    for verb in reading:
        if verb.lemma.lower() not in _TAKES_GERUND or verb.pos != "VERB":
            continue
        after = reading.at(verb.index + 1)
        if after is not None and after.lower == "to":
            target = reading.at(verb.index + 2)
            if target is not None and target.tag == "VB" and _is_base(reading, target, only=False):
                last = target
            else:
                continue
        elif after is not None and _is_base(reading, after, only=True) and after.tag in {"VB", "VBP", "NN"}:
            last = after
        else:
            continue
        form = _gerund(reading, last.lower)
        if form:
            yield hit(reading, verb.index, last.index, f"{verb.text} {form}", verb=verb.text, form=form)


def _to_missing(reading: Reading) -> Iterator[Hit]:
    for verb in reading:
        lemma = verb.lemma.lower()
        would = reading.lower_at(verb.index - 1) in {"would", "'d", "d"}
        if lemma not in _TAKES_TO and not (would and lemma in _TAKES_TO_AFTER_WOULD):
            continue
        after = reading.at(verb.index + 1)
        if verb.pos != "VERB" or after is None or not _is_base(reading, after, only=True):
            continue
        if after.tag not in {"VB", "VBP", "NN"} or verb.tag == "VBN":
            continue
        yield hit(reading, verb.index, after.index, f"{verb.text} to {after.text}", verb=verb.text)


def _after_preposition(reading: Reading) -> Iterator[Hit]:
    for preposition in reading:
        if preposition.lower not in _PREPOSITIONS or preposition.pos not in {"ADP", "SCONJ"}:
            continue
        verb = reading.at(preposition.index + 1)
        if not _is_base(reading, verb, only=True) or verb is None or verb.tag not in {"VB", "VBP"}:
            continue
        if verb.head != preposition.index or reading.children(verb, "nsubj", "aux"):
            continue
        form = _gerund(reading, verb.lower)
        if form:
            text = f"{preposition.text} {form}"
            yield hit(reading, preposition.index, verb.index, text, preposition=preposition.text)


def _perfect(reading: Reading) -> Iterator[Hit]:
    for have in reading:
        if have.lower not in {"have", "has", "'ve", "had"} or have.pos not in {"AUX", "VERB"}:
            continue
        index = reading.skip(have.index + 1, _PERFECT_ADVERBS)
        verb = reading.at(index)
        if verb is None or verb.sentence_start or index - have.index > 3:
            continue
        between = {t.lower for t in reading.tokens[have.index + 1 : index]}
        bare = verb.lower in _NEVER_BARE and bool(between & {"never", "ever"})
        if verb.lower not in _PAST_ONLY and not bare:
            continue
        base = reading.base_verb(verb.lower)
        form = "been" if base == "be" else reading.inflect(base, "VBN") if base else None
        if form and form != verb.lower:
            text = reading.text[have.start : verb.start] + form
            yield hit(reading, have.index, verb.index, text, have=have.text.lstrip("'"), form=form)


def _be_participle(reading: Reading) -> Iterator[Hit]:
    for verb in reading:
        form = _PARTICIPLES.get(verb.lower)
        be = reading.at(verb.index - 1)
        if form is None or be is None or be.lemma.lower() != "be" or verb.sentence_start:
            continue
        needed = _AFTER_PARTICIPLE.get(verb.lower)
        following = reading.lower_at(verb.index + 1)
        if needed is None or following not in needed:
            continue
        yield hit(reading, verb.index, verb.index, form, form=form)


def _opens(reading: Reading, subject: Token) -> bool:
    """Whether a clause can begin at this pronoun, so that it is the subject of what follows."""
    before = reading.at(subject.index - 1)
    if before is None or subject.sentence_start or before.text in {",", ".", "?", "!"}:
        return True
    return before.lower in _OPENERS


def _be_before_adjective(reading: Reading) -> Iterator[Hit]:
    for subject in reading:
        form = _BE_FOR.get(subject.lower)
        if form is None or not _opens(reading, subject):
            continue
        index = subject.index + 1
        if reading.lower_at(index) in {"very", "so", "really", "not", "too"}:
            index += 1
        adjective = reading.at(index)
        after = reading.at(index + 1)
        if adjective is None or adjective.lower not in _PREDICATIVE or adjective.sentence_start:
            continue
        if after is not None and not after.sentence_start and after.pos in {"NOUN", "PROPN", "ADJ", "AUX"}:
            continue
        if subject.lower == "that" and after is not None and after.pos in {"VERB", "PRON", "DET", "NUM"}:
            continue
        joined = f"{subject.text}'s" if form == "is" else f"{subject.text} {form}"
        text = f"{joined} {reading.span_text(subject.index + 1, index)}"
        yield hit(reading, subject.index, index, text, subject=subject.text, be=form)


def _be_before_ing(reading: Reading) -> Iterator[Hit]:
    for subject in reading:
        form = _SUBJECTS.get(subject.lower)
        verb = reading.at(subject.index + 1)
        if form is None or verb is None or verb.tag != "VBG" or verb.pos != "VERB":
            continue
        before = reading.at(subject.index - 1)
        if before is not None and not subject.sentence_start and before.lower not in _OPENERS:
            continue
        if verb.head == subject.index or subject.head != verb.index or subject.dep != "nsubj":
            continue
        if reading.children(verb, "aux") or verb.dep in {"pcomp", "acl"}:
            continue
        text = f"{subject.text} {form} {verb.text}"
        yield hit(reading, subject.index, verb.index, text, subject=subject.text, be=form)


RULES = (
    Rule(
        id="VERB-GERUND",
        family="verb_patterns",
        category="R:VERB:FORM",
        severity="medium",
        confidence=0.92,
        explanation="After “{verb}” the next verb takes -ing: “{correction}”.",
        explanation_uz="“{verb}” dan keyingi fe’lga -ing qo‘shiladi: “{correction}”.",
        good=("I enjoy reading.", "I finished my work to go home.", "We enjoy music."),
        bad=(
            Example("I enjoy to read books.", "I enjoy reading books."),
            Example("I really enjoy learn languages.", "I really enjoy learning languages."),
        ),
        find=_gerund_after,
    ),
    Rule(
        id="VERB-TO-MISSING",
        family="verb_patterns",
        category="M:VERB:FORM",
        severity="medium",
        confidence=0.9,
        explanation="“{verb}” needs “to” before the next verb: “{correction}”.",
        explanation_uz="“{verb}” dan keyingi fe’l oldidan “to” kerak: “{correction}”.",
        good=("I want to go home.", "I would like a tea.", "What do you want?"),
        bad=(
            Example("I want go home.", "I want to go home."),
            Example("I would like eat something.", "I would like to eat something."),
        ),
        find=_to_missing,
        function_words=True,
    ),
    Rule(
        id="VERB-AFTER-PREP",
        family="verb_patterns",
        category="R:VERB:FORM",
        severity="medium",
        confidence=0.86,
        explanation="After “{preposition}” the verb takes -ing: “{correction}”.",
        explanation_uz="“{preposition}” dan keyin fe’lga -ing qo‘shiladi: “{correction}”.",
        good=("I left without saying goodbye.", "I am interested in learning.", "It is on me."),
        bad=(
            Example("He left without tell me.", "He left without telling me."),
            Example("I am interested in learn English.", "I am interested in learning English."),
        ),
        find=_after_preposition,
    ),
    Rule(
        id="VERB-PERFECT",
        family="verb_patterns",
        category="R:VERB:FORM",
        severity="medium",
        confidence=0.9,
        explanation="After “{have}” use the third form: “{correction}”.",
        explanation_uz="“{have}” dan keyin fe’lning uchinchi shakli keladi: “{correction}”.",
        good=("I have gone there.", "I have to go now.", "I have never been there."),
        bad=(
            Example("I have went there twice.", "I have gone there twice."),
            Example("I have never be in London.", "I have never been in London."),
        ),
        find=_perfect,
    ),
    Rule(
        id="VERB-BE-PARTICIPLE",
        family="verb_patterns",
        category="R:VERB:FORM",
        severity="medium",
        confidence=0.92,
        explanation="After “be” say “{form}” here.",
        explanation_uz="Bu yerda “be” dan keyin “{form}” deyiladi.",
        good=("It is based on a book.", "The base is on the hill.", "My interest in art is old."),
        bad=(
            Example("It is base on a book.", "It is based on a book."),
            Example("The school is locate near my home.", "The school is located near my home."),
        ),
        find=_be_participle,
    ),
    Rule(
        id="VERB-BE-ADJECTIVE",
        family="verb_patterns",
        category="M:VERB",
        severity="medium",
        confidence=0.86,
        explanation="An adjective cannot be the verb of a sentence: say “{correction}”.",
        explanation_uz="O‘zbekchada “be” aytilmaydi, inglizchada esa kerak: “{correction}”.",
        good=("It is very interesting.", "That nice man helped me.", "He makes it hard."),
        bad=(
            Example("It very interesting for me.", "It's very interesting for me."),
            Example("I like it because it hard to stop.", "I like it because it's hard to stop."),
        ),
        find=_be_before_adjective,
        function_words=True,
    ),
    Rule(
        id="VERB-BE-ING",
        family="verb_patterns",
        category="M:VERB",
        severity="medium",
        confidence=0.86,
        explanation="The form in -ing needs “{be}” before it: “{correction}”.",
        explanation_uz="-ing shaklidan oldin “{be}” kerak: “{correction}”.",
        good=("I am going home.", "I saw them playing.", "We like him going there."),
        bad=(
            Example("I going to the park now.", "I am going to the park now."),
            Example("Because they living in a village.", "Because they are living in a village."),
        ),
        find=_be_before_ing,
        function_words=True,
    ),
)
