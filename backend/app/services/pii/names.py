"""The names that somebody gave when asked for them."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_][\w'’ʻ‘-]*")
_ORDINARY = re.compile(
    r"an?|the|my|name|name's|is|am|are|you|me|i|i'm|it|it's|its|call|called|what|would|like|just|by|please|yes|no"
    r"|okay|ok|well|so|um|uh|er|oh|hello|hi|thanks?|sorry|good|fine|nice|very|not|don't|do|can|could|student"
    r"|teacher|anything|whatever|full|first|last|short|nickname|mister|miss|mrs?|sir|madam|prefer|from|and|or"
    r"|but|to|of|in|on|at|as|here|there|this|that|that's|sure|right|happy|because|think|everybody|everyone"
    r"|people|friends|family|same|also|only|really|actually|simply|usually|maybe|nothing|english|uzbek|russian"
    r"|russia|uzbekistan|surname|thank|meet|morning|afternoon|evening|examiner|great",
    re.IGNORECASE,
)


def is_ordinary(word: str) -> bool:
    """Whether the word is one of those that people say around their name."""
    return _ORDINARY.fullmatch(word.replace("’", "'")) is not None


def names_said(answers: Iterable[str]) -> tuple[str, ...]:
    """Return the words of answers to "What is your name?" that may be a name, each once.

    Rather too many than too few: whatever a recogniser wrote with a capital and is no ordinary word.
    """
    words = (word for answer in answers for word in _WORD.findall(answer))
    return tuple(dict.fromkeys(w for w in words if w[0].isupper() and len(w) > 1 and not is_ordinary(w)))
