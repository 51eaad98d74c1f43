from types import SimpleNamespace

import pytest

from app.modes import launch
from app.modes.arguments import OPTIONS, Command
from app.modes.errors import CannotStart


@pytest.fixture
def mode(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The module of every mode; the environment is taken as entered."""
    module = SimpleNamespace(run=lambda command: 0)
    monkeypatch.setattr(launch.importlib, "import_module", lambda name: module)
    monkeypatch.setattr(launch, "_enter_environment", lambda command, argv: None)
    monkeypatch.setattr(launch.signal, "signal", lambda signum, handler: None)
    return module


def test_status_of_the_mode_is_the_programs(mode: SimpleNamespace) -> None:
    asked: list[Command] = []

    def run(command: Command) -> int:
        asked.append(command)
        return 5

    mode.run = run
    assert launch.main(["--mode", "demo", "--audio", "a.wav"]) == 5
    assert asked == [Command(mode="demo", more=("--audio", "a.wav"))]


def test_reason_not_to_start_is_one_line_and_no_traceback(
    mode: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: Command) -> int:
        raise CannotStart("Port 8000 is in use.")

    mode.run = run
    assert launch.main([]) == 1
    assert capsys.readouterr().err == "SpeakMate AI does not start. Port 8000 is in use.\n"


def test_ctrl_c(mode: SimpleNamespace) -> None:
    def run(command: Command) -> int:
        raise KeyboardInterrupt

    mode.run = run
    assert launch.main(["--mode", "demo"]) == launch.INTERRUPTED


def test_unknown_name_needs_no_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def entered(command: Command, argv: list[str]) -> None:
        raise AssertionError

    monkeypatch.setattr(launch, "_enter_environment", entered)
    assert launch.main(["--mode", "bench", "no-such-benchmark"]) == 2
    assert "no no-such-benchmark; there is" in capsys.readouterr().err


def test_every_mode_has_a_module() -> None:
    assert launch.MODULES.keys() == OPTIONS.keys()
