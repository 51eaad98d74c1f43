import random

import pytest

from app.services.pronunciation_engine import (
    UZBEK_SOUNDS,
    UZBEK_WORD_STRESS,
    PhoneScore,
    WordPhones,
    WordStress,
    find_sound_patterns,
    find_stress_pattern,
    plain_phone,
)
from app.services.pronunciation_engine.phones import VOWELS

GOOD, POOR = 95.0, 20.0


def word(
    text: str, said: str, *, at_ms: int = 0, probability: float = 0.95, known: bool = False
) -> WordPhones:
    """A word from `expected` or `expected>heard` phones; `>ɪ` is an added sound, `t>` a lost one."""
    phones = []
    for place, item in enumerate(said.split()):
        expected, changed, heard = item.partition(">")
        score = None if not expected else POOR if changed else GOOD
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


def test_a_cluster_loses_a_consonant() -> None:
    words = [word("months", "m ʌ n θ> s"), word("texts", "t e k s t s>"), word("asks", "æ s k> s")]
    assert found(*words)["UZ-P11"][0] == 3


def test_t_between_consonants_is_dropped_by_everyone() -> None:
    drops = ("last", "l æ s t>", "night"), ("next", "n e k s t>", "day"), ("most", "m oʊ s t>", "days")
    words = []
    for n, (text, said, after) in enumerate(drops):
        words += [word(text, said, at_ms=n * 2_000), word(after, "n aɪ t", at_ms=n * 2_000 + 330)]
    assert found(*words) == {}


def test_a_vowel_put_before_or_into_an_opening_cluster() -> None:
    words = [word("school", ">ɪ s k uː l"), word("plan", "p >ɪ l æ n"), word("street", ">i s t r iː t")]
    assert found(*words) == {"UZ-P12": (3, 3)}
    plain = [word(f"s{n}", "s t ɒ p") for n in range(12)]
    assert found(words[0], words[1], words[2], *plain, *plain, *plain) == {}


def test_the_vowel_of_cut_and_the_weak_one_are_told_apart_by_their_place() -> None:
    cut = [word(t, "k ə>ɑ t") for t in ("cut", "luck", "hut")]
    weak = [word(t, "p ɑ t ə>ɑ n") for t in ("problem", "pattern", "common")]
    first = [word(t, "s ə>ɑ d i") for t in ("study", "money", "honey")]
    assert found(*cut) == {"UZ-P07": (3, 3)}
    assert found(*weak) == {"UZ-P09": (3, 3)}
    assert found(*first) == {}


def test_what_costs_most_understanding_comes_first() -> None:
    low = [word(t, "h>x aʊ s") for t in ("house", "hold", "hear")]
    high = [word(t, "l iː>ɪ v") for t in ("leave", "leaf", "seat")]
    assert [p.rule_id for p in find_sound_patterns([*low, *high], UZBEK_SOUNDS)] == ["UZ-P04", "UZ-P13"]


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
    assert len({r.id for r in UZBEK_SOUNDS}) == len(UZBEK_SOUNDS)
    for rule in UZBEK_SOUNDS:
        assert rule.explanation
        assert rule.explanation_uz
        assert rule.drill_hint
        assert rule.drill_hint_uz
        assert {plain_phone(p) for p in rule.expected | rule.heard} == rule.expected | rule.heard
        assert rule.expected != rule.heard or len(rule.expected) > 1
    assert {p for r in UZBEK_SOUNDS if r.id == "UZ-P09" for p in r.heard} <= VOWELS


def stressed(word: str, heard: int | None, expected: int = 0) -> WordStress:
    return WordStress(word, 100, 600, expected, heard)


MOVED = [stressed("student", 1), stressed("country", 1), stressed("people", 1)]


def test_stress_that_keeps_moving_is_explained() -> None:
    pattern = find_stress_pattern([*MOVED, stressed("city", 0)], UZBEK_WORD_STRESS)
    assert pattern is not None
    assert (pattern.rule_id, pattern.count, pattern.opportunities, pattern.possible) == ("UZ-S01", 3, 4, True)
    assert (pattern.examples[0].expected, pattern.examples[0].heard) == ("syllable 1", "syllable 2")


@pytest.mark.parametrize(
    "words",
    [
        [],
        MOVED[:2],
        [MOVED[0]] * 3,
        [*MOVED, *[stressed(f"w{n}", 0) for n in range(40)]],
        [stressed(f"w{n}", None) for n in range(9)],
    ],
    ids=["nothing", "two", "one word", "mostly right", "unclear"],
)
def test_stress_that_does_not(words: list[WordStress]) -> None:
    assert find_stress_pattern(words, UZBEK_WORD_STRESS) is None
