from pathlib import Path
from uuid import UUID

import pytest

from app.modes.arguments import OPTIONS, TAKES_MORE, Command, parse


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    with pytest.raises(SystemExit) as left:
        parse(argv)
    assert left.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_nothing_said_is_a_development_server() -> None:
    assert parse([]) == Command(mode="dev")


def test_server_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    argv = [
        "--mode",
        "prod",
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--data-dir",
        "d/../e",
        "--json",
        "--workers",
        "3",
    ]
    assert parse(argv) == Command(
        mode="prod", host="0.0.0.0", port=0, data_dir=tmp_path.resolve() / "e", json=True, workers=3
    )
    assert parse(["--reload"]).reload


def test_a_worker_is_told_which_parked_job_to_retry(capsys: pytest.CaptureFixture[str]) -> None:
    name = "6f0d7a2e-9a41-4f6e-8b0a-1f2e3d4c5b6a"
    assert parse(["--mode", "worker", "--retry", name]).retry == UUID(name)
    assert "nobody is not an id" in refusal(capsys, "--mode", "worker", "--retry", "nobody")
    assert "--retry does not apply" in refusal(capsys, "--retry", name)
    assert parse(["--mode", "worker", "--retry-parked"]).retry_parked
    assert "not allowed with" in refusal(capsys, "--mode", "worker", "--retry-parked", "--retry", name)
    assert parse(["--mode", "worker", "--verify-audit"]).verify_audit
    assert "not allowed with" in refusal(capsys, "--mode", "worker", "--verify-audit", "--retry-parked")
    assert "--retry-parked does not apply" in refusal(capsys, "--retry-parked")


def test_pytest_gets_what_is_not_ours_in_order() -> None:
    command = parse(
        ["--mode", "test", "-k", "clock and not slow", "--json", "backend/tests/x.py::test_y", "-x"]
    )
    assert command.json
    assert command.more == ("-k", "clock and not slow", "backend/tests/x.py::test_y", "-x")


def test_demo_gets_our_options_and_its_own() -> None:
    command = parse(
        ["--mode", "demo", "--audio", "a.wav", "b.wav", "--port", "8001", "--data-dir", "/d", "--json"]
    )
    assert command.forwarded() == [
        "--port",
        "8001",
        "--data-dir",
        "/d",
        "--json",
        "--audio",
        "a.wav",
        "b.wav",
    ]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--mode", "production"], "'prod'"),
        (["--mode"], "expected one argument"),
        (["--port", "http"], "between 0 and 65535"),
        (["--port", "65536"], "between 0 and 65535"),
        (["--port", "-1"], "--port"),
        (["serve"], "unknown argument serve for --mode dev"),
        (["--mode", "prod", "--debug"], "unknown argument --debug"),
        (["--mode", "worker", "--port", "1"], "--port does not apply to --mode worker"),
        (["--mode", "test", "--data-dir", "/d"], "--data-dir does not apply"),
        (["--mode", "prod", "--reload"], "--reload does not apply"),
        (["--workers", "2"], "--workers does not apply to --mode dev"),
        (["--mode", "prod", "--workers", "four"], "between 1 and 64"),
        (["--mode", "prod", "--workers", "0"], "between 1 and 64"),
        (["--mode", "prod", "--workers", "65"], "between 1 and 64"),
        (["--mod", "prod"], "unknown argument --mod"),
    ],
)
def test_what_does_not_fit_is_refused(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refusal(capsys, *argv)


def test_help_names_every_mode(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert all(f"\n  {mode} " in said for mode in OPTIONS)
    assert OPTIONS.keys() >= TAKES_MORE
