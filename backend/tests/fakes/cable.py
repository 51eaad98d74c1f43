"""A cable between a browser and a server that can be pulled out and plugged in again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 64 * 1024


class Cable:
    """Passes every connection on to a port of this machine while it is plugged in."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._plugged = True
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Listen on a free port and yield it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            self.pull()

    def pull(self) -> None:
        """Cut every connection without a word, and let no other through."""
        self._plugged = False
        for writer in tuple(self._open):
            writer.transport.abort()

    def plug(self) -> None:
        """Let connections through again."""
        self._plugged = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._plugged:
            writer.transport.abort()
            return
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, up_writer}
        with suppress(OSError):
            async with asyncio.TaskGroup() as ways:
                ways.create_task(_pump(reader, up_writer))
                ways.create_task(_pump(up_reader, writer))
        self._open -= {writer, up_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()
