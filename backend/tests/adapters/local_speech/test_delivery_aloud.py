"""Delivery of answers spoken by the product's own voice, with silences and hesitations put where we know."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pytest

from app.adapters.local_speech import SpeechModels
from app.adapters.local_speech.aligner import SphinxAligner
from app.adapters.spacy_parser import SpacyParser
from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis, TurnAnalyzer
from app.services.pronunciation_engine import summarise
from app.services.speech import SpeechSpan, SpokenTurn, Utterance, Word
from tests.adapters.local_speech.aloud import as_pcm, say, silence

START_MS = 5_000
ANSWER = ("I live in the capital", 600, "because my parents", 700, "moved there ten years ago")


@pytest.fixture(scope="module")
def analyzer(parser: SpacyParser) -> TurnAnalyzer:
    return TurnAnalyzer(parser, None, SphinxAligner())


def spoken(pcm: bytes) -> bytes:
    """Cut the silence at both ends."""
    loud = np.flatnonzero(np.abs(np.frombuffer(pcm, "<i2")) > 300)
    return pcm[int(loud[0]) * 2 : int(loud[-1]) * 2]


def answer(models: SpeechModels, parts: Sequence[str | int | bytes]) -> tuple[LearnerTurn, bytes]:
    """Speak texts, silences in milliseconds and sounds; words get times as rough as a recogniser's."""
    pcm, words, spans = silence(300), [], []
    for part in parts:
        began = len(pcm) // 32
        if isinstance(part, int):
            pcm += silence(part)
            continue
        pcm += spoken(say(models, part)) if isinstance(part, str) else part
        length = len(pcm) // 32 - began
        spans.append(SpeechSpan(START_MS + began, START_MS + began + length))
        texts = part.split() if isinstance(part, str) else []
        for i, text in enumerate(texts):
            start = START_MS + began + length * i // len(texts) - 150
            words.append(Word(text, start, start + length // len(texts), 0.95))
    pcm += silence(300)
    end_ms = START_MS + len(pcm) // 32
    text = " ".join(w.text for w in words)
    utterance = Utterance(0, text, START_MS, end_ms, tuple(words))
    return LearnerTurn("t", 0, 1, None, "", SpokenTurn(START_MS, end_ms, (utterance,), tuple(spans))), pcm


def analyse(analyzer: TurnAnalyzer, models: SpeechModels, *parts: str | int | bytes) -> TurnAnalysis:
    return analyzer.analyze(*answer(models, parts))


def test_silences_are_found_where_they_were_put(analyzer: TurnAnalyzer, speech_models: SpeechModels) -> None:
    timing = analyse(analyzer, speech_models, *ANSWER).delivery.timing
    assert timing is not None
    assert [(p.duration_ms, p.place, p.before, p.after) for p in timing.pauses] == [
        (600, "boundary", "capital", "because"),
        (700, "mid_clause", "parents", "moved"),
    ]
    assert [r.syllables for r in timing.runs] == [7, 5, 6]


def test_a_whole_answer_is_measured(analyzer: TurnAnalyzer, speech_models: SpeechModels) -> None:
    delivery = analyse(analyzer, speech_models, *ANSWER, 500, "and my brother studies medicine").delivery
    assert (delivery.status, delivery.not_measured) == ("ok", ())
    assert delivery.rhythm is not None
    assert len(delivery.rhythm.durations_ms) >= 15
    assert delivery.filled == ()
    assert {s.word for s in delivery.stress} >= {"capital", "parents", "brother"}
    assert all(s.heard in {None, s.expected} for s in delivery.stress)


def test_no_measure_of_prosody_is_missing_from_answers_with_sound(
    analyzer: TurnAnalyzer, speech_models: SpeechModels
) -> None:
    studies = ("My brother studies medicine", 600, "at a famous university", 400, "near the mountain")
    holiday = ("My parents and my sister", 1_200, "spend every holiday", 300, "by a beautiful river")
    told = [analyse(analyzer, speech_models, *parts, 500, *ANSWER).delivery for parts in (studies, holiday)]
    summary = summarise(told, [25, 25])
    missing = {name for name, value in asdict(summary).items() if value is None}
    assert missing == set()
    assert (summary.pause_count, summary.long_pause_count) == (10, 1)
    assert summary.stress_words >= 10


@pytest.mark.parametrize("filler", ["Er", "Uh"])
def test_a_hesitation_without_a_word_is_heard(
    analyzer: TurnAnalyzer, speech_models: SpeechModels, filler: str
) -> None:
    hum = spoken(say(speech_models, f"{filler},"))
    found = analyse(analyzer, speech_models, ANSWER[0], 300, hum, 300, ANSWER[2], 100, ANSWER[4]).delivery
    turn, _ = answer(speech_models, [ANSWER[0], 300, hum])
    place = turn.speech.spans[-1]
    (heard,) = found.filled
    assert heard.source == "audio"
    assert place.start_ms - 60 <= heard.start_ms
    assert heard.start_ms + 200 <= heard.end_ms <= place.end_ms + 60


@pytest.mark.parametrize("factor", [0.1, 30.0])
def test_faint_and_clipped_answers_do_not_break_it(
    analyzer: TurnAnalyzer, speech_models: SpeechModels, factor: float
) -> None:
    turn, pcm = answer(speech_models, ANSWER)
    loud = as_pcm(np.frombuffer(pcm, "<i2").astype(np.float32) / 32_768 * factor)
    delivery = analyzer.analyze(turn, loud).delivery
    assert delivery.timing is not None
    assert delivery.rhythm is not None
    assert delivery.status == ("ok" if factor < 1 else "partial")
    assert {m.reason for m in delivery.not_measured} == (set() if factor < 1 else {"clipped"})
