"""A real process with the real models, which comes and goes."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.adapters import analysis_process
from app.adapters.analysis_process import AnalysisProcess, AnalysisProcessLost
from app.adapters.edit_tagger import OnnxEditTagger
from app.adapters.local_speech.aligner import SphinxAligner
from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.pronunciation_engine.learned import at_once
from app.services.speech import ModelNotReady
from tests.fakes.learners import learner

[ANSWER, *_] = learner("medium")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnalysisProcess]:
    made = AnalysisProcess(*arguments(tmp_path_factory.mktemp("models")))
    yield made
    made.close()


def arguments(models_dir: Path, whisper_model: str = "base") -> tuple[str, ...]:
    return (str(models_dir), whisper_model, "warning", "text")


def until(holds: Callable[[], bool]) -> None:
    by = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < by
        time.sleep(0.01)  # what ends on a thread or in another process rings no bell here


def test_an_answer_is_analysed_as_it_would_be_here(
    process: AnalysisProcess, parser: SpacyParser, trigrams: PocketsphinxTrigrams
) -> None:
    assert process.pid is None  # nobody has asked yet
    apart = process.analyze(ANSWER, b"")
    assert apart == TurnAnalyzer(parser, trigrams, SphinxAligner()).analyze(ANSWER, b"")
    here = TurnAnalyzer(parser, trigrams, SphinxAligner(), OnnxEditTagger)
    assert process.vote_again([(ANSWER, apart)]) == here.vote_again([(ANSWER, apart)])


def test_silence_is_listened_to_in_steps_and_at_once(process: AnalysisProcess) -> None:
    second = bytes(32_000)
    assert at_once(process.listen(second * 2, start_ms=0)).reason == "silence"
    assert process.assess_speech(second * 2, start_ms=0, budget_s=12.0).reason == "silence"
    assert process.confusions
    with pytest.raises(ValueError, match="at least one English word"):
        process.assess_text(second, "…")


def test_another_answer_takes_the_place_of_the_one_that_is_listened_to(process: AnalysisProcess) -> None:
    first = process.listen(bytes(64_000), start_ms=0)
    next(first)
    at_once(process.listen(bytes(64_000), start_ms=0))
    with pytest.raises(ModelNotReady, match="no longer"):
        at_once(first)


def test_a_process_that_is_killed_is_started_again(process: AnalysisProcess) -> None:
    process.analyze(ANSWER, b"")
    killed = process.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(AnalysisProcessLost):
        process.analyze(ANSWER, b"")
    assert process.analyze(ANSWER, b"").turn_id == ANSWER.turn_id
    assert process.pid != killed


def test_it_ends_when_nobody_asks_any_more_and_what_is_missing_is_said(tmp_path: Path) -> None:
    file = tmp_path / "no_folder"
    file.write_text("")
    process = AnalysisProcess(*arguments(file), rest_s=0.2)
    assert process.assess_speech(bytes(64_000), start_ms=0, budget_s=12.0).reason == "unavailable"
    assert process.confusions == {}
    with pytest.raises(ModelNotReady, match="not there"):
        at_once(process.listen(bytes(64_000), start_ms=0))
    pid = process.pid
    until(lambda: process.pid is None)
    with pytest.raises(ProcessLookupError):
        os.kill(pid or 0, 0)
    process.close()


def test_a_process_that_does_not_answer_is_ended(tmp_path: Path) -> None:
    process = AnalysisProcess(*arguments(tmp_path), call_s=0.0)
    with pytest.raises(AnalysisProcessLost, match="does not answer"):
        process.analyze(ANSWER, b"")
    assert process.pid is None


def test_a_process_that_does_not_even_read_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_process, "MODULE", "tests.fakes.deaf_process")
    process = AnalysisProcess(*arguments(tmp_path), call_s=0.3)
    with pytest.raises(AnalysisProcessLost):
        process.analyze(ANSWER, bytes(8_000_000))
    assert process.pid is None
