"""The benchmark runs and counts what it says."""

import json

import pytest

from bench.speech_services import main


def test_both_services_are_compared_with_their_bare_clients(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--messages", "5", "--json"]) == 0
    services = json.loads(capsys.readouterr().out)["services"]
    assert [(s["service"], s["messages"]) for s in services] == [("speech_to_text", 5), ("text_to_speech", 5)]
    for service in services:
        for unit in ("clock", "cpu"):
            found = service[unit]
            added = found["adapter"]["p95"] - found["bare"]["p95"]
            assert found["adapter_added_p95"] == pytest.approx(added, abs=0.011)
            assert found["bare"]["p50"] > 0
