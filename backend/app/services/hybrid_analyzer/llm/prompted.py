"""The second reader over a prompt."""

from app.services.hybrid_analyzer.llm.port import ModelReply, ReviewRequest
from app.services.hybrid_analyzer.llm.question import REVIEW
from app.services.hybrid_analyzer.llm.schema import UnreadableReply
from app.services.prompt_manager import PromptedModel, ReplyMalformed


class PromptedReader:
    """Implements LanguageModel: asks the prompt `review`."""

    def __init__(self, model: PromptedModel) -> None:
        self._model = model

    async def review(self, request: ReviewRequest, *, timeout_s: float) -> ModelReply:
        """Return the model's reply. Raises LanguageModelUnavailable and UnreadableReply."""
        try:
            reply = await self._model.ask(REVIEW, request.variables, request.learner, timeout_s=timeout_s)
        except ReplyMalformed as malformed:
            raise UnreadableReply(str(malformed)) from malformed
        return ModelReply(reply.value, reply.generated.model, reply.prompt)
