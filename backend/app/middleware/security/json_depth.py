"""How deep JSON is nested, found without parsing it. Pure."""

import re

import numpy as np

# An escaped character is taken together with its backslash; possessive, so that no text makes it slow.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_OPENING = np.frombuffer(b"[{", np.uint8)


def nested_deeper(document: bytes, levels: int) -> bool:
    """Whether well-formed JSON has more than so many levels of objects and arrays.

    Of what is no JSON it may say either; whoever parses it will say so. Takes time and space in proportion to
    the document, a few milliseconds for a megabyte.
    """
    if document.count(b"[") + document.count(b"{") <= levels:
        return False
    brackets = np.frombuffer(_STRING.sub(b"", document).translate(None, _NOT_BRACKETS), np.uint8)
    steps = np.where(np.isin(brackets, _OPENING), np.int8(1), np.int8(-1))
    return bool(np.cumsum(steps, dtype=np.int32).max(initial=0) > levels)
