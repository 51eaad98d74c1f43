"""A ticket opens the socket once; an account that is erased loses its sockets at once."""

import asyncio

from app.api.websocket.protocol import AuthRefresh
from tests.fakes.bare_client import started
from tests.fakes.pipe import Pipe
from tests.fakes.world import ALICE, BOB, World, another, world
from tests.virtual_time import virtual_time


async def refused(w: World, pipe: Pipe) -> tuple[int | None, str]:
    await w.until(lambda: pipe.code is not None)
    return pipe.code, pipe.reason


@virtual_time
async def test_a_ticket_opens_its_session_once() -> None:
    async with world() as w:
        session, other = w.create(), w.create()
        ticket = await w.ticket(session.id)
        assert await refused(w, w.connect(other.id, user=ticket)) == (4401, "ticket_invalid")
        assert await refused(w, w.connect("nonsense", user=ticket)) == (4401, "ticket_invalid")
        pipe = await started(w, session.id, user=ticket)
        assert await refused(w, w.connect(session.id, user=ticket)) == (4401, "ticket_invalid")
        assert pipe.code is None


@virtual_time
async def test_a_ticket_does_not_renew_a_token() -> None:
    async with world() as w:
        session = w.create()
        pipe = await started(w, session.id)
        pipe.send(AuthRefresh(token=await w.ticket(session.id)))
        assert await refused(w, pipe) == (4401, "token_invalid")


@virtual_time
async def test_the_sockets_of_an_erased_account_close_within_a_second_and_stay_closed() -> None:
    async with world() as w, another(w) as elsewhere:
        exam, lobby, bobs = w.create(), w.create(), w.create(user=BOB)
        in_exam = await started(w, exam.id)
        waiting = elsewhere.connect(lobby.id)
        untouched = await started(w, bobs.id, user=BOB)
        for process in (w, elsewhere):
            process.erased.add(ALICE)
        w.store.sessions.pop(exam.id)
        w.store.sessions.pop(lobby.id)
        await asyncio.sleep(1.5)
        assert (in_exam.code, in_exam.reason) == (4401, "user_unknown")
        assert (waiting.code, waiting.reason) == (4401, "user_unknown")
        assert untouched.code is None
        for process in (w, elsewhere):
            for session in (exam, lobby, bobs):
                assert await refused(process, process.connect(session.id)) == (4401, "user_unknown")
        assert w.manager.live == 1


@virtual_time
async def test_the_process_that_erases_closes_its_own_sockets_at_once() -> None:
    async with world() as w:
        session = w.create()
        pipe = await started(w, session.id)
        w.erase(session.id)
        assert await refused(w, pipe) == (4401, "user_unknown")
