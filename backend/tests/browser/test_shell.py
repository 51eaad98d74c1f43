"""The page's frame: it loads quickly, speaks three languages, and everybody can use it."""

import pytest

from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="package")

FIRST_LOAD_BYTES = 150_000


async def test_a_guest_is_in_with_one_click_and_stays_after_a_reload(page_at: OpenPage) -> None:
    visit = await page_at()
    await visit.sign_in()
    await visit.page.reload()
    await visit.page.get_by_role("heading", name="What would you like to practise?").wait_for()
    await visit.page.get_by_role("button", name="Sign out").click()
    await visit.page.get_by_role("button", name="Start as a guest").wait_for()


async def test_the_first_load_is_small(page_at: OpenPage) -> None:
    visit = await page_at()
    sent = await visit.page.evaluate(
        """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
             .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
    )
    assert 10_000 < sent < FIRST_LOAD_BYTES


async def test_nothing_is_loaded_from_elsewhere_or_runs_inline(page_at: OpenPage) -> None:
    visit = await page_at()
    foreign = await visit.page.evaluate(
        """() => performance.getEntriesByType("resource").map((e) => e.name)
             .filter((name) => !name.startsWith(location.origin))"""
    )
    assert foreign == []
    assert await visit.page.locator("script:not([src]), style, [style]:not([style=''])").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_first_screens_have_no_barrier(page_at: OpenPage, theme: str) -> None:
    visit = await page_at(theme=theme)
    assert await visit.accessibility() == []
    await visit.sign_in()
    assert await visit.accessibility() == []


@pytest.mark.parametrize("language", ["en", "uz", "ru"])
async def test_every_language_fits_a_narrow_phone(page_at: OpenPage, language: str) -> None:
    visit = await page_at(viewport=PHONE, language=language)
    assert await visit.page.locator("html").get_attribute("lang") == language
    assert await visit.overflow() == []


async def test_the_language_changes_at_once_and_is_kept(page_at: OpenPage) -> None:
    visit = await page_at()
    await visit.page.get_by_role("combobox", name="Language").select_option("uz")
    button = visit.page.get_by_role("button", name="Mehmon sifatida boshlash")
    await button.wait_for()
    await visit.page.reload()
    await button.wait_for()


async def test_the_colours_can_be_changed_and_are_kept(page_at: OpenPage) -> None:
    visit = await page_at(theme="light")
    paper = "() => getComputedStyle(document.body).backgroundColor"
    light = await visit.page.evaluate(paper)
    await visit.page.get_by_role("button", name="Dark colours").click()
    dark = await visit.page.evaluate(paper)
    assert dark != light
    await visit.page.reload()
    await visit.page.get_by_role("button", name="Light colours").wait_for()
    assert await visit.page.evaluate(paper) == dark


async def test_on_a_phone_the_link_of_the_present_screen_is_in_sight(page_at: OpenPage) -> None:
    visit = await page_at("#/settings", viewport=PHONE, language="uz", user="narrow-header")
    box = await visit.page.get_by_role("link", name="Sozlamalar").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= PHONE["width"]


async def test_an_address_of_nothing_leads_home(page_at: OpenPage) -> None:
    visit = await page_at("#/no/such/screen")
    await visit.page.wait_for_url("**/#/")
