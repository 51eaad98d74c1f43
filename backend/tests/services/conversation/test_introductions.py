from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.conversation.introductions import name_from, work_or_study


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I am a student.", "study"),
        ("I'm studying at the university", "study"),
        ("I go to school.", "study"),
        ("I don't work, I study at university", "study"),
        ("I'm a student but I also work part-time", "study"),
        ("I am a student and I am looking for a job", "study"),
        ("I work in a bank", "work"),
        ("I finished school and now I work as a teacher", "work"),
        ("I teach English at school", "work"),
        ("I'm not a student, I'm an engineer", "work"),
        ("Neither.", "neither"),
        ("I'm retired", "neither"),
        ("No, I don't work.", "neither"),
        ("I don't work and don't study", "neither"),
        ("I don't work or study now", "neither"),
        ("I'm looking for a job", "neither"),
        ("Yes.", None),
        ("Yes, of course.", None),
        ("", None),
    ],
)
def test_work_or_study(text: str, said: Literal["work", "study", "neither"] | None) -> None:
    assert work_or_study(text) == said


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Aziza.", "Aziza"),
        ("You can call me Aziz.", "Aziz"),
        ("Just call me Sam, please", "Sam"),
        ("My name is Dilnoza Karimova.", "Dilnoza"),
        ("O'tkir", "O'tkir"),
    ],
)
def test_plausible_names(text: str, name: str) -> None:
    assert name_from(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "I'm fine.",
        "Yes.",
        "Thank you",
        "Call me as you like",
        "It's okay",
        "You can call me by my name",
        "aziza",
        "I",
        "OK",
        "",
        "Call me What",
        "My Name Is",
    ],
)
def test_no_name_rather_than_a_wrong_one(text: str) -> None:
    assert name_from(text) is None


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    name = name_from(text)
    assert name is None or name in text
    assert work_or_study(text) in {"work", "study", "neither", None}
