"""A thousand clients come and go; the server is then as it was."""

import asyncio
import contextlib
import gc
import os
import socket
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import connect

from app.api.websocket.codec import encode_event
from app.api.websocket.handlers import session_router
from app.api.websocket.limits import Limits
from app.api.websocket.protocol import AudioConfig, ClientHeartbeat
from app.modes.uvicorn_server import server_config
from bench.parts.usage import own_usage
from tests.fakes.world import ALICE, World, world

CYCLES = 1_000
AT_ONCE = 20
SLACK = 1.05


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def come_and_go(w: World, port: int, number: int) -> None:
    """Connect, say something, be answered, and leave: politely, or as a phone in a tunnel."""
    session = w.create()
    try:
        async with connect(
            f"ws://127.0.0.1:{port}/ws/{session.id}",
            additional_headers={"Authorization": f"Bearer {ALICE}"},
            compression=None,
        ) as client:
            await client.send(encode_event(AudioConfig()).decode())
            await client.send(encode_event(ClientHeartbeat()).decode())
            assert "heartbeat" in str(await client.recv())
            if number % 2:
                client.transport.abort()
    finally:
        for kept in vars(w.store).values():
            if isinstance(kept, dict):
                kept.pop(session.id, None)


async def settled(w: World, tasks: int) -> None:
    """Wait for the server to have noticed that everybody is gone."""
    await w.until(lambda: w.manager.live == 0 and len(asyncio.all_tasks()) <= tasks, within_s=20)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors in /proc")
async def test_after_a_thousand_connections_tasks_descriptors_and_memory_are_back() -> None:
    async with contextlib.AsyncExitStack() as stack:
        limits = Limits(sessions=10 * AT_ONCE, connections_per_user=10 * AT_ONCE)
        w = await stack.enter_async_context(world(limits))
        app = FastAPI()
        app.include_router(session_router(lambda: w.gate))
        server = uvicorn.Server(server_config(app))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        running = asyncio.ensure_future(server.serve(sockets=[listener]))
        port = listener.getsockname()[1]

        async def rush(count: int) -> None:
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(number: int) -> None:
                async with gate:
                    await come_and_go(w, port, number)

            async with asyncio.TaskGroup() as tasks:
                for number in range(count):
                    tasks.create_task(one(number))

        await rush(200)
        await settled(w, len(asyncio.all_tasks()))
        gc.collect()
        tasks, files, rss = len(asyncio.all_tasks()), descriptors(), own_usage().rss_bytes

        await rush(CYCLES)
        await settled(w, tasks)
        gc.collect()
        assert len(asyncio.all_tasks()) <= tasks
        assert descriptors() <= files
        assert own_usage().rss_bytes <= rss * SLACK
        server.should_exit = True
        await running
