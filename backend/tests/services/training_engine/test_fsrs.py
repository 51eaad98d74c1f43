"""FSRS here is the authors' FSRS, by whole days of the learner."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import get_args

import fsrs
import pytest

from app.services.training_engine import Fsrs, Grade, Memory, Review, Sm2, replay
from app.services.training_engine.fsrs import RATING
from app.services.training_engine.memory import DamagedMemory

START = date(2026, 3, 1)
HISTORIES = 10_000


def test_ten_thousand_histories_equal_the_library() -> None:
    chance = random.Random(20260301)
    library = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    ours = Fsrs()
    for _ in range(HISTORIES):
        card, memory, day = fsrs.Card(card_id=1), ours.new(), START
        for _ in range(chance.randint(1, 8)):
            day += timedelta(days=chance.choice((0, 1, 1, 2, 3, 7, 20, 90, 400)))
            grade: Grade = chance.choice(get_args(Grade))
            moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            card, _ = library.review_card(card, RATING[grade], moment)
            memory = ours.review(memory, Review(day, grade))
            assert (memory.stability, memory.difficulty) == (card.stability, card.difficulty)
            assert memory.due == card.due.date()
        later = moment + timedelta(days=10)
        assert ours.recall(memory, later.date()) == library.get_card_retrievability(card, later)


def test_a_card_is_due_where_recall_has_fallen_to_what_is_aimed_at() -> None:
    for retention in (0.8, 0.9, 0.95):
        scheduler = Fsrs(retention)
        memory = replay(scheduler, [Review(START, 4), Review(START + timedelta(days=3), 4)])
        assert memory.due is not None
        assert scheduler.recall(memory, memory.due) == pytest.approx(retention, abs=0.03)


def test_a_better_grade_never_brings_a_card_back_sooner() -> None:
    memory = replay(Fsrs(), [Review(START, 4), Review(START + timedelta(days=3), 4)])
    day = START + timedelta(days=12)
    due = [Fsrs().review(memory, Review(day, grade)).due or date.max for grade in get_args(Grade)]
    assert all(sooner <= later for sooner, later in pairwise(due))


def test_a_clock_set_back_counts_as_the_day_of_the_last_review() -> None:
    memory = Fsrs().review(Fsrs().new(), Review(START, 4))
    assert Fsrs().review(memory, Review(START - timedelta(days=90), 4)).last_day == START


def test_switching_replays_the_log() -> None:
    log = [Review(START, 4), Review(START + timedelta(days=1), 5), Review(START + timedelta(days=8), 2)]
    assert replay(Fsrs(), log).algorithm == "fsrs"
    assert replay(Sm2(), log).lapses == replay(Fsrs(), log).lapses == 1


def test_memory_survives_storage_and_damage_is_said() -> None:
    memory = replay(Fsrs(), [Review(START, 4), Review(START + timedelta(days=1), 1)])
    assert Memory.from_json(memory.to_json()) == memory
    for damaged in ({}, {"algorithm": "sm3"}, {"algorithm": "sm2", "lapses": -1}, None, []):
        with pytest.raises(DamagedMemory):
            Memory.from_json(damaged)
