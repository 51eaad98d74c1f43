import json

import pytest

from app.modes import suite
from app.modes.arguments import Command

THIS_FOLDER = "backend/tests/modes"


def test_counts_and_status_as_json(capfd: pytest.CaptureFixture[str]) -> None:
    status = suite.run(Command(mode="test", json=True, more=(f"{THIS_FOLDER}/test_names.py",)))
    said = capfd.readouterr()
    result = json.loads(said.out)
    assert status == result["exit_status"] == 0
    assert (result["tests"], result["failures"], result["errors"]) == (6, 0, 0)
    assert "6 passed" in said.err


def test_pytests_own_status_comes_through(capfd: pytest.CaptureFixture[str]) -> None:
    status = suite.run(Command(mode="test", json=True, more=("no/such/test.py",)))
    assert status == pytest.ExitCode.USAGE_ERROR
    assert json.loads(capfd.readouterr().out)["exit_status"] == status
