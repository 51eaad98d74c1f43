"""Speech: audio types, the ports that engines implement, the segmenter, and the stored microphone audio."""

from app.services.speech.audio_archive import AudioArchive, AudioNotStored
from app.services.speech.audio_keys import audio_folder
from app.services.speech.audio_log import AudioLog, AudioLogFull, AudioLogSettings
from app.services.speech.bought_voice import BoughtVoice, Synthesise
from app.services.speech.deferred import Coming, Deferred, DeferredVoice
from app.services.speech.errors import (
    EngineBusy,
    ModelNotReady,
    RecognitionFailed,
    SpeechError,
    SynthesisFailed,
)
from app.services.speech.kept_audio import KeptAudio
from app.services.speech.overlap import unheard_words
from app.services.speech.pcm_queue import PcmQueue
from app.services.speech.ports import (
    EndOfTurn,
    RecognitionStream,
    SpeechToText,
    TextToSpeech,
    VoiceActivity,
    VoiceActivityStream,
)
from app.services.speech.segmenter import (
    WINDOW_MS,
    Segmenter,
    SegmenterSettings,
    SpeechEvent,
    SpeechStarted,
    SpeechStopped,
)
from app.services.speech.speech import Span, Speech
from app.services.speech.substitute import WithSubstitute
from app.services.speech.transcribe import Transcribe, transcribe
from app.services.speech.types import (
    BYTES_PER_MS,
    SAMPLE_RATE,
    Partial,
    SpeechSpan,
    SpokenTurn,
    Utterance,
    Word,
)

__all__ = [
    "BYTES_PER_MS",
    "SAMPLE_RATE",
    "WINDOW_MS",
    "AudioArchive",
    "AudioLog",
    "AudioLogFull",
    "AudioLogSettings",
    "AudioNotStored",
    "BoughtVoice",
    "Coming",
    "Deferred",
    "DeferredVoice",
    "EndOfTurn",
    "EngineBusy",
    "KeptAudio",
    "ModelNotReady",
    "Partial",
    "PcmQueue",
    "RecognitionFailed",
    "RecognitionStream",
    "Segmenter",
    "SegmenterSettings",
    "Span",
    "Speech",
    "SpeechError",
    "SpeechEvent",
    "SpeechSpan",
    "SpeechStarted",
    "SpeechStopped",
    "SpeechToText",
    "SpokenTurn",
    "SynthesisFailed",
    "Synthesise",
    "TextToSpeech",
    "Transcribe",
    "Utterance",
    "VoiceActivity",
    "VoiceActivityStream",
    "WithSubstitute",
    "Word",
    "audio_folder",
    "transcribe",
    "unheard_words",
]
