"""Practice: questions without an exam's clock. After each answer the learner looks at it, and chooses.

The question comes again as often as the learner wants. Who chooses nothing gets the next one after a while,
so that a client without such buttons comes through too.
"""

from app.services.conversation import script
from app.services.conversation.exam_state import After, Answer, OpenQuestion, Role
from app.services.conversation.exam_types import Phase
from app.services.conversation.replies import Reply
from app.services.conversation.stage import Stage


def begin(stage: Stage) -> bool:
    """Greet and ask the first question."""
    stage.say(script.GREETING, "greeting")
    return go_on(stage)


def go_on(stage: Stage) -> bool:
    """Open the next item, if there is one."""
    progress = stage.state.practice
    if progress.opened >= len(stage.plan.practice):
        return False
    progress.opened += 1
    item = stage.practised
    if item.intro is not None:
        stage.say(item.intro, "transition", "slot_filled")
    if item.talk:
        stage.enter(Phase.P2_INSTRUCT)
        stage.say(script.TALK_FREELY, "instruction")
        stage.say(item.text, "card")
        stage.state.after = After.PREPARE
    else:
        stage.enter(Phase.PRACTICE)
        stage.ask(_question(stage))
    return True


def answered(stage: Stage, answer: Answer) -> bool:
    """Return whether the question is done with. What the learner chose meanwhile comes before a review."""
    progress, question = stage.state.practice, stage.state.question
    assert question is not None
    choice, progress.choice = progress.choice, None
    if choice is not None:
        question.answered = True
        if choice == "again":
            start_over(stage)
        return choice == "next"
    if answer.reply is Reply.SILENT and question.asked_again:
        return True
    if answer.reply in (Reply.SILENT, Reply.CLARIFY):
        question.asked_again = answer.reply is Reply.SILENT
        talk = question.role is Role.TALK
        stage.ask_again(script.TALK_ABOUT_CARD if talk else question.text, "prompt" if talk else "repeat")
        return False
    stage.enter(Phase.REVIEW, limit_ms=stage.timing.review_ms)
    return False


def start_over(stage: Stage) -> None:
    """Put the open item once more, in the same words; a talk that was begun needs no other preparation."""
    item, state = stage.practised, stage.state
    if not item.talk:
        stage.enter(Phase.PRACTICE)
        state.question = _question(stage)
        stage.ask_again(item.text, "repeat")
    elif state.question is None:
        stage.enter(Phase.P2_INSTRUCT)
        stage.say(item.text, "card")
        state.after = After.PREPARE
    else:
        stage.say(script.TALK_AGAIN, "repeat")
        state.after = After.TALK


def _question(stage: Stage) -> OpenQuestion:
    item = stage.practised
    return OpenQuestion(item.id, item.text, item.part, Role.PRACTICE)
