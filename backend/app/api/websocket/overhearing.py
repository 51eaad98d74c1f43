"""Listening on after an answer was taken as over: what is said then may still belong to it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.api.websocket.answer import LEAD_MS, UTTERANCES_A_ROUND, Answer
from app.api.websocket.microphone import Heard, Microphone
from app.api.websocket.overheard import Overheard
from app.services import speech
from app.services.speech import BYTES_PER_MS, Partial, SpeechToText, Utterance


class Overhearing:
    """At most one stretch of speech is overheard at a time.

    Its transcripts go to `show` and `note` once the answer has taken the stretch in as its own stream.
    """

    def __init__(
        self,
        recogniser: SpeechToText,
        microphone: Microphone,
        *,
        show: Callable[[Answer, Partial], None],
        note: Callable[[Answer, Utterance], None],
    ) -> None:
        self._recogniser = recogniser
        self._microphone = microphone
        self._show = show
        self._note = note
        self._overheard: Overheard | None = None

    def hear(self, answer: Answer, heard: Heard, *, hints: Sequence[str]) -> Overheard | None:
        """Take in what may be more of an answer that was closed; None while nothing is said.

        `hints` are words that the recogniser may expect.
        """
        overheard, since_ms = self._overheard, self._microphone.speaking_since_ms
        if overheard is None:
            if since_ms is not None:
                self._overheard = self._begin(answer, since_ms, hints)
            return self._overheard
        overheard.stream.feed(heard.pcm)
        for event in heard.events:
            match event:
                case speech.SpeechStarted(at_ms):
                    overheard.started(at_ms)
                case speech.SpeechStopped(at_ms):
                    overheard.stopped(at_ms)
        return overheard

    def is_over(self) -> bool:
        """Whether what was overheard has fallen silent again: it was a remark."""
        return self._overheard is not None and self._overheard.is_over(self._microphone.position_ms)

    def take(self) -> Overheard | None:
        """Return what was overheard, and overhear it no more."""
        overheard, self._overheard = self._overheard, None
        return overheard

    def _begin(self, answer: Answer, since_ms: int, hints: Sequence[str]) -> Overheard:
        recent_ms, pcm = self._microphone.recent()
        start_ms = max(recent_ms, since_ms - LEAD_MS, answer.spoke_until_ms)
        first = UTTERANCES_A_ROUND * (answer.rounds + 1)

        def show(text: Partial) -> None:
            overheard.text = text.text
            if answer.stream is overheard.stream:
                self._show(answer, replace(text, utterance_index=first + text.utterance_index))

        def note(utterance: Utterance) -> None:
            overheard.text = utterance.text
            if answer.stream is overheard.stream:
                self._note(answer, replace(utterance, index=first + utterance.index))

        stream = self._recogniser.open(start_ms=start_ms, on_partial=show, on_utterance=note, hints=hints)
        overheard = Overheard(stream, max(since_ms, start_ms))
        stream.feed(pcm[(start_ms - recent_ms) * BYTES_PER_MS :])
        stream.resume(max(since_ms, start_ms))
        return overheard
