"""What kind of reply an answer is, as far as the examiner's conduct depends on it.

Works on a recognised transcript, so spelling and punctuation cannot be relied on. A pattern must account for
the whole reply: a learner who says "I don't know my neighbours" has answered, and must not be taken for one
who says "I don't know".
"""

import re
from enum import Enum


class Reply(Enum):
    """Kinds of reply."""

    SILENT = "silent"
    CLARIFY = "clarify"
    """Asks to hear the question again, or has not understood it."""
    ASKS_WORDS = "asks_words"
    """Asks for vocabulary or for help with the answer."""
    ASKS_SCORE = "asks_score"
    DONT_KNOW = "dont_know"
    SHORT = "short"
    ANSWER = "answer"
    STRONG = "strong"
    UNHEARD = "unheard"
    """Speech that could not be recognised: an answer, which the examiner lets stand."""


SHORT_WORDS = 4
STRONG_WORDS = 40
_REQUEST_WORDS = 14
"""A longer reply is an answer, whatever it begins with."""

_COURTESY = (
    r"(?:(?:sorry|excuse me|pardon(?: me)?|please|um+|uh+|er+|hmm*|oh|ah|well|so|ok|okay|yes|no|but|and|hello"
    r"|teacher|sir|madam|i'm|i am|very|actually|honestly|to be honest|really|i think|maybe)\s+)*"
)
_AGAIN = r"(?: (?:it|that|this|again|please|for me|the|your|last|question|one|once|more|time|slowly|slower))*"
_NOT = r"(?:i )?(?:really |just )?(?:don't|do not|didn't|did not|couldn't|could not|can't|cannot|am not|not)"
_TAIL = (
    r"(?: (?:you|it|that|this|the|your|what|question|questions|word|words|topic|very|much|well|sorry|please"
    r"|anything|said|say|saying|asked|ask|asking|mean|meaning|means|clearly|could|can|would|repeat|again|is|are"
    r"|you're|were|do|did|one|once|more|time|of|all|at|sir|teacher|to|me|tell|explain|me|i))*"
)


def _whole(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"{_COURTESY}(?:{'|'.join(alternatives)})")


_CLARIFY = _whole(
    r"(?:sorry|pardon(?: me)?|excuse me|(?:i )?beg your pardon|huh|eh|what|come again|again(?: please)?)",
    r"(?:sorry )?(?:can|could|would|will|may) (?:you|u) (?:please |just |mind |to )*"
    r"(?:repeat|repeating|rephrase|clarify|say (?:it|that|this|the question|your question|again)"
    r"|ask (?:it|that|me|again|the question)|explain (?:it|that|this|the question|your question|what|again)"
    r"|speak|talk more|tell me (?:the question|again|your question)|read)\b.*",
    r"can i (?:hear|have) (?:it|that|the question|your question)\b.*",
    rf"(?:please )?repeat{_AGAIN}",
    rf"(?:please )?(?:say|ask|tell|tell me){_AGAIN} (?:again|once more|one more time|please){_AGAIN}",
    r"(?:please )?(?:once|one) more(?: time)?(?: please)?",
    rf"{_NOT} (?:really |quite |clearly |well )?"
    rf"(?:understand|understood|understanding|catch|get|hear|heard|follow|clear){_TAIL}",
    r"what (?:did you (?:say|ask|mean)|do you mean|you (?:say|said|mean|ask|asked)"
    r"|was (?:that|the question|your question|it)|is (?:the question|your question)|question)"
    r"(?: please| again)*",
    r"(?:(?:the )?question|it|that|this) (?:is|was) not clear(?: for me| to me)?",
    r"(?:iltimos )?(?:yana bir (?:marta|bor)|qayta\w*|takrorla\w*|tushunmadim|eshitmadim"
    r"|nima(?: dedingiz| degani)?|kechirasiz|uzr)(?: \w+){0,3}",
    r"(?:повтори\w*|(?:я )?не (?:понял\w*|понимаю|расслышал\w*)|что|извините|ещ[её] раз)(?: \w+){0,3}",
)
_ASKS_WORDS = _whole(
    r"what (?:does|do|is|did) (?:\w+ ){1,4}means?",
    r"what (?:means?|meaning) (?:\w+ ?){1,4}",
    r"what(?:'s| is) (?:the )?meaning(?: of(?: \w+){1,4})?",
    r"what is (?:the |this )?(?:word )?(?:\w+ ){1,4}in (?:english|uzbek|russian)",
    r"how (?:(?:do|can|should|to) )?(?:(?:you|i|we) )?(?:say|call|translate)(?: \w+){0,5}"
    r" in (?:english|uzbek|russian)",
    r"how (?:do|can|should) (?:you|i|we) (?:say|translate|call)(?: \w+){1,2}",
    r"what (?:should|can|must|do) i (?:say|talk about|answer|tell)(?: now| here)?",
    r"(?:can|could|would|will) you (?:please )?"
    r"(?:help|translate|give me (?:an example|a hint|some words|an idea))\b.*",
    r"help me(?: please)?|i need (?:your )?help",
)
_ASKS_SCORE = _whole(
    r"what(?:'s| is|s)? (?:is )?my (?:\w+ )?(?:band|score|level|mark|grade|result)s?\b.*",
    r"which (?:band|score|level)\b.*",
    r"how (?:was|is|did|good is|well did) (?:my|i)\b.*"
    r"(?:answers?|english|doing|do|speaking|speech|level|score|band|it)",
    r"(?:is|was) (?:my (?:answer|english|speaking)|that|this|it)"
    r" (?:ok|okay|right|correct|good|wrong|enough|fine)",
    r"did i (?:pass|do|answer|speak)\b.*",
    r"(?:can|could|will|would) you (?:please )?(?:tell|give|show) me my (?:\w+ )?"
    r"(?:band|score|level|mark|result)s?\b.*",
)
_DONT_KNOW = _whole(
    r"(?:i (?:really |just |actually )?(?:don't|do not)(?: really)? know|(?:i have )?no idea"
    r"|(?:i'm |i am )?not sure|dunno|i (?:can't|cannot) (?:say|answer|tell)|(?:i have )?no answer"
    r"|i (?:have )?never (?:thought|think) about (?:it|this|that)"
    r"|(?:it's |it is |this is |that's |that is )?(?:a )?(?:very |so |too |really |quite )?"
    r"(?:difficult|hard|tough|tricky)(?: question)?"
    r"|next question|next|skip|pass|nothing|bilmayman|bilmadim|(?:я )?не знаю)"
    r"(?: (?:about|it|this|that|the|answer|question|sorry|what|to|say|how|really|exactly|teacher|sir|please"
    r"|for|me|i|don't|do|not|know|can't|is|it's|very|so|difficult|hard))*",
)

_NEGATIVE = re.compile(
    rf"{_COURTESY}(?:no|not|never|nope|i don't|i do not|i didn't|i haven't|i can't|i wouldn't)\b"
)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʻ": "'", "ʼ": "'"})
_NOISE = re.compile(r"[^\w\s']+")


def normalised(text: str) -> str:
    """Lower case, plain apostrophes, no other punctuation, single spaces."""
    return " ".join(_NOISE.sub(" ", text.translate(_APOSTROPHES).lower()).split())


def classify(text: str, words: int) -> Reply:
    """Return the kind of reply; `words` is the number of words recognised in `text`."""
    plain = normalised(text)
    if not plain or words <= 0:
        return Reply.SILENT
    if words <= _REQUEST_WORDS:
        for pattern, kind in (
            (_CLARIFY, Reply.CLARIFY),
            (_ASKS_SCORE, Reply.ASKS_SCORE),
            (_ASKS_WORDS, Reply.ASKS_WORDS),
            (_DONT_KNOW, Reply.DONT_KNOW),
        ):
            if pattern.fullmatch(plain):
                return kind
    if words <= SHORT_WORDS:
        return Reply.SHORT
    return Reply.STRONG if words >= STRONG_WORDS else Reply.ANSWER


def is_negative(text: str) -> bool:
    """Whether the answer begins by saying no, so that "Why not?" fits rather than "Why?"."""
    return _NEGATIVE.match(normalised(text)) is not None
