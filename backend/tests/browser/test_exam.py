"""An exam in the page: spoken into a microphone, cut, reloaded, taken elsewhere, ended."""

import asyncio
import itertools
import re

import numpy as np
import pytest
from playwright.async_api import Browser

from bench.parts.chaos_proxy import ChaosProxy
from tests.browser.conftest import PHONE, WAV_HEAD, OpenPage, Visit
from tests.fakes.tones import SENTENCE, WORD_MS, WORDS

pytestmark = pytest.mark.asyncio(loop_scope="package")

SOME_WORDS = " ".join(WORDS[3:9])
SOUND_KEPT = """async (session) => {
  const { UnstoredSound } = await import("/web/js/exam/unstored.js");
  return (await new UnstoredSound(session).load()).length;
}"""


def gapless(words: list[int]) -> bool:
    """Whether each word follows the one before it, the first after the last."""
    return len(words) > 1 and all(
        after == (before + 1) % len(WORDS) for before, after in itertools.pairwise(words)
    )


async def end(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="End", exact=True).click()
    await visit.page.get_by_role("button", name="End the session").click()


async def until_ended(visit: Visit, session_id: str) -> dict[str, object]:
    async with asyncio.timeout(40):
        while True:
            session: dict[str, object] = (await visit.get(f"sessions/{session_id}")).json()
            if session["status"] == "ended":
                return session
            await visit.page.wait_for_timeout(100)


async def test_a_guest_sits_an_exam_by_microphone(page_at: OpenPage) -> None:
    visit = await page_at()
    session_id = await visit.open_exam()
    await visit.state("The examiner is speaking")
    await visit.state("Your turn")
    await visit.heard(SENTENCE)
    await visit.page.get_by_role("heading", name="Part 1").wait_for()  # what was said before it is not rated
    heard = visit.page.locator(".line.learner[data-open=false]", has_text=SOME_WORDS)
    await heard.nth(await heard.count()).wait_for()
    await end(visit)
    await visit.page.wait_for_url(f"**/#/results/{session_id}")
    session = await until_ended(visit, session_id)
    assert SENTENCE in str(session["transcript"])
    assert gapless(await visit.recorded(session_id))
    async with visit.page.expect_download(timeout=60_000) as coming:
        await visit.page.get_by_role("button", name=re.compile("PDF")).click()
    report = await (await coming.value).path()
    assert report.read_bytes().startswith(b"%PDF-")


async def test_a_cut_in_the_middle_of_an_answer_loses_nothing(
    page_at: OpenPage, cable: tuple[ChaosProxy, str]
) -> None:
    line, address = cable
    visit = await page_at(at=address)
    session_id = await visit.open_exam()
    await visit.state("Your turn")
    await visit.heard(" ".join(WORDS[:4]))
    line.pull()
    await visit.page.get_by_text("The connection is interrupted.").wait_for()
    await visit.state("Paused")
    await visit.page.wait_for_timeout(2_000)  # the learner goes on talking, into a page that has no server
    line.plug()
    await visit.page.get_by_text("The connection is interrupted.").wait_for(state="detached")
    await visit.heard(SENTENCE)
    await end(visit)
    session = await until_ended(visit, session_id)
    assert SENTENCE in str(session["transcript"])
    assert gapless(await visit.recorded(session_id))


async def test_a_reload_in_part_2_keeps_card_notes_and_time(page_at: OpenPage) -> None:
    visit = await page_at()
    await visit.open_exam("Part 2: long turn")
    card = visit.page.locator(".cue-card h2")
    await visit.state("Prepare your talk", timeout_s=40)
    topic = await card.text_content()
    await visit.page.get_by_label("Notes").fill("the river, my uncle")
    await visit.page.reload()
    await visit.state("Prepare your talk")
    assert await card.text_content() == topic
    assert await visit.page.get_by_label("Notes").input_value() == "the river, my uncle"
    await visit.page.locator(".exam-clock", has_text=re.compile(r"0:[345]\d to prepare")).wait_for()
    await visit.page.get_by_role("button", name="Start talking now").click()
    await visit.state("Your talk")
    await visit.page.locator(".exam-clock", has_text=re.compile(r"[12]:\d\d to talk")).wait_for()
    await visit.heard(SOME_WORDS)
    await visit.page.get_by_role("button", name="I have finished").click()
    await visit.state("The examiner is speaking")


async def test_a_reload_in_an_answer_goes_on_where_it_was(page_at: OpenPage) -> None:
    visit = await page_at()
    session_id = await visit.open_exam()
    await visit.state("Your turn")
    await visit.heard(SENTENCE)
    await visit.page.reload()
    await visit.heard(SENTENCE)
    await visit.state("Your turn")
    await end(visit)
    assert (await until_ended(visit, session_id))["end_reason"] == "ended_by_learner"


async def test_what_was_said_while_cut_off_outlives_a_reload(
    page_at: OpenPage, cable: tuple[ChaosProxy, str]
) -> None:
    line, address = cable
    visit = await page_at(at=address)
    session_id = await visit.open_exam()
    await visit.state("Your turn")
    await visit.heard(" ".join(WORDS[:4]))
    line.pull()
    await visit.state("Paused")
    await visit.page.wait_for_timeout(
        len(WORDS) * WORD_MS
    )  # the sentence is ended, into a page without a server
    exam = visit.page.url
    await visit.page.goto("about:blank")
    line.plug()
    await visit.page.goto(exam)
    await visit.heard(SENTENCE)
    await end(visit)
    session = await until_ended(visit, session_id)
    assert SENTENCE in str(session["transcript"])
    words = await visit.recorded(session_id)
    began = words.index(0)
    assert words[began : began + len(WORDS)] == list(range(len(WORDS)))
    await visit.page.wait_for_url(f"**/#/results/{session_id}")
    assert await visit.page.evaluate(SOUND_KEPT, session_id) == 0


async def test_a_second_tab_takes_the_session_and_gives_it_back(page_at: OpenPage) -> None:
    visit = await page_at()
    session_id = await visit.open_exam()
    await visit.state("Your turn")
    other = Visit(await visit.page.context.new_page(), visit.site)
    await other.page.goto(visit.page.url)
    await other.state("Your turn")
    elsewhere = "This session goes on in another tab."
    await visit.page.get_by_text(elsewhere).wait_for()
    await visit.page.get_by_role("button", name="Continue here").click()
    await other.page.get_by_text(elsewhere).wait_for()
    await visit.state("Your turn")
    await end(visit)
    await until_ended(visit, session_id)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_without_permission_the_page_says_what_to_do(
    page_at: OpenPage, shy_browser: Browser, theme: str
) -> None:
    visit = await page_at(using=shy_browser, theme=theme)
    await visit.sign_in()
    await visit.page.get_by_role("button", name="Continue").click()
    await visit.page.get_by_role("heading", name="The microphone is not allowed").wait_for()
    assert await visit.accessibility() == []
    await visit.page.context.grant_permissions(["microphone"])
    await visit.page.get_by_role("button", name="Try again").click()
    await visit.page.get_by_role("button", name="Start the exam").wait_for()


async def test_a_muted_microphone_is_silent_and_the_question_is_shown_on_demand(page_at: OpenPage) -> None:
    visit = await page_at()
    session_id = await visit.open_exam()
    await visit.state("Your turn")
    await visit.page.get_by_role("button", name="Mute").click()
    await visit.state("Your microphone is off")
    before_ms = (await visit.get(f"sessions/{session_id}")).json()["audio_ms"]
    assert await visit.page.locator(".question").count() == 0
    await visit.page.get_by_role("button", name="Show the question").click()
    await visit.page.locator(".question", has_text="name").wait_for()
    await visit.page.get_by_role("button", name="Hide the text").click()
    await visit.page.get_by_role("button", name="Show the question").wait_for()
    await visit.page.wait_for_timeout(1_500)
    await visit.page.get_by_role("button", name="Unmute").click()
    await end(visit)
    session = await until_ended(visit, session_id)
    assert int(str(session["audio_ms"])) >= before_ms + 1_500  # silence is sound: no gap


async def test_practice_shows_the_question_and_answers_each_answer(page_at: OpenPage) -> None:
    visit = await page_at()
    await visit.open_exam("Practice")
    question = visit.page.locator(".question")
    await question.wait_for()
    first = await question.text_content()
    await visit.heard(WORDS[-1])
    await visit.page.locator(".feedback").wait_for()
    assert await visit.accessibility() == []
    await visit.page.get_by_role("button", name="Answer again").click()
    await visit.page.locator(".feedback").wait_for(state="detached")
    assert await question.text_content() == first
    await visit.page.locator(".feedback").wait_for()
    await visit.page.get_by_role("button", name="Next question").click()
    await visit.page.locator(".feedback").wait_for(state="detached")
    await visit.page.locator(".question", has_not_text=str(first)).wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_check_and_the_exam_have_no_barrier(
    page_at: OpenPage, theme: str, cable: tuple[ChaosProxy, str]
) -> None:
    line, address = cable
    visit = await page_at(theme=theme, at=address)
    await visit.sign_in()
    await visit.page.get_by_role("button", name="Continue").click()
    await visit.page.get_by_role("button", name="Record").click()
    await visit.page.wait_for_timeout(1_500)
    await visit.page.get_by_role("button", name="Stop").click()
    await visit.page.get_by_text("loud and clear").wait_for()
    await visit.page.get_by_role("button", name="Listen").click()
    assert await visit.accessibility() == []
    await visit.page.get_by_role("button", name="Start the exam").click()
    await visit.heard("I live")
    assert await visit.accessibility() == []
    await visit.page.get_by_role("button", name="End", exact=True).click()
    assert await visit.accessibility() == []
    await visit.page.get_by_role("button", name="Go on talking").click()
    line.pull()
    await visit.page.get_by_text("The connection is interrupted.").wait_for()
    assert await visit.accessibility() == []


async def test_on_a_narrow_phone_uzbek_fits_every_screen(page_at: OpenPage) -> None:
    visit = await page_at(viewport=PHONE, language="uz")
    page = visit.page
    await page.locator(".button.primary").click()
    await page.locator("input[value=practice]").check()
    assert await visit.overflow() == []
    await page.locator("input[value=part2]").check()
    await page.locator("form .button.primary").click()
    await page.get_by_role("button", name="Yozib olish").wait_for()
    assert await visit.overflow() == []
    await page.get_by_role("button", name="Imtihonni boshlash").click()
    await page.locator(".cue-card").wait_for(timeout=40_000)
    assert await visit.overflow() == []
    await page.get_by_role("button", name="Tugatish").click()
    assert await visit.overflow() == []


async def test_on_a_narrow_phone_a_turn_and_its_feedback_fit_in_uzbek(page_at: OpenPage) -> None:
    visit = await page_at(viewport=PHONE, language="uz", theme="dark")
    page = visit.page
    await page.locator(".button.primary").click()
    await page.locator("input[value=practice]").check()
    await page.locator("form .button.primary").click()
    await page.get_by_role("button", name="boshlash").click()
    await visit.state("Navbat sizda")
    assert await visit.overflow() == []
    assert await visit.accessibility() == []
    await page.locator(".feedback").wait_for()
    assert await visit.overflow() == []
    assert await visit.accessibility() == []


async def test_without_a_microphone_a_sample_learner_is_watched(page_at: OpenPage) -> None:
    visit = await page_at(permissions=[])
    await visit.sign_in()
    await visit.page.get_by_role("button", name="Watch a sample session").click()
    await visit.page.wait_for_url("**/#/sample/*")
    session_id = visit.page.url.rpartition("/")[2]
    await visit.state("The learner is answering")
    async with asyncio.timeout(30):
        while (await visit.get(f"sessions/{session_id}")).json()["audio_ms"] < 6_000:
            await visit.page.wait_for_timeout(200)
    wav = np.frombuffer((await visit.get(f"sessions/{session_id}/audio")).content[WAV_HEAD:], "<i2")
    assert np.abs(wav).max() > 1_000  # somebody has spoken
    await end(visit)
    await visit.page.wait_for_url(f"**/#/results/{session_id}")
    await visit.page.get_by_role("button", name="Leave the sample").click()
    await visit.page.get_by_role("heading", name="What would you like to practise?").wait_for()
    assert (await visit.get("sessions")).json()["items"] == []  # it was never this learner's own
