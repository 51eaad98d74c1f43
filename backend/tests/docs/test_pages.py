"""What the documents name is there: files, headings, pictures, commands. README.md leads to every page."""

import os
import re
from pathlib import Path

import pytest

from app.config import BACKEND, REPOSITORY, Settings
from app.modes.arguments import parse
from app.modes.names import FOLDERS, existing

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
CARDS = sorted((REPOSITORY / "backend/app").rglob("*.md"))
LINK = re.compile(r"\]\(\s*([^)\s]+)\)|src=\"([^\"]+)\"")
COMMAND = re.compile(r"python backend/run\.py((?: +(?!#)[\w./-]+)*)")
MEASURE = re.compile(r"--mode (bench|evaluate)\s+([a-z_]+)")
OF_OTHERS = {"GOOGLE_APPLICATION_CREDENTIALS", "SPEAKMATE_DOMAIN"}
PLACEHOLDERS = {"N": "2", "ID": "00000000-0000-0000-0000-000000000000"}


def links(page: Path) -> list[tuple[Path, str]]:
    """Return where the page's own links lead: a file, and a heading in it or ''."""
    found = []
    for groups in LINK.findall(page.read_text(encoding="utf-8")):
        target = "".join(groups)
        if not target.startswith(("https:", "http:")):
            path, _, heading = target.partition("#")
            found.append((Path(os.path.normpath(page.parent / path)) if path else page, heading))
    return found


def headings(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES + CARDS, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, heading in links(page):
        assert path.exists(), path
        assert not heading or heading in headings(path), f"{path}#{heading}"


def test_the_first_page_leads_to_every_other() -> None:
    """By itself or by one page between, so that none is forgotten."""
    seen = {path for path, _ in links(PAGES[0])}
    seen |= {path for page in PAGES if page in seen for path, _ in links(page)}
    assert set(PAGES) - seen - {PAGES[0]} == set()


def test_every_command_is_one_that_the_entry_point_takes(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {call for page in PAGES for call in COMMAND.findall(page.read_text(encoding="utf-8"))}
    assert {"", " --mode test"} <= shown
    for call in shown - {" --help"}:
        parse([PLACEHOLDERS.get(word, word) for word in call.split()])


def test_settings_and_numbers_have_the_names_that_the_pages_call_them() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    settings = {name.upper() for name in Settings.model_fields} | OF_OTHERS
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", text)) <= settings
    numbers = "".join(path.read_text() for path in (BACKEND / "app/middleware/monitoring").glob("*.py"))
    for name in set(re.findall(r"\bspeakmate(?:_[a-z]+)+", text)):
        assert re.sub(r"_(?:bucket|count|sum|total)$", "", name) in numbers, name


@pytest.mark.parametrize("mode", ["bench", "evaluate"])
def test_the_measurements_are_those_that_there_are(mode: str) -> None:
    there = existing(BACKEND / FOLDERS[mode])
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {name for named, name in MEASURE.findall(text) if named == mode} <= set(there)
    (listed,) = re.findall(rf"--mode {mode} NAME \(([^)]*)\)", PAGES[0].read_text(encoding="utf-8"))
    assert set(re.findall(r"\w+", listed)) == set(there)
