"""Packs of rules declared as data: what speakers of one first language carry over, and fixed phrases.

A pack is a JSON file: {family, name, fillers?: [...], rules: [...]}. `fillers` are the language's hesitation
words, in lower case with straight apostrophes. A rule has the fields of a core rule, and `patterns` instead
of a function; `version` may be left out. A pattern is {find, replace, map?, pos?}:

* `find` is a regular expression, read on the clean text in lower case. A group named `q` narrows
  what is quoted and replaced; otherwise the whole match is.
* `replace` is the correction. `{1}` is group 1 (empty when it took no part); `{1:VBZ}` is its inflected form.
* `map` replaces a group's text first: {"1": {"did": "made"}}.
* `pos` asks that the word a group matched was parsed as one of the given parts of speech.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule

_LONE_I = re.compile(r"\bi\b")
_SLOT = re.compile(r"\{(\d)(?::([A-Z]+))?\}")


class _Pattern:
    """One compiled pattern of a pack."""

    __slots__ = ("_find", "_map", "_pos", "_replace")

    def __init__(self, data: Mapping[str, Any]) -> None:
        # On lower-case text: ignoring case would keep the engine from looking for a pattern's first letters.
        self._find = re.compile(data["find"])
        self._replace: str = data["replace"]
        self._map: Mapping[str, Mapping[str, str]] = data.get("map", {})
        self._pos: Mapping[str, list[str]] = data.get("pos", {})

    def hits(self, reading: Reading) -> Iterator[Hit]:
        for match in self._find.finditer(reading.lower):
            if not self._parsed_as_asked(match, reading):
                continue
            correction = self._correct(match, reading)
            if correction is None:
                continue
            group: int | str = "q" if "q" in self._find.groupindex else 0
            start, end = match.span(group)
            tail = len(correction) - len(correction.rstrip())
            if tail and reading.text[start:end].endswith(" "):
                end, correction = end - tail, correction.rstrip()
            correction = _like(reading.text[start:end], re.sub(r" {2,}", " ", correction))
            slots = {str(i): reading.text[slice(*match.span(i))] for i in range(1, self._find.groups + 1)}
            yield Hit(start, end, correction, slots)

    def _parsed_as_asked(self, match: re.Match[str], reading: Reading) -> bool:
        for group, allowed in self._pos.items():
            start = match.start(int(group))
            index = bisect_right(reading.tokens, start, key=lambda t: t.start) - 1
            if index < 0 or reading.tokens[index].pos not in allowed:
                return False
        return True

    def _correct(self, match: re.Match[str], reading: Reading) -> str | None:
        missing = False

        def fill(slot: re.Match[str]) -> str:
            nonlocal missing
            number, tag = slot.group(1), slot.group(2)
            text = reading.text[slice(*match.span(int(number)))] if match.group(int(number)) else ""
            text = self._map.get(number, {}).get(text.lower(), text)
            if tag is None:
                return text
            form = reading.inflect(text.lower(), tag)
            missing = missing or form is None
            return form or ""

        correction = _SLOT.sub(fill, self._replace)
        return None if missing else correction


def _like(quote: str, correction: str) -> str:
    """Begin the correction with a capital where the quote does, and write the pronoun `I` as such."""
    correction = _LONE_I.sub("I", correction)
    if quote[:1].isupper() and correction[:1].islower():
        return correction[0].upper() + correction[1:]
    return correction


def _finder(patterns: list[_Pattern]) -> Callable[[Reading], Iterator[Hit]]:
    def find(reading: Reading) -> Iterator[Hit]:
        for pattern in patterns:
            yield from pattern.hits(reading)

    return find


def load_pack(path: Path) -> tuple[Rule, ...]:
    """Read a pack. Raises OSError, ValueError or KeyError when the file is missing or malformed."""
    data = json.loads(path.read_text(encoding="utf-8"))
    family = data["family"]
    return tuple(
        Rule(
            id=rule["id"],
            family=family,
            category=rule["category"],
            severity=rule["severity"],
            confidence=rule["confidence"],
            explanation=rule["explanation"],
            explanation_uz=rule["explanation_uz"],
            good=tuple(rule["good"]),
            bad=tuple(Example(e["wrong"], e["right"]) for e in rule["bad"]),
            find=_finder([_Pattern(p) for p in rule["patterns"]]),
            criterion=rule["criterion"],
            function_words=rule["function_words"],
            version=rule.get("version", 1),
        )
        for rule in data["rules"]
    )


def load_fillers(path: Path) -> frozenset[str]:
    """Read a pack's hesitation words. Raises OSError, ValueError or KeyError when they cannot be read."""
    return frozenset(json.loads(path.read_text(encoding="utf-8"))["fillers"])
