"""What addresses, and the numbers of phones, cards and papers look like, written or as spoken."""

import re
from collections.abc import Iterator
from typing import Literal

Kind = Literal["NAME", "EMAIL", "PHONE", "CARD", "PASSPORT", "NUMBER", "ADDRESS", "HANDLE"]
Span = tuple[int, int, Kind]

_I = re.IGNORECASE
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_EMAIL = re.compile(
    r"\b[\w-]+(?: (?:dot|underscore|dash|minus) [\w-]+)* at [\w-]+"
    r"(?: ?(?:dot|\.) ?(?:com|uz|ru|org|net|edu|io|co))+\b",
    _I,
)
_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z]\w{4,31}\b")
_PASSPORT = re.compile(r"\b[A-Z]{1,2}[ -]?(?:\d[ -]?){6,8}\d\b")
_LONG_NUMBER = re.compile(r"(?<![\w.-])\+?\(?(?:\d[ ()-]{0,2}){8,18}\d(?![\w-])")
_DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|plus)"
_SPOKEN_NUMBER = re.compile(rf"\b{_DIGIT_WORD}(?:[ ,-]+{_DIGIT_WORD}){{6,}}\b", _I)

_WAY = (
    r"(?i:street|st|avenue|ave|road|rd|lane|drive|square|boulevard|ko['’‘ʻ]?chasi|mahallasi|mahalla"
    r"|шоссе|улица)"
)
_NAMED_WAY = rf"(?:[A-Z][\w'’‘ʻ-]+ ){{1,3}}{_WAY}\b"
_HOUSE = (
    r"(?i:(?:house|building|block|flat|apartment|apt|home|room|uy|xonadon|kvartira|dom)"
    r"(?: number| no\.?)? \d{1,4}\w?)"
)
_MORE = rf"(?:,? {_HOUSE})*"
_ADDRESSES = (
    re.compile(rf"\b\d{{1,4}}\w?,? {_NAMED_WAY}{_MORE}"),
    re.compile(rf"\b{_NAMED_WAY},? ?(?:(?i:number )?\d{{1,4}}\w?\b|{_HOUSE}){_MORE}"),
    re.compile(rf"\b{_HOUSE}{_MORE},?(?: (?i:on|in|at))? {_NAMED_WAY}"),
)
_MIN_PHONE_DIGITS = 7
_HOME_REGION = "UZ"


def spans(text: str) -> Iterator[Span]:
    """Yield the places that tell who somebody is, names aside; they may overlap, the surer kinds first."""
    yield from _found(_EMAIL, "EMAIL", text)
    yield from _found(_SPOKEN_EMAIL, "EMAIL", text)
    yield from _found(_HANDLE, "HANDLE", text)
    if sum(map(str.isdigit, text)) >= _MIN_PHONE_DIGITS:
        yield from _found(_PASSPORT, "PASSPORT", text)
        yield from _phones(text)
        for match in _LONG_NUMBER.finditer(text):
            yield match.start(), match.end(), "CARD" if _is_card(match.group()) else "NUMBER"
    yield from _found(_SPOKEN_NUMBER, "NUMBER", text)
    for pattern in _ADDRESSES:
        yield from _found(pattern, "ADDRESS", text)


def _found(pattern: re.Pattern[str], kind: Kind, text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        yield match.start(), match.end(), kind


def _phones(text: str) -> Iterator[Span]:
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415 - 0.1 s for the few texts with digits

    for phone in PhoneNumberMatcher(text, _HOME_REGION, leniency=Leniency.VALID):
        yield phone.start, phone.end, "PHONE"


def _is_card(text: str) -> bool:
    """Whether the digits are as many as a card's and pass its check (ISO/IEC 7812-1 Annex B, Luhn)."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0
