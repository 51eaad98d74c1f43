import threading
from itertools import pairwise

import numpy as np
import pytest

from app.adapters.local_speech import SpeechModels
from app.adapters.local_speech.aligner import SphinxAligner
from app.services.pronunciation_engine import AlignedWord, AlignmentFailed
from tests.adapters.local_speech.aloud import as_pcm, say, silence

FIRST, SECOND = "the students moved to another town", "because they wanted a bigger house"


@pytest.fixture(scope="module")
def aligner() -> SphinxAligner:
    return SphinxAligner()


def test_words_are_found_where_they_were_said(aligner: SphinxAligner, speech_models: SpeechModels) -> None:
    first, second = say(speech_models, FIRST), say(speech_models, SECOND)
    pcm = silence(300) + first + silence(700) + second + silence(300)
    words = f"{FIRST} {SECOND}".split()
    found = aligner.align(pcm, words)
    assert [words[w.index] for w in found] == words
    town, because = found[5], found[6]
    assert town.end_ms <= 300 + len(first) // 32 + 60
    assert because.start_ms >= 300 + len(first) // 32 + 640
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(found))
    assert all(w.phones[0].start_ms == w.start_ms and w.phones[-1].end_ms == w.end_ms for w in found)


def test_the_stress_of_words_comes_from_the_dictionary(
    aligner: SphinxAligner, speech_models: SpeechModels
) -> None:
    words = ["development", "of", "another", "student", "record"]
    found = aligner.align(silence(200) + say(speech_models, " ".join(words)) + silence(200), words)
    assert [w.stress for w in found if w.index in {0, 2, 3}] == [(0, 1, 0, 0), (0, 1, 0), (1, 0)]
    assert found[-1].stress == ()
    assert all(len(w.stress) in {0, len(w.vowels)} for w in found)


def test_names_numbers_and_hesitations_are_pronounced_somehow(
    aligner: SphinxAligner, speech_models: SpeechModels
) -> None:
    said = "Erm, I lived in Qo‘qon since 2005, hmm, with Gulnoraxon."
    spoken = say(speech_models, "Erm, I lived in Kokand since 2005, hmm, with Gulnora.")
    found = aligner.align(silence(200) + spoken + silence(200), said.split())
    assert [w.index for w in found] == list(range(10))


@pytest.mark.parametrize(
    "words",
    [
        ["<s>"],
        ["</s>", "[NOISE]", "++"],
        ["—", "…"],
        ["мен", "яшайман"],
        ["🙂"],
        ["a" * 2_000],
        ["(2)", "the(2)"],
        ["; DROP", "\x00", "\n"],
        [],
        ["word"] * 400,
    ],
    ids=lambda words: repr(words[:2])[:24],
)
@pytest.mark.parametrize("sound", ["nothing", "a moment", "silence", "noise"])
def test_hostile_input_is_refused_or_aligned(aligner: SphinxAligner, words: list[str], sound: str) -> None:
    noise = as_pcm(0.1 * np.random.default_rng(1).standard_normal(32_000).astype(np.float32))
    pcm = {"nothing": b"", "a moment": b"\x01\x02\x03", "silence": silence(1_000), "noise": noise}[sound]
    try:
        found: tuple[AlignedWord, ...] = aligner.align(pcm, words)
    except AlignmentFailed:
        return
    assert {w.index for w in found} <= set(range(len(words)))


def test_it_still_works_after_failures(aligner: SphinxAligner, speech_models: SpeechModels) -> None:
    pcm = silence(200) + say(speech_models, FIRST) + silence(200)
    before = aligner.align(pcm, FIRST.split())
    with pytest.raises(AlignmentFailed):
        aligner.align(silence(100), FIRST.split())
    with pytest.raises(AlignmentFailed, match="30 s"):
        aligner.align(silence(31_000), FIRST.split())
    assert aligner.align(pcm, FIRST.split()) == before


def test_threads_take_turns(aligner: SphinxAligner, speech_models: SpeechModels) -> None:
    pcm = silence(200) + say(speech_models, FIRST) + silence(200)
    expected = aligner.align(pcm, FIRST.split())
    found: list[tuple[AlignedWord, ...]] = []
    threads = [
        threading.Thread(target=lambda: found.append(aligner.align(pcm, FIRST.split()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
