"""Which drill a card is practised with today: its types take turns, and so do its sentences."""

from typing import assert_never, get_args

from app.services.conversation import Elicited
from app.services.training_engine.cards import Card, CardKind
from app.services.training_engine.drills import sentences, talks
from app.services.training_engine.drills.types import Drill, DrillNotPossible, DrillType
from app.services.training_engine.structures import ELICITED, Structure, structure_of

_SKILLS: dict[str, DrillType] = {
    "skill:expand": "expand",
    "skill:paraphrase": "paraphrase",
    "skill:retell": "retell",
    "skill:long_turn": "long_turn",
}
_MAX_PAIRS = 4
_KINDS: dict[DrillType, frozenset[CardKind]] = {
    "correct": frozenset({"rule"}),
    "gap": frozenset({"rule"}),
    "transform": frozenset({"rule"}),
    "shadow": frozenset({"rule", "sound"}),
    "minimal_pairs": frozenset({"sound"}),
    "expand": frozenset({"rule", "skill"}),
    "paraphrase": frozenset({"skill"}),
    "retell": frozenset({"skill"}),
    "long_turn": frozenset({"skill"}),
}


def kinds_with(drill: DrillType) -> frozenset[CardKind]:
    """Return the kinds of cards that may have a drill of this type."""
    return _KINDS[drill]


def card_structure(card: Card) -> Structure | None:
    """Return the structure that a card's rule is about."""
    return structure_of(card.target, card.material.category) if card.kind == "rule" else None


def elicited_structure(card: Card) -> Elicited | None:
    """Return the structure of a card's rule where some questions call for it more than others."""
    structure = card_structure(card)
    return next((name for name in get_args(Elicited) if name == structure), None)


def drill_types(card: Card) -> tuple[DrillType, ...]:
    """Return the types of drill the card can be practised with, in the order in which they take turns."""
    match card.kind:
        case "rule":
            examples, structure = sentences.sentences_of(card), card_structure(card)
            found: list[DrillType] = ["correct"] if examples else []
            if sentences.with_gap(examples):
                found.append("gap")
            if sentences.transforms(structure):
                found.append("transform")
            if examples:
                found.append("shadow")
            if structure in ELICITED or not found:
                found.append("expand")
            return tuple(found)
        case "sound":
            pairs: tuple[DrillType, ...] = ("minimal_pairs",) if card.material.pairs else ()
            return (*pairs, "shadow")
        case "skill":
            return (_SKILLS.get(card.target, "expand"),)
        case _:
            assert_never(card.kind)


def drill_of(card: Card, wanted: DrillType | None = None) -> Drill:
    """Return the card's drill, the same until the card is reviewed.

    `wanted` asks for another type than the one whose turn it is. Raises DrillNotPossible.
    """
    types = drill_types(card)
    drill_type = types[card.reviews % len(types)] if wanted is None else wanted
    if drill_type not in types:
        raise DrillNotPossible(f"{card.target} can be drilled by {', '.join(types)}")
    return _made(card, drill_type, card.reviews // len(types))


def _made(card: Card, drill_type: DrillType, turn: int) -> Drill:
    examples = sentences.sentences_of(card)
    match drill_type:
        case "correct":
            return sentences.correct(examples[turn % len(examples)])
        case "gap":
            gaps = sentences.with_gap(examples)
            return sentences.gap(gaps[turn % len(gaps)])
        case "transform":
            changes = sentences.transforms(card_structure(card))
            return sentences.transform(changes[turn % len(changes)])
        case "shadow" if card.kind == "sound":
            return _words_aloud(card)
        case "shadow":
            return sentences.shadow(examples[turn % len(examples)].better)
        case "minimal_pairs":
            pairs = card.material.pairs
            first = turn * _MAX_PAIRS % len(pairs)
            return sentences.minimal_pairs((*pairs[first:], *pairs[:first])[:_MAX_PAIRS])
        case "expand":
            structure = card_structure(card)
            return talks.expand(turn, structure if structure in ELICITED else None)
        case "paraphrase":
            return talks.paraphrase(turn)
        case "retell":
            return talks.retell(turn)
        case "long_turn":
            return talks.long_turn(turn)
        case _:
            assert_never(drill_type)


def _words_aloud(card: Card) -> Drill:
    """Return the drill of saying the learner's own words that lacked the sound, each in a short sentence."""
    words = [e.better for e in card.material.examples] or [pair[0] for pair in card.material.pairs]
    if not words:
        raise DrillNotPossible(f"{card.target} has no words to say")
    chosen = tuple(words[:3])
    return sentences.shadow(" ".join(f"I said {word}." for word in chosen), focus=chosen)
