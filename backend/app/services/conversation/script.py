"""The examiner's fixed wording. Our own; lines with a slot are functions."""

from app.services.conversation.exam_types import Mode
from app.services.conversation.timing import ExamTiming

GREETING = "Hello. I'm your SpeakMate examiner."
ASK_NAME = "Could you tell me your full name, please?"
ASK_CALL_NAME = "And what would you like me to call you?"
WORK_OR_STUDY = "Do you work, or are you a student?"

WHY = "Why?"
WHY_NOT = "Why not?"

ACKNOWLEDGEMENTS = ("Thank you.", "Right.", "OK.")
"""Taken in turn. Neutral on purpose: nothing that praises, agrees or corrects."""

LONG_ENOUGH = ("Thank you.", "All right, thank you.", "OK, thank you.")
"""Stop an answer that runs on; taken in turn."""
TIME_IS_UP = "Thank you. I'll stop you there."

REFUSE_SCORE = "I'm afraid I can't comment on how you are doing during the test."
REFUSE_WORDS = "I'm sorry, I can't help with words during the test."

SAY_MORE = "Can you tell me anything more about that?"
TALK_ABOUT_CARD = "Please talk about the topic on your card."

TALK_AGAIN = "Please talk about the topic on your card again. Take as much time as you like."
TALK_FREELY = "Here is a topic. Prepare for it, and then talk about it for as long as you like."

CLOSE_TEST = "Thank you. That's the end of the speaking test."
CLOSE_PRACTICE = "Thank you. That's the end of this practice."
CLOSE_NO_RESPONSE = "I can't hear any answers, so I'll stop here. Thank you."


def start_talking(mode: Mode) -> str:
    """Ask for the talk when the preparation is over."""
    start = "All right. Please start speaking now."
    return start if mode is Mode.PRACTICE else f"{start} I'll stop you when the time is up."


def begin_part1(name: str | None) -> str:
    """Lead from the opening to the interview, with the learner's name if one was understood."""
    thanks = f"Thank you, {name}." if name else "Thank you."
    return f"{thanks} First, I'd like to ask some questions about you."


def begin_topic(spoken: str, number: int) -> str:
    """Announce the Part 1 topic with that number (from 0)."""
    match number:
        case 0:
            return f"Let's talk about {spoken}."
        case 1:
            return f"Now let's move on to {spoken}."
        case _:
            return f"Let's go on to talk about {spoken}."


def instruct_talk(timing: ExamTiming) -> str:
    """Explain the long turn as the clock in use will have it."""
    if timing.name == "short":
        return (
            "Now I'm going to give you a topic. You'll have a few seconds to prepare, and then I'd like you "
            "to speak for up to half a minute. Here is your topic."
        )
    return (
        "Now I'm going to give you a topic. You'll have one minute to prepare, and then I'd like you to "
        "speak for one to two minutes. You can make notes. Here is your topic."
    )


def begin_part3(about: str | None, theme: str) -> str:
    """Lead from the card (`about`, None if there was none) to the first theme of the discussion."""
    if about is None:
        return f"I'd like to discuss some general questions with you. First, let's consider {theme}."
    return (
        f"We've been talking about {about}. I'd now like to discuss some wider questions connected with "
        f"this. First, let's consider {theme}."
    )


def begin_theme(theme: str) -> str:
    """Announce the second theme of the discussion."""
    return f"Now let's think about {theme}."


def close(mode: Mode) -> str:
    """End an exam that ran its course."""
    return CLOSE_TEST if mode in (Mode.FULL, Mode.QUICK) else CLOSE_PRACTICE
