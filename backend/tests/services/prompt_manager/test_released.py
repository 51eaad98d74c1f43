"""The text of a prompt that was in use never changes under its version."""

from pathlib import Path

from app.config import PROMPTS, RELEASED_PROMPTS
from app.services.prompt_manager import (
    changed,
    read_folder,
    read_prompt,
    read_released,
    with_new,
    write_released,
)
from tests.fakes.prompts import TEXT

PROMPT = read_prompt(TEXT, "weather")


def test_no_prompt_of_the_product_was_changed_without_a_new_version() -> None:
    assert changed(read_folder(PROMPTS), read_released(RELEASED_PROMPTS)) == []


def test_one_changed_word_is_noticed() -> None:
    released = with_new([PROMPT], {})
    assert changed([PROMPT], released) == []
    other = read_prompt(TEXT.replace("Foretell", "Tell"), "weather")
    (problem,) = changed([other], released)
    assert "make it version 2" in problem
    assert with_new([other], released) == released


def test_a_new_version_is_to_be_released(tmp_path: Path) -> None:
    (problem,) = changed([PROMPT], {})
    assert "weather@1 is new" in problem
    lock = tmp_path / "released.json"
    assert read_released(lock) == {}
    write_released(lock, with_new([PROMPT], {"another@1": "0" * 64}))
    assert read_released(lock) == {"another@1": "0" * 64, "weather@1": PROMPT.sha256}
    assert lock.read_text().endswith("}\n")
