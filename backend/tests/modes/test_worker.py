"""--mode worker says why it does not start."""

import pytest

from app.modes import worker
from app.modes.arguments import parse
from app.modes.errors import CannotStart

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.mark.parametrize(
    ("environment", "asked", "reason"),
    [
        ({"DATABASE_URL": ""}, [], "needs DATABASE_URL"),
        ({"DATABASE_URL": NOWHERE, "SPEECH_TO_TEXT": "google"}, [], "set GOOGLE_CLOUD_PROJECT"),
        ({"DATABASE_URL": NOWHERE}, ["--retry-parked"], "Look at DATABASE_URL"),
        ({"DATABASE_URL": NOWHERE}, ["--verify-audit"], "Look at DATABASE_URL"),
    ],
)
def test_what_stands_in_the_way_is_named(
    environment: dict[str, str], asked: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(worker, "observe", lambda settings: lambda: None)  # the log stays the tests' own
    with pytest.raises(CannotStart, match=reason):
        worker.run(parse(["--mode", "worker", *asked]))
