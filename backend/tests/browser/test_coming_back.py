"""An exam in the page after the server went away, or no longer has what the page lacks."""

import asyncio
import time
from collections.abc import Callable

import msgspec
import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from app.api.websocket.codec import decode_frame, encode_event
from app.api.websocket.protocol import (
    CueCard,
    GoAway,
    ServerEvent,
    SessionResumed,
    Snapshot,
    SnapshotTurn,
    TurnState,
)
from tests.browser.conftest import OpenPage
from tests.browser.test_exam import end, gapless, until_ended
from tests.fakes.tones import SENTENCE, WORDS

pytestmark = pytest.mark.asyncio(loop_scope="package")

TOLD_MS = 1_200
STORED_MS = 12_020
CARD = CueCard(
    "Describe a river that you know.", ["where it is", "who goes there"], "and say why you like it."
)
SAID = [
    SnapshotTurn("one", "examiner", "Do you like maps?", 0, 1_000, part=1),
    SnapshotTurn("two", "learner", "Yes, I drew one of our river.", 1_000, 4_000, part=1),
]


def tell(socket: WebSocketRoute, event: ServerEvent) -> None:
    socket.send(encode_event(event).decode())


async def test_a_server_that_goes_away_is_come_back_to_when_it_said(page_at: OpenPage) -> None:
    visit = await page_at()
    sockets: list[tuple[float, WebSocketRoute]] = []

    def passed_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append((time.monotonic(), socket))

    await visit.page.route_web_socket("**/ws/*", passed_on)
    session_id = await visit.open_exam()
    await visit.state("Your turn")
    await visit.heard(" ".join(WORDS[:4]))
    tell(sockets[0][1], GoAway(reconnect_in_ms=TOLD_MS, deadline_ms=0))
    left = time.monotonic()
    await sockets[0][1].close(code=4012, reason="going away")
    await visit.page.get_by_text("The connection is interrupted.").wait_for()
    await visit.heard(SENTENCE)
    assert len(sockets) == 2
    assert (sockets[1][0] - left) * 1000 >= TOLD_MS
    await end(visit)
    assert SENTENCE in str((await until_ended(visit, session_id))["transcript"])
    assert gapless(await visit.recorded(session_id))


class Restored:
    """A server that has only a snapshot of the session for whoever comes back."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.frames: asyncio.Queue[bytes] = asyncio.Queue(1_000)

    def serve(self, socket: WebSocketRoute) -> None:
        socket.on_message(self._answer(socket))

    def _answer(self, socket: WebSocketRoute) -> Callable[[str | bytes], None]:
        def answer(message: str | bytes) -> None:
            if isinstance(message, bytes):
                self.frames.put_nowait(message)
            elif msgspec.json.decode(message)["type"] == "session.resume":
                snapshot = Snapshot(40, "full", "exam", SAID, part=2, card=CARD, question="Do you like maps?")
                resumed = SessionResumed(
                    session_id=self.session_id,
                    in_seq=1,
                    received_ms=STORED_MS,
                    replay_count=0,
                    continuity=False,
                    phase="p2_prep",
                    epoch=2,
                    phase_remaining_ms=50_000,
                    snapshot=snapshot,
                )
                tell(socket, resumed)
                tell(socket, TurnState(state="preparing"))

        return answer


async def test_where_the_events_are_gone_the_snapshot_takes_their_place(page_at: OpenPage) -> None:
    visit = await page_at()
    session_id = await visit.open_exam()
    await visit.state("Your turn")
    server = Restored(session_id)
    await visit.page.route_web_socket("**/ws/*", server.serve)
    await visit.page.reload()
    await visit.page.get_by_role("heading", name=CARD.topic).wait_for()
    await shows_the_snapshot(visit.page)
    assert await visit.accessibility() == []
    frames = [decode_frame(await server.frames.get()) for _ in range(3)]
    assert [frame.offset_ms for frame in frames] == [STORED_MS, STORED_MS + 40, STORED_MS + 80]


async def shows_the_snapshot(page: Page) -> None:
    await expect(page.locator("h1")).to_contain_text("Part 2")
    await expect(page.locator(".line")).to_have_count(1)  # an exam speaks; it does not write its lines
    await expect(page.locator(".line.learner")).to_contain_text(SAID[1].text)
    await expect(page.locator(".exam-clock")).to_contain_text("to prepare")
    await expect(page.get_by_role("button", name="Start talking now")).to_be_visible()
