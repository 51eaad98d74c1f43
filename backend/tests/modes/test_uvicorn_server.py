"""Our server, in this process."""

import asyncio
import gc
import socket

from fastapi import FastAPI

from app.modes.uvicorn_server import Server, server_config


async def test_what_was_imported_before_serving_is_left_alone_by_the_garbage_collector() -> None:
    started = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(server_config(FastAPI()), started.set, drain_s=2)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            async with asyncio.timeout(10):
                await started.wait()
            assert gc.get_freeze_count() > len(gc.get_objects())
        finally:
            server.should_exit = True
            await serving
            gc.unfreeze()
