"""A TCP proxy in front of a server: a cable that can be cut, or pulled out and plugged in again."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 64 * 1024
Address = tuple[str, int]


class ChaosProxy:
    """Passes every connection on to `address` while it is plugged in."""

    def __init__(self, address: Address) -> None:
        self.cuts = 0
        self._address = address
        self._plugged = True
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Listen on a free port of the loopback address and yield it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            self.pull()

    def cut(self, dice: random.Random) -> bool:
        """Cut one connection, drawn by lot, at both ends and without a word; return whether there was one."""
        if not self._open:
            return False
        dice.choice(sorted(self._open, key=id)).transport.abort()
        self.cuts += 1
        return True

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
        try:
            up_reader, up_writer = await asyncio.open_connection(*self._address)
        except OSError:
            writer.transport.abort()
            return
        self._open.add(writer)
        ways = {
            asyncio.create_task(_pump(reader, up_writer)),
            asyncio.create_task(_pump(up_reader, writer)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(writer)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.close()
            up_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
