"""Part 1: short questions on everyday topics, read as printed and moved along by the clock."""

from app.services.conversation import conduct, script
from app.services.conversation.bank_items import Part1Set
from app.services.conversation.exam_state import Answer, OpenQuestion, Part1Progress, Role
from app.services.conversation.exam_types import Phase
from app.services.conversation.introductions import work_or_study
from app.services.conversation.plan import Frame
from app.services.conversation.replies import Reply, is_negative
from app.services.conversation.stage import Stage

WORK_OR_STUDY_ID = "P1-work-or-study"
FOLLOW_UP_WORDS = 5
"""A longer answer is not followed by "Why?"."""
RESERVE_BEFORE = 0.8
"""The reserve topic is opened only if less than this share of the part's minimum is over."""

_PHASES = (Phase.P1_FRAME1, Phase.P1_FRAME2, Phase.P1_FRAME3, Phase.P1_FRAME4)


def begin(stage: Stage) -> bool:
    """Lead over from the opening and ask the first question. The part's clock runs since the opening."""
    state = stage.state
    state.section_started_ms = 0
    name = state.part1.name
    _enter_frame(stage, 0)
    stage.say(script.begin_part1(name), "instruction", "slot_filled" if name else "verbatim")
    frame = stage.plan.frames[0]
    if frame.study is not None and frame.work is not None:
        stage.ask(OpenQuestion(WORK_OR_STUDY_ID, script.WORK_OR_STUDY, 1, Role.WORK_OR_STUDY))
    else:
        _announce(stage)
        _ask(stage)
    return True


def answered(stage: Stage, answer: Answer) -> bool:
    """Return whether the question is done with; if not, it was repeated or followed up."""
    state = stage.state
    question = state.question
    assert question is not None
    if conduct.ask_once_more(stage, answer):
        return False
    if question.role is Role.WORK_OR_STUDY:
        return _routed(stage, answer)
    if (
        stage.plan.follow_ups
        and question.why
        and not (question.followed_up or state.part1.why_asked or answer.cut)
        and answer.reply in (Reply.SHORT, Reply.ANSWER)
        and answer.words <= FOLLOW_UP_WORDS
    ):
        question.followed_up = state.part1.why_asked = True
        stage.ask_again(script.WHY_NOT if is_negative(answer.text) else script.WHY, "prompt")
        return False
    return True


def go_on(stage: Stage) -> bool:
    """Ask the next question of the topic, or open the next topic, as long as there is time."""
    if stage.section_ms >= stage.timing.part1_min_ms:
        return False
    progress = stage.state.part1
    if progress.asked < _frame(stage).questions and not _topic_time_over(stage):
        if progress.asked == 0:
            _announce(stage)
        else:
            stage.acknowledge()
        _ask(stage)
        return True
    if not _another_frame(stage):
        return False
    _enter_frame(stage, progress.frame + 1)
    _announce(stage)
    _ask(stage)
    return True


def _routed(stage: Stage, answer: Answer) -> bool:
    question = stage.state.question
    assert question is not None
    choice = work_or_study(answer.text)
    if choice is None and answer.reply is not Reply.UNHEARD and not question.asked_again and not answer.cut:
        question.asked_again = True
        stage.ask_again(question.text, "repeat")
        return False
    if choice in ("work", "study"):
        stage.state.part1.alternative = choice
    return True


def _frame(stage: Stage) -> Frame:
    number = stage.state.part1.frame
    if number < len(stage.plan.frames):
        return stage.plan.frames[number]
    assert stage.plan.reserve is not None
    return stage.plan.reserve


def _topic(stage: Stage) -> Part1Set:
    frame = _frame(stage)
    alternative = stage.state.part1.alternative
    chosen = {"study": frame.study, "work": frame.work}.get(alternative)
    return chosen or frame.topic


def _enter_frame(stage: Stage, number: int) -> None:
    old = stage.state.part1
    stage.state.part1 = Part1Progress(frame=number, name=old.name)
    stage.enter(_PHASES[number], limit_ms=max(0, stage.timing.part1_max_ms - stage.section_ms))


def _announce(stage: Stage) -> None:
    number = stage.state.part1.frame
    stage.say(script.begin_topic(_topic(stage).spoken, number), "transition", "slot_filled")


def _ask(stage: Stage) -> None:
    progress, topic = stage.state.part1, _topic(stage)
    item = topic.questions[progress.asked]
    stage.ask(OpenQuestion(topic.question_id(progress.asked), item.text, 1, Role.TOPIC, why=item.why))
    progress.asked += 1


def _topic_time_over(stage: Stage) -> bool:
    """Whether the topic has had its share of the part, so that the others get theirs."""
    progress, topics = stage.state.part1, len(stage.plan.frames)
    if progress.asked == 0 or progress.frame >= topics - 1:
        return False
    return stage.section_ms >= stage.timing.part1_min_ms * (progress.frame + 1) / topics


def _another_frame(stage: Stage) -> bool:
    following = stage.state.part1.frame + 1
    if following < len(stage.plan.frames):
        return True
    return (
        following == len(stage.plan.frames)
        and stage.plan.reserve is not None
        and stage.section_ms < RESERVE_BEFORE * stage.timing.part1_min_ms
    )
