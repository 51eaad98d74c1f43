"""The opening: greeting, name, what to call the learner. Not rated, and left out of single-part practice."""

from app.services.conversation import conduct, script
from app.services.conversation.exam_state import Answer, OpenQuestion, Role
from app.services.conversation.exam_types import Mode, Phase
from app.services.conversation.introductions import name_from
from app.services.conversation.replies import Reply
from app.services.conversation.stage import Stage
from app.services.pii import names_said


def begin(stage: Stage) -> bool:
    """Greet, and ask for the name where Part 1 follows."""
    stage.enter(Phase.OPENING)
    stage.say(script.GREETING, "greeting")
    if stage.plan.mode in (Mode.PART2, Mode.PART3):
        return False
    stage.ask(OpenQuestion(None, script.ASK_NAME, None, Role.NAME))
    return True


def answered(stage: Stage, answer: Answer) -> bool:
    """Take a name; return whether the question is done with."""
    question = stage.state.question
    assert question is not None
    if conduct.ask_once_more(stage, answer):
        return False
    stage.state.names = list(names_said([*stage.state.names, answer.text]))
    if question.role is Role.CALL_NAME and answer.reply in (Reply.SHORT, Reply.ANSWER):
        stage.state.part1.name = name_from(answer.text)
    return True


def go_on(stage: Stage) -> bool:
    """Ask what to call the learner, unless the name already went unanswered or the exam is a quick one."""
    question = stage.state.question
    if question is None or question.role is not Role.NAME or not question.answered:
        return False
    if stage.plan.mode is Mode.QUICK:
        return False
    stage.ask(OpenQuestion(None, script.ASK_CALL_NAME, None, Role.CALL_NAME))
    return True
