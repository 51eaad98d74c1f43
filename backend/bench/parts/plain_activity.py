"""Voice activity that costs next to nothing: a window of sound is speech or it is not."""

from collections.abc import Callable

WINDOW_BYTES = 512 * 2
SPEECH, SILENCE = 0.95, 0.02
_NOTHING = bytes(WINDOW_BYTES)


def any_sound(window: bytes) -> bool:
    """Take whatever is not digital silence for speech."""
    return window != _NOTHING


class PlainActivity:
    """VoiceActivity by what `is_speech` says of each window of 32 ms."""

    def __init__(self, is_speech: Callable[[bytes], bool] = any_sound) -> None:
        self._is_speech = is_speech

    def open(self) -> "PlainActivityStream":
        """Begin a signal."""
        return PlainActivityStream(self._is_speech)


class PlainActivityStream:
    """One signal."""

    def __init__(self, is_speech: Callable[[bytes], bool]) -> None:
        self._is_speech = is_speech
        self._rest = b""

    def feed(self, pcm: bytes) -> list[float]:
        """Return the probability of every window that is now whole."""
        signal = self._rest + pcm
        whole = len(signal) // WINDOW_BYTES * WINDOW_BYTES
        self._rest = signal[whole:]
        windows = (signal[start : start + WINDOW_BYTES] for start in range(0, whole, WINDOW_BYTES))
        return [SPEECH if self._is_speech(window) else SILENCE for window in windows]
