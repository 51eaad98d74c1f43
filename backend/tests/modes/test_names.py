from pathlib import Path

import pytest

from app.modes.arguments import Command
from app.modes.names import problem


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    folder = tmp_path / "bench"
    folder.mkdir()
    for name in ("turn", "jobs", "_shared", "__init__"):
        (folder / f"{name}.py").write_text("def main(argv: list[str]) -> int: ...\n")
    (folder / "report.py").write_text("def write() -> None: ...\n")
    return tmp_path


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (Command(mode="bench", more=("turn", "--rounds", "3")), None),
        (Command(mode="bench", more=("_shared",)), "--mode bench: no _shared; there is jobs, turn."),
        (Command(mode="bench", more=("report",)), "--mode bench: no report; there is jobs, turn."),
        (Command(mode="bench", more=("../turn",)), "--mode bench: no ../turn; there is jobs, turn."),
        (Command(mode="bench"), "--mode bench: a name is missing; there is jobs, turn."),
        (Command(mode="evaluate", more=("stt",)), "--mode evaluate: no stt; there is nothing yet."),
    ],
)
def test_only_what_exists_can_be_run(backend: Path, command: Command, said: str | None) -> None:
    assert problem(backend, command) == said
