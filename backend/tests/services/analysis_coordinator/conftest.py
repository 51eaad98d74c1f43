import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.analysis_coordinator import DeepAnalysis, TurnAnalyzer


@pytest.fixture(scope="session")
def analyzer(parser: SpacyParser) -> TurnAnalyzer:
    return TurnAnalyzer(parser)


@pytest.fixture(scope="session")
def deep(analyzer: TurnAnalyzer) -> DeepAnalysis:
    return DeepAnalysis(analyzer, models={"recogniser": "none"})
