"""The API against its own OpenAPI document: schemathesis asks a real server with the real database behind it.

A small run is part of the suite. The whole one, every check in every phase and at least 2,000 cases, is

    CONFORMANCE=full python backend/run.py --mode test backend/tests/conformance -s
"""

import asyncio
import os
import re
import sys
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from bench.parts.silent_server import silent_server
from bench.parts.training_seed import seed

HERE = Path(__file__).parent
FULL = os.environ.get("CONFORMANCE") == "full"
CASES = 2_000
SIZE = (
    ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20"]
    if FULL
    else ["--phases", "examples,fuzzing,stateful", "--max-examples", "2", "--seed", "1"]
)
SERVER = "bench.parts.reading_server" if FULL else "bench.parts.silent_server"
"""With the product's own analyzer behind the answers to drills, or with none that takes time to load."""


@pytest.mark.timeout(3_600 if FULL else 400)
async def test_no_answer_differs_from_the_document(
    postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "error")
    running = silent_server(postgres.conninfo, tmp_path, module=SERVER)
    async with running as server:
        url = server.said["url"]
        learner = await _signed_in(url)
        await asyncio.to_thread(seed, postgres.superuser_conninfo, learner, cards=20, log=2)
        status, said = await _schemathesis(url, tmp_path)
    sys.stdout.write(said)
    assert status == 0, said
    generated = re.search(r"(\d+) generated", said)
    assert generated is not None
    assert int(generated[1]) >= (CASES if FULL else 30)


async def _signed_in(url: str) -> UUID:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", trust_env=False, timeout=30) as client:
        token = (await client.post("/dev/token", json={"user": "conformance"})).json()["access_token"]
        me = await client.get("/users/me", headers={"Authorization": f"Bearer {token}"})
        return UUID(me.json()["id"])


async def _schemathesis(url: str, folder: Path) -> tuple[int, str]:
    """Return its exit status and its report."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("--no-color", "run", f"{url}/openapi.json", "--checks", "all", "--continue-on-failure", *SIZE),
        *("--suppress-health-check", "all", "--request-timeout", "30", "--warnings", "off"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks", "CONFORMANCE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
