"""Grading words that were said from a known text, by word and phone."""

from app.services.pronunciation_engine import UZBEK_SOUNDS, PhoneScore, SoundRule, plain_phone
from app.services.pronunciation_engine.learned import ReadingResult, WordResult
from app.services.training_engine.drills import Drill, normal_words
from app.services.training_engine.grading.types import AnswerRefused, Judgement, Reason, WordFeedback
from app.services.training_engine.memory import Grade

_SHARES: tuple[tuple[float, Grade], ...] = ((1.0, 5), (0.8, 4), (0.6, 3), (0.4, 2))


def judge_reading(drill: Drill, result: ReadingResult, target: str) -> Judgement:
    """Grade a reading by the share of the words that matter which were clear: all 5, four in five 4, ...

    A word counts as clear when it is no omission or mispronunciation and shows no substitution of the card's
    sound rule. Raises AnswerRefused where there is nothing to judge.
    """
    if result.status == "none":
        raise _refusal(result, drill)
    rule = next((r for r in UZBEK_SOUNDS if r.id == target), None)
    focus = {word for text in drill.focus for word in normal_words(text)}
    judged = [w for w in result.words if not focus or focus.intersection(normal_words(w.word))]
    clear = [w for w in judged if w.error_type == "None" and not _substitutions(w, rule)]
    share = len(clear) / len(judged) if judged else 0.0
    grade: Grade = next((grade for least, grade in _SHARES if share >= least), 1)
    reason: Reason = "right" if grade == 5 else "words_unclear"
    return Judgement(
        grade=grade,
        reason=reason,
        required=len(judged),
        correct=len(clear),
        text=" ".join(w.word for w in result.words if w.error_type != "Omission"),
        better=drill.text,
        words=tuple(
            WordFeedback(
                w.word,
                w.accuracy_score,
                w.error_type,
                tuple((plain_phone(p.phone), p.taken_for) for p in w.phones if p.taken_for is not None),
            )
            for w in result.words
        ),
    )


def _substitutions(word: WordResult, rule: SoundRule | None) -> list[PhoneScore]:
    """Return the phones of the word in which the habit that the card is about shows."""
    if rule is None:
        return []
    places = [p for i, p in enumerate(word.phones) if rule.concerns(word.phones, i)]
    return [p for p in places if p.taken_for in rule.heard]


def _refusal(result: ReadingResult, drill: Drill) -> AnswerRefused:
    match result.reason:
        case "other_text" | "other_language":
            return AnswerRefused(
                "answer_of_another_task", f"That was another text; the task is: {drill.text}"
            )
        case "long_recording":
            return AnswerRefused(
                "recording_too_long", "The recording is too long; say just the text, within 29 seconds."
            )
        case "no_audio" | "silence" | "no_speech" | "insufficient_sample" | None:
            return AnswerRefused("answer_not_heard", "Nothing was heard; record the answer again.")
        case "clipped" | "asr_unreliable" | "two_voices" | "child_voice" | "unavailable":
            return AnswerRefused(
                "answer_unclear", "The recording is too unclear to be judged; record the answer again."
            )
