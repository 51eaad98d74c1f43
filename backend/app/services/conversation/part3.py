"""Part 3: a discussion of two sub-themes that follows how the learner copes.

Questions rise in level. A reply that does not get going (silence, "I don't know", four words) brings the
question again in simpler words, once, and then the easiest one left. A thin answer is probed, and any answer
while there is time to spare. Two strong answers running lead straight to the abstract questions.
"""

from typing import assert_never

from app.services.conversation import conduct, script
from app.services.conversation.bank_items import Part2Card
from app.services.conversation.exam_state import Answer, OpenQuestion, Role
from app.services.conversation.exam_types import Mode, Phase
from app.services.conversation.replies import Reply
from app.services.conversation.stage import Stage
from app.services.conversation.wording import WordingWanted, broken_rule

STRONG_STREAK = 2
TOP_LEVEL = 3
PROBE_BELOW_WORDS = 25
"""An answer of this many words stands without a probe, unless there is time to spare."""

_STALLED = (
    Reply.SILENT,
    Reply.CLARIFY,
    Reply.ASKS_WORDS,
    Reply.ASKS_SCORE,
    Reply.DONT_KNOW,
    Reply.SHORT,
)


def begin(stage: Stage) -> bool:
    """Open the discussion with the first sub-theme."""
    card = _card(stage)
    about = None if stage.plan.mode is Mode.PART3 else card.about
    stage.enter(Phase.P3_THEME_A, limit_ms=stage.timing.part3_max_ms)
    stage.say(script.begin_part3(about, _theme(card, "A")), "transition", "slot_filled")
    return _ask_from(stage, "A")


def answered(stage: Stage, answer: Answer) -> bool:
    """Return whether the question is done with; if not, it was put more simply or probed."""
    progress = stage.state.part3
    question = stage.state.question
    assert question is not None
    strong = answer.reply is Reply.STRONG
    progress.strong_streak = progress.strong_streak + 1 if strong else 0
    if answer.cut:
        return True
    conduct.refuse(stage, answer.reply)
    wanted = wording_wanted(stage, answer)
    if wanted is None:
        return True
    worded = answer.wording if answer.wording and broken_rule(answer.wording, wanted) is None else None
    match wanted.kind:
        case "rephrase":
            question.asked_again = True
            stage.ask_again(worded or wanted.scripted, "rephrase", "paraphrase")
        case "follow_up":
            question.followed_up = True
            stage.ask_again(worded or wanted.scripted, "prompt", "free" if worded else "verbatim")
        case _:
            assert_never(wanted.kind)
    return False


def wording_wanted(stage: Stage, answer: Answer) -> WordingWanted | None:
    """Return how the examiner stays with the question after this answer, None when it is done with."""
    question = stage.state.question
    if question is None or answer.cut:
        return None
    names = tuple(stage.state.names)
    if answer.reply in _STALLED:
        if question.asked_again or question.followed_up:
            return None
        return WordingWanted(
            "rephrase", question.text, question.rephrase or question.text, answer.text, names
        )
    if (
        stage.plan.follow_ups
        and answer.reply is not Reply.UNHEARD
        and question.probe is not None
        and not question.followed_up
        and (answer.words < PROBE_BELOW_WORDS or _ahead_of_time(stage))
        and stage.section_ms < stage.timing.part3_min_ms
    ):
        return WordingWanted("follow_up", question.text, question.probe, answer.text, names)
    return None


def go_on(stage: Stage) -> bool:
    """Ask the next question of the sub-theme, or turn to the second one, as long as there is time.

    What a strong learner skipped of the first sub-theme is asked at the end if time is left.
    """
    progress, timing = stage.state.part3, stage.timing
    if stage.section_ms >= timing.part3_min_ms:
        return False
    if progress.sub == "B":
        return _ask_from(stage, "B") or _ask_from(stage, "A")
    half_time_over = stage.section_ms >= timing.part3_min_ms / 2
    if not half_time_over and not _beneath(stage) and _ask_from(stage, "A"):
        return True
    progress.sub = "B"
    stage.enter(Phase.P3_THEME_B, limit_ms=max(0, timing.part3_max_ms - stage.section_ms))
    stage.say(script.begin_theme(_theme(_card(stage), "B")), "transition", "slot_filled")
    return _ask_from(stage, "B")


def _beneath(stage: Stage) -> bool:
    """Whether the learner is strong and sub-theme A has no abstract question left to go to."""
    strong = stage.state.part3.strong_streak >= STRONG_STREAK
    return strong and all(_card(stage).p3[i].level < TOP_LEVEL for i in _left(stage, "A"))


def _ask_from(stage: Stage, sub: str) -> bool:
    progress, card = stage.state.part3, _card(stage)
    left = _left(stage, sub)
    if not left:
        return False
    if progress.strong_streak >= STRONG_STREAK:
        chosen = max(left, key=lambda i: (card.p3[i].level, -i))
    else:
        chosen = min(left, key=lambda i: (card.p3[i].level, i))
    if progress.asked:
        stage.acknowledge()
    item = card.p3[chosen]
    progress.asked.append(chosen)
    stage.ask(
        OpenQuestion(
            card.question_id("p3", chosen),
            item.text,
            3,
            Role.DISCUSSION,
            rephrase=item.rephrase,
            probe=item.probe,
        )
    )
    return True


def _ahead_of_time(stage: Stage) -> bool:
    """Whether the questions would run out before the part's minimum at this pace."""
    share = len(stage.state.part3.asked) / len(_card(stage).p3)
    return stage.section_ms < share * stage.timing.part3_min_ms


def _left(stage: Stage, sub: str) -> list[int]:
    """Positions of the sub-theme's questions that may still be asked."""
    items, asked, limit = _card(stage).p3, stage.state.part3.asked, stage.plan.questions_a_theme
    if limit is not None and sum(items[i].sub == sub for i in asked) >= limit:
        return []
    return [i for i, item in enumerate(items) if item.sub == sub and i not in asked]


def _theme(card: Part2Card, sub: str) -> str:
    return next(item.theme for item in card.p3 if item.sub == sub)


def _card(stage: Stage) -> Part2Card:
    card = stage.plan.card
    assert card is not None
    return card
