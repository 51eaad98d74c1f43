"""Sample learner: answers as a learner would, for somebody who does not want to speak yet."""

from app.services.sample_learner.asking import SampleLearners, SampleQuestion
from app.services.sample_learner.hesitation import Breath
from app.services.sample_learner.learner import SampleAnswer, SampleVoice, SynthesisedLearner

__all__ = ["Breath", "SampleAnswer", "SampleLearners", "SampleQuestion", "SampleVoice", "SynthesisedLearner"]
