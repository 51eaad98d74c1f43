"""What goes wrong in the middle of an exam: the exam goes on, and nothing that was said is lost."""

import asyncio

from app.api.websocket.limits import Limits
from app.api.websocket.protocol import AudioCommit, ErrorEvent, SttFinal, TtsAudio
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import World, world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
HOME: Answer = ("I live in Tashkent", 700, "with my big family in old house near the river")


def learner_turns(w: World, learner: Learner) -> list[str]:
    return [turn.text for turn in w.store.dialogue(learner.session_id) if turn.speaker == "learner"]


@virtual_time
async def test_a_voice_that_fails_leaves_the_words_and_the_exam_goes_on() -> None:
    async with world() as w:
        w.voice.failing = lambda text: "live" in text
        learner = Learner(w, w.create().id, [NAME, HOME])
        story = await learner.sit()
        asked = story.index("examiner: Where do you live? [P1-001.1]")
        assert story[asked + 1 : asked + 3] == ["warning voice_unavailable", "voice missing"]
        assert story[asked + 3].startswith("learner: I live in Tashkent")
        assert story[-1].startswith("summary completed")


@virtual_time
async def test_a_voice_that_breaks_off_is_heard_as_far_as_it_came() -> None:
    async with world() as w:
        w.voice.failing = lambda text: "First" in text
        w.voice.fail_after_chunks = 2
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("warning voice_unavailable"))
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        ended = [e for e in learner.pipe.of(TtsAudio) if isinstance(e, TtsAudio) and e.duration_ms == 1_000]
        assert len(ended) == 1


@virtual_time
async def test_a_voice_that_stalls_is_given_up_after_five_seconds() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        w.voice.stalled = True
        await learner.start()
        await learner.wait_for(lambda: learner.heard("warning voice_unavailable"), within_s=6)
        w.voice.stalled = False
        await learner.wait_for(learner.has_summary)
        assert learner.story[-1].startswith("summary completed")


@virtual_time
async def test_an_answer_that_cannot_be_transcribed_is_kept_as_sound() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        w.recogniser.failing = 1
        await learner.wait_for(learner.has_summary)
        assert learner.heard("warning transcription_failed")
        lost = [t for t in w.store.dialogue(session.id) if t.speaker == "learner" and not t.text]
        assert len(lost) == 1
        assert lost[0].spans
        assert (lost[0].untranscribed, lost[0].analysis) == (True, None)
        sound = (await w.audio(session.id))[lost[0].start_ms * 32 : lost[0].end_ms * 32]
        assert sound.strip(b"\0")
        assert learner.story[-1].startswith("summary completed")
        summary = w.store.sessions[session.id].summary
        assert summary is not None
        assert summary["conditions"]["untranscribed_answers"] == 1


@virtual_time
async def test_a_learner_is_told_once_that_another_recogniser_listens() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        assert not learner.heard("warning recogniser_substituted")
        w.recogniser.substituted = True
        await learner.wait_for(learner.has_summary)
        assert learner.story.count("warning recogniser_substituted") == 1
        assert learner.story[-1].startswith("summary completed")


@virtual_time
async def test_a_recogniser_that_crashes_or_hangs_does_not_stop_the_exam() -> None:
    async with world(Limits(transcription_ms=4_000)) as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        w.recogniser.crashing = 1
        await learner.start()
        await learner.wait_for(lambda: learner.heard("warning transcription_failed"))
        w.recogniser.hanging = 1
        await learner.wait_for(learner.has_summary)
        assert learner.story.count("warning transcription_failed") == 2
        assert learner.story[-1].startswith("summary completed")


@virtual_time
async def test_an_analysis_that_fails_costs_only_the_summary() -> None:
    async with world() as w:
        w.analysis_fails = True
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        story = await learner.sit()
        assert story[-1] == "summary completed, 0 answers, 0 words"
        assert w.store.queued_analyses == [session.id]
        assert len(learner_turns(w, learner)) > 3


@virtual_time
async def test_a_slow_analysis_does_not_hold_the_summary() -> None:
    async with world() as w:
        w.analysis_s = 30
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("What do you like about it?"))
        before = w.parts.clock.now_ms()
        await learner.end()
        assert w.parts.clock.now_ms() - before < 3_000


@virtual_time
async def test_every_answer_is_listened_to_during_the_talk() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        await learner.sit()
        answers = [t for t in w.store.dialogue(session.id) if t.speaker == "learner"]
        heard = [t.analysis and t.analysis["heard_ms"] for t in answers]
        assert heard[:-1] == [t.end_ms - t.start_ms for t in answers[:-1]]


@virtual_time
async def test_listening_does_not_hold_the_summary_and_keeps_the_analysis() -> None:
    async with world() as w:
        w.listening_s = 3_600
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("What do you like about it?"))
        before = w.parts.clock.now_ms()
        await learner.end()
        assert w.parts.clock.now_ms() - before < 1_500
        answers = [t for t in w.store.dialogue(session.id) if t.speaker == "learner" and t.text]
        assert answers
        assert all(t.analysis is not None and t.analysis["heard_ms"] is None for t in answers)


@virtual_time
async def test_a_database_that_is_away_for_a_while_loses_nothing_and_shows_nothing_early() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        w.store.fail(6)
        await learner.wait_for(learner.has_summary)
        sent = [event for event in learner.pipe.raw if "seq" in event]
        assert sent == [{**e.payload, "seq": e.seq} for e in w.store.events[session.id]]
        assert [e["seq"] for e in sent] == list(range(1, len(sent) + 1))
        assert learner.story[-1].startswith("summary completed")


@virtual_time
async def test_commits_whose_answer_got_lost_are_not_repeated() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        await learner.start()
        for _ in range(12):
            w.store.fail(1, lost_answers=True)
            await asyncio.sleep(9)
        await learner.wait_for(learner.has_summary)
        assert learner.seqs == list(range(1, len(learner.seqs) + 1))
        finals = [e.text for e in learner.pipe.of(SttFinal) if isinstance(e, SttFinal)]
        assert " ".join(learner_turns(w, learner)) == " ".join(finals)


@virtual_time
async def test_a_database_that_stays_away_ends_the_connection_and_gets_everything_when_it_is_back() -> None:
    async with world(Limits(store_ms=10_000, shutdown_ms=120_000)) as w:
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("What do you like about it?"))
        w.store.fail(20)
        assert await learner.pipe.closed(within_s=60) == 4500
        error = learner.pipe.of(ErrorEvent)[-1]
        assert isinstance(error, ErrorEvent)
        assert (error.code, error.fatal, error.retryable) == ("internal", True, True)
        w.store.fail(0)
        await w.until(lambda: w.store.queued_analyses)
        assert w.store.sessions[session.id].end_reason == "failed"
        assert "with my big family" in learner_turns(w, learner)[1]


@virtual_time
async def test_a_bug_in_the_exam_ends_the_session_cleanly_with_what_was_said() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])

        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        w.recogniser.open = None  # type: ignore[assignment, method-assign]
        assert await learner.pipe.closed() == 4500
        await asyncio.sleep(5)
        assert w.store.sessions[session.id].status == "ended"
        assert w.store.queued_analyses == [session.id]
        assert len(await w.audio(session.id)) > 0
        assert w.manager.live == 0


@virtual_time
async def test_audio_that_cannot_be_stored_is_not_acknowledged_and_sent_again_later() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [NAME, HOME])
        await learner.start()
        await asyncio.sleep(3)
        w.blobs.down = True
        await learner.wait_for(lambda: learner.heard("error audio_not_stored"))
        told = learner.pipe.of(ErrorEvent)[-1]
        assert isinstance(told, ErrorEvent)
        assert told.retryable
        assert not told.fatal
        learner.started = False
        w.blobs.down = False
        await asyncio.sleep(6)
        stored = len(await w.audio(session.id)) // 32
        learner._resend(stored)
        learner.started = True
        await learner.wait_for(learner.has_summary)
        assert await w.audio(session.id) == bytes(learner.said)[: w.store.sessions[session.id].audio_ms * 32]


@virtual_time
async def test_silence_only_ends_without_answers_and_is_analysed_all_the_same() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [(500,)])
        story = await learner.sit()
        assert story[-1] == "summary no_response, 0 answers, 0 words"
        assert any("(repeat)" in line for line in story)
        assert not any(line.startswith("learner:") for line in story)
        assert learner_turns(w, learner) == []
        assert w.store.queued_analyses == [session.id]


@virtual_time
async def test_noise_only_is_kept_and_nothing_is_made_up() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, [(500,)])
        noise = w.book.noise(1_500)
        learner.world.book.speak = lambda *_: noise  # type: ignore[method-assign]
        story = await learner.sit()
        assert story[-1].startswith("summary no_response")
        turns = learner_turns(w, learner)
        assert turns
        assert not any(turns)


@virtual_time
async def test_a_talk_beyond_its_limit_is_stopped_and_taken_down() -> None:
    async with world() as w:
        session = w.create("part2", clock="standard")
        talk: Answer = ("I want to tell you about my best friend", 400) * 80
        learner = Learner(w, session.id, [talk, (500,)])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("phase p2_talk"))
        began = w.parts.clock.now_ms()
        await learner.wait_for(lambda: learner.heard("examiner: (stop)"))
        assert 120_000 <= w.parts.clock.now_ms() - began <= 121_000
        learner.microphone.hush()
        await learner.wait_for(learner.has_summary)
        turn = next(t for t in w.store.dialogue(session.id) if t.speaker == "learner")
        assert turn.end_ms - turn.start_ms > 115_000
        assert len(turn.words) > 300


@virtual_time
async def test_a_pause_for_thinking_does_not_end_the_talk_and_a_slow_speaker_is_given_time() -> None:
    async with world() as w:
        session = w.create("part2", clock="standard")
        learner = Learner(
            w, session.id, [("I would like to speak about", 6_000, "my grandmother and her garden")]
        )
        await learner.start()
        await learner.wait_for(lambda: learner.heard("my grandmother"))
        turn = next(t for t in w.store.dialogue(session.id) if t.speaker == "learner")
        assert turn.text == "I would like to speak about my grandmother and her garden"
        assert len(turn.spans) == 2


@virtual_time
async def test_an_answer_that_begins_over_the_last_word_of_the_question_is_heard_whole() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Could") or learner.heard("examiner: (question)"))
        await learner.wait_for(lambda: learner.player.playing is not None)
        await learner.wait_for(lambda: 0 < learner.unplayed_ms() < 600)
        learner.speak("Alisher is my name")
        await learner.wait_for(lambda: learner.heard("learner:"))
        assert learner.heard("learner: Alisher is my name")


@virtual_time
async def test_a_microphone_that_stops_sending_does_not_hold_the_exam() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await asyncio.sleep(0.8)
        learner.pipe.send_frame = lambda frame: None  # type: ignore[method-assign]
        await learner.wait_for(lambda: learner.heard("learner: My"), within_s=10)


@virtual_time
async def test_done_in_the_long_turn_ends_it_at_once() -> None:
    async with world() as w:
        learner = Learner(w, w.create("part2", clock="standard").id, [("I will talk about my school days",)])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("phase p2_talk"))
        await learner.wait_for(lambda: learner.microphone.speaking)
        await learner.wait_for(lambda: not learner.microphone.speaking)
        end_ms = learner.microphone.position_ms
        learner.pipe.send(
            AudioCommit(commit_id="done", audio_start_ms=0, audio_end_ms=end_ms, end_of_turn=True)
        )
        await learner.wait_for(lambda: learner.heard("learner: I will"), within_s=1)


@virtual_time
async def test_who_talks_on_after_done_is_not_heard_twice() -> None:
    async with world() as w:
        endless = (" ".join(f"word{n}" for n in range(60)),)
        learner = Learner(w, w.create().id, [NAME, endless])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        await learner.wait_for(lambda: learner.microphone.speaking)
        await asyncio.sleep(2)
        end_ms = learner.microphone.position_ms
        opened = len(w.recogniser.opened)
        learner.pipe.send(
            AudioCommit(commit_id="done", audio_start_ms=0, audio_end_ms=end_ms, end_of_turn=True)
        )
        await learner.wait_for(lambda: len(w.recogniser.opened) > opened)
        assert w.recogniser.opened[opened] >= end_ms
