"""Part 2: the card, a minute of preparation, the long turn, and a question or two to round it off."""

from app.services.conversation import conduct, script
from app.services.conversation.bank_items import Part2Card
from app.services.conversation.exam_state import After, Answer, OpenQuestion, Role
from app.services.conversation.exam_types import CueCard, Phase
from app.services.conversation.replies import Reply
from app.services.conversation.stage import Stage

ROUNDING_TAKES_MS = 15_000
"""A second rounding-off question is asked only if this much of the part is left."""


def begin(stage: Stage) -> bool:
    """Explain the task and name the topic; the preparation begins once that has been heard."""
    stage.enter(Phase.P2_INSTRUCT)
    stage.say(script.instruct_talk(stage.timing), "instruction")
    stage.say(_card(stage).topic, "card")
    stage.state.after = After.PREPARE
    return True


def prepare(stage: Stage) -> None:
    """Hand over the card and start the preparation time."""
    stage.enter(Phase.P2_PREP, limit_ms=stage.timing.preparation_ms, card=cue_card(stage))


def end_preparation(stage: Stage) -> None:
    """Ask the learner to start; the talk's time begins once that has been heard."""
    stage.say(script.start_talking(stage.plan.mode), "instruction")
    stage.state.after = After.TALK


def talk(stage: Stage) -> None:
    """Start the talk's time and listen."""
    card = _card(stage)
    stage.enter(Phase.P2_TALK, limit_ms=stage.timing.talk_ms, card=cue_card(stage))
    stage.state.question = OpenQuestion(card.id, card.topic, 2, Role.TALK)
    stage.state.after = After.LISTEN


def answered(stage: Stage, answer: Answer) -> bool:
    """Return whether the talk or the rounding-off question is done with."""
    state = stage.state
    question = state.question
    assert question is not None
    if question.role is not Role.TALK:
        return not conduct.ask_once_more(stage, answer)
    talked_ms = answer.spoke_until_ms - state.phase_started_ms
    left_ms = state.phase_started_ms + stage.timing.talk_ms - stage.now_ms
    early = talked_ms < stage.timing.talk_prompt_before_ms and left_ms > 0
    if state.part2.prompted or not early:
        return True
    state.part2.prompted = True
    conduct.refuse(stage, answer.reply)
    talking = answer.reply in (Reply.SHORT, Reply.ANSWER, Reply.STRONG, Reply.UNHEARD)
    stage.ask_again(script.SAY_MORE if talking else script.TALK_ABOUT_CARD, "prompt")
    return False


def go_on(stage: Stage) -> bool:
    """Ask a rounding-off question, if the plan has one left and there is time."""
    progress, card = stage.state.part2, _card(stage)
    number = progress.rounding_asked
    if number >= stage.plan.rounding_off:
        return False
    if number == 0:
        stage.enter(Phase.P2_ROUND)
        stage.acknowledge(always=True)
    elif stage.section_ms + ROUNDING_TAKES_MS > stage.timing.part2_max_ms:
        return False
    else:
        stage.acknowledge()
    text = card.rounding_off[number]
    stage.ask(OpenQuestion(card.question_id("round", number), text, 2, Role.ROUNDING))
    progress.rounding_asked += 1
    return True


def _card(stage: Stage) -> Part2Card:
    card = stage.plan.card
    assert card is not None
    return card


def cue_card(stage: Stage) -> CueCard:
    """Return the card as the learner sees it."""
    card = _card(stage)
    return CueCard(card.topic, card.prompts, card.final_prompt)
