"""Answers are graded by the exam's own analyzer: was the target there, was it right, was it prompt."""

from dataclasses import replace

import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer import LanguageAnalyzer
from app.services.pronunciation_engine import PhoneScore
from app.services.pronunciation_engine.learned import ReadingResult, WordResult
from app.services.training_engine import Card
from app.services.training_engine.drills import DrillType, drill_of
from app.services.training_engine.grading import (
    Answer,
    AnswerRefused,
    Judge,
    Judgement,
    ListeningUnavailable,
)
from tests.fakes.listener import ScriptedListener
from tests.services.training_engine.material import card, example

WORKS = example("My brother is older and he work in a bank.", "work", "works")
RULE = card("AGR-HE-SHE-IT", WORKS)
DISCUSS = card("PREP-EXTRA", example("We discussed about this problem.", "about ", ""), category="U:PREP")
SECOND = bytes(32_000)


@pytest.fixture
def listener(parser: SpacyParser) -> ScriptedListener:
    return ScriptedListener(LanguageAnalyzer(parser))


async def judged(
    listener: ScriptedListener,
    on: Card,
    text: str,
    *,
    drill: DrillType = "correct",
    elapsed_ms: int | None = 5_000,
    voice: bool = False,
    paces: tuple[int, ...] = (),
) -> Judgement:
    listener.said = text
    answer = Answer(pcm=SECOND) if voice else Answer(text, elapsed_ms=elapsed_ms)
    return await Judge(listener).judge(drill_of(on, drill), answer, on.target, paces)


@pytest.mark.parametrize(
    ("said", "grade", "reason"),
    [
        ("My brother is older and he works in a bank.", 5, "right"),
        ("my brother's older, and he works in a bank", 5, "right"),
        ("My brother is older and he work in a bank.", 2, "target_wrong"),
        ("My brother is older and he working in a bank.", 2, "target_wrong"),
        ("My brother is older and he work, he works in a bank.", 3, "self_corrected"),
        ("Older brother he works in bank for the money", 3, "right_with_other_mistakes"),
        ("Older brother and work is in bank", 1, "target_and_more_wrong"),
        ("I don't know.", 0, "gave_up"),
    ],
)
async def test_a_corrected_sentence(listener: ScriptedListener, said: str, grade: int, reason: str) -> None:
    judgement = await judged(listener, RULE, said)
    assert (judgement.grade, judgement.reason) == (grade, reason)
    assert (judgement.required, judgement.correct) == (1, int(grade >= 3))
    assert judgement.better == "My brother is older and he works in a bank."


async def test_a_word_too_many_must_be_gone(listener: ScriptedListener) -> None:
    assert (await judged(listener, DISCUSS, "We discussed this problem.")).grade == 5
    assert (await judged(listener, DISCUSS, "We discussed about this problem.")).grade == 2


async def test_slow_answers_are_right_but_not_prompt(listener: ScriptedListener) -> None:
    right = "My brother is older and he works in a bank."
    assert (await judged(listener, RULE, right, elapsed_ms=60_000)).reason == "right_but_slow"
    assert (await judged(listener, RULE, right, elapsed_ms=None)).reason == "right_untimed"
    fast_talker = (200,) * 5
    spoken = await judged(listener, RULE, right, voice=True)
    assert (spoken.grade, spoken.pace_ms) == (5, 400)
    assert (await judged(listener, RULE, right, voice=True, paces=fast_talker)).grade == 4


async def test_a_gap_may_be_filled_alone_or_in_its_sentence(listener: ScriptedListener) -> None:
    for said, right in (("works", True), ("work", False), (RULE.material.examples[0].better, True)):
        assert ((await judged(listener, RULE, said, drill="gap")).grade >= 4) is right


async def test_a_changed_sentence_is_judged_by_what_changed(listener: ScriptedListener) -> None:
    assert (await judged(listener, RULE, "She works in a small office.", drill="transform")).grade == 5
    assert (await judged(listener, RULE, "She work in a small office.", drill="transform")).grade == 2


async def test_an_answer_to_something_else_is_refused(listener: ScriptedListener) -> None:
    with pytest.raises(AnswerRefused) as refused:
        await judged(listener, RULE, "Yesterday my friends were playing football outside.", voice=True)
    assert refused.value.code == "answer_of_another_task"


@pytest.mark.parametrize(
    ("answer", "said", "probability", "code"),
    [
        (Answer("   "), "", 0.9, "answer_empty"),
        (Answer(pcm=SECOND), " ", 0.9, "answer_not_heard"),
        (Answer(pcm=SECOND), "he works in a bank", 0.2, "answer_unclear"),
        (Answer(pcm=SECOND * 30), "he works in a bank", 0.9, "recording_too_long"),
    ],
)
async def test_what_cannot_be_judged_is_refused(
    listener: ScriptedListener, answer: Answer, said: str, probability: float, code: str
) -> None:
    listener.said, listener.probability = said, probability
    with pytest.raises(AnswerRefused) as refused:
        await Judge(listener).judge(drill_of(RULE, "correct"), answer, RULE.target, ())
    assert refused.value.code == code


async def test_without_models_nothing_is_judged(listener: ScriptedListener) -> None:
    listener.said = None
    with pytest.raises(ListeningUnavailable):
        await Judge(listener).judge(drill_of(RULE), Answer(pcm=SECOND), RULE.target, ())


async def test_shadowing_needs_a_voice(listener: ScriptedListener) -> None:
    with pytest.raises(AnswerRefused) as refused:
        await Judge(listener).judge(drill_of(RULE, "shadow"), Answer("He works."), RULE.target, ())
    assert refused.value.code == "voice_required"


def word(text: str, heard: str = "w", score: float = 90.0, error: str = "None") -> WordResult:
    phone = PhoneScore("w", heard, score, 0, 100)
    return WordResult(text, score, error, 0, 300, (phone, PhoneScore("e", "e", 95.0, 100, 200)))  # type: ignore[arg-type]


PAIRS = card("UZ-P01", kind="sound", category="", pairs=(("west", "vest"), ("wine", "vine")))


@pytest.mark.parametrize(
    ("words", "grade", "correct"),
    [
        ((word("west"), word("vest"), word("wine"), word("vine")), 5, 2),
        ((word("west", "v", 30), word("vest"), word("wine"), word("vine")), 2, 1),
        ((word("west", "v", 30), word("vest"), word("wine", "v", 20), word("vine")), 1, 0),
        ((word("west", "v", 50), word("vest"), word("wine", "v", 36), word("vine")), 5, 2),
        ((word("west"), word("vest", error="Mispronunciation"), word("wine"), word("vine")), 5, 2),
    ],
)
async def test_minimal_pairs_are_judged_by_the_sound_they_are_about(
    listener: ScriptedListener, words: tuple[WordResult, ...], grade: int, correct: int
) -> None:
    listener.reading = ReadingResult("ok", None, None, words)
    judgement = await judged(listener, PAIRS, "", drill="minimal_pairs", voice=True)
    assert (judgement.grade, judgement.required, judgement.correct) == (grade, 2, correct)
    assert [w.word for w in judgement.words] == [w.word for w in words]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("other_text", "answer_of_another_task"),
        ("silence", "answer_not_heard"),
        ("clipped", "answer_unclear"),
        ("long_recording", "recording_too_long"),
    ],
)
async def test_a_reading_that_cannot_be_scored_is_refused(
    listener: ScriptedListener, reason: str, code: str
) -> None:
    listener.reading = ReadingResult("none", reason)  # type: ignore[arg-type]
    with pytest.raises(AnswerRefused) as refused:
        await judged(listener, PAIRS, "", drill="shadow", voice=True)
    assert refused.value.code == code


SUMMER = (
    "Last summer I went to Samarkand because my cousin lives there. We visited old buildings and, "
    "for example, we saw the Registan, which was really beautiful. Although it was hot, we liked it."
)
PAST = card("TENSE-PAST-TIME", category="R:VERB:TENSE")


@pytest.mark.parametrize(
    ("said", "grade", "required", "correct"),
    [
        (
            SUMMER,
            5,
            4,
            4,
        ),
        ("Yesterday I go to the park with my friends and then we eat ice cream together there.", 2, 1, 0),
        ("I usually go to the park with my friends and then we eat ice cream together there.", 1, 0, 0),
        ("I went there.", 1, 1, 1),
    ],
)
async def test_a_longer_answer_is_judged_by_the_cards_structure(
    listener: ScriptedListener, said: str, grade: int, required: int, correct: int
) -> None:
    judgement = await judged(listener, PAST, said, drill="expand")
    assert judgement.grade == grade
    assert judgement.required >= required
    assert judgement.correct >= correct
    assert judgement.correct == judgement.required or grade == 2


SKILLS = {
    name: card(f"skill:{name}", kind="skill", category="") for name in ("paraphrase", "retell", "long_turn")
}


async def test_other_words_are_judged_by_what_is_repeated(listener: ScriptedListener) -> None:
    on = SKILLS["paraphrase"]
    source = drill_of(on).text
    assert (await judged(listener, on, source, drill="paraphrase")).reason == "repeated_words"
    other = "Background songs disturb lots of us, so nobody is able to focus properly."
    fresh = await judged(listener, on, other, drill="paraphrase")
    assert (fresh.grade, fresh.not_judged) == (5, ("meaning",))
    assert (await judged(listener, on, "It is hard.", drill="paraphrase")).reason == "too_short"


async def test_retelling_is_held_against_the_learners_own_pace(listener: ScriptedListener) -> None:
    story = "and then we went on " * 30
    for paces, grade in (((500,) * 5, 5), ((400,) * 5, 4), ((300,) * 5, 3), ((200,) * 5, 2)):
        retold = await judged(listener, SKILLS["retell"], story, drill="retell", voice=True, paces=paces)
        assert retold.grade == grade
    assert (await judged(listener, SKILLS["retell"], "short", drill="retell", voice=True)).grade == 1


@pytest.mark.parametrize(("seconds", "grade"), [(100, 5), (70, 4), (50, 3), (30, 2), (5, 1)])
async def test_the_long_turn_is_judged_by_its_length(
    listener: ScriptedListener, seconds: int, grade: int
) -> None:
    listener.ms_per_word = 500
    said = "well " * (seconds * 2)
    on = SKILLS["long_turn"]
    assert (await judged(listener, on, said, drill="long_turn", voice=True)).grade == grade


async def test_the_rules_findings_on_an_answer_are_told(listener: ScriptedListener) -> None:
    more = replace(RULE, target="ANOTHER-RULE")
    judgement = await judged(listener, more, "My brother is older and he works in a bank with many friend.")
    assert [f.rule_id for f in judgement.findings] == ["NUM-AFTER-MANY"]
