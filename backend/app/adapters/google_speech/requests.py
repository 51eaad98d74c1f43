"""What is sent to Speech-to-Text v2, and what its answers mean. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from google.cloud.speech_v2 import types

from app.services.speech import SAMPLE_RATE, Utterance, Word

MAX_AUDIO_BYTES = 24_000
"""Audio in one request; Google refuses requests of more than 25 KB."""
PHRASE_BOOST = 5.0
MAX_PHRASES = 1_000
MAX_PHRASE_CHARS = 100
"""Google refuses requests with more or longer ones."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What Google is to listen for: a project's recogniser, and words that are likely to be said."""

    project: str
    location: str = "global"
    model: str = "long"
    language: str = "en-GB"
    phrases: tuple[str, ...] = ()

    def expecting(self, hints: Sequence[str]) -> "Hearing":
        """Return the same with these words too, as long as Google takes so many."""
        wanted = [phrase for phrase in (*hints, *self.phrases) if 0 < len(phrase) <= MAX_PHRASE_CHARS]
        return replace(self, phrases=tuple(dict.fromkeys(wanted))[:MAX_PHRASES])


def opening(hearing: Hearing) -> types.StreamingRecognizeRequest:
    """Return the first request of a stream."""
    return types.StreamingRecognizeRequest(
        recognizer=f"projects/{hearing.project}/locations/{hearing.location}/recognizers/_",
        streaming_config=types.StreamingRecognitionConfig(
            config=types.RecognitionConfig(
                explicit_decoding_config=types.ExplicitDecodingConfig(
                    encoding=types.ExplicitDecodingConfig.AudioEncoding.LINEAR16,
                    sample_rate_hertz=SAMPLE_RATE,
                    audio_channel_count=1,
                ),
                model=hearing.model,
                language_codes=[hearing.language],
                features=types.RecognitionFeatures(
                    enable_word_time_offsets=True,
                    enable_word_confidence=True,
                    enable_automatic_punctuation=True,
                ),
                adaptation=_adaptation(hearing.phrases),
            ),
            streaming_features=types.StreamingRecognitionFeatures(interim_results=True),
        ),
    )


def words_of(alternative: types.SpeechRecognitionAlternative, from_ms: int) -> tuple[Word, ...]:
    """Return the words of a transcript in a stream that began at `from_ms`.

    A confidence of 0 means that there is none: the transcript's counts then, and without that the word is
    taken as sure, for nothing is known against it.
    """
    return tuple(
        Word(
            word.word,
            from_ms + _ms(word.start_offset),
            from_ms + _ms(word.end_offset),
            word.confidence or alternative.confidence or 1.0,
        )
        for word in alternative.words
    )


def utterance(
    index: int, text: str, words: Sequence[Word], *, start_ms: int, end_ms: int, confidence: float
) -> Utterance:
    """Return a final transcript; without words it lies in [start_ms, end_ms)."""
    sure = [word.probability for word in words] or [confidence or 1.0]
    mean = sum(math.log(max(p, 1e-3)) for p in sure) / len(sure)
    if words:
        start_ms, end_ms = words[0].start_ms, words[-1].end_ms
    return Utterance(index, text, start_ms, end_ms, tuple(words), min(0.0, mean))


def end_of(result: types.StreamingRecognitionResult, from_ms: int) -> int:
    """Return up to where `result` has heard a stream that began at `from_ms`."""
    return from_ms + _ms(result.result_end_offset)


def _adaptation(phrases: Sequence[str]) -> types.SpeechAdaptation | None:
    if not phrases:
        return None
    wanted = types.PhraseSet(
        phrases=[types.PhraseSet.Phrase(value=phrase) for phrase in phrases], boost=PHRASE_BOOST
    )
    return types.SpeechAdaptation(
        phrase_sets=[types.SpeechAdaptation.AdaptationPhraseSet(inline_phrase_set=wanted)]
    )


def _ms(offset: timedelta) -> int:
    return round(offset.total_seconds() * 1000)
