"""Every prompt that the product asks, as its services declare them."""

from app.services.conversation.examiner_prompts import FOLLOW_UP, REPHRASE
from app.services.hybrid_analyzer.llm import REVIEW
from app.services.ielts_scorer.judge import JUDGE
from app.services.prompt_manager import AnyContract

CONTRACTS: tuple[AnyContract, ...] = (REVIEW, JUDGE, REPHRASE, FOLLOW_UP)
