import re

import pytest

from app.services.conversation.bank import bundled_bank as question_bank
from app.services.sample_learner import SampleQuestion
from app.services.sample_learner.phrases import Mind, bundled_bank


def said(question: SampleQuestion, seed: int = 1) -> str:
    return " ".join(Mind(bundled_bank(), seed).answer(question))


def test_the_same_seed_says_the_same() -> None:
    questions = [
        SampleQuestion("Do you often read books?", 1),
        SampleQuestion("Why do people break rules?", 3),
    ]
    first, second = Mind(bundled_bank(), 5), Mind(bundled_bank(), 5)
    assert [first.answer(q) for q in questions] == [second.answer(q) for q in questions]


def test_different_seeds_are_different_people() -> None:
    assert len({Mind(bundled_bank(), seed).persona for seed in range(20)}) > 1


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (SampleQuestion("Could you tell me your full name, please?", None), "{name}"),
        (SampleQuestion("And what would you like me to call you?", None), "{first}"),
        (SampleQuestion("Do you work, or are you a student?", 1), "student"),
        (SampleQuestion("What kind of home do you live in?", 1), "flat|kitchen|windows|house"),
        (SampleQuestion("Do you prefer hot or cold drinks?", 1), "tea|drink"),
        (SampleQuestion("How can traffic in large cities be reduced?", 3), "traffic|journey"),
    ],
)
def test_it_answers_what_was_asked(question: SampleQuestion, expected: str) -> None:
    persona = Mind(bundled_bank(), 1).persona
    pattern = expected.replace("{name}", persona.name).replace("{first}", persona.first)
    assert re.search(pattern, said(question))


def test_where_the_question_alone_says_nothing_its_topic_does() -> None:
    asked = SampleQuestion(
        "Which of these do you like best?", 1, about="Let's talk about tea and other drinks."
    )
    assert re.search("tea|drink", said(asked))


def test_it_does_not_say_the_same_thing_twice() -> None:
    mind = Mind(bundled_bank(), 2)
    bodies = [b for _ in range(2) for b in mind.answer(SampleQuestion("What is there in your area?", 1))]
    assert len(set(bodies)) == 4


def test_the_form_of_a_question_is_that_of_its_first_half_when_why_follows() -> None:
    text = said(SampleQuestion("Would you like to live in a different type of home one day? Why?", 1))
    assert text.startswith(("Yes, I very want it", "I think yes"))


@pytest.mark.parametrize(
    ("card", "word"),
    [
        (
            "Describe a place in your country that you would like to visit. where it is and explain why.",
            "library",
        ),
        ("Describe a person who explains things clearly. who the person is", "teacher"),
        ("Describe a place near water that you enjoyed visiting. where it is", "lake"),
    ],
)
def test_the_story_is_about_what_the_card_is_about(card: str, word: str) -> None:
    assert word in " ".join(Mind(bundled_bank(), 1).answer(SampleQuestion(card, 2, talk=True)))


@pytest.mark.parametrize("card", question_bank().part2, ids=lambda card: str(card.id))
def test_there_is_a_story_for_every_card(card: object) -> None:
    topic = str(card.topic)
    story = Mind(bundled_bank(), 1).answer(SampleQuestion(topic, 2, talk=True))
    words = len(" ".join(story).split())
    assert 120 <= words <= 260
    assert "{" not in " ".join(story)
