"""Speech on this machine: Whisper hears, Silero notices voices, hibari speaks."""

from app.adapters.local_speech.engine import LocalSpeech, Part, SpeechModels, load_models
from app.adapters.local_speech.pool import ModelPool, Priority, Work

__all__ = ["LocalSpeech", "ModelPool", "Part", "Priority", "SpeechModels", "Work", "load_models"]
