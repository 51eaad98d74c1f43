"""Agreement of subject and verb."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule
from app.services.hybrid_analyzer.rules.subject_verb import (
    SUBJECT,
    about_past,
    agreeing,
    asked,
    finite_after,
    is_bare,
    plural_form,
    wished,
)
from app.services.hybrid_analyzer.rules.words import COLLECTIVE, PLURAL_SINGULAR_FORM
from app.services.hybrid_analyzer.word_set import word_set

_THIRD = frozenset({"he", "she", "it"})
_OTHERS = frozenset({"i", "you", "we", "they"})
_BE_FOR = {"i": "am", "you": "are", "we": "are", "they": "are"}
_BE_FOR_ONE = {"are": "is", "were": "was"}
_LIKED = frozenset({"NOUN", "PROPN", "PART", "PRON", "DET"})
_PEOPLE = frozenset({"people", "police"})
_INDEFINITE = word_set("everyone everybody someone somebody nobody anyone anybody everything something")


def _governs(verb: Token | None, subject: Token) -> bool:
    """Whether the parse ties the subject to this verb, or to the verb whose auxiliary it is."""
    return verb is not None and subject.head in {verb.index, verb.head}


def _pronoun_third(reading: Reading) -> Iterator[Hit]:
    for subject in reading:
        if subject.lower not in _THIRD or subject.dep not in SUBJECT:
            continue
        verb = finite_after(reading, subject)
        if verb is None or not _governs(verb, subject) or not is_bare(reading, verb):
            continue
        before = reading.previous_word(subject.index)
        if subject.lower == "it" and before is not None and before.pos in {"VERB", "AUX", "ADP"}:
            continue
        if before is not None and before.lower in {"that", "if"} and verb.tag == "VB":
            continue
        if asked(reading, subject, subject.index) or about_past(reading, verb):
            continue
        found = agreeing(reading, subject, verb, reading.inflect(verb.lower, "VBZ"))
        if found:
            yield found


def _he_like(reading: Reading) -> Iterator[Hit]:
    """Find `he like football`, which the parser reads as a comparison and not as a verb."""
    for subject in reading:
        verb, following = reading.at(subject.index + 1), reading.at(subject.index + 2)
        if subject.lower not in {"he", "she"} or verb is None or following is None:
            continue
        if verb.lower != "like" or verb.pos == "VERB" or following.pos not in _LIKED:
            continue
        before = reading.previous_word(subject.index)
        if before is None or before.pos in {"CCONJ", "SCONJ"}:
            found = agreeing(reading, subject, verb, "likes")
            if found:
                yield found


def _third_person(reading: Reading) -> Iterator[Hit]:
    yield from _pronoun_third(reading)
    yield from _he_like(reading)


def _pronoun_other(reading: Reading) -> Iterator[Hit]:
    for subject in reading:
        if subject.lower not in _OTHERS or subject.dep not in SUBJECT:
            continue
        verb = finite_after(reading, subject)
        if verb is None or not _governs(verb, subject):
            continue
        if reading.lower_at(subject.index - 1) in {"and", "or", "of"}:
            continue
        if reading.lower_at(verb.index + 1) in _THIRD | _OTHERS:
            continue  # begins again with a question: "I, is it ...?"
        form = plural_form(verb)
        if subject.lower == "i" and form in {"are", "were"}:
            form = "am" if form == "are" else None
        found = agreeing(reading, subject, verb, form)
        if found:
            yield found


def _plain_subject(reading: Reading, noun: Token) -> bool:
    """Whether a noun is a simple subject: no list, no number, nothing before it that takes its verb form."""
    if noun.dep not in SUBJECT or reading.children(noun, "conj", "cc", "nummod", "appos", "prep"):
        return False
    if any(t.tag == "VBG" for t in reading.children(noun, "amod")):
        return False
    edge = reading.left_edge(noun)
    before = reading.previous_word(edge)
    if before is not None and (before.tag == "VBG" or before.lower in {"of", "and", "or", "to", "with"}):
        return False
    return not asked(reading, noun, edge)


def _noun_singular(reading: Reading) -> Iterator[Hit]:
    for noun in reading:
        if (
            noun.tag != "NN"
            or noun.pos != "NOUN"
            or noun.lower in COLLECTIVE | PLURAL_SINGULAR_FORM | {"one"}
        ):
            continue
        determiners = reading.children(noun, "poss", "det")
        if not determiners or any(d.lower in {"these", "those", "some", "all"} for d in determiners):
            continue
        if not _plain_subject(reading, noun):
            continue
        verb = finite_after(reading, noun)
        if verb is None or not _governs(verb, noun):
            continue
        form = _BE_FOR_ONE.get(verb.lower)
        if form is None:
            if not is_bare(reading, verb) or verb.tag not in {"VBP", "VB"}:
                continue
            if about_past(reading, verb) or wished(reading, verb):
                continue
            form = reading.inflect(verb.lower, "VBZ")
        found = agreeing(reading, noun, verb, form)
        if found:
            yield found


def _noun_plural(reading: Reading) -> Iterator[Hit]:
    for noun in reading:
        if noun.tag != "NNS" or noun.lower in PLURAL_SINGULAR_FORM | _PEOPLE or noun.lower == noun.lemma:
            continue
        if not _plain_subject(reading, noun) or reading.lower_at(noun.index - 1) in {"you", "we", "us"}:
            continue
        if noun.lower != reading.inflect(noun.lemma, "NNS"):
            continue
        verb = finite_after(reading, noun)
        found = agreeing(reading, noun, verb, plural_form(verb)) if verb and _governs(verb, noun) else None
        if found:
            yield found


def _people_is(reading: Reading) -> Iterator[Hit]:
    for noun in reading:
        if noun.lower not in _PEOPLE or noun.dep not in SUBJECT or reading.children(noun, "prep", "relcl"):
            continue
        edge = reading.left_edge(noun)
        before = reading.previous_word(edge)
        if before is not None and before.tag in {"VBG", "TO", "VB"}:
            continue
        if before is not None and before.lower in {"of", "and", "about"}:
            continue
        verb = finite_after(reading, noun)
        if verb is None or not _governs(verb, noun) or asked(reading, noun, edge):
            continue
        found = agreeing(reading, noun, verb, plural_form(verb))
        if found:
            yield found


def _relative(reading: Reading) -> Iterator[Hit]:
    for pronoun in reading:
        noun = reading.at(pronoun.index - 1)
        verb = reading.at(pronoun.index + 1)
        if pronoun.lower not in {"who", "which", "that"} or noun is None or verb is None:
            continue
        clause = reading.head(pronoun)
        if pronoun.dep not in SUBJECT or clause.dep != "relcl" or clause.head != noun.index:
            continue
        if clause.index not in {verb.index, verb.head} or reading.children(noun, "conj", "cc", "prep"):
            continue
        if pronoun.lower != "who" and verb.lemma in {"be", "mean", "make"}:
            continue  # often begins a remark on the whole clause: "... which is nice", "... that was fun"
        before = reading.previous_word(reading.left_edge(noun))
        if before is not None and before.lower in {"of", "and", "or", "one", "only"}:
            continue
        found = agreeing(reading, noun, verb, _relative_form(reading, noun, verb))
        if found:
            yield found


def _relative_form(reading: Reading, noun: Token, verb: Token) -> str | None:
    """Return the form the verb of a relative clause should have, None when it is right or unclear."""
    if noun.tag == "NNS" and noun.lower not in PLURAL_SINGULAR_FORM:
        return plural_form(verb)
    if noun.tag != "NN" or noun.pos != "NOUN" or noun.lower in COLLECTIVE:
        return None
    single = any(d.lower in {"a", "an"} or d.dep == "poss" for d in reading.children(noun, "det", "poss"))
    if not single or not is_bare(reading, verb) or about_past(reading, verb):
        return None
    return reading.inflect(verb.lower, "VBZ")


def _indefinite(reading: Reading) -> Iterator[Hit]:
    for subject in reading:
        if subject.lower not in _INDEFINITE or subject.dep not in SUBJECT:
            continue
        verb = finite_after(reading, subject)
        if verb is None or not _governs(verb, subject) or about_past(reading, verb):
            continue
        if asked(reading, subject, subject.index):
            continue
        form = {"are": "is", "were": "was"}.get(verb.lower)
        if form is None and is_bare(reading, verb) and verb.tag == "VBP":
            form = reading.inflect(verb.lower, "VBZ")
        found = agreeing(reading, subject, verb, form)
        if found:
            yield found


RULES = (
    Rule(
        id="AGR-HE-SHE-IT",
        family="agreement",
        category="R:VERB:SVA",
        severity="medium",
        confidence=0.88,
        explanation="With “{subject}” the present verb takes -s: “{correction}”.",
        explanation_uz="“{subject}” bilan hozirgi zamonda fe’lga -s qo‘shiladi: “{correction}”.",
        good=(
            "He works in a bank.",
            "Does he like football?",
            "My father let him go and it made her happy.",
            "I suggest that he go home.",
            "My brother and he work together.",
            "Yesterday he put it here.",
            "Is he like his father?",
            "What is she like at home?",
            "I want to see it change.",
        ),
        bad=(
            Example("He work in a bank.", "He works in a bank."),
            Example("She don't like it.", "She doesn't like it."),
            Example("He like football.", "He likes football."),
            Example("I think he have a car.", "I think he has a car."),
            Example("It always help me to relax.", "It always helps me to relax."),
        ),
        find=_third_person,
    ),
    Rule(
        id="AGR-I-YOU-WE-THEY",
        family="agreement",
        category="R:VERB:SVA",
        severity="medium",
        confidence=0.88,
        explanation="With “{subject}” say “{verb}”: “{correction}”.",
        explanation_uz="“{subject}” bilan “{verb}” ishlatiladi: “{correction}”.",
        good=(
            "They work hard and I have time.",
            "What I want to tell you is simple.",
            "One of them is my friend.",
            "I, is it okay?",
            "I was at home.",
        ),
        bad=(
            Example("They goes to school every day.", "They go to school every day."),
            Example("We was very tired.", "We were very tired."),
            Example("I has two sisters.", "I have two sisters."),
        ),
        find=_pronoun_other,
    ),
    Rule(
        id="AGR-NOUN-SINGULAR",
        family="agreement",
        category="R:VERB:SVA",
        severity="medium",
        confidence=0.84,
        explanation="“{subject}” is one person or thing, so the verb takes -s: “{correction}”.",
        explanation_uz="“{subject}” birlikda, shuning uchun fe’lga -s qo‘shiladi: “{correction}”.",
        good=(
            "My mother works in a bank.",
            "I help my sister study.",
            "Does your brother work?",
            "It is good that another person pick her up.",
            "My family like to travel.",
            "My mother and my father work together.",
        ),
        bad=(
            Example("My mother work in a bank.", "My mother works in a bank."),
            Example("My brother have a car.", "My brother has a car."),
        ),
        find=_noun_singular,
    ),
    Rule(
        id="AGR-NOUN-PLURAL",
        family="agreement",
        category="R:VERB:SVA",
        severity="medium",
        confidence=0.86,
        explanation="“{subject}” is plural, so say “{verb}”: “{correction}”.",
        explanation_uz="“{subject}” ko‘plikda, shuning uchun “{verb}” bo‘ladi: “{correction}”.",
        good=(
            "My friends like football.",
            "Ten years is a long time.",
            "Helping friends is important.",
            "The news is good.",
            "One of my friends lives in London.",
        ),
        bad=(
            Example("My parents lives in a village.", "My parents live in a village."),
            Example("The streets was empty.", "The streets were empty."),
        ),
        find=_noun_plural,
    ),
    Rule(
        id="AGR-PEOPLE",
        family="agreement",
        category="R:VERB:SVA",
        severity="medium",
        confidence=0.92,
        explanation="“{subject}” is plural in English, so say “{correction}”.",
        explanation_uz="“{subject}” ingliz tilida ko‘plik hisoblanadi, shuning uchun “{correction}” deng.",
        good=("People are friendly.", "Helping people is my job.", "The number of people is growing."),
        bad=(
            Example("I think people is very friendly here.", "I think people are very friendly here."),
            Example("Some people likes football.", "Some people like football."),
        ),
        find=_people_is,
    ),
    Rule(
        id="AGR-RELATIVE",
        family="agreement",
        category="R:VERB:SVA",
        severity="medium",
        confidence=0.85,
        explanation="The verb after “who”, “which” or “that” agrees with “{subject}”: “{correction}”.",
        explanation_uz="“who”, “which”, “that” dan keyingi fe’l “{subject}” so‘ziga moslashadi: "
        "“{correction}”.",
        good=(
            "I know people who live there.",
            "I have a friend who lives in London.",
            "She is one of the people who says it.",
            "The books that I like are old.",
        ),
        bad=(
            Example("I know people who says that.", "I know people who say that."),
            Example("I have a friend who live in London.", "I have a friend who lives in London."),
        ),
        find=_relative,
    ),
    Rule(
        id="AGR-EVERYONE",
        family="agreement",
        category="R:VERB:SVA",
        severity="medium",
        confidence=0.86,
        explanation="“{subject}” takes the same form as “he” or “she”: “{correction}”.",
        explanation_uz="“{subject}” bilan fe’l “he/she” dagi kabi bo‘ladi: “{correction}”.",
        good=("Everyone knows this.", "Does everybody like it?", "It helps everyone understand."),
        bad=(
            Example("Everybody know this place.", "Everybody knows this place."),
            Example("Everyone have a phone now.", "Everyone has a phone now."),
        ),
        find=_indefinite,
    ),
)
