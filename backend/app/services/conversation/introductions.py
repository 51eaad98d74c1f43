"""What learners say of themselves at the beginning: their name, and whether they work or study.

Works on a recognised transcript, in which names are often wrong.
"""

import re
from typing import Literal

from app.services.conversation.replies import normalised
from app.services.pii import is_ordinary

_NEITHER = re.compile(
    r"\b(?:neither|retired(?: \w+)?|pensioner|unemployed|jobless|house ?wife|gap year"
    r"|(?:looking|searching) for (?:a |the )?(?:new )?(?:job|work)"
    r"|(?:don't|do not|not) (?:work|study)(?:ing)? n?or (?:work|study)(?:ing)?)\b"
)
_SAYS_STUDY = re.compile(r"\b(?:student|studying|study|pupil|undergraduate|learning)\b")
_SAYS_WORK = re.compile(r"\b(?:work|working|employed|job|teach|freelancer?|entrepreneur)\b")
_SOUNDS_STUDY = re.compile(r"\b(?:university|college|school|lyceum|institute|(?<!of )course|learn)\b")
_SOUNDS_WORK = re.compile(
    r"\b(?:businessman|businesswoman|business|company|office|teacher|engineer|doctor|nurse|driver|programmer"
    r"|developer|manager|accountant|economist|lawyer|seller|cook|chef|designer|builder|farmer|specialist"
    r"|secretary|translator|tutor|barber|cashier)\b"
)
_DENIED = re.compile(
    r"\b(?:don't|do not|not|no|never|without)(?: (?:a|an|any|in|at|have|go to|yet|really)){0,2} $"
)
_DENIAL_REACH = 30
"""Characters before a word in which a denial of it may stand."""


def work_or_study(text: str) -> Literal["work", "study", "neither"] | None:
    """Return what a reply to "Do you work, or are you a student?" says, or None if it cannot be told.

    Words that say so outright count before words that only suggest it (a teacher works at a school); of two
    kinds the one named first counts, and one that is denied ("I don't work") does not.
    """
    plain, neither = _NEITHER.subn("", normalised(text))
    for study, work in ((_SAYS_STUDY, _SAYS_WORK), (_SOUNDS_STUDY, _SOUNDS_WORK)):
        found = [(m, True) for m in study.finditer(plain)] + [(m, False) for m in work.finditer(plain)]
        for match, is_study in sorted(found, key=lambda pair: pair[0].start()):
            if not _DENIED.search(plain[max(0, match.start() - _DENIAL_REACH) : match.start()]):
                return "study" if is_study else "work"
            neither += 1
    return "neither" if neither else None


_CALLED = re.compile(
    r"\b(?:call me|my name is|name's|name is|i am|i'm|it's|just|by|prefer)\s+(?=(?P<name>[^\W\d_][\w'’ʻ-]*))",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’ʻ-]*")
_NAME_LENGTH = range(2, 15)


def name_from(text: str) -> str | None:
    """Return the name in a reply to "What would you like me to call you?", or None unless it is plausible.

    A wrong name is worse than none: a name must follow words that announce one, or stand alone, be written
    with a capital by the recogniser, and be no ordinary word.
    """
    candidates = [match["name"] for match in _CALLED.finditer(text)]
    tokens = _WORD.findall(text)
    if len(tokens) == 1:
        candidates += tokens
    return next((candidate for candidate in candidates if _plausible(candidate)), None)


def _plausible(name: str) -> bool:
    written_as_name = name[0].isupper() and not name.isupper() and len(name) in _NAME_LENGTH
    return written_as_name and not is_ordinary(name)
