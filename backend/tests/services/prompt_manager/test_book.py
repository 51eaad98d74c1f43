"""Which version a learner gets, and that no prompt is missing, strange or there twice."""

from collections import Counter
from pathlib import Path

import pytest

from app.services.prompt_manager import (
    PromptBook,
    PromptInvalid,
    Shares,
    SharesInvalid,
    read_folder,
    read_prompt,
    read_shares,
)
from tests.fakes.prompts import TEXT, WEATHER

VERSIONS = [read_prompt(TEXT.replace("version: 1", f"version: {n}"), "weather") for n in (1, 2, 10)]


def book(shares: Shares | None = None) -> PromptBook:
    return PromptBook(VERSIONS, [WEATHER], shares)


def test_without_shares_everybody_gets_the_newest() -> None:
    assert {book().choose("weather", str(n)).version for n in range(100)} == {10}


def test_versions_run_side_by_side_by_percentage() -> None:
    shared = book({"weather": {1: 20, 2: 30}})
    given = Counter(shared.choose("weather", f"learner {n}").version for n in range(4_000))
    assert given[1] == pytest.approx(800, abs=100)
    assert given[2] == pytest.approx(1_200, abs=120)
    assert given[10] == pytest.approx(2_000, abs=130)


def test_a_learner_keeps_a_version_and_a_growing_share_takes_nobody_out_of_it() -> None:
    some = book({"weather": {1: 20}})
    more = book({"weather": {1: 50}})
    for n in range(500):
        chosen = some.choose("weather", str(n)).version
        assert chosen == some.choose("weather", str(n)).version
        assert chosen == 10 or more.choose("weather", str(n)).version == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("weather@3=10", "no prompt weather@3"),
        ("rain@1=10", "no prompt rain@1"),
        ("weather@1=60 weather@2=60", "one whole"),
        ("weather=10", "NAME@VERSION=PERCENT"),
        ("weather@1=-5", "NAME@VERSION=PERCENT"),
        ("weather@x=5", "NAME@VERSION=PERCENT"),
    ],
)
def test_shares_that_make_no_sense_are_refused(text: str, why: str) -> None:
    with pytest.raises(SharesInvalid, match=why):
        book(read_shares(text))


def test_shares_are_read_from_a_setting() -> None:
    assert read_shares(" weather@1=20  weather@2=30 ") == {"weather": {1: 20, 2: 30}}
    assert read_shares("") == {}


def test_prompts_and_contracts_belong_together() -> None:
    with pytest.raises(PromptInvalid, match="no prompt weather"):
        PromptBook([], [WEATHER])
    with pytest.raises(PromptInvalid, match="Nothing in the product asks weather"):
        PromptBook(VERSIONS, [])
    with pytest.raises(PromptInvalid, match="weather@1 is there twice"):
        PromptBook([VERSIONS[0], VERSIONS[0]], [WEATHER])


def test_a_file_is_called_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "weather.v1.prompt").write_text(TEXT, encoding="utf-8")
    assert [p.label for p in read_folder(tmp_path)] == ["weather@1"]
    (tmp_path / "weather.v2.prompt").write_text(TEXT, encoding="utf-8")
    with pytest.raises(PromptInvalid, match=r"weather\.v2\.prompt holds weather@1"):
        read_folder(tmp_path)
    (tmp_path / "weather.v2.prompt").write_bytes(b"\xff\xfe")
    with pytest.raises(PromptInvalid, match="cannot be read"):
        read_folder(tmp_path)


def test_the_hash_does_not_depend_on_a_systems_line_ends() -> None:
    assert read_prompt(TEXT.replace("\n", "\r\n"), "weather").sha256 == VERSIONS[0].sha256
