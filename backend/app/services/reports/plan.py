"""The seven-day plan as a report prints it."""

from collections import Counter
from typing import Any

from app.services.reports.printable import printable
from app.services.reports.wording import CRITERIA, DRILLS, EXAMS, TALKS
from app.services.training_engine.plan import PlannedDay, WeekPlan

MAX_TASKS = 4


def plan_content(plan: WeekPlan | None) -> list[dict[str, Any]]:
    """Return the days of the week on which there is something to do."""
    days = () if plan is None else plan.days
    return [_day(day) for day in days if day.tasks or day.exam or day.talk]


def _day(day: PlannedDay) -> dict[str, Any]:
    drills = Counter((task.type, task.title, task.criterion) for task in day.tasks)
    tasks = [
        f"{DRILLS[kind]}: {title} ({CRITERIA[criterion].lower()})"
        for (kind, title, criterion), _ in drills.most_common(MAX_TASKS)
    ]
    rest = len(drills) - MAX_TASKS
    more = [f"and {rest} more in the training list"] if rest > 0 else []
    exam = [] if day.exam is None else [EXAMS[day.exam]]
    talk = [] if day.talk is None else [f"{TALKS[day.talk.mode]} ({CRITERIA[day.talk.criterion].lower()})"]
    return {
        "title": f"{day.day:%A}, {day.day.day} {day.day:%B}",
        "minutes": f"{day.minutes} min" if day.minutes else None,
        "tasks": [printable(text, 160) for text in [*tasks, *more, *exam, *talk]],
    }
