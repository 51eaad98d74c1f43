"""Whether the words said so far ask for more: `because`, `the`, a filler. Pure.

An answer that stops on such a word has not been finished, whatever the length of the silence. The words were
chosen so that next to no finished answer ends on one: prepositions and verbs stay out, for a clause may end
on them ("the city I come from", "yes, I am").
"""

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_JOINING = frozenset(
    ["and", "but", "because", "or", "if", "although", "though", "unless", "whereas", "whether", "than"]
)
_BEFORE_A_NOUN = frozenset(["a", "an", "the", "my", "your", "our", "their", "every", "of"])
_BEFORE_MORE = frozenset(["very", "quite", "i"])
_FILLERS = frozenset(["um", "umm", "uh", "uhm", "er", "erm", "eh", "hm", "hmm", "mm", "mmm"])
_UZBEK_FILLERS = frozenset(["haligi", "halgi", "anaqa", "anaqi", "eee", "ee", "xo'sh", "demak"])
"""What Uzbek speakers say while they look for a word; recognisers write it as it sounds."""
_OPEN = _JOINING | _BEFORE_A_NOUN | _BEFORE_MORE | _FILLERS | _UZBEK_FILLERS
_SHORTENED = ("'m", "'re", "'ve", "'ll")
"""A clause does not end on a verb that was shortened."""
_SHORTENED_IS = frozenset({"it's", "that's", "he's", "she's", "there's"})
_COMPANIONS = frozenset({"and", "than"})
"""`My friend and I` and `taller than I` are whole."""


def ends_open(text: str) -> bool:
    """Whether `text` stops on a word after which more must come; False for nothing at all."""
    words = [word.replace("’", "'") for word in _WORD.findall(text.lower())[-2:]]
    if not words:
        return False
    last = words[-1]
    if last == "i" and words[0] in _COMPANIONS and len(words) == 2:
        return False
    return last in _OPEN or last in _SHORTENED_IS or last.endswith(_SHORTENED)


def never_open(text: str) -> bool:
    """Hear nothing in the last words: silence alone ends the turn."""
    return False
