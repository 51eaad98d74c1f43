import random

import pytest

from app.services.pronunciation_engine import (
    UZBEK_SOUND_DRILLS,
    UZBEK_SOUNDS,
    PhoneScore,
    WordPhones,
    find_sound_patterns,
    plain_phone,
)
from app.services.pronunciation_engine.learned.inventory import IPA

GOOD, POOR = 95.0, 20.0


def word(
    text: str, said: str, *, at_ms: int = 0, probability: float = 0.95, known: bool = False
) -> WordPhones:
    """A word from `expected` or `expected>heard` phones."""
    phones = []
    for place, item in enumerate(said.split()):
        expected, changed, heard = item.partition(">")
        score = POOR if changed else GOOD
        start = at_ms + 80 * place
        phones.append(PhoneScore(expected, heard if changed else expected, score, start, start + 80))
    return WordPhones(text, at_ms, at_ms + 80 * len(phones), probability, tuple(phones), known)


def found(*words: WordPhones) -> dict[str, tuple[int, int]]:
    return {p.rule_id: (p.count, p.opportunities) for p in find_sound_patterns(words, UZBEK_SOUNDS)}


WEST, WINE, WORK = word("west", "w>v e s t"), word("wine", "w>v aɪ n", at_ms=900), word("work", "w>v ɜː k")


def test_a_repeated_substitution_is_named_and_explained() -> None:
    (pattern,) = find_sound_patterns([WEST, WINE, WORK], UZBEK_SOUNDS)
    assert (pattern.rule_id, pattern.count, pattern.opportunities) == ("UZ-P01", 3, 3)
    assert pattern.possible
    assert ("west", "vest") in pattern.minimal_pairs
    assert [(e.word, e.expected, e.heard, e.start_ms) for e in pattern.examples][:2] == [
        ("west", "w", "v", 0),
        ("wine", "w", "v", 900),
    ]


@pytest.mark.parametrize(
    "words",
    [
        [WEST, WINE],
        [WEST, WEST, WEST],
        [WEST, WINE, word("work", "w ɜː k"), *[word(f"w{i}", "w ɪ l") for i in range(20)]],
        [WEST, WINE, word("was", "w>v ɒ z")],
        [WEST, WINE, word("work", "w>v ɜː k", probability=0.6)],
        [],
    ],
    ids=["two tokens", "one word", "mostly right", "a weak form", "an unsure word", "nothing"],
)
def test_what_is_no_pattern(words: list[WordPhones]) -> None:
    assert found(*words) == {}


def test_a_drill_is_sure_of_its_text() -> None:
    drill = [word(t, "w>v e t", probability=0.1, known=True) for t in ("wet", "went", "web")]
    (pattern,) = find_sound_patterns(drill, UZBEK_SOUNDS)
    assert not pattern.possible


def test_a_good_score_outweighs_what_it_resembles() -> None:
    near = PhoneScore("w", "v", 80.0, 0, 80)
    assert found(*[WordPhones(t, 0, 80, 0.9, (near,)) for t in ("one", "way", "well", "week")]) == {}


def test_the_bar_rises_with_the_bias_of_the_phone_model() -> None:
    words = [WEST, WINE, WORK, *[word(f"w{i}", "w ɪ l") for i in range(4)]]
    assert find_sound_patterns(words, UZBEK_SOUNDS)[0].rule_id == "UZ-P01"
    assert find_sound_patterns(words, UZBEK_SOUNDS, {("w", "v"): 0.3}) == ()


def test_last_sounds_are_judged_only_at_the_end() -> None:
    assert found(word("bag", "b æ g>k"), word("feed", "f iː d>t"), word("eyes", "aɪ z>s")) == {
        "UZ-P10": (3, 3)
    }
    assert found(word("b1", "g>k æ p"), word("b2", "d>t iː p"), word("b3", "z>s uː m")) == {}


def test_the_vowel_of_cut_and_the_weak_one_are_told_apart_by_their_place() -> None:
    cut = [word(t, "k ə>ɑ t") for t in ("cut", "luck", "hut")]
    weak = [word(t, "p ɑ t ə>ɑ n") for t in ("problem", "pattern", "common")]
    first = [word(t, "s ə>ɑ d i") for t in ("study", "money", "honey")]
    assert found(*cut) == {"UZ-P07": (3, 3)}
    assert found(*weak) == {"UZ-P09": (3, 3)}
    assert found(*first) == {}


def test_what_costs_most_understanding_comes_first() -> None:
    low = [word(t, "ð>z ə") for t in ("weather", "breathe", "father")]
    high = [word(t, "l iː>ɪ v") for t in ("leave", "leaf", "seat")]
    assert [p.rule_id for p in find_sound_patterns([*low, *high], UZBEK_SOUNDS)] == ["UZ-P04", "UZ-P03"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [("ˈɜːʳ", None), ("iː", "i"), ("t͡ʃ", "tʃ"), ("ʧ", "tʃ"), ("ɡ", "g"), ("ɝ", "ɜ"), ("", "")],
)
def test_phones_in_one_spelling(written: str, plain: str | None) -> None:
    assert plain is None or plain_phone(written) == plain


def test_scattered_mistakes_of_the_phone_model_make_no_pattern() -> None:
    rng = random.Random(5)
    alarms = 0
    for _ in range(60):
        words = [
            word(
                f"word{n}",
                " ".join(p if rng.random() > 0.02 else f"{p}>{rng.choice('vszdtei')}" for p in said),
            )
            for n, said in enumerate(rng.choice(["wɒnt", "θɪn", "biːd", "mæn", "vet"]) for _ in range(150))
        ]
        alarms += len(found(*words))
    assert alarms <= 1


def test_a_long_session_stays_computable() -> None:
    words = [word(f"w{n}", "w>v e t" if n % 2 else "w e t") for n in range(6_000)]
    assert found(*words) == {"UZ-P01": (3_000, 6_000)}


def test_every_rule_can_be_read_by_a_learner() -> None:
    rules = (*UZBEK_SOUNDS, *UZBEK_SOUND_DRILLS)
    assert len({r.id for r in rules}) == len(rules)
    for rule in rules:
        assert rule.explanation
        assert rule.explanation_uz
        assert rule.drill_hint
        assert rule.drill_hint_uz


def test_what_cannot_be_heard_for_sure_says_why() -> None:
    assert {drill.id for drill in UZBEK_SOUND_DRILLS} == {"UZ-P11", "UZ-P12", "UZ-P13"}
    assert all(drill.not_heard_because for drill in UZBEK_SOUND_DRILLS)


def test_every_sound_a_rule_names_is_one_the_phone_models_know() -> None:
    known = {plain_phone(phone) for phone in IPA.values()}
    for rule in UZBEK_SOUNDS:
        assert rule.expected & known, rule.id
        assert rule.heard & known, rule.id
