"""What every item of the question bank must satisfy beyond its schema.

The rules are those an item writer works to: short single questions in Part 1, cards that a quiet life can
answer, a discussion about people in general, and nothing private, painful or divisive anywhere.
"""

import re
from collections import Counter
from collections.abc import Iterator

from app.services.conversation.bank_items import Part1Set, Part2Card, Part3Question, QuestionBank

QUESTIONS_A_SET = 4
PART1_MAX_WORDS = 14
ROUNDING_MAX_WORDS = 10
PART3_MAX_WORDS = 20
PROMPTS_A_CARD = 3
PART3_A_CARD = 6
FAMILY_SHARE = 0.2
SHARED_OUT_FROM = 10
"""A bank of fewer cards than this is too small to be balanced."""

_BANNED = re.compile(
    r"\b(?:politic\w*|elections?|president|parliament|religio\w*|church\w*|mosques?|god|pray\w*|worship\w*"
    r"|sex\w*|divorc\w*|die[ds]?|dying|death|dead|funerals?|kill\w*|murder\w*|illness\w*|disease\w*|cancer"
    r"|hospitals?|wars?|army|weapons?|soldiers?|salar(?:y|ies)|wages?|how much money|earn(?:s|ed|ing)?|debts?"
    r"|alcohol\w*|beer|wine|drunk|gambl\w*|drugs?|terror\w*|refugees?|race|racist|google|iphone|samsung|facebook"
    r"|instagram|youtube|tiktok|telegram|whatsapp|amazon|netflix|ielts)\b",
    re.IGNORECASE,
)
_PRIVATE_IN_PART3 = re.compile(r"\b(?:you|your|yours)\b(?<!\bin your)(?! country\b| think\b)", re.IGNORECASE)


def problems_of(bank: QuestionBank) -> list[str]:
    """Return one sentence for each rule that an item breaks; empty when the bank may be used."""
    found = [*_unique(bank), *_balanced(bank), *_complete(bank)]
    for topic in bank.part1:
        found += (f"{topic.id}: {problem}" for problem in _part1(topic))
    for card in bank.part2:
        found += (f"{card.id}: {problem}" for problem in _part2(card))
    return found


def _unique(bank: QuestionBank) -> Iterator[str]:
    ids = Counter([s.id for s in bank.part1] + [c.id for c in bank.part2])
    yield from (f"{item}: the id is used {n} times" for item, n in ids.items() if n > 1)
    texts = Counter(
        [q.text for s in bank.part1 for q in s.questions]
        + [t for c in bank.part2 for t in (c.topic, *(q.text for q in c.p3))]
    )
    yield from (f"asked {n} times: {text}" for text, n in texts.items() if n > 1)


def _balanced(bank: QuestionBank) -> Iterator[str]:
    cards = len(bank.part2)
    if cards < SHARED_OUT_FROM:
        return
    for family, n in Counter(card.family for card in bank.part2).items():
        if n > FAMILY_SHARE * cards:
            yield f"the family {family} has {n} of {cards} cards, more than {FAMILY_SHARE:.0%}"


def _complete(bank: QuestionBank) -> Iterator[str]:
    for role in ("home", "study", "work"):
        if not any(s.frame == role for s in bank.part1):
            yield f"no Part 1 set can open the interview as {role}"
    if not bank.part2:
        yield "no Part 2 card"


def _part1(topic: Part1Set) -> Iterator[str]:
    if len(topic.questions) != QUESTIONS_A_SET:
        yield f"has {len(topic.questions)} questions instead of {QUESTIONS_A_SET}"
    if not topic.themes:
        yield "has no themes"
    for question in topic.questions:
        yield from _question(question.text, PART1_MAX_WORDS)


def _part2(card: Part2Card) -> Iterator[str]:
    if not (card.topic.startswith("Describe ") and card.topic.endswith(".")):
        yield "the topic does not read 'Describe ... .'"
    if len(card.prompts) != PROMPTS_A_CARD:
        yield f"has {len(card.prompts)} prompts instead of {PROMPTS_A_CARD}"
    if not (card.final_prompt.startswith("and explain ") and card.final_prompt.endswith(".")):
        yield "the final prompt does not read 'and explain ... .'"
    if not card.themes:
        yield "has no themes"
    for text in (card.topic, *card.prompts, card.final_prompt):
        yield from _allowed(text)
    if len(card.rounding_off) != 2:
        yield f"has {len(card.rounding_off)} rounding-off questions instead of 2"
    for text in card.rounding_off:
        yield from _question(text, ROUNDING_MAX_WORDS)
    yield from _order(card)
    for item in card.p3:
        yield from _part3(item)


def _order(card: Part2Card) -> Iterator[str]:
    if len(card.p3) != PART3_A_CARD:
        yield f"has {len(card.p3)} Part 3 questions instead of {PART3_A_CARD}"
    if [q.sub for q in card.p3] != sorted(q.sub for q in card.p3) or {q.sub for q in card.p3} != {"A", "B"}:
        yield "the Part 3 questions do not go through sub-theme A and then B"
    for sub in "AB":
        levels = [q.level for q in card.p3 if q.sub == sub]
        if levels != sorted(levels):
            yield f"the levels of sub-theme {sub} do not rise"
        if len({q.theme for q in card.p3 if q.sub == sub}) > 1:
            yield f"sub-theme {sub} has more than one name"


def _part3(item: Part3Question) -> Iterator[str]:
    for text in (item.text, item.rephrase):
        yield from _question(text, PART3_MAX_WORDS)
        if _PRIVATE_IN_PART3.search(text):
            yield f"asks about the learner, not about people: {text}"
    if item.probe is not None:
        yield from _question(item.probe, PART3_MAX_WORDS)
    if item.rephrase == item.text:
        yield f"the rephrase repeats the question: {item.text}"


def _question(text: str, max_words: int) -> Iterator[str]:
    yield from _allowed(text)
    if text.count("?") != 1 or not text.endswith("?"):
        yield f"is not one question: {text}"
    if len(text.split()) > max_words:
        yield f"has more than {max_words} words: {text}"


def _allowed(text: str) -> Iterator[str]:
    if match := _BANNED.search(text):
        yield f"touches a banned topic ({match.group()}): {text}"
