"""Connections come and go; the session stays, or ends with what there is."""

import asyncio
from uuid import uuid4

import pytest

from app.api.websocket.limits import Limits
from app.api.websocket.protocol import (
    AnalysisReady,
    AudioConfig,
    AuthRefresh,
    ErrorEvent,
    FrameKind,
    SessionResume,
    SessionResumed,
    SessionStart,
    SummaryReady,
    TurnState,
)
from tests.fakes.bare_client import started
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import ALICE, BOB, World, world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
HOME: Answer = ("I live in Tashkent", 700, "with my big family in old house near the river")


def ended(w: World, learner: Learner) -> tuple[str, str | None]:
    session = w.store.sessions[learner.session_id]
    return session.status, session.end_reason


@virtual_time
async def test_a_cut_in_the_middle_of_an_answer_loses_no_word_and_no_exam_time() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await asyncio.sleep(1.5)
        learner.cut()
        await asyncio.sleep(60)
        resumed = await learner.come_back()
        assert resumed.phase == "p1_frame1"
        assert resumed.continuity
        await learner.wait_for(learner.has_summary)
        assert learner.heard("learner: I live in Tashkent with my big family in old house near the river")
        assert learner.seqs == list(range(1, len(learner.seqs) + 1))
        stored = w.store.sessions[learner.session_id]
        assert await w.audio(stored.id) == bytes(learner.said)[: stored.audio_ms * 32]
        assert stored.summary is not None
        conditions = stored.summary["conditions"]
        assert conditions["disconnects"] == 1
        assert 59_000 <= conditions["away_ms"] <= 61_000


@virtual_time
async def test_a_cut_while_the_examiner_speaks_goes_on_where_the_ear_was() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("examiner: (instruction)"))
        await learner.wait_for(lambda: learner.unplayed_ms() > 0)
        utterance = learner.player.playing
        heard_ms = learner.player._waiting[0].played_ms
        learner.cut()
        sent = learner.pipe.frames
        await asyncio.sleep(30)
        resumed = await learner.come_back()
        assert resumed.played_ms is not None
        assert abs(resumed.played_ms - heard_ms) < 700
        await learner.wait_for(lambda: learner.pipe.frames)
        again = learner.pipe.frames[0]
        assert (again.kind, again.stream) == (FrameKind.VOICE, sent[-1].stream)
        assert abs(again.offset_ms - resumed.played_ms) <= 100
        assert utterance is not None
        await learner.wait_for(learner.has_summary)


@virtual_time
async def test_a_talk_whose_time_would_have_run_out_meanwhile_goes_on() -> None:
    async with world() as w:
        story = " ".join(f"word{n}" for n in range(300))
        learner = Learner(w, w.create().id, [NAME, HOME, HOME, HOME, (story,)])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("phase p2_talk"))
        await asyncio.sleep(20)
        learner.cut()
        await asyncio.sleep(100)
        resumed = await learner.come_back()
        assert resumed.phase == "p2_talk"
        assert resumed.phase_remaining_ms is not None
        assert 9_500 <= resumed.phase_remaining_ms <= 11_000, "of thirty seconds"
        await learner.wait_for(lambda: learner.heard("phase p2_round"), within_s=30)


@virtual_time
async def test_who_does_not_come_back_is_analysed_with_what_there_is() -> None:
    async with world(Limits(grace_ms=20_000)) as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("What do you like about it?"))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await asyncio.sleep(2)
        learner.cut()
        await asyncio.sleep(19)
        assert ended(w, learner)[0] == "live"
        await asyncio.sleep(5)
        assert ended(w, learner) == ("ended", "disconnected")
        assert w.store.queued_analyses == [learner.session_id]
        said = [turn for turn in w.store.dialogue(learner.session_id) if turn.speaker == "learner"]
        assert said[-1].text == "I live in Tashkent"
        assert w.manager.live == 0
        stored = await w.audio(learner.session_id)
        assert stored == bytes(learner.said)[: len(stored)]
        assert len(stored) >= len(learner.said) - 100 * 32


@virtual_time
async def test_the_learner_ends_the_exam_and_what_was_being_said_counts() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await asyncio.sleep(2)
        before = w.parts.clock.now_ms()
        await learner.end()
        assert w.parts.clock.now_ms() - before < 1_000
        assert learner.story[-2] == "learner: I live in Tashkent"
        assert learner.story[-1] == "summary ended_by_learner, 2 answers, 8 words"
        assert ended(w, learner) == ("ended", "ended_by_learner")


@virtual_time
async def test_ending_while_the_examiner_speaks_silences_the_voice() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.player.playing is not None)
        await learner.end()
        assert "voice cleared" in learner.story
        frames = len(learner.pipe.frames)
        await asyncio.sleep(5)
        assert len(learner.pipe.frames) == frames


@virtual_time
async def test_ending_twice_is_ending_once() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("learner:"))
        await learner.end()
        await learner.end()
        w.finish_analysis(learner.session_id)
        assert await learner.pipe.closed() == 1000
        assert len(learner.pipe.of(SummaryReady)) == 1
        assert len(learner.pipe.of(AnalysisReady)) == 1
        assert learner.pipe.of(ErrorEvent) == []
        assert w.store.queued_analyses == [learner.session_id]


@virtual_time
async def test_a_newer_connection_takes_over_and_the_older_is_told() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        older, learner.name = learner.pipe, "another-tab"
        await learner.come_back()
        assert await older.closed() == 4409
        error = older.of(ErrorEvent)[-1]
        assert isinstance(error, ErrorEvent)
        assert (error.code, error.fatal, error.retryable) == ("superseded", True, False)
        await learner.wait_for(learner.has_summary)
        assert ended(w, learner) == ("ended", "completed")


@virtual_time
async def test_a_client_whose_own_lost_connection_comes_in_late_may_come_back() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        late = w.connect(learner.session_id, client=learner.name)
        assert await learner.pipe.closed() == 4409
        error = learner.pipe.of(ErrorEvent)[-1]
        assert isinstance(error, ErrorEvent)
        assert (error.code, error.retryable, error.retry_after_ms) == ("superseded", True, 0)
        late.cut()
        learner.cut()
        await learner.come_back()
        await learner.wait_for(learner.has_summary)
        assert ended(w, learner) == ("ended", "completed")


@virtual_time
async def test_clients_without_a_name_are_not_taken_for_one() -> None:
    async with world() as w:
        first = await started(w)
        session_id = next(iter(w.store.sessions))
        w.connect(session_id)
        assert await first.closed() == 4409
        error = first.of(ErrorEvent)[-1]
        assert isinstance(error, ErrorEvent)
        assert not error.retryable


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "\u0000", "name'; drop table sessions"])
@virtual_time
async def test_a_name_that_is_none_is_refused(name: str) -> None:
    async with world() as w:
        pipe = w.connect(w.create().id, client=name)
        assert await pipe.closed() == 4400
        error = pipe.of(ErrorEvent)[-1]
        assert isinstance(error, ErrorEvent)
        assert (error.code, error.fatal) == ("bad_client", True)


@virtual_time
async def test_a_second_device_that_starts_the_live_session_gets_all_of_it() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        second = w.connect(learner.session_id)
        second.send(AudioConfig())
        second.send(SessionStart(seq=1))
        await second.until(lambda: len(second.raw) > len(learner.seqs))
        assert isinstance(second.received[0], SessionResumed)
        replayed = [event["seq"] for event in second.raw if "seq" in event]
        assert replayed == list(range(1, len(replayed) + 1))
        await second.until(lambda: second.of(TurnState), within_s=1)


@virtual_time
async def test_an_analysis_found_by_polling_is_announced_too() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.sit()
        notify = w.manager.notify
        w.manager.notify = lambda session_id: None  # type: ignore[method-assign]
        w.finish_analysis(learner.session_id)
        w.manager.notify = notify  # type: ignore[method-assign]
        assert await learner.pipe.closed(within_s=5) == 1000
        assert learner.story[-1] == "analysis done"


@virtual_time
async def test_an_analysis_that_takes_too_long_ends_the_wait_and_not_the_analysis() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.sit()
        assert await learner.pipe.closed(within_s=200) == 1000
        assert learner.story[-1] == "warning analysis_late"


@virtual_time
async def test_coming_back_after_the_end_brings_the_rest() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.sit()
        learner.cut()
        await w.until(lambda: w.manager.live == 0)
        w.finish_analysis(learner.session_id)
        seen = learner.last_seq
        again = w.connect(learner.session_id)
        again.send(SessionResume(session_id=str(learner.session_id), last_seq=seen))
        assert await again.closed() == 1000
        assert [type(event) for event in again.received if event.seq] == [AnalysisReady]
        resumed = again.received[0]
        assert isinstance(resumed, SessionResumed)
        assert (resumed.phase, resumed.replay_count) == ("ended", 1)


@virtual_time
async def test_waiting_for_the_analysis_of_an_ended_session() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.sit()
        learner.cut()
        await w.until(lambda: w.manager.live == 0)
        again = w.connect(learner.session_id)
        again.send(SessionStart())
        await again.until(lambda: again.of(SummaryReady))
        again.send(SessionStart())
        await again.until(lambda: again.of(ErrorEvent))
        assert again.of(ErrorEvent)[0].code == "session_ended"  # type: ignore[attr-defined]
        w.finish_analysis(learner.session_id)
        assert await again.closed() == 1000


@virtual_time
async def test_a_process_that_stops_sends_away_who_has_not_started() -> None:
    async with world() as w:
        waiting = w.connect(w.create().id)
        await asyncio.sleep(0.1)
        await w.manager.close()
        assert await waiting.closed() == 4012
        refused = w.connect(w.create().id)
        assert await refused.closed() == 4012


@virtual_time
async def test_a_full_house_sends_new_sessions_away_and_keeps_the_old() -> None:
    async with world(Limits(sessions=2)) as w:
        learners = [Learner(w, w.create().id, [NAME, HOME]) for _ in range(2)]
        for learner in learners:
            await learner.start()
        refused = w.connect(w.create().id)
        assert await refused.closed() == 4503
        error = refused.of(ErrorEvent)[0]
        assert isinstance(error, ErrorEvent)
        assert (error.code, error.retry_after_ms) == ("at_capacity", 5_000)
        learners[0].cut()
        await learners[0].come_back()
        assert w.manager.live == 2


@virtual_time
async def test_who_connects_and_goes_leaves_nothing_behind() -> None:
    async with world() as w:
        before = len(asyncio.all_tasks())
        session = w.create()
        for _ in range(50):
            pipe = w.connect(session.id)
            await asyncio.sleep(0.05)
            pipe.cut()
            await asyncio.sleep(0.05)
        assert w.manager.live == 0
        assert w.store.sessions[session.id].status == "created"
        assert len(asyncio.all_tasks()) == before


@virtual_time
async def test_an_idle_client_is_sent_away() -> None:
    async with world() as w:
        pipe = w.connect(w.create().id)
        assert await pipe.closed(within_s=601) == 4408
        assert w.manager.live == 0


@virtual_time
async def test_a_client_that_does_not_read_is_cut_off_and_the_session_survives() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        learner.pipe.block()
        await asyncio.sleep(8)
        learner.cut()
        assert w.manager.live == 1
        await learner.come_back()
        await learner.wait_for(learner.has_summary)
        assert learner.seqs == list(range(1, len(learner.seqs) + 1))


@pytest.mark.parametrize("user", [BOB, uuid4()])
@virtual_time
async def test_somebody_elses_live_session_does_not_exist(user: object) -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        stranger = w.connect(learner.session_id, user=str(user))
        assert await stranger.closed() == 4404
        assert [e.code for e in stranger.of(ErrorEvent)] == ["unknown_session"]  # type: ignore[attr-defined]
        assert learner.pipe.open


@virtual_time
async def test_a_token_that_expires_does_not_cut_the_exam_and_is_needed_fresh_to_come_back() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        w.verifier.expired = True
        learner.pipe.send(AuthRefresh(token=str(ALICE)))
        await learner.wait_for(lambda: learner.pipe.of(ErrorEvent))
        (error,) = learner.pipe.of(ErrorEvent)
        assert isinstance(error, ErrorEvent)
        assert (error.code, error.fatal) == ("token_expired", False)
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        learner.cut()
        refused = w.connect(learner.session_id)
        assert await refused.closed() == 4401
        assert refused.of(ErrorEvent)[0].code == "token_expired"  # type: ignore[attr-defined]
        w.verifier.expired = False
        await learner.come_back()
        w.verifier.expired = True
        await learner.wait_for(learner.has_summary)
        assert ended(w, learner) == ("ended", "completed")
