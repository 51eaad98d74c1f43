"""Judging an answer with the exam's own analyzer and engines, by the kind of its drill."""

from collections.abc import Sequence
from statistics import median
from typing import assert_never

from app.services.speech import BYTES_PER_MS, SpokenTurn, Utterance
from app.services.training_engine.drills import READ_ALOUD, Drill
from app.services.training_engine.grading.reading import judge_reading
from app.services.training_engine.grading.sentences import judge_sentence
from app.services.training_engine.grading.talks import (
    judge_expand,
    judge_long_turn,
    judge_paraphrase,
    judge_retell,
)
from app.services.training_engine.grading.types import Answer, AnswerRefused, Judgement, Listener

MAX_SENTENCE_MS = 29_000
MAX_TALK_MS = 150_000
MIN_PROBABILITY = 0.45
"""Where the median word is less sure than this, a verdict would be a guess."""


class Judge:
    """Judges answers; what it hears with is the exam's."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def judge(self, drill: Drill, answer: Answer, target: str, paces: Sequence[int]) -> Judgement:
        """Judge an answer to a card's drill; `paces` are the learner's latest, in ms a word.

        Raises AnswerRefused for what cannot be judged, ListeningUnavailable.
        """
        _within_limits(drill, answer)
        if drill.type in READ_ALOUD:
            return judge_reading(drill, await self._listener.read_aloud(answer.pcm, drill.text), target)
        speech = await self._speech(answer)
        heard = await self._listener.analyse(speech, answer.pcm)
        match drill.type:
            case "correct" | "gap" | "transform":
                return judge_sentence(drill, answer, heard, target, paces)
            case "expand":
                return judge_expand(drill, heard, target)
            case "paraphrase":
                return judge_paraphrase(drill, heard)
            case "retell":
                return judge_retell(drill, answer, heard, paces)
            case "long_turn":
                return judge_long_turn(heard)
            case "shadow" | "minimal_pairs":
                raise AssertionError(drill.type)
            case _:
                assert_never(drill.type)

    async def _speech(self, answer: Answer) -> SpokenTurn:
        if not answer.spoken:
            return SpokenTurn(0, 0, (Utterance(0, answer.text, 0, 0),))
        speech = await self._listener.hear(answer.pcm)
        if not speech.text.strip():
            raise AnswerRefused("answer_not_heard", "Nothing was understood; record the answer again.")
        if median(w.probability for w in speech.words) < MIN_PROBABILITY:
            raise AnswerRefused(
                "answer_unclear", "The recording is too unclear to be judged; record the answer again."
            )
        return speech


def _within_limits(drill: Drill, answer: Answer) -> None:
    if not answer.spoken:
        if drill.spoken_only:
            raise AnswerRefused(
                "voice_required", "This drill is about how it is said: send a recording instead of text."
            )
        if not answer.text.strip():
            raise AnswerRefused("answer_empty", "The answer holds no words.")
        return
    longest = MAX_SENTENCE_MS if drill.seconds is None and not drill.min_words else MAX_TALK_MS
    if len(answer.pcm) > longest * BYTES_PER_MS:
        raise AnswerRefused(
            "recording_too_long", f"The recording may last {longest // 1000} seconds in this drill."
        )
