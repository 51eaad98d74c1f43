"""The interface says the same in each of its languages."""

import json
import re
from pathlib import Path

import pytest

from app.config import WEB

I18N = WEB / "i18n"
LANGUAGES = ("en", "uz", "ru")
AREAS = sorted(path.stem for path in (I18N / "en").glob("*.json"))
PLURALS = {"en": {"one", "other"}, "uz": {"one", "other"}, "ru": {"one", "few", "many", "other"}}


def texts(language: str, area: str) -> dict[str, str | dict[str, str]]:
    loaded: dict[str, str | dict[str, str]] = json.loads((I18N / language / f"{area}.json").read_text())
    return loaded


def placeholders(text: str | dict[str, str]) -> set[str]:
    said = text if isinstance(text, str) else " ".join(text.values())
    return set(re.findall(r"\{(\w+)\}", said))


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_gaps(language: str, area: str) -> None:
    english, theirs = texts("en", area), texts(language, area)
    assert list(theirs) == list(english)
    for key, text in english.items():
        assert placeholders(theirs[key]) == placeholders(text), key
        assert isinstance(theirs[key], str) == isinstance(text, str), key


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_and_plurals_are_whole(language: str, area: str) -> None:
    for key, text in texts(language, area).items():
        if isinstance(text, dict):
            assert set(text) == PLURALS[language], key
        assert all(text.values() if isinstance(text, dict) else [text.strip()]), key


def test_every_text_that_is_asked_for_exists() -> None:
    known = {f"{area}.{key}" for area in AREAS for key in texts("en", area)}
    asked = {
        key
        for script in Path(WEB / "js").rglob("*.js")
        for key in re.findall(r"""\bt\("([\w.]+)["]""", script.read_text())
    }
    assert asked - known == set()


def test_uzbek_has_its_own_letters() -> None:
    """Oʻ and gʻ have U+02BB and the tutuq belgisi is U+02BC; quotes of a keyboard are neither."""
    for area in AREAS:
        assert not re.search(r"\w['`’‘]\w", (I18N / "uz" / f"{area}.json").read_text()), area
