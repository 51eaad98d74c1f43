"""The way to the server: one socket, and the next one when it breaks."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from app.api.websocket.protocol import CloseCode, ProtocolError
from client.clock import Clock
from client.connection import failure_of, open_socket
from client.errors import ClientError, ConnectionLost, ServerUnreachable, SessionRefused
from client.reconnect import Reconnect
from client.tokens import Tokens

CLOSE_TIMEOUT_S = 5.0
HUNG_UP = 4000
"""Our own close code for a connection over which the session could not be resumed."""

Take = Callable[[str | bytes], Awaitable[None]]


class Line:
    """Hands on every message, from whichever connection it comes; comes back when one breaks.

    `connected` says whether the session is joined over the present connection, `failure` why
    there is none any more.
    """

    def __init__(
        self, base_url: str, session_id: str, tokens: Tokens, *, clock: Clock, reconnect: Reconnect
    ) -> None:
        self.connected = False
        self.over = False
        self.failure: Exception | None = None
        self.resumed_after_ms: list[float] = []
        self._address = (base_url, session_id)
        self._name = uuid.uuid4().hex
        self._tokens = tokens
        self._clock = clock
        self._reconnect = reconnect
        self._socket: ClientConnection | None = None
        self._lost_at = 0.0
        self._leaving = False

    @property
    def opened(self) -> bool:
        """Whether there has been a connection and `aclose` was not called."""
        return self._socket is not None

    async def open(self) -> None:
        """Connect for the first time. Raises SessionRefused and ServerUnreachable."""
        self._socket = await self._open()
        self.connected = True

    async def aclose(self) -> None:
        """Close the connection and do not come back."""
        self._leaving = True
        if self._socket is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await self._socket.close()

    def forget(self) -> None:
        """There is no connection any more."""
        self._socket = None
        self.connected = False

    async def _open(self) -> ClientConnection:
        """Connect, under the same name every time: the server then knows one client's connections."""
        return await open_socket(*self._address, self._tokens.token, client=self._name)

    async def run(self, take: Take, introduce: Callable[[], Awaitable[None]]) -> None:
        """Read until the session is over or cannot be reached; `failure` is None when it is over.

        `introduce` speaks the first words over every connection but the first.
        """
        try:
            while True:
                closed = await self._read(take)
                self.connected = False
                self._lost_at = self._clock.now()
                if not await self._come_back(closed):
                    return
                await introduce()
        except (msgspec.DecodeError, ProtocolError) as broken:
            self.failure = ConnectionLost(f"The server sent something that is not of the protocol: {broken}")
        finally:
            self.over = True

    async def send(self, message: str | bytes) -> bool:
        """Write to the connection as it is now; return False when it is gone, which `run` will notice."""
        if self._socket is None:
            return False
        try:
            await self._socket.send(message)
        except ConnectionClosed:
            return False
        return True

    def resumed(self) -> None:
        """The session goes on over the present connection."""
        self.resumed_after_ms.append((self._clock.now() - self._lost_at) * 1000)
        self._reconnect.resumed()
        self.connected = True

    def told(self, after_ms: int) -> None:
        """The server has said when to come back."""
        self._reconnect.told(after_ms)

    async def hang_up(self, *, again: bool) -> None:
        """Close this connection; come back over another one, or not."""
        self._leaving = not again
        if self._socket is not None:
            await self._socket.close(HUNG_UP)

    async def _read(self, take: Take) -> ConnectionClosed:
        """Hand on what comes until the connection closes; return how."""
        assert self._socket is not None
        try:
            while True:
                await take(await self._socket.recv())
        except ConnectionClosed as closed:
            return closed

    async def _come_back(self, closed: ConnectionClosed) -> bool:
        """Connect again; return whether that worked."""
        self.failure = self.failure or failure_of(closed)
        code = closed.rcvd.code if closed.rcvd else None
        if self.failure is None or self._leaving:
            return False
        welcome = isinstance(self.failure, SessionRefused) and self.failure.retryable
        if not self._reconnect.lost(self._clock.now(), code, welcome=welcome):
            return False
        if code == CloseCode.AUTH and not await self._renewed():
            return False
        while (wait_s := self._reconnect.wait_s(self._clock.now())) is not None:
            await self._clock.sleep_until(self._clock.now() + wait_s)
            try:
                self._socket = await self._open()
            except ServerUnreachable as unreachable:
                self.failure = unreachable
            except SessionRefused as refused:
                self.failure = refused
                if not refused.retryable:
                    return False
            else:
                self.failure = None
                return True
        return False

    async def _renewed(self) -> bool:
        """Fetch another token in the place of one that was refused; return whether there is one."""
        try:
            return await self._tokens.renew()
        except ClientError as failure:
            self.failure = failure
            return False
