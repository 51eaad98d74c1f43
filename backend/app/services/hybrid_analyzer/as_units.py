"""AS-units: the units of speech in which grammatical range is counted.

An AS-unit is one speaker's independent clause or sub-clausal unit, together with any subordinate clauses that
belong to it (Foster, Tonkyn & Wigglesworth 2000). A subordinate clause has a finite verb, or a non-finite one
with at least one more element. Verb phrases joined under one subject stay in one unit and are counted apart.
One-word minor utterances (`yes`, `okay`) are no units, as at their second level of application. Speech as
recognised has few marks, so units are found in the parse and not by punctuation.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from app.services.hybrid_analyzer.lexical_fillers import find_lexical_fillers
from app.services.hybrid_analyzer.ports import Token
from app.services.hybrid_analyzer.reading import PUNCTUATION, Reading
from app.services.hybrid_analyzer.verb_groups import has_subject, is_clause_head, is_semi_modal, verb_group
from app.services.hybrid_analyzer.word_set import word_set

ClauseKind = Literal["main", "relative", "adverbial", "complement", "non_finite", "coordinated"]
"""`coordinated` are verb phrases with a complement of their own that share the subject of the one before."""

SUBORDINATE: frozenset[ClauseKind] = frozenset({"relative", "adverbial", "complement", "non_finite"})

_TAKES_CLAUSE = word_set(
    "think know say believe guess hope feel mean see hear understand remember forget suppose tell show find "
    "notice realize realise decide imagine wish agree explain ask wonder admit learn teach prove expect be "
    "become seem let make help want like love hate mind doubt worry promise order answer reply want need "
    "recommend suggest prefer consider fear read write discover claim check sound look require"
)
_NOT_ELEMENTS = frozenset(
    {"aux", "auxpass", "mark", "cc", "preconj", "punct", "neg", "prt", "intj", "conj", "expl", "dep"}
)
_MINOR = word_set(
    "yes yeah yep no nope ok okay right sure well oh sorry thanks thank you please hello hi bye"
)
_COMPLEMENTS = frozenset({"ccomp", "csubj", "csubjpass", "pcomp"})
_ADJECTIVES_WITH_CLAUSE = word_set(
    "sure happy glad afraid sorry certain lucky aware confident proud sad surprised worried possible clear "
    "true good important better necessary obvious funny strange"
)
_TIMES_AND_REASONS = word_set("time day way reason moment year night week month place first last")
_HEDGES = word_set("think guess believe suppose mean know see say hope")
_LINKS = frozenset({"WRB", "WP", "WDT", "WP$", "TO"})
_ABLE = word_set("able supposed")


@dataclass(frozen=True, slots=True)
class AsUnit:
    """One AS-unit: the tokens in it (indices), how many are words, and how many clauses it has of each kind.

    A unit without a verb (`three months`) has no clause.
    """

    tokens: tuple[int, ...]
    words: int
    clauses: Mapping[ClauseKind, int]


def find_as_units(reading: Reading) -> tuple[AsUnit, ...]:
    """Divide a reading into AS-units, in order of their first words."""
    return _Units(reading).found()


class _Units:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._aside = _asides(reading)
        self._independent: dict[int, bool] = {}

    def found(self) -> tuple[AsUnit, ...]:
        members: dict[int, list[Token]] = {}
        for token in self._reading:
            members.setdefault(self._owner(token), []).append(token)
        units = (self._unit(tokens) for _, tokens in sorted(members.items(), key=lambda m: m[1][0].index))
        return tuple(unit for unit in units if unit is not None)

    def _owner(self, token: Token) -> int:
        """Return the index of the token that heads the unit `token` belongs to."""
        while token.head != token.index and not self._is_independent(token):
            token = self._reading.head(token)
        return token.index

    def _is_independent(self, token: Token) -> bool:
        known = self._independent.get(token.index)
        if known is None:
            self._independent[token.index] = False  # a parse is a tree, yet never trust it to end
            known = self._independent[token.index] = self._judge(token)
        return known

    def _judge(self, token: Token) -> bool:
        if token.head == token.index:
            return True
        if not is_clause_head(token) or token.index in self._aside or not has_subject(self._reading, token):
            return False
        head = self._reading.head(token)
        if not verb_group(self._reading, token).finite or self._is_hedge(token):
            return False
        match token.dep:
            case "conj":
                return not is_clause_head(head) or self._stands_beside(head)
            case "parataxis":
                return True
            case "ccomp" | "advcl" | "relcl":
                return head.index in self._aside or self._runs_on(token, head)
            case _:
                return False

    def _stands_beside(self, first: Token) -> bool:
        """Whether what is joined to the clause of `first` is a unit of its own."""
        return (
            self._is_independent(first)
            or first.index in self._aside
            or not verb_group(self._reading, first).finite
        )

    def _runs_on(self, token: Token, head: Token) -> bool:
        """Whether a clause without any link only stands beside its head: `I was tired I went home`."""
        children = self._reading.children(token)
        if any(t.dep == "mark" or t.tag in _LINKS for t in children):
            return False
        if token.dep == "relcl":
            complete = any(t.dep in {"dobj", "attr", "acomp"} for t in children)
            return complete and head.lemma not in _TIMES_AND_REASONS
        if head.pos == "ADJ":
            return head.lemma not in _ADJECTIVES_WITH_CLAUSE
        if not is_clause_head(head) or self._is_led(head):
            return False
        if head.lemma == "be":
            predicates = self._reading.children(head, "attr", "acomp", "prep", "advmod")
            return bool(predicates) and all(p.lemma not in _ADJECTIVES_WITH_CLAUSE for p in predicates)
        has_object = any(t.pos == "NOUN" for t in self._reading.children(head, "dobj"))
        return has_object or head.lemma not in _TAKES_CLAUSE

    def _is_led(self, verb: Token) -> bool:
        """Whether a conjunction such as `when` leads the clause of `verb`, or the clause it is joined to."""
        while verb.dep == "conj" and verb.head < verb.index:
            verb = self._reading.head(verb)
        return any(
            t.index < verb.index and (t.dep == "mark" or t.tag == "WRB") for t in self._reading.children(verb)
        )

    def _is_hedge(self, token: Token) -> bool:
        """Whether a clause like `I think` in the middle of another only hedges it."""
        children = self._reading.children(token)
        return token.dep == "parataxis" and token.lemma in _HEDGES and all(t.dep == "nsubj" for t in children)

    def _unit(self, tokens: list[Token]) -> AsUnit | None:
        said = [t for t in tokens if t.pos not in PUNCTUATION and t.index not in self._aside]
        if all(t.lower in _MINOR or t.pos in {"INTJ", "CCONJ"} for t in said):
            return None
        kinds = Counter(kind for t in said if (kind := self._kind(t)))
        words = sum(t.pos not in PUNCTUATION and not _is_clitic(t) for t in tokens)
        return AsUnit(tuple(t.index for t in tokens), words, dict(kinds))

    def _kind(self, token: Token) -> ClauseKind | None:
        if not is_clause_head(token):
            return None
        if self._is_independent(token):
            return "main"
        head = self._reading.head(token)
        finite = verb_group(self._reading, token).finite
        if token.dep == "conj":
            return self._joined(token, head, finite=finite)
        if not finite:
            return "non_finite" if self._fills_clause(token, head) else None
        match token.dep:
            case "relcl":
                return "relative"
            case "advcl":
                return "adverbial"
            case "acl":
                return "complement"
            case "xcomp":
                return "complement"
            case "ccomp" if self._is_led(head) and not self._is_led(token):
                return "adverbial"  # `when I was ill I slept`: the parse has the halves the wrong way round
            case dep if dep in _COMPLEMENTS:
                return "complement"
            case _:
                return None

    def _joined(self, token: Token, head: Token, *, finite: bool) -> ClauseKind | None:
        if has_subject(self._reading, token) and is_clause_head(head):
            return self._kind(head) if finite else "non_finite"
        if not self._has_element(token):
            return None
        first = self._kind(head) if is_clause_head(head) else None
        return "non_finite" if first == "non_finite" else "coordinated"

    def _fills_clause(self, token: Token, head: Token) -> bool:
        if token.dep not in {"xcomp", "advcl", "acl", "relcl", *_COMPLEMENTS} or not self._has_element(token):
            return False
        return not (token.dep == "xcomp" and (is_semi_modal(self._reading, head) or head.lower in _ABLE))

    def _has_element(self, token: Token) -> bool:
        return any(t.dep not in _NOT_ELEMENTS for t in self._reading.children(token))


def _asides(reading: Reading) -> Collection[int]:
    """Return the tokens of `you know`, `I mean` and the like, which are no clauses."""
    spans = find_lexical_fillers(reading)
    return {t.index for t in reading if any(start <= t.start < end for start, end in spans)}


def _is_clitic(token: Token) -> bool:
    return token.text.startswith("'") or token.lower == "n't"
