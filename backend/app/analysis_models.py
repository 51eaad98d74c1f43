"""What answers are analysed with, loaded: 500 MB that a process pays for when it loads them, not before."""

from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from app.adapters.analysis_process import AnalysisProcess
from app.config import Settings
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.hybrid_analyzer import EditTagger

if TYPE_CHECKING:
    from app.adapters.local_speech.vad import SileroModel
    from app.adapters.local_speech.whisper import WhisperDecoder
    from app.services.pronunciation_engine.learned import PronunciationAssessor

log = structlog.get_logger(__name__)


def analysis_process(settings: Settings) -> AnalysisProcess:
    """Return these models in a process of their own, which is started when it is first asked."""
    return AnalysisProcess(
        str(settings.data_dir / "models"),
        settings.whisper_model,
        settings.log_level,
        "json" if settings.environment == "prod" else "text",
    )


def load_turn_analyzer() -> TurnAnalyzer:
    """Load what answers are analysed with. Blocks for 2-3 s."""
    from app.adapters.local_speech.aligner import SphinxAligner  # noqa: PLC0415 - heavy, as all of these
    from app.adapters.spacy_parser import SpacyParser  # noqa: PLC0415
    from app.adapters.trigram_model import PocketsphinxTrigrams  # noqa: PLC0415

    return TurnAnalyzer(SpacyParser.load(), PocketsphinxTrigrams.load(), SphinxAligner(), load_tagger)


def load_tagger() -> EditTagger | None:
    """Load what looks at answers once more when the talk is over. Blocks for 0.2 s.

    A failure is logged and gives None: the rules' findings are there without it.
    """
    from app.adapters.edit_tagger import OnnxEditTagger  # noqa: PLC0415

    try:
        return OnnxEditTagger()
    except Exception:
        log.exception("edit_tagger.load_failed")
        return None


def load_assessor(
    models_dir: Path,
    whisper_model: str,
    whisper: "WhisperDecoder | None" = None,
    activity: "SileroModel | None" = None,
) -> "PronunciationAssessor | None":
    """Load what scores pronunciation; `models_dir` and `whisper_model` are those of the local recogniser.

    Blocks for 2-4 s. A recogniser and a voice activity model that are loaded already are shared. A failure is
    logged and gives None: an analysis then says that these scores are unavailable, and holds all the rest.
    """
    from app.adapters.local_speech.ears import load_ears  # noqa: PLC0415
    from app.services.pronunciation_engine.learned import (  # noqa: PLC0415
        PronunciationAssessor,
        load_weights,
    )

    shared = whisper if whisper_model == "base" else None
    try:
        return PronunciationAssessor(load_ears(models_dir, shared, activity), load_weights())
    except Exception:
        log.exception("pronunciation.load_failed")
        return None
