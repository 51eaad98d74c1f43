"""A session goes from one process to another: asked for, let go, or left behind by a process that died."""

import asyncio
from typing import cast

import pytest

from app.api.websocket.limits import Limits
from app.api.websocket.protocol import AudioCommit, ErrorEvent, GoAway, ServerAck, SessionResume
from app.services.session_notices import Change, Notice
from app.services.session_store import SessionRecord
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import World, another, world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
HOME: Answer = ("I live in Tashkent", 700, "with my big family in old house near the river")
WHOLE = "I live in Tashkent with my big family in old house near the river"


def die(w: World) -> None:
    """The process is killed: it writes nothing any more."""
    w.store.freeze()


async def in_the_middle_of_an_answer(w: World) -> Learner:
    learner = Learner(w, w.create().id, [NAME, HOME])
    await learner.start()
    await learner.wait_for(lambda: learner.heard("Where do you live?"))
    await learner.wait_for(lambda: learner.state == "learner_speaking")
    await asyncio.sleep(1.5)
    return learner


async def assert_nothing_was_lost(learner: Learner, w: World) -> None:
    stored = w.store.sessions[learner.session_id]
    assert (stored.status, stored.end_reason) == ("ended", "completed")
    assert learner.seqs == list(range(1, len(learner.seqs) + 1))
    assert WHOLE in [turn.text for turn in w.store.dialogue(stored.id)]
    indices = [turn.index for turn in w.store.dialogue(stored.id)]
    assert len(indices) == len(set(indices))
    assert await w.audio(stored.id) == bytes(learner.said)[: stored.audio_ms * 32]
    assert w.store.queued_analyses == [stored.id]


@virtual_time
async def test_a_session_goes_on_where_another_process_lets_it_go() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        learner.cut()
        learner.world = other
        began = asyncio.get_running_loop().time()
        resumed = await learner.come_back()
        assert asyncio.get_running_loop().time() - began < 1
        assert (resumed.phase, resumed.epoch, resumed.continuity) == ("p1_frame1", 2, True)
        assert w.manager.live == 0
        await learner.wait_for(learner.has_summary)
        await assert_nothing_was_lost(learner, other)


@virtual_time
async def test_the_client_of_the_process_that_lets_go_is_told() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        older = learner.pipe
        learner.world = other
        await learner.come_back()
        assert await older.closed() == 4409
        assert cast("ErrorEvent", older.of(ErrorEvent)[-1]).retryable, "it was the same client"


@virtual_time
async def test_another_client_in_another_process_takes_the_session_for_good() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        older, learner.name = learner.pipe, "another-tab"
        learner.world = other
        await learner.come_back()
        assert await older.closed() == 4409
        error = cast("ErrorEvent", older.of(ErrorEvent)[-1])
        assert (error.code, error.retryable) == ("superseded", False)


@virtual_time
async def test_who_comes_back_while_the_session_is_on_its_way_is_sent_after_it() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        learner.cut()
        lost_attempt = other.connect(learner.session_id, client=learner.name)
        await asyncio.sleep(0.02)
        assert w.store.asked_for
        lost_attempt.cut()
        again = w.connect(learner.session_id)
        again.send(SessionResume(session_id=str(learner.session_id), last_seq=learner.last_seq))
        assert await again.closed() == 4503
        error = cast("ErrorEvent", again.of(ErrorEvent)[-1])
        assert (error.code, error.fatal, error.retryable) == ("session_moved", True, True)
        await learner.come_back()
        await learner.wait_for(learner.has_summary)
        await assert_nothing_was_lost(learner, w)


@virtual_time
async def test_a_client_that_has_gone_again_asks_for_nothing_any_more() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        w.manager._chores[0].cancel()  # it never notices that it is asked
        attempt = other.connect(learner.session_id)
        await other.until(lambda: other.store.asked_for)
        attempt.cut()
        await other.until(lambda: other.manager.live == 0, within_s=2)
        assert learner.pipe.open


@virtual_time
async def test_who_is_still_connected_to_a_process_that_lost_the_session_is_sent_after_it() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        older = learner.pipe
        w.store.freeze()
        await asyncio.sleep(11)
        learner.world = other
        await learner.come_back()
        w.store.wake()
        assert await older.closed() == 4503
        assert cast("ErrorEvent", older.of(ErrorEvent)[-1]).code == "session_moved"
        await learner.wait_for(learner.has_summary)
        await assert_nothing_was_lost(learner, other)


@pytest.mark.parametrize("where", ["Where do you live?", "examiner: (instruction)", "learner: I live"])
@virtual_time
async def test_a_killed_process_loses_nothing(where: str) -> None:
    async with world() as w, another(w) as other:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard(where))
        await asyncio.sleep(1.2)
        die(w)
        learner.cut()
        learner.world = other
        began = asyncio.get_running_loop().time()
        await learner.come_back()
        assert asyncio.get_running_loop().time() - began < 12
        await learner.wait_for(learner.has_summary)
        await assert_nothing_was_lost(learner, other)


@virtual_time
async def test_a_process_that_was_only_stopped_cannot_write_any_more() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        w.store.freeze()
        learner.cut()
        learner.world = other
        await learner.come_back()
        assert w.store.sessions[learner.session_id].epoch == 2
        w.store.wake()
        await learner.wait_for(learner.has_summary)
        assert w.manager.live == 0
        await assert_nothing_was_lost(learner, other)


@virtual_time
async def test_who_cannot_have_the_session_is_told_when_to_come_again() -> None:
    async with world() as w, another(w, Limits(takeover_ms=3_000)) as other:
        learner = await in_the_middle_of_an_answer(w)
        w.manager._chores[0].cancel()
        pipe = other.connect(learner.session_id)
        pipe.send(SessionResume(session_id=str(learner.session_id), last_seq=0))
        assert await pipe.closed() == 4503
        error = cast("ErrorEvent", pipe.of(ErrorEvent)[-1])
        assert (error.code, error.retryable, error.retry_after_ms) == ("session_busy", True, 2_000)
        assert learner.pipe.open


@virtual_time
async def test_a_commit_repeated_in_another_process_is_acknowledged_once_more_and_taken_once() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        commit = AudioCommit(commit_id="c1", seq=1, audio_start_ms=0, audio_end_ms=1_000)
        learner.pipe.send(commit)
        await learner.wait_for(lambda: _acknowledged(learner, "c1"))
        learner.cut()
        learner.world = other
        resumed = await learner.come_back()
        assert resumed.in_seq == 1
        learner.pipe.send(AudioCommit(commit_id="c1", audio_start_ms=0, audio_end_ms=1_000))
        await learner.wait_for(lambda: _acknowledged(learner, "c1"))
        learner.pipe.send(AudioCommit(commit_id="c1", audio_start_ms=0, audio_end_ms=900))
        await learner.wait_for(lambda: learner.pipe.of(ErrorEvent))
        assert cast("ErrorEvent", learner.pipe.of(ErrorEvent)[0]).code == "commit_conflict"


@virtual_time
async def test_what_nobody_comes_back_to_is_ended_and_analysed() -> None:
    async with world() as w, another(w, Limits(grace_ms=30_000)) as other:
        learner = await in_the_middle_of_an_answer(w)
        await asyncio.sleep(3)
        die(w)
        learner.cut()
        await asyncio.sleep(20)
        assert other.store.sessions[learner.session_id].status == "live"
        await other.until(lambda: other.store.queued_analyses, within_s=60)
        stored = other.store.sessions[learner.session_id]
        assert (stored.status, stored.end_reason) == ("ended", "disconnected")
        assert other.store.dialogue(stored.id)[-1].text.startswith("I live in Tashkent")
        assert other.manager.live == 0


@virtual_time
async def test_a_session_whose_state_is_of_no_use_is_ended_with_what_there_is() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        await w.manager.close()
        stored = w.store.sessions[learner.session_id]
        object.__setattr__(stored, "snapshot", {"version": 99})
        learner.cut()
        learner.world = other
        again = other.connect(learner.session_id)
        again.send(SessionResume(session_id=str(learner.session_id), last_seq=0))
        await other.until(lambda: other.store.queued_analyses)
        assert other.store.sessions[learner.session_id].end_reason == "interrupted"


@virtual_time
async def test_a_process_that_stops_lets_a_sentence_end_and_the_exam_goes_on_elsewhere() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        await w.manager.close()
        assert await learner.pipe.closed() == 4012
        go_away = cast("GoAway", learner.pipe.of(GoAway)[0])
        assert 0 <= go_away.reconnect_in_ms <= 2_000
        assert w.store.sessions[learner.session_id].status == "live"
        learner.cut()
        learner.world = other
        began = asyncio.get_running_loop().time()
        await learner.come_back()
        assert asyncio.get_running_loop().time() - began < 0.5
        await learner.wait_for(learner.has_summary)
        await assert_nothing_was_lost(learner, other)


@pytest.mark.parametrize(("failures", "back_within_s"), [(3, 2), (1_000, 12)])
@virtual_time
async def test_a_lease_that_cannot_be_given_back_does_not_end_the_exam(
    failures: int, back_within_s: float
) -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        release = w.store.release

        async def away(session: SessionRecord) -> None:
            w.store.release = release  # type: ignore[method-assign]
            w.store.fail(failures)
            await release(session)

        w.store.release = away  # type: ignore[method-assign]
        await w.manager.close()
        assert await learner.pipe.closed() == 4012
        assert w.store.sessions[learner.session_id].status == "live"
        learner.cut()
        learner.world = other
        began = asyncio.get_running_loop().time()
        await learner.come_back()
        assert asyncio.get_running_loop().time() - began < back_within_s
        await learner.wait_for(learner.has_summary)
        await assert_nothing_was_lost(learner, other)


@virtual_time
async def test_a_process_that_stops_does_not_wait_for_a_session_that_another_one_holds() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        die(w)
        waiting = other.connect(learner.session_id)
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        await other.manager.close()
        assert asyncio.get_running_loop().time() - began < 0.5
        assert await waiting.closed() == 4012


@virtual_time
async def test_what_goes_on_elsewhere_does_not_count_as_failed() -> None:
    limits = Limits(shutdown_ms=3_000)
    async with world(limits) as w, another(w, limits) as second, another(w) as third:
        learner = await in_the_middle_of_an_answer(w)
        learner.cut()
        learner.world = second
        await learner.come_back()
        assert w.meter.ended == ["moved"]
        second.store.freeze()
        await second.manager.close()
        await second.until(lambda: second.meter.ended)
        assert second.meter.ended == ["moved"]
        learner.cut()
        learner.world = third
        await asyncio.sleep(10)
        await learner.come_back()
        await third.until(lambda: third.meter.ended)
        assert third.meter.ended == ["completed"]


@virtual_time
async def test_an_owner_that_was_taken_for_dead_counts_its_session_as_moved() -> None:
    async with world() as w, another(w) as other:
        learner = await in_the_middle_of_an_answer(w)
        w.store.freeze()
        learner.cut()
        learner.world = other
        await asyncio.sleep(11)
        await learner.come_back()
        w.store.wake()
        await w.until(lambda: w.meter.ended)
        assert w.meter.ended == ["moved"]


@virtual_time
async def test_word_from_another_process_beats_the_next_look() -> None:
    slow = Limits(handover_poll_ms=60_000)
    async with world(slow) as w, another(w) as other:
        other.parts.notices.bridge(w.parts.notices.deliver)
        learner = await in_the_middle_of_an_answer(w)
        learner.cut()
        learner.world = other
        began = asyncio.get_running_loop().time()
        await learner.come_back()
        assert asyncio.get_running_loop().time() - began < 1


@virtual_time
async def test_the_end_of_a_session_is_announced_once_it_is_stored() -> None:
    async with world() as w:
        ended: list[bool] = []

        def heard(notice: Notice) -> None:
            if notice.change is Change.ENDED:
                ended.append(w.store.queued_analyses == [notice.session_id])

        w.parts.notices.listen(heard)
        learner = await in_the_middle_of_an_answer(w)
        learner.cut()
        await w.until(lambda: ended, within_s=200)
        assert ended == [True]


def _acknowledged(learner: Learner, commit_id: str) -> bool:
    return any(cast("ServerAck", ack).commit_id == commit_id for ack in learner.pipe.of(ServerAck))
