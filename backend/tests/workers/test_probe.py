"""A worker says whether it lives and what it has counted, over HTTP, even when its loop hangs."""

import asyncio
import socket
import time

import httpx
import pytest

from app.background import beside
from app.middleware.monitoring import PrometheusMeter, exposition
from app.workers.probe import Beats, probe


def test_its_numbers_and_its_life_are_told() -> None:
    meter = PrometheusMeter()
    meter.job_attempted("pdf", "done", 0.2)
    well = True
    with probe("127.0.0.1", 0, lambda: exposition(meter), lambda: well) as port:
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        with client:
            assert client.get("/health").json() == {"status": "ok"}
            assert 'speakmate_job_seconds_count{kind="pdf",outcome="done"} 1.0' in client.get("/metrics").text
            assert client.get("/etc/passwd").status_code == 404
            well = False
            assert client.get("/health").status_code == 503
    with socket.socket() as caller, pytest.raises(ConnectionRefusedError):
        caller.connect(("127.0.0.1", port))


async def test_a_loop_that_hangs_is_silent() -> None:
    beats = Beats()
    async with beside(beats.keep(), name="beats"):
        await asyncio.sleep(0.01)
        assert beats.silent_s() < 0.5
        time.sleep(0.6)  # noqa: ASYNC251 - the fault that is looked for
        assert beats.silent_s() >= 0.6
