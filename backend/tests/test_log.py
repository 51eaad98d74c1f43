"""What is logged tells nobody's name, addresses, numbers or keys; ids stay, to follow a session by."""

import json
import subprocess
import sys
from typing import Any

from app.config import BACKEND
from app.log import user_hash

ID = "12345678-1234-4123-8123-123456789012"
USER = "87654321-4321-4321-8321-210987654321"
KEY = "a key of hashes"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
SCRIPT = f"""
import logging
import structlog
from app.log import configure_logging
configure_logging("info", json_lines=%s, hash_key="{KEY}")
log = structlog.get_logger("test")
structlog.contextvars.bind_contextvars(request_id="req-12345678", user_id="{USER}")
log.info("upload.failed", reason="no answer for aziz@mail.example.uz, +998901234567", session_id="{ID}", ms=7)
logging.getLogger("library").warning("call %%s", "90 123 45 67")
log.info("sign_in", header="Authorization: Bearer {TOKEN}", url="wss://x/ws?token={TOKEN}")
log.info("deep", deep=[{{"a": "{TOKEN}"}}])
def analyse(transcript):
    raise ValueError(f"cannot read {{transcript!r}}")
try:
    analyse("My name is Dilnoza Yusupova and my secret word is pomegranate")
except ValueError:
    log.exception("analysis.failed")
    logging.getLogger("library").exception("it broke")
"""


def logged(*, as_json: bool) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT % as_json], cwd=BACKEND, capture_output=True, text=True, check=True
    )
    return done.stderr


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged(as_json=True).splitlines()]


def test_private_texts_are_masked_and_ids_stay() -> None:
    ours, theirs, *_ = lines()
    assert ours["reason"] == "no answer for [EMAIL_1], [PHONE_1]"
    assert (ours["session_id"], ours["ms"], ours["event"]) == (ID, 7, "upload.failed")
    assert theirs["event"] == "call [PHONE_1]"


def test_what_is_bound_stands_in_every_line_and_users_only_as_a_hash() -> None:
    for line in lines():
        assert line["request_id"] == "req-12345678"
        assert line["user"] == user_hash(USER, KEY)
    assert USER not in logged(as_json=True)
    assert user_hash(USER, "another key") != user_hash(USER, KEY)


def test_nothing_that_opens_a_door_is_written_down() -> None:
    for as_json in (True, False):
        assert "eyJ" not in logged(as_json=as_json)


def test_a_trace_is_shown_without_what_was_said() -> None:
    for as_json in (True, False):
        text = logged(as_json=as_json)
        assert "Dilnoza" not in text
        assert "pomegranate" not in text
    *_, ours, theirs = lines()
    for line in (ours, theirs):
        assert line["exception"].startswith("Traceback (most recent call last):")
        assert line["exception"].endswith("ValueError: cannot read '…'")
        assert ", in analyse" in line["exception"]
