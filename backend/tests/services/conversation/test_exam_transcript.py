"""The whole action sequence of a quick exam on the short clock, written out."""

from pathlib import Path

from app.services.conversation import (
    Action,
    EnterPhase,
    Exam,
    ExamPlan,
    ExamTiming,
    Finish,
    Frame,
    Listen,
    Mode,
    Say,
    StopListening,
    bundled_bank,
)
from tests.services.conversation.sitting import ENDLESS, SILENCE, Sitting, Speech

EXPECTED = Path(__file__).with_name("quick_exam.txt")
ANSWERS = (
    Speech("My name is Aziza Karimova.", 2_000),
    Speech("I am a student.", 1_500),
    Speech("Sorry, can you repeat, please?", 1_500),
    Speech("I am studying economics at a university in Tashkent.", 4_500),
    Speech("I carry my phone, my keys and a bottle of water.", 5_000),
    ENDLESS,
    SILENCE,
    Speech("Yes, it is busy every evening.", 2_500),
    Speech("I don't know.", 900),
    Speech("There are bakeries and small shops for fruit near every market.", 6_000),
    Speech("It is good for people who have no time. " * 6, 22_000),
)


def quick_plan() -> ExamPlan:
    """A plan of named items, so that a growing bank does not change it."""
    bank = bundled_bank()
    topics = {topic.id: topic for topic in bank.part1}
    return ExamPlan(
        mode=Mode.QUICK,
        seed=0,
        frames=(
            Frame(topics["P1-001"], 1, study=topics["P1-002-study"], work=topics["P1-002-work"]),
            Frame(topics["P1-014"], 1),
        ),
        card=next(card for card in bank.part2 if card.id == "P2-08"),
        rounding_off=1,
        questions_a_theme=1,
        follow_ups=False,
    )


def written(at_ms: int, action: Action) -> str:
    match action:
        case Say(line):
            text = f"{line.kind} ({line.frame_conformance}, {line.question_id}): {line.text}"
        case EnterPhase(phase, part, limit_ms, card):
            shown = f" card: {card.topic}" if card else ""
            text = f"== {phase}, part {part}, limit {limit_ms}{shown}"
        case Listen(policy, part, question_id):
            text = f"listen (part {part}, {question_id}), {policy.soft_ms}-{policy.hard_ms} ms"
        case StopListening(reason):
            text = f"stop listening: {reason}"
        case Finish(reason):
            text = f"finish: {reason}"
    return f"{at_ms / 1000:6.1f} {text}"


def test_a_quick_exam_word_for_word() -> None:
    answers = iter(ANSWERS)
    sitting = Sitting(Exam(quick_plan(), ExamTiming.short()), lambda *_: next(answers)).start().run()
    transcript = [written(at, action) for at, action in sitting.log]
    assert transcript == EXPECTED.read_text().splitlines()
    assert next(answers, None) is None
