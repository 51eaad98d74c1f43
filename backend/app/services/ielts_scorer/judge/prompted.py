"""The judge over a prompt."""

from app.services.ielts_scorer.judge.port import JudgeAnswer, JudgeRequest, UnreadableJudgement
from app.services.ielts_scorer.judge.question import JUDGE
from app.services.prompt_manager import PromptedModel, ReplyMalformed


class PromptedJudge:
    """Implements FeatureJudge: asks the prompt `judge`."""

    def __init__(self, model: PromptedModel) -> None:
        self._model = model

    async def judge(self, request: JudgeRequest, *, timeout_s: float) -> JudgeAnswer:
        """Return the model's reply. Raises LanguageModelUnavailable and UnreadableJudgement."""
        try:
            reply = await self._model.ask(JUDGE, request.variables, request.learner, timeout_s=timeout_s)
        except ReplyMalformed as malformed:
            raise UnreadableJudgement(str(malformed)) from malformed
        return JudgeAnswer(reply.value, reply.generated.model, reply.prompt)
