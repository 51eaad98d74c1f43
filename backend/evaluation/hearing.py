"""One recording heard as the product hears an answer while it is spoken."""

from app.services.speech import (
    BYTES_PER_MS,
    Segmenter,
    SpeechSpan,
    SpeechStarted,
    SpeechToText,
    SpokenTurn,
    VoiceActivity,
)

FRAME_BYTES = 1_024


async def hear(speech_to_text: SpeechToText, activity: VoiceActivity, pcm: bytes) -> SpokenTurn:
    """Return what is said in 16 kHz mono PCM16, fed as a microphone would be. Raises RecognitionFailed."""
    stream = speech_to_text.open(start_ms=0, on_partial=lambda _: None, on_utterance=lambda _: None)
    voice, segmenter = activity.open(), Segmenter()
    end_ms = len(pcm) // BYTES_PER_MS
    spans: list[SpeechSpan] = []
    began_ms: int | None = None
    try:
        for start in range(0, len(pcm), FRAME_BYTES):
            frame = pcm[start : start + FRAME_BYTES]
            stream.feed(frame)
            for event in segmenter.feed(voice.feed(frame)):
                if isinstance(event, SpeechStarted):
                    began_ms = event.at_ms
                    stream.resume(event.at_ms)
                else:
                    stream.pause(event.at_ms)
                    if began_ms is not None:
                        spans.append(SpeechSpan(began_ms, event.at_ms))
                    began_ms = None
        if began_ms is not None:
            spans.append(SpeechSpan(began_ms, end_ms))
        utterances = tuple(await stream.finish())
    finally:
        await stream.aclose()
    return SpokenTurn(0, end_ms, utterances, tuple(spans))
