import numpy as np

from app.adapters.local_speech import SpeechModels
from app.adapters.local_speech.vad import SileroStream
from app.services.speech import Segmenter
from tests.adapters.local_speech.aloud import SENTENCES, as_pcm, say, silence


def test_any_chunk_size_gives_the_same_probabilities(speech_models: SpeechModels) -> None:
    pcm = silence(500) + say(speech_models, SENTENCES[3])[:64_000]
    whole = SileroStream(speech_models.activity).feed(pcm)
    assert len(whole) == len(pcm) // 1_024
    for size in (2, 640, 1_023, 5_000):
        stream = SileroStream(speech_models.activity)
        chunks = range(0, len(pcm), size)
        assert [p for i in chunks for p in stream.feed(pcm[i : i + size])] == whole


def test_streams_do_not_hear_each_other(speech_models: SpeechModels) -> None:
    pcm = say(speech_models, SENTENCES[3])[:32_000]
    alone = SileroStream(speech_models.activity).feed(pcm)
    one, other = SileroStream(speech_models.activity), SileroStream(speech_models.activity)
    together = []
    for i in range(0, len(pcm), 1_024):
        other.feed(silence(32))
        together += one.feed(pcm[i : i + 1_024])
    assert together == alone


def test_finds_speech_where_it_is(speech_models: SpeechModels) -> None:
    spoken = say(speech_models, SENTENCES[3])
    pcm = silence(2_000) + spoken + silence(2_000) + spoken + silence(2_000)
    segmenter = Segmenter()
    segmenter.feed(SileroStream(speech_models.activity).feed(pcm))
    spans = segmenter.spans()
    length = len(spoken) // 32
    for begin in (2_000, 4_000 + length):
        inside = [span for span in spans if begin <= span.start_ms < begin + length]
        assert abs(inside[0].start_ms - begin) <= 150
        assert inside[-1].end_ms <= begin + length
        assert sum(span.end_ms - span.start_ms for span in inside) >= 0.6 * length
    assert not [s for s in spans if s.end_ms <= 2_000 or 2_000 + length <= s.start_ms < 4_000 + length]


def test_noise_is_no_speech(speech_models: SpeechModels) -> None:
    rng = np.random.default_rng(5)
    hum = 0.2 * np.sin(np.arange(64_000) * 0.04)
    for samples in (np.zeros(64_000), rng.normal(0, 0.05, 64_000), hum):
        segmenter = Segmenter()
        segmenter.feed(SileroStream(speech_models.activity).feed(as_pcm(samples.astype(np.float32))))
        assert segmenter.spans() == ()
