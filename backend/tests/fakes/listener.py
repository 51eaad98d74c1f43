"""A listener that hears what a test says was said, and analyses it as the exam does."""

from dataclasses import dataclass, field

from app.services.hybrid_analyzer import LanguageAnalyzer
from app.services.pronunciation_engine import assess_delivery
from app.services.pronunciation_engine.learned import ReadingResult
from app.services.speech import SpeechSpan, SpokenTurn, Utterance, Word
from app.services.training_engine.grading import Heard, ListeningUnavailable


@dataclass
class ScriptedListener:
    """Implements Listener. `said` is what any recording holds; None makes the models unavailable."""

    analyzer: LanguageAnalyzer
    said: str | None = ""
    ms_per_word: int = 400
    probability: float = 0.9
    reading: ReadingResult = field(default_factory=lambda: ReadingResult("none", "unavailable"))

    async def hear(self, pcm: bytes) -> SpokenTurn:
        """Return the words, evenly spread."""
        if self.said is None:
            raise ListeningUnavailable
        step = self.ms_per_word
        words = tuple(
            Word(word, i * step, (i + 1) * step, self.probability) for i, word in enumerate(self.said.split())
        )
        end = len(words) * step
        return SpokenTurn(0, end, (Utterance(0, self.said, 0, end, words),), (SpeechSpan(0, end),))

    async def read_aloud(self, pcm: bytes, text: str) -> ReadingResult:
        """Return what was set."""
        return self.reading

    async def analyse(self, speech: SpokenTurn, pcm: bytes) -> Heard:
        """Analyse it for real, but for the sound."""
        language = self.analyzer.analyze("answer", speech.text, speech.words)
        return Heard(speech, language, assess_delivery(speech, b""))
