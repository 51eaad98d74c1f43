"""The encoders that are cut off after their first layers."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.adapters.local_speech.shallow_encoders import UnknownModelFormat, load_shallow, truncated
from app.adapters.local_speech.whisper_weights import ensure_whisper_base
from app.config import BACKEND

MAX_MB = 70
"""Both take 45 MB; kept in memory, their files would take 60 MB more."""

WHAT_THEY_TAKE = """
import gc, sys
from pathlib import Path
import ctranslate2
from app.adapters.local_speech.ears import DEPTHS
from app.adapters.local_speech.shallow_encoders import load_shallow
from app.memory import give_back

def resident_mb():
    gc.collect()
    give_back()
    line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS"))
    return int(line.split()[1]) / 1024

before = resident_mb()
loaded = load_shallow(Path(sys.argv[1]), DEPTHS)
print(resident_mb() - before)
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_whisper_base(tmp_path_factory.mktemp("whisper-base"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_files_that_they_are_loaded_from_are_not_kept_in_memory(weights: Path) -> None:
    command = [sys.executable, "-c", WHAT_THEY_TAKE, str(weights)]
    ran = subprocess.run(command, cwd=BACKEND, capture_output=True, text=True, check=True)
    assert 0 < float(ran.stdout) < MAX_MB


def test_nothing_stays_beside_the_model(weights: Path) -> None:
    before = sorted(weights.iterdir())
    assert load_shallow(weights, (2,)).keys() == {2}
    assert sorted(weights.iterdir()) == before


def test_model_files_of_another_version_are_refused() -> None:
    with pytest.raises(UnknownModelFormat, match="format 7"):
        truncated((7).to_bytes(4, "little") + bytes(20), 2)
