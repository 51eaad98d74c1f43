"""What is reported of an error says where in the code and in whose request, and nobody's words."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from sentry_sdk.utils import BadDsn

from app.config import BACKEND, Settings
from app.log import user_hash
from app.middleware.monitoring.error_reports import ErrorReports
from app.modes.errors import CannotStart
from app.observing import observe
from tests.fakes.http_receiver import receiving

USER = "87654321-4321-4321-8321-210987654321"
PRIVATE = (
    "Dilnoza",
    "pomegranate",
    "aziz@mail.example.uz",
    "901234567",
    "203.0.113.7",
    "eyJhbGciOiJIUzI1NiJ9",
    "hunter22",
    USER,
)
SCRIPT = f"""
import logging
import structlog
from app.config import Settings
from app.observing import observe
flush = observe(Settings())
log = structlog.get_logger("test")
structlog.contextvars.bind_contextvars(
    request_id="req-12345678", user_id="{USER}", route="/api/v1/sessions", client="203.0.113.7"
)
def analyse(transcript, token):
    request_body = {{"answer": transcript, "e-mail": "aziz@mail.example.uz", "ip": "203.0.113.7"}}
    try:
        raise KeyError(f"no such word in {{transcript!r}} of 203.0.113.7")
    except KeyError as first:
        raise ValueError(f'cannot send "{{request_body}}" with Bearer {{token}} to +998901234567') from first
try:
    analyse("My name is Dilnoza and my word is pomegranate", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln")
except ValueError:
    log.exception("analysis.failed", transcript="My name is Dilnoza", url="postgresql://app:hunter22@db/x")
log.error("no.exception", transcript="My name is Dilnoza")
log.warning("only.a_warning", exc_info=RuntimeError("pomegranate"))
logging.getLogger("sentry_sdk.errors").error("pomegranate", exc_info=RuntimeError("again"))
flush()
"""


def items_of(envelope: bytes) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the items of an envelope, each its header and its payload; the envelope's header is first."""
    lines = envelope.splitlines()
    header = json.loads(lines[0])
    pairs = zip(lines[1::2], lines[2::2], strict=True)
    return [(header, {}), *((json.loads(head), json.loads(body)) for head, body in pairs)]


def test_nobodys_words_leave_with_an_error(tmp_path: Any) -> None:
    with receiving() as sentry:
        environment = os.environ | {
            "SENTRY_DSN": f"http://public@127.0.0.1:{sentry.port}/42",
            "DATA_DIR": str(tmp_path),
            "LOG_HASH_KEY": "a key",
            "ENVIRONMENT": "test",
        }
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=BACKEND,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        [(path, body)] = sentry.wait_for(1)
    assert "analysis.failed" in done.stderr
    assert path == "/api/42/envelope/"
    for secret in PRIVATE:
        assert secret.encode() not in body
    _, (head, event) = items_of(body)
    assert head["type"] == "event"
    assert set(event) <= {
        *("environment", "event_id", "exception", "level", "platform", "release", "sdk", "tags", "timestamp"),
    }
    assert event["tags"] == {
        "event": "analysis.failed",
        "request_id": "req-12345678",
        "route": "/api/v1/sessions",
        "user": user_hash(USER, "a key"),
    }
    first, then = event["exception"]["values"]
    assert (first["type"], then["type"]) == ("KeyError", "ValueError")
    assert then["stacktrace"]["frames"][-1]["function"] == "analyse"
    assert not [frame for frame in then["stacktrace"]["frames"] if "vars" in frame or "abs_path" in frame]


def test_reports_that_cannot_be_sent_hold_up_nobody() -> None:
    reports = ErrorReports("http://public@127.0.0.1:9/42", environment="test", release="1")
    for number in range(200):
        reports(RuntimeError(str(number)), {"event": "failed"})
    reports.flush(0.1)


def test_an_address_that_is_none_is_refused(tmp_path: Any) -> None:
    with pytest.raises(BadDsn):
        ErrorReports("not an address", environment="test", release="1")
    with pytest.raises(CannotStart, match="SENTRY_DSN"):
        observe(Settings(_env_file=None, data_dir=tmp_path, sentry_dsn="nowhere"))  # type: ignore[call-arg]


def test_without_an_address_nothing_of_it_is_loaded() -> None:
    packages = ("sentry_sdk", "opentelemetry.sdk.trace", "opentelemetry.exporter")
    script = (
        f"import sys, app.main, app.observing; print([m for m in sys.modules if m.startswith({packages})])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=BACKEND, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
