"""Everything on its way up: written to the line, in its order, acknowledging by the way."""

import asyncio
import time
import uuid

import msgspec

from app.api.websocket.codec import encode_event, encode_frame
from app.api.websocket.protocol import Ack, AudioFrame, ClientHeartbeat, ClientMessage
from client.clock import Clock
from client.errors import ConnectionLost
from client.line import Line
from client.told import Told
from client.unacknowledged import NumberedMessage
from client.uplink import Uplink

HEARTBEAT_S = 10.0


class Outgoing:
    """Writes events and what the uplink holds, and never stays silent for long."""

    def __init__(self, line: Line, uplink: Uplink, told: Told, clock: Clock) -> None:
        self._line = line
        self._uplink = uplink
        self._told = told
        self._clock = clock
        self._sending = asyncio.Lock()
        self._acked_seq = 0
        self._last_sent = clock.now()

    async def send(self, event: ClientMessage) -> str:
        """Send an event with an id; return the id.

        One of those that count is sent again until it is acknowledged; another is lost with its connection.
        Raises what ended the exam.
        """
        if not self._line.opened:
            raise ConnectionLost("The exam is not connected; use it as an async context manager.")
        if self._line.over:
            raise self._line.failure or ConnectionLost("The exam is over.")
        event_id = uuid.uuid4().hex
        named = msgspec.structs.replace(event, event_id=event_id)
        if isinstance(named, NumberedMessage):
            self._uplink.queue(named)
            await self.send_due()
        elif self._line.connected:
            await self.put(named)
        return event_id

    async def send_due(self) -> None:
        """Send what is due of the microphone and of the events that must not be lost."""
        async with self._sending:
            while self._line.connected and (item := self._uplink.next()) is not None:
                await self.put(item)

    async def put(self, item: ClientMessage | AudioFrame) -> None:
        """Write to the connection as it is now, whether the session is joined over it or not."""
        if isinstance(item, AudioFrame):
            await self._line.send(encode_frame(item))
            return
        acked = self._told.last_seq
        stamped = msgspec.structs.replace(item, ack=acked or None, ts=time.time_ns() // 1_000_000)
        if await self._line.send(encode_event(stamped).decode()):
            self._acked_seq = acked
            self._last_sent = self._clock.now()

    async def keep_up(self) -> None:
        """Acknowledge what was not acknowledged by the way, or show a sign of life when it is time."""
        if self._acked_seq < self._told.last_seq:
            await self.send(Ack())
        elif self._clock.now() - self._last_sent >= HEARTBEAT_S:
            await self.send(ClientHeartbeat())
