"""Examples for measures: the learner's own words at the places that pull a measure up or down."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.analysis_coordinator.material import LearnerTurn
from app.services.analysis_coordinator.turn import TurnAnalysis
from app.services.hybrid_analyzer import BASIC_MARKERS, Finding, Mention
from app.services.hybrid_analyzer.vocabulary import Level
from app.services.ielts_scorer import Evidence
from app.services.pronunciation_engine import LONG_PAUSE_MS, Pause, Run

MAX_EXAMPLES = 3
MAX_QUOTE_WORDS = 14
MIN_REPEATS = 4
MIN_REPEAT_SHARE = 0.03
_PUNCTUATION = '.,!?;:"…'
_EVERYDAY_STRUCTURES = frozenset({"past", "infinitive_or_gerund", "modal", "there_is"})
_COMMON_CONTENT = frozenset(
    {"be", "have", "do", "go", "say", "get", "think", "make", "want", "know", "not", "can"}
)
_ENDINGS = frozenset({"", "s", "es", "ed", "d", "ing", "er", "r", "est", "st", "ly"})
_ENDINGS_FOR_LAST = {"e": frozenset({"ing"}), "y": frozenset({"ies", "ied", "ier", "iest", "ily"})}
SURELY_HEARD = 0.8
"""A rare word that was heard less surely than this may be the recogniser's own: nothing to praise."""

Analysed = tuple[LearnerTurn, TurnAnalysis]


@dataclass(frozen=True, slots=True)
class Examples:
    """Quotes for and against."""

    supporting: tuple[Evidence, ...] = ()
    opposing: tuple[Evidence, ...] = ()


def _short(text: str) -> str:
    return " ".join(text.split()[:MAX_QUOTE_WORDS])


def _of_run(turn_id: str, run: Run) -> Evidence:
    return Evidence(_short(run.text), turn_id, run.start_ms, run.end_ms)


def _of_pause(turn_id: str, pause: Pause) -> Evidence:
    return Evidence(f"{pause.before} {pause.after}".strip(), turn_id, pause.start_ms, pause.end_ms)


def _of_mention(turn_id: str, mention: Mention) -> Evidence:
    return Evidence(_short(mention.quote), turn_id, mention.start_ms, mention.end_ms)


def of_finding(finding: Finding) -> Evidence:
    """Return the place a finding points at."""
    return Evidence(finding.quote, finding.turn_id, finding.start_ms, finding.end_ms)


def run_examples(turns: Sequence[Analysed]) -> Examples:
    """Return the longest and the shortest runs of speech."""
    runs = [
        (t.turn_id, r)
        for _, t in turns
        if t.delivery.timing is not None
        for r in t.delivery.timing.runs
        if r.syllables and r.text
    ]
    longest = sorted(runs, key=lambda x: (-x[1].syllables, x[1].start_ms))[:MAX_EXAMPLES]
    shortest = sorted(runs, key=lambda x: (x[1].syllables, x[1].start_ms))[:MAX_EXAMPLES]
    return Examples(tuple(_of_run(*x) for x in longest), tuple(_of_run(*x) for x in shortest))


def pause_examples(turns: Sequence[Analysed], *, mid_clause: bool) -> tuple[Evidence, ...]:
    """Return the longest pauses: inside clauses, or of a second and more anywhere."""
    pauses = [
        (t.turn_id, p)
        for _, t in turns
        if t.delivery.timing is not None
        for p in t.delivery.timing.pauses
        if (p.place == "mid_clause" if mid_clause else p.duration_ms >= LONG_PAUSE_MS)
    ]
    longest = sorted(pauses, key=lambda x: (-x[1].duration_ms, x[1].start_ms))[:MAX_EXAMPLES]
    return tuple(_of_pause(*x) for x in longest)


def answer_examples(turns: Sequence[Analysed]) -> Examples:
    """Return how the longest and the shortest answers begin."""
    spoken = [(turn, t) for turn, t in turns if t.language.words]

    def quote(turn: LearnerTurn) -> Evidence:
        words = turn.speech.words[:MAX_QUOTE_WORDS]
        times = (words[0].start_ms, words[-1].end_ms) if words else (None, None)
        return Evidence(_short(turn.speech.text), turn.turn_id, *times)

    by_length = sorted(spoken, key=lambda x: (x[1].language.words, x[0].index))
    longest = by_length[::-1][:MAX_EXAMPLES]
    return Examples(
        tuple(quote(turn) for turn, _ in longest), tuple(quote(turn) for turn, _ in by_length[:MAX_EXAMPLES])
    )


def marker_examples(turns: Sequence[Analysed]) -> Examples:
    """Return the first uses of less common markers, and uses of the most repeated one."""
    mentions = [(t.turn_id, m) for _, t in turns for m in t.language.markers]
    if not mentions:
        return Examples()
    seen: dict[str, tuple[str, Mention]] = {}
    for turn_id, mention in mentions:
        if mention.kind not in BASIC_MARKERS:
            seen.setdefault(mention.kind, (turn_id, mention))
    counts = Counter(m.kind for _, m in mentions)
    top = min(counts, key=lambda kind: (-counts[kind], kind))
    repeated = [(turn_id, m) for turn_id, m in mentions if m.kind == top]
    return Examples(
        tuple(_of_mention(*x) for x in list(seen.values())[:MAX_EXAMPLES]),
        tuple(_of_mention(*x) for x in repeated[:MAX_EXAMPLES]),
    )


def structure_examples(turns: Sequence[Analysed]) -> Examples:
    """Return the first use of each structure that not every speaker has, leaving out suspected mistakes."""
    seen: dict[str, tuple[str, Mention]] = {}
    everyday: list[tuple[str, Mention]] = []
    for _, turn in turns:
        language = turn.language
        doubtful = [(f.char_start, f.char_end) for f in (*language.findings, *language.candidates)]
        for mention in language.structures:
            if mention.kind in _EVERYDAY_STRUCTURES:
                everyday.append((turn.turn_id, mention))
            elif not any(start < mention.char_end and mention.char_start < end for start, end in doubtful):
                seen.setdefault(mention.kind, (turn.turn_id, mention))
    return Examples(
        tuple(_of_mention(*x) for x in list(seen.values())[:MAX_EXAMPLES]),
        tuple(_of_mention(*x) for x in everyday[:MAX_EXAMPLES]),
    )


def repeated_words(turns: Sequence[TurnAnalysis]) -> list[tuple[str, int]]:
    """Return the content words used strikingly often, most frequent first, common verbs left out."""
    counts = Counter(c for t in turns for c in t.language.content if c not in _COMMON_CONTENT and len(c) > 2)
    least = max(MIN_REPEATS, MIN_REPEAT_SHARE * sum(counts.values()))
    return sorted(((w, n) for w, n in counts.items() if n >= least), key=lambda x: (-x[1], x[0]))


def word_examples(turns: Sequence[Analysed]) -> Examples:
    """Return the most advanced words by CEFR level, and the places of the most repeated content word.

    A word inside a mistake, or one that was not heard surely, is no example of good vocabulary.
    """
    advanced: dict[str, tuple[str, Evidence]] = {}
    repeated = repeated_words([t for _, t in turns])
    top = repeated[0][0] if repeated else None
    again: list[Evidence] = []
    for turn, analysis in turns:
        levels = _levels_beyond_basic(analysis)
        mistaken = {w.lower() for f in analysis.language.findings for w in f.quote.split()}
        for word in turn.speech.words:
            shown = word.text.strip().strip(_PUNCTUATION)
            bare = shown.lower()
            place = Evidence(shown, turn.turn_id, word.start_ms, word.end_ms)
            lemma = next((known for known in levels if _is_form(bare, known)), None)
            if lemma is not None and bare not in mistaken and word.probability >= SURELY_HEARD:
                advanced.setdefault(lemma, (levels[lemma], place))
            if top is not None and bare.startswith(top) and len(bare) <= len(top) + 2:
                again.append(place)
    best = [place for _, place in sorted(advanced.values(), key=lambda x: x[0], reverse=True)]
    return Examples(tuple(best[:MAX_EXAMPLES]), tuple(again[:MAX_EXAMPLES]))


def _levels_beyond_basic(analysis: TurnAnalysis) -> dict[str, Level]:
    """Return the answer's content lemmas from B1 up, with their levels."""
    language = analysis.language
    pairs = zip(language.content, language.levels, strict=True)
    return {lemma: level for lemma, level in pairs if level is not None and level >= "B1"}


def _is_form(word: str, lemma: str) -> bool:
    """Whether a spoken word is a regular form of a lemma; irregular ones are left without a quote."""
    if word.startswith(lemma):
        rest = word[len(lemma) :]
        return rest in _ENDINGS or rest in {lemma[-1] + "ed", lemma[-1] + "ing"}
    changed = _ENDINGS_FOR_LAST.get(lemma[-1], frozenset())
    return word.startswith(lemma[:-1]) and word[len(lemma) - 1 :] in changed


def unclear_words(turns: Sequence[Analysed]) -> tuple[Evidence, ...]:
    """Return the words the recogniser was unsure of, the least sure first."""
    words = [(t.turn_id, u) for _, t in turns for u in t.delivery.intelligibility.unclear]
    ranked = sorted(words, key=lambda x: (x[1].probability, x[1].start_ms))
    return tuple(Evidence(u.word, turn_id, u.start_ms, u.end_ms) for turn_id, u in ranked)


def answer_openings(valued: Sequence[tuple[TurnAnalysis, float]]) -> Examples:
    """Return how the answers with the highest and the lowest values begin."""
    ranged = []
    for turn, value in valued:
        timing = turn.delivery.timing
        first = next((r for r in timing.runs if r.text), None) if timing is not None else None
        if first is not None:
            ranged.append((value, _of_run(turn.turn_id, first)))
    ordered = sorted(ranged, key=lambda x: (x[0], x[1].start_ms or 0))
    return Examples(
        tuple(e for _, e in ordered[::-1][:MAX_EXAMPLES]), tuple(e for _, e in ordered[:MAX_EXAMPLES])
    )


def pitch_examples(turns: Sequence[Analysed]) -> Examples:
    """Return how the answers with the widest and the narrowest pitch range begin."""
    pitched = [(turn, turn.delivery.pitch) for _, turn in turns]
    return answer_openings([(turn, pitch.range_semitones) for turn, pitch in pitched if pitch is not None])
