"""A language model as a second reader: what it is asked, how its answer is checked, what of it is kept.

It may add mistakes that rules cannot see and confirm places that rules only suspect. It cannot take back or
change what the rules found, and nothing it writes is shown unless it fits the learner's own words.
"""

from app.services.hybrid_analyzer.llm.answer import Answer
from app.services.hybrid_analyzer.llm.categories import MODEL_FINDINGS
from app.services.hybrid_analyzer.llm.port import (
    LanguageModel,
    LanguageModelUnavailable,
    ModelReply,
    ReviewRequest,
    Usage,
)
from app.services.hybrid_analyzer.llm.request import review_request
from app.services.hybrid_analyzer.llm.review import Review, apply_reply
from app.services.hybrid_analyzer.llm.schema import UnreadableReply, reply_schema

__all__ = [
    "MODEL_FINDINGS",
    "Answer",
    "LanguageModel",
    "LanguageModelUnavailable",
    "ModelReply",
    "Review",
    "ReviewRequest",
    "UnreadableReply",
    "Usage",
    "apply_reply",
    "reply_schema",
    "review_request",
]
