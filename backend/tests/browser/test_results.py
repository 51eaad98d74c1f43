"""The results of a session that was analysed for real."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, user_id
from tests.fakes.held_session import DILNOZA, HeldSessions

pytestmark = pytest.mark.asyncio(loop_scope="package")

USER = "results-dilnoza"
HOSTILE = '<img src=x onerror="document.title=1"> \u202eevil\u202c ' + "x" * 5_000

Results = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="package", scope="module")
async def kept() -> dict[str, UUID]:
    """The session that most tests look at, made once."""
    return {}


@pytest_asyncio.fixture(loop_scope="package")
async def session(kept: dict[str, UUID], site: str, held: HeldSessions) -> UUID:
    """The second of two sessions of one learner."""
    if not kept:
        learner = await user_id(site, USER)
        await held.hold(learner)
        kept["session"] = await held.hold(learner)
    return kept["session"]


@pytest.fixture
def results(page_at: OpenPage, session: UUID) -> Results:
    """Open the results once the analysis is there."""

    async def opened(**options: object) -> Page:
        page = (await page_at(f"#/results/{session}", user=USER, **options)).page
        await page.locator(".overall").wait_for(timeout=60_000)
        return page

    return opened


async def test_bands_with_ranges_and_the_reasons_for_them(results: Results) -> None:
    page = await results()
    await expect(page.locator(".overall-number")).to_have_text("6.5")
    await expect(page.locator(".overall-range")).to_have_text("likely 5.0 to 7.5")
    await expect(page.locator(".overall")).to_contain_text("not an official IELTS result")
    criteria = page.locator(".criterion")
    await expect(criteria).to_have_count(4)
    grammar = page.locator(".criterion[data-criterion=grammatical_range_accuracy]")
    await grammar.locator("> summary").click()
    await expect(grammar).to_contain_text("Your grammar is estimated at band")
    await expect(grammar.get_by_role("heading", name="What carries it")).to_be_visible()
    await expect(grammar.locator("button.quote").first).to_be_visible()
    await expect(page.locator(".bands-chart .chart-point")).to_have_count(2)
    await expect(page.locator("#history ~ * .changes li")).to_have_count(4)


async def test_a_quote_is_heard_at_its_moment(results: Results) -> None:
    page = await results()
    await page.locator(".criterion > summary").first.click()
    quote = page.locator(".criterion button.quote").first
    async with page.expect_response(lambda r: "/audio?" in r.url) as answered:
        await quote.click()
    response = await answered.value
    assert response.status == 200
    start_ms, end_ms = (int(part.split("=")[1]) for part in response.url.split("?")[1].split("&"))
    shown = await quote.locator(".quote-time").inner_text()
    minutes, seconds = map(int, shown.split(":"))
    assert abs((minutes * 60 + seconds) * 1000 - start_ms) < 1_500
    await expect(quote).to_have_attribute("aria-pressed", "true")
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 0")
    source, duration = await page.evaluate(
        "() => { const a = document.querySelector('audio'); return [a.src, a.duration]; }"
    )
    assert source.startswith("blob:")
    assert duration == pytest.approx((end_ms - start_ms) / 1000, abs=0.02)
    await quote.click()
    await expect(quote).to_have_attribute("aria-pressed", "false")
    assert await page.evaluate("() => document.querySelector('audio').paused")


async def test_a_mistake_leads_to_its_place_and_can_be_disputed(results: Results) -> None:
    page = await results()
    mistake = page.locator(".mistake", has_text="depends from")
    await expect(mistake).to_contain_text("depends on")
    await mistake.click()
    mark = page.locator(".mark", has_text="depends from")
    await expect(mark).to_be_focused()
    await expect(mark).to_have_attribute("aria-expanded", "true")
    panel = page.locator(".turn-panel:not([hidden])")
    await expect(panel).to_contain_text("“depends” goes with “on”")
    await expect(panel).to_contain_text("Found by a grammar rule · ")
    await panel.get_by_role("button", name="This is not an error").click()
    await expect(panel).to_contain_text("Noted")
    await expect(panel.get_by_role("button", name="Undo")).to_be_focused()

    await page.reload()
    mark = page.locator(".mark.disputed", has_text="depends from")
    await mark.click()
    await panel.get_by_role("button", name="Undo").click()
    await expect(panel.get_by_role("button", name="This is not an error")).to_be_focused()
    await expect(page.locator(".mark.disputed")).to_have_count(0)


async def test_explanations_in_uzbek(results: Results) -> None:
    page = await results()
    await page.locator(".toggle-option", has_text="Oʻzbekcha").click()
    await page.locator(".mark", has_text="she work").click()
    explained = page.locator(".turn-panel:not([hidden]) .prose")
    await expect(explained).to_have_attribute("lang", "uz")
    await expect(explained).to_contain_text("qo‘shiladi")
    await page.locator(".criterion summary").first.click()
    band = page.locator(".criterion-body").first
    await expect(band.locator(".prose")).to_contain_text("Ravonlik va izchillik bo‘yicha")
    await expect(band.locator("[lang=en]:not(q, blockquote)")).to_have_count(0)
    await page.reload()
    await expect(page.locator(".toggle input[value=uz]")).to_be_checked(timeout=60_000)


async def test_the_report_is_made_and_downloaded(results: Results, session: UUID) -> None:
    page = await results()
    async with page.expect_download(timeout=60_000) as downloading:
        await page.get_by_role("button", name="Report as PDF").click()
    download = await downloading.value
    assert download.suggested_filename == f"speakmate-report-{session}.pdf"
    pdf = await asyncio.to_thread((await download.path()).read_bytes)
    text = " ".join(part.extract_text() for part in PdfReader(io.BytesIO(pdf)).pages)
    assert "6.5" in text
    await expect(page.locator(".report [role=status]")).to_have_text("The report is in your downloads.")


async def test_the_keyboard_alone_reaches_everything(results: Results) -> None:
    page = await results()
    await page.locator(".toggle input").first.focus()
    reached: set[str] = set()
    for _ in range(60):
        await page.keyboard.press("Tab")
        what = await page.evaluate("() => document.activeElement.className || document.activeElement.tagName")
        reached.add(what.split()[0])
        if what == "SUMMARY" and "criterion" not in reached:
            await page.keyboard.press("Enter")
            assert await page.locator(".criterion[open]").count() == 1
            reached.add("criterion")
        if what.split()[0] == "mark":
            break
    assert {"button", "quote", "mistake", "mark"} <= reached
    await page.keyboard.press("Space")
    await expect(page.locator(".mark:focus")).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Tab")
    await expect(page.locator(".finding .listen")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="This is not an error")).to_be_focused()


@pytest.mark.parametrize(
    ("language", "theme", "viewport"),
    [("en", "light", DESKTOP), ("uz", "dark", PHONE), ("ru", "light", PHONE), ("en", "dark", PHONE)],
)
async def test_no_barrier_and_nothing_too_wide(
    page_at: OpenPage, session: UUID, language: str, theme: str, viewport: dict[str, int]
) -> None:
    visit = await page_at(
        f"#/results/{session}", user=USER, language=language, theme=theme, viewport=viewport
    )
    await visit.page.locator(".overall").wait_for(timeout=60_000)
    await visit.page.evaluate("() => document.querySelectorAll('details').forEach((d) => (d.open = true))")
    for number in range(await visit.page.locator(".mark").count()):
        await visit.page.locator(".mark").nth(number).click()
    assert await visit.accessibility() == []
    assert await visit.overflow() == []


async def test_hostile_text_is_text(page_at: OpenPage, held: HeldSessions, site: str) -> None:
    learner = await user_id(site, "results-hostile")
    made = await held.hold(learner, [*DILNOZA[:3], (3, HOSTILE)], renamed=HOSTILE)
    visit = await page_at(f"#/results/{made}", user="results-hostile", viewport=PHONE)
    await visit.page.locator(".overall").wait_for(timeout=60_000)
    assert await visit.page.locator("#view img").count() == 0
    assert await visit.page.title() == "Your results · SpeakMate"
    await expect(visit.page.locator(".turn.examiner").first).to_contain_text("<img src=x onerror=")
    assert await visit.overflow() == []


async def test_too_little_said_has_ranges_and_no_band(
    page_at: OpenPage, held: HeldSessions, site: str
) -> None:
    made = await held.hold(await user_id(site, "results-short"), DILNOZA[:2], recorded=False)
    page = (await page_at(f"#/results/{made}", user="results-short")).page
    await page.locator(".overall").wait_for(timeout=60_000)
    await expect(page.locator(".overall")).to_contain_text("No band yet")
    await page.locator(".criterion > summary").first.click()
    await expect(page.locator(".criterion[open] .notice")).to_contain_text("too little")
    assert await page.locator(".quote").count() > 0
    assert await page.locator("button.quote, .listen").count() == 0  # nothing was recorded


async def test_nothing_said_says_what_to_do(page_at: OpenPage, held: HeldSessions, site: str) -> None:
    made = await held.hold(await user_id(site, "results-silent"), [])
    page = (await page_at(f"#/results/{made}", user="results-silent")).page
    await page.get_by_role("heading", name="We did not hear an answer").wait_for(timeout=60_000)
    await expect(page.get_by_role("link", name="Check the microphone")).to_be_visible()


async def test_who_only_said_their_name_reads_that_it_is_not_rated(
    page_at: OpenPage, held: HeldSessions, site: str, superuser: psycopg.Connection
) -> None:
    learner = await user_id(site, "results-opening")
    made = await held.hold(learner, [])
    page = (await page_at(f"#/results/{made}", user="results-opening")).page
    await page.get_by_role("heading", name="We did not hear an answer").wait_for(timeout=60_000)
    superuser.execute(
        """insert into turns (id, session_id, user_id, idx, speaker, kind, text, start_ms, end_ms)
           values (%s, %s, %s, 0, 'learner', 'name', 'My name is Dilnoza.', 100, 1400)""",
        (uuid4(), made, learner),
    )
    await page.reload()
    await page.get_by_role("heading", name="It ended before the questions that are rated").wait_for()
    await expect(page.locator(".turn.learner")).to_contain_text("My name is Dilnoza.")


async def test_a_failed_analysis_keeps_the_answers(
    page_at: OpenPage, held: HeldSessions, site: str, superuser: psycopg.Connection
) -> None:
    learner = await user_id(site, "results-failed")
    made = await held.hold(learner)
    page = (await page_at(f"#/results/{made}", user="results-failed")).page
    await page.locator(".overall").wait_for(timeout=60_000)
    superuser.execute("delete from analyses where session_id = %s", (made,))
    superuser.execute("update jobs set status = 'failed' where session_id = %s", (made,))
    await page.reload()
    await page.get_by_role("heading", name="The analysis failed").wait_for()
    await expect(page.locator(".turn.learner").first).to_contain_text("I live in Samarkand")


async def test_a_session_of_nobody_or_of_somebody_else(page_at: OpenPage, session: UUID) -> None:
    for address in (session, uuid4(), "nonsense"):
        page = (await page_at(f"#/results/{address}", user="results-stranger")).page
        await expect(page.locator("h1")).to_have_text("There is no such session")


async def test_without_a_connection_and_back(results: Results, session: UUID) -> None:
    page = await results()
    await page.goto(page.url.split("#")[0] + "#/")
    await page.locator(".results").wait_for(state="detached")
    await page.context.set_offline(True)
    await page.evaluate(f"() => (location.hash = '#/results/{session}')")
    await expect(page.locator("h1")).to_have_text("You are offline")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await page.locator(".overall").wait_for()
