"""Types of values that several requests have."""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Strict

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _written_as_a_day(value: object) -> object:
    """A number would otherwise be seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("write a day as 2026-09-12")


def no_boolean(value: object) -> object:
    """Refuse true and false where a choice of numbers is asked for: Python takes them for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("write a number")  # noqa: TRY004 - pydantic reports ValueError only
    return value


def digit_in_query(value: object) -> object:
    """Read a choice of numbers from a query, where everything is text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


Day = Annotated[date, Strict(False), BeforeValidator(_written_as_a_day)]
"""A calendar day, which comes as text."""
