import json
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from app.services.conversation import BankInvalid, bundled_bank, parse_bank

RAW = files("app.services.conversation").joinpath("data", "question_bank.json").read_bytes()


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    """The message about the bundled bank after a change."""
    bank = json.loads(RAW)
    change(bank)
    with pytest.raises(BankInvalid) as caught:
        parse_bank(json.dumps(bank))
    return str(caught.value)


def test_the_bundled_bank_is_large_enough() -> None:
    bank = bundled_bank()
    assert len(bank.part1) >= 40
    assert len(bank.part2) >= 30
    assert sum(len(card.p3) for card in bank.part2) >= 180


def test_families_are_balanced() -> None:
    cards = bundled_bank().part2
    assert max(Counter(card.family for card in cards).values()) <= 0.2 * len(cards)
    assert len({card.family for card in cards}) == 11


def test_part_1_questions_are_short() -> None:
    longest = max((q.text for s in bundled_bank().part1 for q in s.questions), key=lambda t: len(t.split()))
    assert len(longest.split()) <= 14, longest


def test_every_sub_theme_starts_concrete_enough_and_the_card_gets_abstract() -> None:
    for card in bundled_bank().part2:
        assert card.p3[0].level == 1, card.id
        assert max(q.level for q in card.p3) == 3, card.id
        assert all(q.rephrase and len(q.rephrase.split()) <= 20 for q in card.p3)


def test_every_seed_card_has_a_readable_topic() -> None:
    for card in bundled_bank().part2:
        assert card.about[0].islower()
        assert "(" not in card.topic


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b["part1"][0].update(id="P1-002-study"), "used 2 times"),
        (
            lambda b: b["part1"][1]["questions"][0].update(text=b["part1"][0]["questions"][0]["text"]),
            "asked 2",
        ),
        (lambda b: b["part1"][0]["questions"].pop(), "3 questions instead of 4"),
        (lambda b: b["part1"][0]["questions"][0].update(text="Do you? Why?"), "not one question"),
        (lambda b: b["part1"][0]["questions"][0].update(text="Tell me about it."), "not one question"),
        (lambda b: b["part1"][0]["questions"][0].update(text="so " * 14 + "what?"), "more than 14 words"),
        (
            lambda b: b["part1"][0]["questions"][0].update(text="Which mosque do you visit?"),
            "banned topic (mosque)",
        ),
        (lambda b: b["part1"][0].update(themes=[]), "has no themes"),
        (lambda b: b["part2"][0].update(topic="Talk about a person."), "Describe ..."),
        (lambda b: b["part2"][0].update(final_prompt="Explain why."), "and explain ..."),
        (lambda b: b["part2"][0]["prompts"].pop(), "2 prompts instead of 3"),
        (lambda b: b["part2"][0]["prompts"].append("how much they earn"), "4 prompts"),
        (lambda b: b["part2"][0]["rounding_off"].pop(), "1 rounding-off"),
        (lambda b: b["part2"][0]["p3"].pop(), "5 Part 3 questions instead of 6"),
        (lambda b: b["part2"][0]["p3"].reverse(), "do not go through sub-theme A"),
        (lambda b: b["part2"][0]["p3"][0].update(level=3), "levels of sub-theme A do not rise"),
        (lambda b: b["part2"][0]["p3"][0].update(theme="other"), "more than one name"),
        (lambda b: b["part2"][0]["p3"][0].update(text="Do you like your job?"), "about the learner"),
        (
            lambda b: b["part2"][0]["p3"][0].update(rephrase=b["part2"][0]["p3"][0]["text"]),
            "repeats the question",
        ),
        (lambda b: [card.update(family="place") for card in b["part2"]], "more than 20%"),
        (lambda b: b.update(part1=[s for s in b["part1"] if s["frame"] != "work"]), "as work"),
        (lambda b: b.update(part2=[]), "no Part 2 card"),
        (lambda b: b["part2"][0].update(family="gossip"), "family"),
        (lambda b: b["part1"][0].update(colour="red"), "colour"),
        (lambda b: b["part2"][0]["p3"][0].update(level=4), "level"),
        (lambda b: b["part1"][0].update(id="1"), "id"),
    ],
)
def test_broken_items_are_named(change: Callable[[dict[str, Any]], object], message: str) -> None:
    assert message in broken(change)


def test_every_problem_is_reported_at_once() -> None:
    def change(bank: dict[str, Any]) -> None:
        bank["part1"][0]["questions"].pop()
        bank["part2"][3]["rounding_off"].pop()

    message = broken(change)
    assert "P1-001" in message
    assert "P2-04" in message


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff\xfe", b'{"part1": 3, "part2": []}'])
def test_what_is_not_a_bank_is_refused(raw: bytes) -> None:
    with pytest.raises(BankInvalid):
        parse_bank(raw)
