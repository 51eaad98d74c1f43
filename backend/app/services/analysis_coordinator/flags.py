"""What an examiner would notice about the answers as such: too short, said before, learnt by heart.

Flags are shown to the learner and never change a band by themselves.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.hybrid_analyzer import fill_in
from app.services.ielts_scorer import Evidence

FlagKind = Literal[
    "short_talk", "short_answers", "off_topic", "repeated_passage", "set_phrases", "repeated_phrase"
]

MIN_TALK_MS = 60_000
SHORT_ANSWER_WORDS = 5
MIN_ANSWERS = 4
SHORT_SHARE = 0.5
PASSAGE_WORDS = 9
"""Nobody says nine words in the same order twice by chance, but for a repeated question."""

MIN_SET_PHRASES = 3
PHRASE_WORDS = (3, 4, 5)
MIN_PHRASE_USES = 5
MIN_PHRASE_SHARE = 0.02
MAX_EVIDENCE = 3
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Flag:
    """One observation, in both languages, with the places it rests on."""

    kind: FlagKind
    text: str
    text_uz: str
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored and served."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One answer as lower-case words, and the times of those that were timed."""

    turn: LearnerTurn
    words: tuple[str, ...]
    shown: tuple[str, ...]
    times: tuple[tuple[int | None, int | None], ...]

    def place(self, start: int, length: int) -> Evidence:
        last = start + length - 1
        quote = " ".join(self.shown[start : last + 1])
        return Evidence(quote, self.turn.turn_id, self.times[start][0], self.times[last][1])


def find_flags(
    turns: Sequence[LearnerTurn], *, clock: str = "standard", off_topic: Sequence[Evidence] = ()
) -> tuple[Flag, ...]:
    """Return what is worth saying about the rated answers, at most one flag of each kind.

    `off_topic` is where answers begin that a language model takes for none to their question; by their words
    alone these are not told from answers that only say it differently, so without a model nothing is said.
    On a shortened `clock` the long talk is cut before a minute, so its length says nothing.
    """
    spoken = [_spoken(turn) for turn in turns if turn.rated]
    looks = [_short_answers, _repeated_passage, _set_phrases, _repeated_phrase]
    if clock == "standard":
        looks.insert(0, _short_talk)
    beside = [place for place in off_topic if any(s.turn.turn_id == place.turn_id for s in spoken)]
    flags = [flag for look in looks if (flag := look(spoken)) is not None]
    if beside:
        flags.append(_flag("off_topic", beside, {"count": str(len(beside)), "quote": beside[0].quote}))
    return tuple(flags)


@cache
def _data() -> Mapping[str, Any]:
    path = Path(__file__).with_name("flags.json")
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def _flag(kind: FlagKind, evidence: Sequence[Evidence], slots: Mapping[str, str]) -> Flag:
    wording = _data()["wording"][kind]
    return Flag(
        kind,
        fill_in(wording["text"], slots),
        fill_in(wording["text_uz"], slots),
        tuple(evidence)[:MAX_EVIDENCE],
    )


def _spoken(turn: LearnerTurn) -> _Spoken:
    pieces: list[tuple[str, int | None, int | None]] = [
        (m.group(0), w.start_ms, w.end_ms) for w in turn.speech.words for m in _WORD.finditer(w.text)
    ]
    if not pieces:
        pieces = [(m.group(0), None, None) for m in _WORD.finditer(turn.speech.text)]
    return _Spoken(
        turn,
        tuple(word.lower().replace("’", "'") for word, _, _ in pieces),
        tuple(word for word, _, _ in pieces),
        tuple((start, end) for _, start, end in pieces),
    )


def _short_talk(spoken: Sequence[_Spoken]) -> Flag | None:
    talks = [s for s in spoken if s.turn.kind == "card" and s.turn.speech.spans]
    if not talks:
        return None
    length = sum(s.turn.speech.spans[-1].end_ms - s.turn.speech.spans[0].start_ms for s in talks)
    if length >= MIN_TALK_MS:
        return None
    places = [s.place(0, min(len(s.words), 8)) for s in talks if s.words]
    return _flag("short_talk", places, {"seconds": f"{length / 1_000:.0f}"})


def _short_answers(spoken: Sequence[_Spoken]) -> Flag | None:
    answers = [s for s in spoken if s.turn.kind == "question" and s.words]
    short = [s for s in answers if len(s.words) <= SHORT_ANSWER_WORDS]
    if len(answers) < MIN_ANSWERS or len(short) <= SHORT_SHARE * len(answers):
        return None
    slots = {"count": str(len(short)), "answers": str(len(answers)), "words": str(SHORT_ANSWER_WORDS)}
    return _flag("short_answers", [s.place(0, len(s.words)) for s in short], slots)


def _repeated_passage(spoken: Sequence[_Spoken]) -> Flag | None:
    """Find the longest passage said in more than one answer."""
    best: tuple[int, list[tuple[_Spoken, int]]] = (0, [])
    for places in _repeated(spoken, PASSAGE_WORDS).values():
        answers = list({s.turn.turn_id: (s, start) for s, start in reversed(places)}.values())[::-1]
        if len(answers) < 2 or _echoes_question(answers[0], PASSAGE_WORDS):
            continue
        length = _common_length(answers)
        if length > best[0]:
            best = (length, answers)
    length, answers = best
    if not answers:
        return None
    evidence = [s.place(start, length) for s, start in answers]
    slots = {"words": str(length), "count": str(len(answers)), "quote": evidence[0].quote}
    return _flag("repeated_passage", evidence, slots)


def _set_phrases(spoken: Sequence[_Spoken]) -> Flag | None:
    phrases = [tuple(phrase.split()) for phrase in _data()["set_phrases"]]
    found = sorted(
        ((number, start, len(phrase)) for phrase in phrases for number, start in _uses(spoken, phrase)),
    )
    if len(found) < MIN_SET_PHRASES:
        return None
    places = [spoken[number].place(start, length) for number, start, length in found]
    quotes = ", ".join(f"“{place.quote}”" for place in places[:MAX_EVIDENCE])
    return _flag("set_phrases", places, {"count": str(len(found)), "quotes": quotes})


def _repeated_phrase(spoken: Sequence[_Spoken]) -> Flag | None:
    total = sum(len(s.words) for s in spoken)
    everyday = frozenset(_data()["everyday_phrases"])
    least = max(MIN_PHRASE_USES, MIN_PHRASE_SHARE * total)
    candidates = [
        (length, places)
        for length in reversed(PHRASE_WORDS)
        for phrase, places in _repeated(spoken, length).items()
        if len(places) >= least and not any(f" {e} " in f" {' '.join(phrase)} " for e in everyday)
    ]
    if not candidates:
        return None
    length, places = max(candidates, key=lambda c: (len(c[1]), c[0]))
    evidence = [s.place(start, length) for s, start in places]
    return _flag("repeated_phrase", evidence, {"quote": evidence[0].quote, "count": str(len(places))})


def _repeated(spoken: Sequence[_Spoken], length: int) -> dict[tuple[str, ...], list[tuple[_Spoken, int]]]:
    """Return the runs of `length` words that are said more than once, with their places in order."""
    runs = [(s, start) for s in spoken for start in range(len(s.words) - length + 1)]
    counts = Counter(s.words[start : start + length] for s, start in runs)
    found: dict[tuple[str, ...], list[tuple[_Spoken, int]]] = {}
    for s, start in runs:
        words = s.words[start : start + length]
        if counts[words] > 1:
            found.setdefault(words, []).append((s, start))
    return found


def _common_length(places: Sequence[tuple[_Spoken, int]]) -> int:
    columns = zip(*(s.words[start:] for s, start in places), strict=False)
    length = 0
    for words in columns:
        if len(set(words)) > 1:
            break
        length += 1
    return length


def _echoes_question(place: tuple[_Spoken, int], length: int) -> bool:
    spoken, start = place
    asked = " ".join(m.group(0).lower() for m in _WORD.finditer(spoken.turn.question))
    return " ".join(spoken.words[start : start + length]) in asked


def _uses(spoken: Sequence[_Spoken], phrase: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for number, s in enumerate(spoken):
        for start in range(len(s.words) - len(phrase) + 1):
            if s.words[start : start + len(phrase)] == phrase:
                yield number, start
