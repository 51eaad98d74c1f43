"""One pass over one answer: its disfluencies, its mistakes, and what its language shows."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from app.services.hybrid_analyzer.as_units import find_as_units
from app.services.hybrid_analyzer.clauses import clause_boundaries
from app.services.hybrid_analyzer.clean import CleanText, leave_out
from app.services.hybrid_analyzer.disfluency import Disfluency, find_disfluencies
from app.services.hybrid_analyzer.findings import Finding, finding_id
from app.services.hybrid_analyzer.gate import MEND_WITHIN, MIN_CONFIDENCE, heard_clearly, mended_later
from app.services.hybrid_analyzer.l1 import UZBEK_FILLERS, UZBEK_RULES
from app.services.hybrid_analyzer.legible import Skipped
from app.services.hybrid_analyzer.lexical_fillers import find_lexical_fillers
from app.services.hybrid_analyzer.markers import find_markers
from app.services.hybrid_analyzer.meant_words import meant_words
from app.services.hybrid_analyzer.merge import merge, overlapping
from app.services.hybrid_analyzer.mistake_rate import at_rate, doubts, mistake_rate
from app.services.hybrid_analyzer.ports import EditTagger, Parser, TrigramModel
from app.services.hybrid_analyzer.range_profile import SpokenUnit, VerbForms, count_verb_forms
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules import CORE_RULES, MEASURED, Hit, Rule
from app.services.hybrid_analyzer.rules.measured import MIN_ALONE, with_measured_confidence
from app.services.hybrid_analyzer.rules.second_vote import SECOND_VOTES
from app.services.hybrid_analyzer.structures import find_structures
from app.services.hybrid_analyzer.transcript import Transcript, read_transcript
from app.services.hybrid_analyzer.vocabulary import Level
from app.services.speech import Word

METHOD_VERSION = "language-4"
MAX_CANDIDATES = 24
"""Suspected places of one answer that are put before a language model."""

DEFAULT_RULES = with_measured_confidence((*CORE_RULES, *UZBEK_RULES), MEASURED)
VOTED_RULES = with_measured_confidence(SECOND_VOTES, MEASURED)
"""What an edit tagger says; it takes as long as all the rest and is asked afterwards."""
_VOTED = frozenset(rule.id for rule in VOTED_RULES)

_SLOT = re.compile(r"\{(\w+)\}")


SecondReading = Literal["not_asked", "reviewed", "missing"]
"""Whether a language model read the answer too; `missing`: it was asked and did not answer in time."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A marker or structure as used: what it is, where among the meant words, and in the original text."""

    kind: str
    position: int
    char_start: int
    char_end: int
    start_ms: int | None
    end_ms: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class LanguageAnalysis:
    """What one answer's language shows.

    `lemmas` are the words as meant (disfluencies left out) and `bands` the thousand of frequency of each;
    `content` are those of them that carry meaning and `levels` the CEFR level of each.
    `units` are its AS-units, `verb_forms` the tenses, aspects and modal verbs in it.
    `clause_starts` are indices into the recognised words at which a clause begins; `filler_words` those that
    are filled pauses. `marker_families` says which family each marker belongs to. `candidates` are places
    that only rules too weak to stand alone point at: not for the learner unless a language model confirms
    them.
    `llm` says whether one read the answer; without it, no finding says nothing about accuracy.
    """

    lemmas: tuple[str, ...] = ()
    bands: tuple[int | None, ...] = ()
    content: tuple[str, ...] = ()
    levels: tuple[Level | None, ...] = ()
    findings: tuple[Finding, ...] = ()
    candidates: tuple[Finding, ...] = ()
    disfluencies: tuple[Disfluency, ...] = ()
    markers: tuple[Mention, ...] = ()
    marker_families: Mapping[str, str] = field(default_factory=dict)
    structures: tuple[Mention, ...] = ()
    units: tuple[SpokenUnit, ...] = ()
    verb_forms: VerbForms = field(default_factory=VerbForms)
    clause_starts: tuple[int, ...] = ()
    filler_words: tuple[int, ...] = ()
    skipped: Skipped = field(default_factory=Skipped)
    llm: SecondReading = "not_asked"
    method_version: str = METHOD_VERSION

    @property
    def words(self) -> int:
        """How many words the speaker meant."""
        return len(self.lemmas)

    def without(self, rule_ids: Set[str]) -> Self:
        """Return the analysis without what these rules said."""
        return replace(
            self,
            findings=tuple(f for f in self.findings if f.rule_id not in rule_ids),
            candidates=tuple(c for c in self.candidates if c.rule_id not in rule_ids),
        )

    @property
    def unaided(self) -> tuple[Finding, ...]:
        """The findings that rules raised alone: those whose detection rate the scorer knows.

        Not those of the second vote, which hears the more the more mistakes a speaker makes.
        """
        return tuple(f for f in self.findings if f.source in {"rule", "lm"} and f.rule_id not in _VOTED)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and its analysis; `words` are the recognised words, empty for a written transcript."""

    turn_id: str
    text: str
    words: tuple[Word, ...]
    analysis: LanguageAnalysis


def fill_in(template: str, slots: Mapping[str, str]) -> str:
    """Put `slots` into the {names} of a template; a name without a slot stays as it is."""
    return _SLOT.sub(lambda m: slots.get(m.group(1), m.group(0)), template)


class _Pass:
    """The state of one analysis: the text in its three shapes and the ways between them."""

    def __init__(
        self,
        transcript: Transcript,
        parser: Parser,
        trigrams: TrigramModel | None,
    ) -> None:
        self.transcript = transcript
        self.disfluencies = find_disfluencies(transcript, UZBEK_FILLERS)
        self.clean: CleanText = leave_out(transcript.normal, self.disfluencies)
        self.reading = Reading(self.clean.text, parser.parse(self.clean.text), parser, trigrams)
        self.words = meant_words(self.reading)

    def mention(self, kind: str, start: int, end: int) -> Mention:
        first, last = self.clean.original_span(start, end)
        start_ms, end_ms = self.transcript.times(first, last)
        position = max(0, bisect_right(self.words.starts, start) - 1)
        return Mention(kind, position, first, last, start_ms, end_ms, self.transcript.text[first:last])

    def units(self) -> tuple[SpokenUnit, ...]:
        """Return the AS-units with their places in the original text."""
        return tuple(
            SpokenUnit(self._spans(unit.tokens), unit.words, unit.clauses)
            for unit in find_as_units(self.reading)
        )

    def _spans(self, tokens: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Return the stretches of the original text that runs of neighbouring tokens cover."""
        spans: list[tuple[int, int]] = []
        last = None
        for index in tokens:
            token = self.reading.tokens[index]
            start, end = self.clean.original_span(token.start, token.end)
            if last is not None and index == last + 1:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
            last = index
        return tuple(spans)

    def words_after(self, position: int) -> list[str]:
        """Return the next few words from `position` in the clean text on, in lower case."""
        first = bisect_left(self.words.starts, position)
        return [word.lower() for word in self.words.texts[first : first + MEND_WITHIN]]

    def all_disfluencies(self) -> tuple[Disfluency, ...]:
        """Return what was left out, and among the words that were read those that only hold the floor."""
        spans = (self.clean.original_span(*span) for span in find_lexical_fillers(self.reading))
        lexical = (Disfluency("lexical_filler", a, b, self.transcript.normal[a:b]) for a, b in spans)
        return tuple(sorted((*self.disfluencies, *lexical), key=lambda d: (d.start, d.end)))

    def spoken_marks(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the recognised words that begin a clause and those that are fillers.

        A pause before a filler that opens a clause is a pause at the boundary: the mark moves to the filler.
        """
        starts = {self.clean.origin[c] for c in clause_boundaries(self.reading)}
        by_start = {t.start: t.word for t in self.transcript.tokens if t.word is not None}
        clause_words = {word for start in starts if (word := by_start.get(start)) is not None}
        fillers: set[int] = set()
        dropped: set[int] = set()
        for gap in self.disfluencies:
            inside = {t.word for t in self.transcript.tokens if gap.start <= t.start < gap.end}
            dropped |= {w for w in inside if w is not None}
            if gap.kind == "filler":
                fillers |= {w for w in inside if w is not None}
        for word in sorted(clause_words, reverse=True):
            before = word - 1
            while before in dropped:
                clause_words.add(before)
                before -= 1
        return tuple(sorted(clause_words)), tuple(sorted(fillers))


class LanguageAnalyzer:
    """Analyses answers with a parser, a word model and a set of rules. Thread-safe if the models are.

    Without a word model, missing determiners and prepositions are found only where a rule knows the phrase.
    """

    def __init__(
        self,
        parser: Parser,
        rules: Sequence[Rule] = DEFAULT_RULES,
        trigrams: TrigramModel | None = None,
    ) -> None:
        self._parser = parser
        self._trigrams = trigrams
        self._rules = tuple(rules)

    def analyze(self, turn_id: str, text: str, words: Sequence[Word] = ()) -> LanguageAnalysis:
        """Analyse one answer.

        `words` are the recognised words in order, empty for a written transcript. Any text is accepted: what
        is not English letters, or too long, is skipped and counted in `skipped`.
        """
        transcript = read_transcript(text, words)
        if not transcript.tokens:
            return LanguageAnalysis(skipped=transcript.skipped)
        work = _Pass(transcript, self._parser, self._trigrams)
        if not work.reading.tokens:
            return LanguageAnalysis(disfluencies=work.disfluencies, skipped=transcript.skipped)
        verbs = [(t.start, t.end) for t in work.reading if t.pos == "VERB"]
        markers = find_markers(work.clean.text, verbs)
        structures = find_structures(work.reading)
        clause_starts, fillers = work.spoken_marks()
        findings, candidates = self._findings(turn_id, work, self._rules)
        return LanguageAnalysis(
            lemmas=work.words.lemmas,
            bands=work.words.bands,
            content=work.words.content,
            levels=work.words.levels,
            findings=findings,
            candidates=candidates,
            disfluencies=work.all_disfluencies(),
            markers=tuple(work.mention(m.phrase, m.start, m.end) for m in markers),
            marker_families={m.phrase: m.family for m in markers},
            structures=tuple(work.mention(s.kind, s.start, s.end) for s in structures),
            units=work.units(),
            verb_forms=count_verb_forms(work.reading),
            clause_starts=clause_starts,
            filler_words=fillers,
            skipped=transcript.skipped,
        )

    def with_second_votes(
        self, answers: Sequence[Answered], tagger: EditTagger
    ) -> tuple[LanguageAnalysis, ...]:
        """Return the analyses of one speaker's answers with what the tagger sees where they have no finding.

        How much its doubts are worth depends on how often the speaker makes mistakes, which all answers
        together tell. Costs another parse of each and the tagger's time.
        """
        works = [_Pass(read_transcript(a.text, a.words), self._parser, self._trigrams) for a in answers]
        votes = [tagger.votes([token.lower for token in work.reading]) for work in works]
        rate = mistake_rate(
            [
                doubt
                for work, said in zip(works, votes, strict=True)
                for doubt in doubts(said, len(work.reading))
            ]
        )
        voted = []
        for answer, work, said in zip(answers, works, votes, strict=True):
            work.reading = work.reading.with_votes(at_rate(said, rate))
            voted.append(self._with_votes(answer, work))
        return tuple(voted)

    def _with_votes(self, answer: Answered, work: _Pass) -> LanguageAnalysis:
        analysis = answer.analysis
        voted, suspected = self._findings(answer.turn_id, work, VOTED_RULES)
        standing = analysis.findings
        findings = merge([*standing, *(v for v in voted if not any(overlapping(v, f) for f in standing))])
        beside = (*findings, *analysis.candidates)
        further = [s for s in suspected if not any(overlapping(s, f) for f in beside)]
        candidates = [c for c in analysis.candidates if not any(overlapping(c, f) for f in findings)]
        return replace(
            analysis, findings=findings, candidates=merge([*candidates, *further])[:MAX_CANDIDATES]
        )

    def _findings(
        self, turn_id: str, work: _Pass, rules: Sequence[Rule]
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return the findings, and the candidates at other places."""
        found: list[Finding] = []
        suspected: list[Finding] = []
        for rule in rules:
            alone = rule.confidence >= MIN_ALONE
            for hit in rule.find(work.reading):
                finding = self._finding(turn_id, work, rule, hit)
                if finding is None:
                    continue
                if not alone:
                    suspected.append(finding)
                elif finding.confidence >= MIN_CONFIDENCE:
                    found.append(finding)
        findings = merge(found)
        elsewhere = (s for s in suspected if not any(overlapping(s, f) for f in findings))
        return findings, merge(elsewhere)[:MAX_CANDIDATES]

    @staticmethod
    def _finding(turn_id: str, work: _Pass, rule: Rule, hit: Hit) -> Finding | None:
        start, end = work.clean.original_span(hit.start, hit.end)
        quote = work.transcript.text[start:end]
        meant = work.clean.text[hit.start : hit.end]
        if hit.correction.lower() in {quote.lower(), meant.lower()}:
            return None
        weak_words = rule.function_words and rule.severity == "low"
        heard = heard_clearly(work.transcript, start, end, weak_words=weak_words)
        if heard is None or mended_later(meant, hit.correction, work.words_after(hit.end)):
            return None
        slots = {"quote": quote, "correction": hit.correction, **hit.slots}
        start_ms, end_ms = work.transcript.times(start, end)
        return Finding(
            id=finding_id(turn_id, rule.id, start, end),
            rule_id=rule.id,
            category=rule.category,
            criterion=rule.criterion,
            severity=rule.severity,
            confidence=round(rule.confidence * heard, 3),
            source=rule.source,
            turn_id=turn_id,
            char_start=start,
            char_end=end,
            start_ms=start_ms,
            end_ms=end_ms,
            quote=quote,
            correction=hit.correction,
            explanation=fill_in(rule.explanation, slots),
            explanation_uz=fill_in(rule.explanation_uz, slots),
            rule_version=rule.version,
        )
