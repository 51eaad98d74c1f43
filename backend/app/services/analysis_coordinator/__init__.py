"""From answers to an analysis: answer by answer in the talk, a fast summary at its end, then the deep one."""

from app.services.analysis_coordinator.deep import METHOD_VERSION, AnalysisResult, DeepAnalysis
from app.services.analysis_coordinator.judging import Judged, Judging
from app.services.analysis_coordinator.later_transcripts import heard_again
from app.services.analysis_coordinator.listening import Listener, RunIdle, Sound
from app.services.analysis_coordinator.material import LearnerTurn, SessionMaterial
from app.services.analysis_coordinator.next_steps import NextStep
from app.services.analysis_coordinator.pronunciation_scores import SpeechAssessor
from app.services.analysis_coordinator.ranking import finding_json, most_useful
from app.services.analysis_coordinator.second_opinion import (
    ReviewMeter,
    RunInPool,
    SecondOpinion,
    SecondReader,
)
from app.services.analysis_coordinator.stored import learner_turns, stored_analyses
from app.services.analysis_coordinator.summary import fast_summary
from app.services.analysis_coordinator.turn import OtherVersion, TurnAnalysis
from app.services.analysis_coordinator.turn_analyzer import AnswerAnalyzer, TurnAnalyzer
from app.services.analysis_coordinator.turn_feedback import TurnFeedback, turn_feedback

__all__ = [
    "METHOD_VERSION",
    "AnalysisResult",
    "AnswerAnalyzer",
    "DeepAnalysis",
    "Judged",
    "Judging",
    "LearnerTurn",
    "Listener",
    "NextStep",
    "OtherVersion",
    "ReviewMeter",
    "RunIdle",
    "RunInPool",
    "SecondOpinion",
    "SecondReader",
    "SessionMaterial",
    "Sound",
    "SpeechAssessor",
    "TurnAnalysis",
    "TurnAnalyzer",
    "TurnFeedback",
    "fast_summary",
    "finding_json",
    "heard_again",
    "learner_turns",
    "most_useful",
    "stored_analyses",
    "turn_feedback",
]
