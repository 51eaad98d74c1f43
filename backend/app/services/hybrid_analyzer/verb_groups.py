"""Verb groups: tense, aspect, voice and modality of the verb of a clause."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.word_set import word_set

_FUTURE = {"will": "will", "'ll": "will", "wo": "will", "shall": "shall"}
_CONTRACTED_WOULD = "'d"
_FINITE = frozenset({"VBD", "VBP", "VBZ", "MD"})
SUBJECTS = ("nsubj", "nsubjpass", "expl", "csubj")
_SEMI_MODALS = {"have": "have to", "use": "used to", "need": "need to"}
MODALS = word_set("can could may might must should would shall will")


@dataclass(frozen=True, slots=True)
class VerbGroup:
    """A verb with its auxiliaries.

    `modal` is the base form of the modal verb (`would` for `'d`), None without one; `going_to` the future.
    """

    verb: Token
    auxiliaries: tuple[Token, ...]
    finite: bool
    past: bool
    perfect: bool
    progressive: bool
    passive: bool
    modal: str | None
    going_to: bool

    @property
    def future(self) -> bool:
        """Whether it speaks of the future with will, shall or going to."""
        return self.modal in {"will", "shall"} or self.going_to

    @property
    def form(self) -> str | None:
        """The name of the tense and aspect, such as `past_perfect_progressive`; None if it is not finite."""
        if not self.finite:
            return None
        if self.future:
            time = "future"
        elif self.modal is not None:
            time = "modal"
        else:
            time = "past" if self.past else "present"
        aspect = [name for name, has in (("perfect", self.perfect), ("progressive", self.progressive)) if has]
        return "_".join((time, *(aspect or ["simple"])))


def is_clause_head(token: Token) -> bool:
    """Whether a token is the main verb of a clause, by part of speech and relation."""
    return token.pos in {"VERB", "AUX"} and token.dep not in {"aux", "auxpass"}


def has_subject(reading: Reading, verb: Token) -> bool:
    """Whether a verb has a subject of its own."""
    return bool(reading.children(verb, *SUBJECTS))


def verb_group(reading: Reading, verb: Token) -> VerbGroup:
    """Read a verb with its auxiliaries.

    A verb with a subject and without `to` is finite in any form: learners leave out auxiliaries and endings
    (`he go`, `we enjoying`).
    """
    auxiliaries = tuple(reading.children(verb, "aux", "auxpass"))
    first = min((verb, *auxiliaries), key=lambda t: t.index)
    to = any(t.tag == "TO" for t in auxiliaries)
    going = verb.lower in {"going", "gon"} and bool(reading.children(verb, "xcomp"))
    return VerbGroup(
        verb=verb,
        auxiliaries=auxiliaries,
        finite=any(t.tag in _FINITE for t in (verb, *auxiliaries)) or (has_subject(reading, verb) and not to),
        past=first.tag == "VBD",
        perfect=(verb.tag == "VBN" and any(t.lemma == "have" for t in auxiliaries))
        or any(t.lower == "been" for t in auxiliaries),
        progressive=verb.tag == "VBG" and any(t.lemma == "be" for t in auxiliaries) and not going,
        passive=any(t.dep == "auxpass" for t in auxiliaries),
        modal=next((m for t in auxiliaries if (m := _modal(t))), None),
        going_to=going and verb.tag == "VBG",
    )


def _modal(token: Token) -> str | None:
    if token.lower == _CONTRACTED_WOULD:
        return "would" if token.tag == "MD" else None
    base = {"ca": "can"}.get(token.lower, _FUTURE.get(token.lower, token.lower))
    return base if base in MODALS else None


def modality(reading: Reading, group: VerbGroup) -> Iterator[str]:
    """Yield the modal verbs of a group: `can`, `would`, ..., `have to`, `used to`, `need to`, `going to`."""
    if group.modal is not None:
        yield group.modal
    if group.going_to:
        yield "going to"
    semi = _SEMI_MODALS.get(group.verb.lemma)
    if semi and is_semi_modal(reading, group.verb):
        yield semi


def is_semi_modal(reading: Reading, verb: Token) -> bool:
    """Whether a verb is the `have`, `used`, `need` or `going` of one verb group with `to` and a verb."""
    if verb.lemma not in _SEMI_MODALS and verb.lower not in {"going", "gon"}:
        return False
    following = reading.children(verb, "xcomp")
    return any(t.tag == "TO" for x in following for t in reading.children(x, "aux")) and not reading.children(
        verb, "dobj"
    )
