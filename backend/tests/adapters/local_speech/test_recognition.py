"""The logic of a turn, with a decoder that reads its audio exactly and a pool that runs by hand."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.local_speech.pool import Priority
from app.services.speech import RecognitionFailed, Utterance
from tests.adapters.local_speech.turns import Turn, texts, words
from tests.fakes.hand_pool import HandPool

SECOND = 3
"""Words of 340 ms in a second, about."""


@pytest.fixture
def pool() -> HandPool:
    return HandPool()


@pytest.fixture
def turn(pool: HandPool) -> Turn:
    return Turn(pool)


async def speak(turn: Turn, pool: HandPool, *script: tuple[int, int]) -> None:
    """Hear a script on an idle machine: everything asked for is computed at once."""
    for step in script:
        await turn.hear(step)
        await pool.compute()


async def finish(turn: Turn, pool: HandPool) -> tuple[Utterance, ...]:
    """Finish the turn, computing whatever it asks for."""
    finishing = asyncio.ensure_future(turn.stream.finish())
    while not finishing.done():
        await pool.compute()
        await asyncio.sleep(0)
    return await finishing


async def test_partials_come_about_once_a_second_and_their_revisions_increase(
    turn: Turn, pool: HandPool
) -> None:
    await speak(turn, pool, (0, 1_000), *words(1, 5 * SECOND))
    assert 4 <= len(turn.partials) <= 6
    assert [partial.revision for partial in turn.partials] == list(range(1, len(turn.partials) + 1))
    assert {partial.utterance_index for partial in turn.partials} == {0}
    for earlier, later in pairwise(turn.partials):
        assert later.end_ms - earlier.end_ms >= 900
        assert later.text.startswith(earlier.text)
    assert turn.partials[0].start_ms == 1_000


async def test_partials_of_a_long_answer_show_all_of_it_but_decode_its_end_only(
    turn: Turn, pool: HandPool
) -> None:
    await speak(turn, pool, *words(1, 20 * SECOND))
    assert max(turn.decoder.sketched_ms) <= 8_000
    shown = len(turn.partials[-1].text.split())
    assert turn.partials[-1].text == texts(1, shown)
    assert shown >= 19 * SECOND - 1


async def test_a_partial_that_waits_gets_the_newest_audio(turn: Turn, pool: HandPool) -> None:
    await turn.hear(*words(1, 5 * SECOND))
    assert pool.waiting == 1
    await pool.compute()
    assert [partial.text for partial in turn.partials] == [texts(1, 5 * SECOND)]


async def test_slow_decoding_thins_partials_out(turn: Turn, pool: HandPool) -> None:
    await turn.hear(*words(1, SECOND))
    running = pool.begin()
    await turn.hear(*words(11, 4 * SECOND))
    await pool.end(running)
    asked = len(turn.partials)
    await turn.hear(*words(31, 3 * SECOND))
    assert pool.waiting == 0, "decoding took 4 s, so another 4 s must pass"
    await turn.hear(*words(51, 2 * SECOND))
    assert (asked, pool.waiting) == (1, 1)


async def test_no_partials_before_the_voice_is_heard(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, (0, 10_000))
    assert turn.decoder.sketched_ms == []


async def test_finish_returns_at_once_what_was_decoded_ahead(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, (0, 500), *words(1, 9), (0, 400))
    assert len(turn.decoder.transcribed_ms) == 1
    await turn.hear((0, 800))
    (utterance,) = await turn.stream.finish()
    assert len(turn.decoder.transcribed_ms) == 1
    assert utterance.text == texts(1, 9)
    assert turn.utterances == [utterance]


async def test_finish_hurries_what_is_still_queued(turn: Turn, pool: HandPool) -> None:
    await turn.hear(*words(1, 6), (0, 600))
    finishing = asyncio.ensure_future(turn.stream.finish())
    await asyncio.sleep(0)
    work = pool.begin()
    assert work.priority is Priority.FINAL
    await pool.end(work)
    assert [utterance.text for utterance in await finishing] == [texts(1, 6)]
    assert len(turn.decoder.transcribed_ms) == 1


async def test_a_voice_that_goes_on_is_decoded_again_as_a_whole(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 6), (0, 900), *words(7, 6), (0, 600))
    utterances = await turn.stream.finish()
    assert [utterance.text for utterance in utterances] == [texts(1, 12)]
    assert len(turn.decoder.transcribed_ms) == 2


async def test_decoding_ahead_that_has_not_begun_is_dropped_when_the_voice_goes_on(
    turn: Turn, pool: HandPool
) -> None:
    await turn.hear(*words(1, 6), (0, 600))
    assert pool.waiting == 1
    await turn.hear(*words(7, 1))
    assert pool.waiting == 0


async def test_what_was_decoded_ahead_is_shown_even_when_the_voice_goes_on(
    turn: Turn, pool: HandPool
) -> None:
    await turn.hear(*words(1, 6), (0, 600))
    ahead = pool.begin()
    await turn.hear(*words(7, 4))
    assert pool.waiting == 0, "the text is on its way; a partial would compete with it"
    await pool.end(ahead)
    assert [partial.text for partial in turn.partials] == [texts(1, 6)]
    await turn.hear(*words(11, 4))
    await pool.compute()
    assert turn.partials[-1].text == texts(1, 14)


async def test_short_gaps_are_not_decoded_ahead(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 8, gap_ms=150))
    assert turn.decoder.transcribed_ms == []


async def test_a_pause_ends_a_long_utterance_with_the_text_decoded_in_it(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 30), (0, 600))
    assert turn.utterances == []
    await speak(turn, pool, *words(31, 3))
    assert [utterance.text for utterance in turn.utterances] == [texts(1, 30)]
    await speak(turn, pool, *words(34, 3), (0, 500))
    utterances = await turn.stream.finish()
    assert [(u.index, u.text) for u in utterances] == [(0, texts(1, 30)), (1, texts(31, 6))]
    assert len(turn.decoder.transcribed_ms) == 2
    assert {partial.utterance_index for partial in turn.partials} == {0, 1}
    assert next(partial.revision for partial in turn.partials if partial.utterance_index == 1) == 1


async def test_the_longer_an_utterance_the_shorter_the_pause_that_ends_it(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 30), (0, 400), *words(31, 20), (0, 400), *words(51, 3))
    assert [utterance.text for utterance in turn.utterances] == [texts(1, 50)]


async def test_a_long_pause_ends_any_utterance_while_it_lasts(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 2), (0, 2_900))
    assert turn.utterances == []
    await speak(turn, pool, (0, 200))
    assert [utterance.text for utterance in turn.utterances] == [texts(1, 2)]
    await speak(turn, pool, (0, 20_000), *words(3, 2), (0, 1_200))
    assert [utterance.text for utterance in await turn.stream.finish()] == [texts(1, 2), texts(3, 2)]
    assert max(turn.decoder.transcribed_ms) < 1_100


async def test_unbroken_speech_is_cut_between_words_and_nothing_is_lost(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 70 * SECOND))
    utterances = await finish(turn, pool)
    assert len(utterances) == 3
    assert " ".join(utterance.text for utterance in utterances) == texts(1, 70 * SECOND)
    assert max(turn.decoder.transcribed_ms) <= 28_000
    for earlier, later in pairwise(utterances):
        assert earlier.end_ms == later.start_ms


async def test_silence_around_the_voice_is_not_decoded(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, (0, 5_000), *words(1, 3), (0, 1_500))
    (utterance,) = await turn.stream.finish()
    assert turn.decoder.transcribed_ms == [980 + 400]
    assert (utterance.start_ms, utterance.end_ms) == (5_000, 5_980)
    assert [(w.start_ms, w.end_ms) for w in utterance.words] == [
        (5_000, 5_300),
        (5_340, 5_640),
        (5_680, 5_980),
    ]


async def test_positions_count_from_where_the_turn_was_opened(pool: HandPool) -> None:
    turn = Turn(pool, start_ms=61_000)
    await speak(turn, pool, (0, 400), *words(1, 3), (0, 600))
    (utterance,) = await turn.stream.finish()
    assert (utterance.start_ms, utterance.words[-1].end_ms) == (61_400, 62_380)


async def test_a_turn_cut_off_in_speech_keeps_all_of_it(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 7))
    assert [utterance.text for utterance in await finish(turn, pool)] == [texts(1, 7)]


async def test_a_voice_nobody_noticed_is_decoded_with_doubt(turn: Turn, pool: HandPool) -> None:
    await turn.hear((0, 1_000), (1, 80), (0, 1_000))
    assert [utterance.text for utterance in await finish(turn, pool)] == ["w1"]
    assert turn.decoder.heard == [False]


async def test_nothing_said_and_nothing_fed(turn: Turn) -> None:
    assert await turn.stream.finish() == ()


async def test_a_partial_does_not_come_after_the_final(turn: Turn, pool: HandPool) -> None:
    await turn.hear(*words(1, 4))
    running = pool.begin()
    await finish(turn, pool)
    await pool.end(running)
    assert turn.partials == []


async def test_utterances_are_reported_in_order_whatever_is_decoded_first(turn: Turn, pool: HandPool) -> None:
    await turn.hear(*words(1, 30), (0, 600))
    first = pool.begin()
    await turn.hear(*words(31, 30), (0, 600), *words(61, 1))
    second = pool.begin()
    await pool.end(second)
    assert turn.utterances == []
    await pool.end(first)
    assert [utterance.index for utterance in turn.utterances] == [0, 1]


async def test_a_failed_decoding_is_tried_once_more(turn: Turn, pool: HandPool) -> None:
    turn.decoder.fail_next = 1
    await speak(turn, pool, *words(1, 4), (0, 600))
    assert [utterance.text for utterance in await finish(turn, pool)] == [texts(1, 4)]
    assert len(turn.decoder.transcribed_ms) == 2


async def test_an_engine_that_keeps_failing_is_reported_and_may_recover(turn: Turn, pool: HandPool) -> None:
    turn.decoder.fail_next = 2
    await speak(turn, pool, *words(1, 4), (0, 600))
    with pytest.raises(RecognitionFailed):
        await finish(turn, pool)
    assert [utterance.text for utterance in await finish(turn, pool)] == [texts(1, 4)]


async def test_a_full_pool_loses_nothing() -> None:
    pool = HandPool(max_waiting=1)
    others = pool.submit(Priority.FINAL, len, "")
    turn = Turn(pool)
    await turn.hear(*words(1, 30), (0, 600), *words(31, 3), (0, 600))
    with pytest.raises(RecognitionFailed):
        await turn.stream.finish()
    await pool.end(pool.begin())
    assert others.future.done()
    assert [utterance.text for utterance in await finish(turn, pool)] == [texts(1, 30), texts(31, 3)]


async def test_finish_twice_and_at_once(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 4), (0, 600))
    first, second = await asyncio.gather(turn.stream.finish(), turn.stream.finish())
    assert first == second == await turn.stream.finish()
    assert len(turn.utterances) == 1


async def test_what_comes_after_the_end_is_ignored(turn: Turn, pool: HandPool) -> None:
    await speak(turn, pool, *words(1, 4), (0, 600))
    await turn.stream.finish()
    await speak(turn, pool, *words(5, 4), (0, 600))
    assert [utterance.text for utterance in await turn.stream.finish()] == [texts(1, 4)]


async def test_a_closed_stream_reports_nothing_and_leaves_nothing_queued(turn: Turn, pool: HandPool) -> None:
    await turn.hear(*words(1, 30), (0, 600), *words(31, 2))
    running = pool.begin()
    await turn.stream.aclose()
    await turn.stream.aclose()
    await pool.end(running)
    assert pool.waiting == 0
    assert (turn.partials, turn.utterances) == ([], [])
    with pytest.raises(RecognitionFailed):
        await turn.stream.finish()


async def test_half_a_sample_is_refused(turn: Turn) -> None:
    with pytest.raises(ValueError, match="two bytes"):
        turn.stream.feed(b"\x00")


async def test_repeated_and_misplaced_marks_change_nothing(turn: Turn, pool: HandPool) -> None:
    turn.stream.pause(0)
    turn.stream.resume(-5)
    turn.stream.resume(90_000)
    await speak(turn, pool, *words(1, 4))
    turn.stream.pause(10**9)
    turn.stream.pause(3)
    assert [utterance.text for utterance in await finish(turn, pool)] == [texts(1, 4)]


@settings(max_examples=30, deadline=None)
@given(
    speech=st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from([30, 120, 300, 400, 700, 1_500, 4_000])), max_size=5
    ),
    lead_ms=st.sampled_from([0, 40, 900, 5_000]),
    frame_ms=st.sampled_from([20, 40, 200, 1_000]),
    busy=st.booleans(),
)
def test_every_word_is_heard_once_whatever_the_rhythm(
    speech: list[tuple[int, int]], lead_ms: int, frame_ms: int, busy: bool
) -> None:
    async def whole_turn() -> None:
        pool = HandPool()
        turn = Turn(pool, frame_ms=frame_ms)
        await turn.hear((0, lead_ms))
        said = 0
        for count, pause_ms in speech:
            for step in [*words(said + 1, count), (0, pause_ms)]:
                await turn.hear(step)
                if not busy:
                    await pool.compute()
            said += count
        utterances = await finish(turn, pool)
        assert " ".join(u.text for u in utterances if u.text) == texts(1, said)
        assert turn.utterances == list(utterances)
        assert [u.index for u in utterances] == list(range(len(utterances)))
        edges = [edge for u in utterances for edge in (u.start_ms, u.end_ms)]
        assert edges == sorted(edges)
        for utterance in utterances:
            inner = [edge for w in utterance.words for edge in (w.start_ms, w.end_ms)]
            assert [utterance.start_ms, *inner, utterance.end_ms] == sorted(
                [utterance.start_ms, *inner, utterance.end_ms]
            )
        for earlier, later in pairwise(turn.partials):
            assert (later.utterance_index, later.revision) > (earlier.utterance_index, earlier.revision)

    asyncio.run(whole_turn())
