"""A small exam of our own, so that scenarios read the same whatever the question bank holds."""

from app.services.conversation import (
    ExamPlan,
    Frame,
    Mode,
    Part1Question,
    Part1Set,
    Part2Card,
    Part3Question,
    QuestionBank,
    plan_practice,
)


def _set(number: int, spoken: str, *questions: str) -> Part1Set:
    return Part1Set(
        id=f"P1-{number:03}",
        topic=spoken,
        spoken=spoken,
        themes=(spoken,),
        questions=tuple(Part1Question(text=text) for text in questions),
    )


HOME = _set(
    1, "your home", "Where do you live?", "What do you like about it?", "Who lives there?", "Is it old?"
)
FOOD = _set(2, "food", "What do you eat?", "Do you cook?", "Where do you shop?", "Who cooks best?")
MUSIC = _set(3, "music", "Do you sing?", "What do you hear?", "When do you listen?", "Do you play?")
CARD = Part2Card(
    id="P2-01",
    family="person",
    themes=("friends",),
    topic="Describe a friend.",
    prompts=("who it is", "how you met", "what you do"),
    final_prompt="and say why you are friends.",
    rounding_off=("Do you meet often?", "Is he like you?"),
    p3=tuple(
        Part3Question(
            sub=sub,
            theme=theme,
            level=level,
            function="evaluate",
            text=f"Question {sub}{level} about {theme}?",
            rephrase=f"Simply {sub}{level}, {theme}?",
        )
        for sub, theme in (("A", "friendship"), ("B", "meeting people"))
        for level in (1, 2, 3)
    ),
)


def plan_for(mode: str) -> ExamPlan:
    """Return the plan of a mode."""
    match Mode(mode):
        case Mode.QUICK:
            return ExamPlan(
                Mode.QUICK,
                1,
                frames=(Frame(HOME, 2), Frame(FOOD, 1)),
                card=CARD,
                rounding_off=1,
                questions_a_theme=1,
                follow_ups=False,
            )
        case Mode.FULL:
            frames = (Frame(HOME, 4), Frame(FOOD, 4), Frame(MUSIC, 4))
            return ExamPlan(Mode.FULL, 1, frames=frames, card=CARD)
        case Mode.PART1:
            return ExamPlan(Mode.PART1, 1, frames=(Frame(HOME, 4), Frame(FOOD, 4), Frame(MUSIC, 4)))
        case Mode.PART2 | Mode.PART3 as part:
            return ExamPlan(part, 1, card=CARD)
        case Mode.PRACTICE:
            return practice_of("food")


def practice_of(topic: str) -> ExamPlan:
    """Return the plan of a practice of `food` or `friends`."""
    return plan_practice(QuestionBank(part1=(HOME, FOOD, MUSIC), part2=(CARD,)), 1, topic=topic)
