"""What is logged tells nobody's addresses and numbers; ids stay, so that a session can be followed."""

import json
import subprocess
import sys

from app.config import BACKEND

ID = "12345678-1234-4123-8123-123456789012"
SCRIPT = f"""
import logging
import structlog
from app.log import configure_logging
configure_logging("info", json_lines=True)
structlog.get_logger("test").info(
    "upload.failed", reason="no answer for aziz@mail.example.uz, +998901234567", session_id="{ID}", ms=7
)
logging.getLogger("library").warning("call %s", "90 123 45 67")
"""


def test_private_texts_are_masked_and_ids_stay() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=BACKEND, capture_output=True, text=True, check=True
    )
    ours, theirs = (json.loads(line) for line in done.stderr.splitlines())
    assert ours["reason"] == "no answer for [EMAIL_1], [PHONE_1]"
    assert (ours["session_id"], ours["ms"], ours["event"]) == (ID, 7, "upload.failed")
    assert theirs["event"] == "call [PHONE_1]"
