"""A language model as a judge of what needs meaning: what it is asked, what of its reply is kept.

It judges one set of features at a time, each verdict resting on quotes that are looked up in the answers.
What a judgement does to the ledger is the scorer's business: one state at most, and never a band.
"""

from app.services.ielts_scorer.descriptors import JudgedSet
from app.services.ielts_scorer.judge.port import (
    FeatureJudge,
    JudgeAnswer,
    JudgeRequest,
    UnreadableJudgement,
)
from app.services.ielts_scorer.judge.prompted import PromptedJudge
from app.services.ielts_scorer.judge.question import JUDGE, JudgeReply
from app.services.ielts_scorer.judge.request import JUDGED_SETS, features_in, judge_request
from app.services.ielts_scorer.judge.statements import Statement
from app.services.ielts_scorer.judge.verify import Verified, verified

__all__ = [
    "JUDGE",
    "JUDGED_SETS",
    "FeatureJudge",
    "JudgeAnswer",
    "JudgeReply",
    "JudgeRequest",
    "JudgedSet",
    "PromptedJudge",
    "Statement",
    "UnreadableJudgement",
    "Verified",
    "features_in",
    "judge_request",
    "verified",
]
