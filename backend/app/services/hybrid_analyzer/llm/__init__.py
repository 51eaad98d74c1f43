"""A language model as a second reader: what it is asked, how its answer is checked, what of it is kept.

It may add mistakes that rules cannot see and confirm places that rules only suspect. It cannot take back or
change what the rules found, and nothing it writes is shown unless it fits the learner's own words.
"""

from app.services.hybrid_analyzer.llm.answer import Answer
from app.services.hybrid_analyzer.llm.categories import MODEL_FINDINGS
from app.services.hybrid_analyzer.llm.port import (
    LanguageModel,
    ModelReply,
    ReviewRequest,
)
from app.services.hybrid_analyzer.llm.prompted import PromptedReader
from app.services.hybrid_analyzer.llm.question import REVIEW, ReviewVariables
from app.services.hybrid_analyzer.llm.request import review_request
from app.services.hybrid_analyzer.llm.review import Review, apply_reply
from app.services.hybrid_analyzer.llm.schema import UnreadableReply

__all__ = [
    "MODEL_FINDINGS",
    "REVIEW",
    "Answer",
    "LanguageModel",
    "ModelReply",
    "PromptedReader",
    "Review",
    "ReviewRequest",
    "ReviewVariables",
    "UnreadableReply",
    "apply_reply",
    "review_request",
]
