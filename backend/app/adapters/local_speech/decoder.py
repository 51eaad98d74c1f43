"""What a recognition stream needs from a speech model. Both calls block and are made on pool threads."""

from dataclasses import dataclass
from typing import Protocol

from app.services.speech import Word


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a piece of audio; word times count from its first sample.

    `text` is the words joined by single spaces. `mean_logprob` is that of the decoder's tokens, 0 for none.
    """

    words: tuple[Word, ...] = ()
    mean_logprob: float = 0.0

    @property
    def text(self) -> str:
        """The words, single-spaced."""
        return " ".join(word.text for word in self.words)


class Decoder(Protocol):
    """A speech model for audio of 0.1 to 29 s."""

    def sketch(self, pcm: bytes) -> Transcript:
        """Return a quick transcript of 16 kHz PCM16 that will be replaced soon."""
        ...

    def transcribe(self, pcm: bytes, heard: bool) -> Transcript:
        """Return the final transcript of 16 kHz PCM16; `heard` says that voice activity was detected in it.

        Silence and noise give an empty one.
        """
        ...
