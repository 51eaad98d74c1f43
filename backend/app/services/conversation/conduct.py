"""What the examiner does when a question was not taken up, in the parts whose wording is fixed."""

from app.services.conversation import script
from app.services.conversation.exam_state import Answer
from app.services.conversation.replies import Reply
from app.services.conversation.stage import Stage


def refuse(stage: Stage, reply: Reply) -> None:
    """Decline to help with words or to speak about the score; other replies pass."""
    if reply is Reply.ASKS_SCORE:
        stage.say(script.REFUSE_SCORE, "instruction")
    elif reply is Reply.ASKS_WORDS:
        stage.say(script.REFUSE_WORDS, "instruction")


def ask_once_more(stage: Stage, answer: Answer) -> bool:
    """Repeat the open question once, in the same words, when it was not taken up; return whether it was."""
    question = stage.state.question
    assert question is not None
    if answer.cut:
        return False
    refuse(stage, answer.reply)
    if answer.reply not in (Reply.SILENT, Reply.CLARIFY, Reply.ASKS_WORDS, Reply.ASKS_SCORE):
        return False
    if question.asked_again or question.followed_up:
        return False
    question.asked_again = True
    stage.ask_again(question.text, "repeat")
    return True
