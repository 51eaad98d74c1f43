"""Cuts at bad moments: the client comes back, and nothing is lost and nothing taken twice."""

from collections.abc import Awaitable, Callable

import pytest

from app.api.websocket.protocol import (
    AiReply,
    AudioCommit,
    ErrorEvent,
    GoAway,
    PlaybackMark,
    ServerAck,
    SessionEnd,
    SessionResume,
    SessionResumed,
    SessionStart,
    Snapshot,
    SnapshotTurn,
    SnapshotVoice,
    TtsAudio,
    TurnState,
)
from client import LiveExam, Reconnect, SessionRefused, Speech, SystemClock, Tokens
from tests.fakes.exam_server import ExamServer, Peer

Part = Callable[[Peer], Awaitable[None]]


def play(server: ExamServer, *parts: Part) -> None:
    """Play one part a connection."""

    async def script(peer: Peer) -> None:
        await parts[server.peers.index(peer)](peer)

    server.script = script


def live(server: ExamServer) -> LiveExam:
    rules = Reconnect(give_up_s=5.0, first_wait_s=0.01)
    return LiveExam(server.url, "s1", "a-token", clock=SystemClock(), reconnect=rules)


def reply(seq: int) -> AiReply:
    return AiReply(
        seq=seq,
        utterance_id=f"u{seq}",
        text="Why?",
        part=1,
        kind="question",
        frame_conformance="verbatim",
        expects_answer=True,
        start_ms=0,
    )


async def resume(
    peer: Peer, *, in_seq: int, received_ms: int, epoch: int = 2, snapshot: Snapshot | None = None
) -> SessionResume:
    asked = await peer.expect(SessionResume)
    await peer.send(
        SessionResumed(
            session_id="s1",
            in_seq=in_seq,
            received_ms=received_ms,
            replay_count=0,
            continuity=snapshot is None,
            phase="p1_frame1",
            epoch=epoch,
            snapshot=snapshot,
        )
    )
    return asked


async def seqs(exam: LiveExam) -> list[int]:
    return [event.seq async for event in exam if event.seq is not None]


async def test_what_is_replayed_is_taken_once_and_what_was_not_stored_is_sent_again(
    server: ExamServer,
) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.send(reply(2), reply(3), ServerAck(received_ms=80, ack=1))
        await peer.until(lambda: len(peer.frames) >= 6)
        await peer.close(1012)

    async def second(peer: Peer) -> None:
        asked = await resume(peer, in_seq=1, received_ms=120)
        assert (asked.last_seq, asked.epoch) == (3, 1)
        await peer.send(reply(2), reply(3), reply(4))
        await peer.until(lambda: len(peer.frames) >= 6)
        await peer.close()

    play(server, first, second)
    async with live(server) as exam:
        await exam.start()
        exam.say(Speech(bytes(range(1, 201)) * 32))
        assert await seqs(exam) == [1, 2, 3, 4]
        assert len(exam.resumed_after_ms) == 1
    before, after = server.peers
    assert [f.offset_ms for f in after.frames] == list(range(120, 120 + 40 * len(after.frames), 40))
    both = before.audio[: 120 * 32] + after.audio
    assert before.audio == both[: len(before.audio)]
    assert not after.of(SessionStart)


async def test_a_cut_between_commit_and_ack_sends_the_same_commit_behind_its_audio(
    server: ExamServer,
) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.expect(AudioCommit)
        await peer.close(1012)

    async def second(peer: Peer) -> None:
        await resume(peer, in_seq=1, received_ms=0)
        commit = await peer.expect(AudioCommit)
        assert sum(len(f.payload) for f in peer.frames) // 32 >= commit.audio_end_ms
        assert peer.order.index("AudioCommit") > peer.order.index("frame")
        await peer.send(ServerAck(received_ms=commit.audio_end_ms, commit_id=commit.commit_id, ack=2))
        await peer.close(1012)

    async def third(peer: Peer) -> None:
        commit = server.peers[1].of(AudioCommit)[0]
        await resume(peer, in_seq=2, received_ms=commit.audio_end_ms)
        await peer.close()

    play(server, first, second, third)
    async with live(server) as exam:
        await exam.start()
        exam.say(Speech(bytes(32 * 100)))
        await exam.quiet()
        await exam.end_of_turn(0)
        assert await seqs(exam) == [1]
    one, two, three = server.peers
    assert one.of(AudioCommit)[0].commit_id == two.of(AudioCommit)[0].commit_id
    assert one.of(AudioCommit)[0].seq == two.of(AudioCommit)[0].seq == 2
    assert not three.of(AudioCommit)


async def test_a_snapshot_takes_the_place_of_events_that_are_gone(server: ExamServer) -> None:
    snapshot = Snapshot(
        last_seq=40,
        mode="quick",
        clock="short",
        elapsed_ms=61_000,
        turns=[SnapshotTurn(turn_id="t1", speaker="examiner", text="Why?", start_ms=0, end_ms=900)],
        question="Why?",
        voice=SnapshotVoice(utterance_id="u40", turn_id="t2", stream_id=9, sample_rate=16_000),
    )

    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.send(TtsAudio(seq=2, utterance_id="u2", stream_id=1, state="begin", sample_rate=16_000))
        await peer.close(1012)

    async def second(peer: Peer) -> None:
        assert (await resume(peer, in_seq=1, received_ms=0, snapshot=snapshot)).last_seq == 2
        await peer.voice(9, bytes(16 * 2 * 40), offset_ms=640)
        await peer.send(
            reply(40),
            TtsAudio(
                seq=41, utterance_id="u40", stream_id=9, state="end", sample_rate=16_000, duration_ms=680
            ),
        )
        mark = await peer.expect(PlaybackMark)
        assert (mark.utterance_id, mark.done) == ("u40", True)
        await peer.close(1012)

    async def third(peer: Peer) -> None:
        assert (await resume(peer, in_seq=1, received_ms=0)).last_seq == 41
        await peer.close()

    play(server, first, second, third)
    async with live(server) as exam:
        await exam.start()
        assert await seqs(exam) == [1, 2, 41]


async def test_cuts_during_resume_and_during_replay(server: ExamServer) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.close(4500)

    async def cut_in_resume(peer: Peer) -> None:
        await peer.expect(SessionResume)
        await peer.close(1012)

    async def cut_in_replay(peer: Peer) -> None:
        await resume(peer, in_seq=1, received_ms=0)
        await peer.send(reply(2))
        await peer.close(1012)

    async def last(peer: Peer) -> None:
        asked = await resume(peer, in_seq=1, received_ms=0, epoch=4)
        assert (asked.last_seq, asked.epoch) == (2, 2)
        await peer.send(reply(3))
        await peer.close()

    play(server, first, cut_in_resume, cut_in_replay, last)
    async with live(server) as exam:
        await exam.start()
        assert await seqs(exam) == [1, 2, 3]
        assert len(exam.resumed_after_ms) == 2


async def test_a_cut_before_the_start_was_answered_starts_again_with_the_same_number(
    server: ExamServer,
) -> None:
    async def first(peer: Peer) -> None:
        await peer.expect(SessionStart)
        await peer.close(1012)

    async def second(peer: Peer) -> None:
        await peer.begin()
        await peer.close()

    play(server, first, second)
    async with live(server) as exam:
        await exam.start("Aziz")
        assert await seqs(exam) == [1]
    starts = [peer.of(SessionStart)[0] for peer in server.peers]
    assert [(s.seq, s.display_name) for s in starts] == [(1, "Aziz")] * 2


async def test_the_end_said_while_away_is_not_lost(server: ExamServer) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.close(1012)

    async def second(peer: Peer) -> None:
        await peer.expect(SessionResume)
        await resume(peer, in_seq=1, received_ms=0)
        await peer.expect(SessionEnd)
        await peer.close()

    play(server, first, second)
    async with live(server) as exam:
        await exam.start()
        await server.peers[0].until(lambda: server.peers[0].gone)
        await exam.end("enough")
        await seqs(exam)
    assert [e.seq for e in server.peers[-1].of(SessionEnd)] == [2]


async def test_a_heard_line_is_reported_again_after_a_cut(server: ExamServer) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.speak("u2", bytes(2 * 1_600), stream=1, rate=16_000, seq=2)
        await peer.until(lambda: any(mark.done for mark in peer.of(PlaybackMark)))
        await peer.close(1012)

    async def second(peer: Peer) -> None:
        await resume(peer, in_seq=1, received_ms=0)
        assert (await peer.expect(PlaybackMark)).done
        await peer.close()

    play(server, first, second)
    async with live(server) as exam:
        await exam.start()
        assert await seqs(exam) == [1, 2, 3]


async def test_a_server_that_drains_says_when_to_come_back(server: ExamServer) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.send(GoAway(reconnect_in_ms=30, deadline_ms=1_000))
        await peer.close(4012)

    async def second(peer: Peer) -> None:
        await resume(peer, in_seq=1, received_ms=0)
        await peer.close()

    play(server, first, second)
    async with live(server) as exam:
        await exam.start()
        await seqs(exam)
        assert exam.resumed_after_ms[0] >= 25


async def refuse_the_token(peer: Peer) -> None:
    await peer.send(ErrorEvent(code="token_expired", class_="auth", message="Fetch a new one.", fatal=True))
    await peer.close(4401)


async def test_a_token_that_expired_meanwhile_is_replaced_at_the_resume(server: ExamServer) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.close(1012)

    async def third(peer: Peer) -> None:
        await resume(peer, in_seq=1, received_ms=0)
        await peer.close()

    async def refresh() -> str:
        return "fresh"

    play(server, first, refuse_the_token, third)
    tokens = Tokens("stale", refresh)
    rules = Reconnect(give_up_s=5.0, first_wait_s=0.01)
    async with LiveExam(server.url, "s1", tokens, clock=SystemClock(), reconnect=rules) as exam:
        await exam.start()
        assert await seqs(exam) == [1]
    assert [peer.authorization for peer in server.peers] == ["Bearer stale", "Bearer stale", "Bearer fresh"]
    assert tokens.token == "fresh"


async def test_without_a_way_to_another_token_the_refusal_is_final(server: ExamServer) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.close(1012)

    play(server, first, refuse_the_token)
    async with live(server) as exam:
        await exam.start()
        with pytest.raises(SessionRefused, match="token_expired"):
            await seqs(exam)
    assert len(server.peers) == 2


@pytest.mark.parametrize(("retryable", "connections"), [(True, 3), (False, 2)])
async def test_a_refused_resume_is_tried_again_only_where_that_helps(
    server: ExamServer, retryable: bool, connections: int
) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.close(1012)

    async def refuse(peer: Peer) -> None:
        asked = await peer.expect(SessionResume)
        await peer.send(
            ErrorEvent(
                code="bad_resume",
                class_="client",
                message="No.",
                retryable=retryable,
                ref_event_id=asked.event_id,
                retry_after_ms=10 if retryable else None,
            )
        )

    async def last(peer: Peer) -> None:
        await resume(peer, in_seq=1, received_ms=0)
        await peer.send(TurnState(state="listening"))
        await peer.close()

    play(server, first, refuse, last)
    async with live(server) as exam:
        await exam.start()
        if retryable:
            assert await seqs(exam) == [1]
        else:
            with pytest.raises(SessionRefused, match="bad_resume"):
                await seqs(exam)
    assert len(server.peers) == connections


@pytest.mark.parametrize("own", [True, False])
async def test_a_client_comes_back_if_only_its_own_late_connection_took_its_place(
    server: ExamServer, own: bool
) -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.send(
            ErrorEvent(
                code="superseded",
                class_="client",
                message="Another one is here.",
                fatal=True,
                retryable=own,
                retry_after_ms=0 if own else None,
            )
        )
        await peer.close(4409)

    async def second(peer: Peer) -> None:
        await resume(peer, in_seq=1, received_ms=0)
        await peer.close()

    play(server, first, second)
    async with live(server) as exam:
        await exam.start()
        if own:
            assert await seqs(exam) == [1]
        else:
            with pytest.raises(SessionRefused, match="superseded"):
                await seqs(exam)
    assert len(server.peers) == (2 if own else 1)
    assert len({peer.client for peer in server.peers} - {None}) == 1
