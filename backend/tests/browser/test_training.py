"""Training, the plan, progress and settings, as a learner uses them."""

import asyncio
import json
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from app.services.training_engine import CardKind, Material, Weakness
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, Visit, user_id
from tests.fakes.held_session import HeldSessions
from tests.fakes.tones import SENTENCE, WORD_MS, WORDS
from tests.services.training_engine.material import example

pytestmark = pytest.mark.asyncio(loop_scope="package")

WORKS = example("My brother is older and he work in a bank.", "he work", "he works")
TOWN = example(SENTENCE.replace("in a small", "in small"), "in small", "in a small")
COMPLETE = "**/complete*"

Trainee = Callable[..., Awaitable[Visit]]


def weakness(target: str = "AGR-HE-SHE-IT", kind: CardKind = "rule", **material: object) -> Weakness:
    given = {"title": "he work → he works", "explanation": "With he, -s.", "explanation_uz": "-s kerak."}
    if kind == "rule":
        given |= {"category": "R:VERB:SVA", "examples": (WORKS,)}
    criterion = "pronunciation" if kind == "sound" else "grammatical_range_accuracy"
    return Weakness(target, kind, criterion, Material(**(given | material)))  # type: ignore[arg-type]


SOUND = weakness("UZ-P01", "sound", title="w and v", pairs=(("wine", "vine"), ("west", "vest")))


@pytest_asyncio.fixture(loop_scope="package")
async def trainee(page_at: OpenPage, held: HeldSessions, site: str) -> Trainee:
    """A learner nobody else is, with these weaknesses, on the page of training."""

    async def made(*found: Weakness, address: str = "#/training", **options: object) -> Visit:
        name = f"trainee-{uuid4().hex[:8]}"
        await held.train(await user_id(site, name), found)
        return await page_at(address, user=name, **options)

    return made


async def answer(page: Page, text: str) -> None:
    await page.locator("#answer").fill(text)
    await page.get_by_role("button", name="Check").click()


async def outcome(page: Page) -> str:
    heading = page.locator(".outcome h2")
    await heading.wait_for()
    await expect(heading).to_be_focused()
    return await heading.inner_text()


async def kept(page: Page) -> int:
    return await page.evaluate(
        "async () => (await (await import('/web/js/training/outbox.js')).waiting()).length"
    )


async def test_a_mistake_is_put_right(trainee: Trainee) -> None:
    page = (await trainee(weakness())).page
    await expect(page.locator(".task-text")).to_have_text("My brother is older and he work in a bank.")
    await answer(page, "My brother is older and he works in a bank.")
    assert (await outcome(page)).startswith("Right")
    await expect(page.locator(".outcome")).to_contain_text("It comes back on")
    assert await kept(page) == 0
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="That is all for today")).to_be_visible()
    await expect(page.locator("[role=status]", has_text="Done today: 1")).to_be_visible()


async def test_a_wrong_answer_shows_the_right_one_and_comes_back(trainee: Trainee) -> None:
    page = (await trainee(weakness())).page
    await answer(page, "My brother is older and he work in a bank.")
    assert await outcome(page) == "Not yet: the rest is right"
    await expect(page.locator(".outcome ins").first).to_have_text(
        "My brother is older and he works in a bank."
    )
    await expect(page.locator(".outcome")).to_contain_text("It comes back today")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.locator(".task")).to_be_visible()


@pytest.mark.parametrize(
    ("drill", "text"),
    [
        ("gap", "he works"),
        ("transform", "I do not know"),
        ("expand", "She reads a lot because she likes it."),
    ],
)
async def test_other_written_drills_of_a_rule(trainee: Trainee, drill: str, text: str) -> None:
    page = (await trainee(weakness("TENSE-PAST-TIME" if drill == "expand" else "AGR-HE-SHE-IT"))).page
    await page.get_by_role("combobox", name="Practise it as").select_option(drill)
    await page.locator(f".task[data-type={drill}]").wait_for()
    await answer(page, text)
    await outcome(page)


async def test_other_words(trainee: Trainee) -> None:
    page = (await trainee(weakness("skill:paraphrase", "skill"))).page
    await page.locator(".task[data-type=paraphrase]").wait_for()
    await answer(page, "One could put that in quite another way, I suppose.")
    await outcome(page)
    await expect(page.locator(".outcome")).to_contain_text("Whether it means the same was not judged.")


async def test_a_sentence_by_voice(trainee: Trainee) -> None:
    page = (await trainee(weakness(examples=(TOWN,)))).page
    await page.get_by_role("button", name="Answer by voice").click()
    done = page.get_by_role("button", name="Done")
    await expect(done).to_be_focused()
    await page.wait_for_timeout(len(WORDS) * WORD_MS + 1_500)
    await done.click()
    assert (await outcome(page)).startswith("Right")
    await expect(page.locator(".outcome")).to_contain_text(f"We understood: {SENTENCE}")


@pytest.mark.parametrize("skill", ["expand", "retell", "long_turn"])
async def test_a_talk_by_voice(trainee: Trainee, skill: str) -> None:
    page = (await trainee(weakness(f"skill:{skill}", "skill"))).page
    await page.locator(f".task[data-type={skill}]").wait_for()
    await page.get_by_role("button", name="Answer by voice").click()
    await page.wait_for_timeout(2_500)
    await page.get_by_role("button", name="Done").click()
    assert await outcome(page) == "Too short to count as done"


async def test_words_read_aloud_are_shown_with_their_scores(trainee: Trainee) -> None:
    page = (await trainee(SOUND)).page
    await expect(page.locator(".task-text")).to_contain_text("wine")
    await expect(page.locator("#answer")).to_have_count(0)

    async def judged(route: Route) -> None:  # no scorer here; the shape is the API's own
        assert route.request.headers["content-type"] == "audio/wav"
        result = {
            "attempt_id": route.request.url.split("attempt_id=")[1].split("&")[0],
            "task_id": "t", "type": "minimal_pairs", "grade": 2, "measured_grade": 2, "overridden": False,
            "undone": False, "required": 2, "correct": 1, "reason": "words_unclear", "why": "-",
            "next_due": "2026-11-24", "interval_days": 1, "asked": "-", "understood": None, "better": None,
            "findings": [], "not_judged": [], "answered_at": "2026-11-23T05:00:00Z",
            "words": [
                {"word": "wine", "accuracy_score": 93.2, "error_type": "None", "sounds": []},
                {"word": "vine", "accuracy_score": 41.0, "error_type": "None", "sounds": [["v", "w"]]},
            ],
        }  # fmt: skip
        await route.fulfill(json=result)

    await page.route(COMPLETE, judged)
    await page.get_by_role("button", name="Answer by voice").click()
    await page.wait_for_timeout(500)
    await page.get_by_role("button", name="Done").click()
    assert await outcome(page) == "Some words were not clear yet"
    await expect(page.locator(".word-scores .unclear")).to_have_text("vine41/v/ → /w/")


async def test_an_answer_that_cannot_be_judged_yet_is_kept(trainee: Trainee) -> None:
    page = (await trainee(SOUND)).page
    await page.get_by_role("button", name="Answer by voice").click()
    await page.wait_for_timeout(500)
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator(".training .notice")).to_contain_text("kept on this device")
    await page.reload()
    await page.locator(".task").wait_for()
    assert await kept(page) == 1


async def test_an_answer_without_a_connection_is_sent_when_it_is_back(trainee: Trainee) -> None:
    page = (await trainee(weakness())).page
    await page.locator("#answer").wait_for()
    await page.context.set_offline(True)
    await answer(page, "My brother is older and he works in a bank.")
    await expect(page.locator(".training .notice")).to_contain_text("kept on this device")
    assert await kept(page) == 1
    await page.context.set_offline(False)
    assert (await outcome(page)).startswith("Right")
    assert await kept(page) == 0


async def test_an_answer_whose_result_was_lost_counts_once(
    trainee: Trainee, superuser: psycopg.Connection
) -> None:
    page = (await trainee(weakness())).page

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route(COMPLETE, lose, times=1)
    await answer(page, "My brother is older and he works in a bank.")
    assert (await outcome(page)).startswith("Right")
    me = await page.evaluate("async () => (await (await import('/web/js/api.js')).api.get('users/me')).id")
    count = "select count(*) from training_reviews where user_id = %s"
    assert superuser.execute(count, (UUID(me),)).fetchone() == (1,)


async def test_a_task_that_was_answered_elsewhere(trainee: Trainee) -> None:
    visit = await trainee(weakness())
    await visit.page.locator("#answer").wait_for()
    other = await visit.page.context.new_page()
    await other.goto(visit.page.url)
    await answer(other, "My brother is older and he works in a bank.")
    await outcome(other)
    await answer(visit.page, "My brother is older and he work in a bank.")
    await expect(visit.page.locator(".toast")).to_contain_text("Nothing was counted")
    await expect(visit.page.get_by_role("heading", name="That is all for today")).to_be_visible()


async def test_what_does_not_count_says_so_and_can_be_said_again(trainee: Trainee) -> None:
    page = (await trainee(weakness())).page
    await answer(page, "The weather in Tashkent was rather cold yesterday evening.")
    await expect(page.locator(".training .notice")).to_contain_text("That answers something else")
    await answer(page, "My brother is older and he works in a bank.")
    assert (await outcome(page)).startswith("Right")


async def test_an_answer_is_taken_back_or_graded_anew(trainee: Trainee) -> None:
    page = (await trainee(weakness())).page
    await answer(page, "My brother is older and he works in a bank.")
    await outcome(page)
    await page.locator(".own-grade summary").click()
    await page.locator("#own-grade").select_option("3")
    await page.get_by_role("button", name="Use my grade").click()
    await expect(page.locator(".outcome h2")).to_have_text("3: right, with difficulty")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".task-text")).to_be_visible()


async def test_a_task_is_put_off(trainee: Trainee) -> None:
    page = (await trainee(weakness())).page
    await page.get_by_role("button", name="Tomorrow instead").click()
    await expect(page.get_by_role("heading", name="Nothing is due now")).to_be_visible()


async def test_the_plan_has_seven_days_and_begins_today(trainee: Trainee) -> None:
    page = (await trainee(weakness(), weakness("skill:retell", "skill"), SOUND, address="#/plan")).page
    await expect(page.locator(".day")).to_have_count(7)
    today = page.locator(".day.today")
    await expect(today).to_contain_text("drills · about")
    await expect(today).to_contain_text("he work → he works")
    await expect(page.locator(".shares > div")).to_have_count(4)
    await today.get_by_role("link", name="Begin").click()
    await expect(page.locator(".task")).to_be_visible()


async def test_progress_counts_what_was_done(trainee: Trainee) -> None:
    page = (await trainee(weakness())).page
    await answer(page, "My brother is older and he works in a bank.")
    await outcome(page)
    await page.get_by_role("link", name="Progress").click()
    await expect(page.locator(".lead")).to_contain_text("You practised 1 day in a row.")
    row = page.locator(".rules tbody tr")
    await expect(row.locator("th")).to_have_text("he work → he works")
    await expect(row.locator("td").nth(1)).to_have_text("1 of 1")


async def test_settings_are_kept(trainee: Trainee) -> None:
    page = (await trainee(address="#/settings")).page
    await page.get_by_label("What we call you").fill("Dilnoza <b>")
    await page.get_by_label("The band you aim at").select_option("7")
    await page.get_by_label("Date of your exam").fill("2027-02-14")
    await page.get_by_label("Time zone").select_option("Europe/London")
    await page.get_by_label("Language of explanations").select_option("uz")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("What we call you")).to_have_value("Dilnoza <b>")
    await expect(page.get_by_label("The band you aim at")).to_have_value("7")
    await expect(page.get_by_label("Language of explanations")).to_have_value("uz")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    await page.get_by_role("link", name="Plan").click()
    await expect(page.get_by_text("Aim: band 7.0 · Exam on 14 February 2027")).to_be_visible()


async def test_whoever_reads_the_page_in_uzbek_is_explained_to_in_uzbek(trainee: Trainee) -> None:
    page = (await trainee(address="#/settings", language="uz")).page
    await expect(page.locator("#interface_language")).to_have_value("uz")
    await page.get_by_role("button", name="Saqlash").click()
    await expect(page.get_by_text("Saqlandi.")).to_be_visible()
    profile = await page.evaluate("async () => (await import('/web/js/api.js')).api.get('users/me')")
    assert profile["interface_language"] == "uz"


async def test_training_is_taken_along(trainee: Trainee) -> None:
    page = (await trainee(weakness(), address="#/settings")).page
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Download my training").click()
    path = await (await downloading.value).path()
    exported = json.loads(await asyncio.to_thread(path.read_text))
    assert [card["target"] for card in exported["cards"]] == ["AGR-HE-SHE-IT"]


async def test_everything_is_taken_along_and_the_log_says_so(trainee: Trainee) -> None:
    page = (await trainee(weakness(), address="#/settings")).page
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Download everything").click()
    with zipfile.ZipFile(await (await downloading.value).path()) as archive:
        assert archive.testzip() is None
        assert b"AGR-HE-SHE-IT" in archive.read("training_cards.json")
    await page.get_by_role("button", name="Show the log").click()
    await expect(page.locator(".log li").first).to_contain_text("Everything downloaded")
    await expect(page.locator(".log li").last).to_contain_text("Account made")
    await expect(page.get_by_role("button", name="Show older entries")).to_be_hidden()


async def test_the_account_is_deleted_only_after_the_word(
    trainee: Trainee, superuser: psycopg.Connection
) -> None:
    visit = await trainee(weakness(), address="#/settings")
    page = visit.page
    me = await page.evaluate("async () => (await (await import('/web/js/api.js')).api.get('users/me')).id")
    await page.get_by_role("button", name="Delete my account …").click()
    erase = page.get_by_role("button", name="Delete for good")
    await expect(erase).to_be_disabled()
    await page.get_by_label("Type “delete” to confirm").fill("delet")
    await expect(erase).to_be_disabled()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Delete my account …").click()
    await page.get_by_label("Type “delete” to confirm").fill("Delete ")
    await page.keyboard.press("Enter")
    receipt = page.get_by_role("dialog", name="Everything was deleted")
    await receipt.wait_for()
    given = superuser.execute(
        "select id::text from erasure_receipts where subject = encode(sha256(%s::bytea), 'hex')", (me,)
    ).fetchone()
    assert given is not None
    await expect(receipt.locator(".receipt > div", has_text="Number").locator("dd")).to_have_text(given[0])
    await expect(receipt.locator(".receipt > div", has_text="Drills").locator("dd")).to_have_text("1")
    assert await visit.accessibility() == []
    await receipt.get_by_role("button", name="Close").click()
    again = page.get_by_role("button", name="Start as a guest")
    await again.wait_for()
    left = "select count(*) from training_cards where user_id = %s"
    assert superuser.execute(left, (UUID(me),)).fetchone() == (0,)
    await again.click()
    await page.get_by_role("link", name="Train").click()
    await page.get_by_role("heading", name="Nothing is due now").wait_for()


@pytest.mark.parametrize(
    ("language", "theme", "viewport"),
    [("en", "dark", DESKTOP), ("en", "light", PHONE), ("uz", "light", PHONE), ("ru", "dark", PHONE)],
)
async def test_no_barrier_and_nothing_too_wide(
    trainee: Trainee, language: str, theme: str, viewport: dict[str, int]
) -> None:
    hostile = replace(weakness("RULE-X", title="<img src=x onerror=alert(1)> " + "w" * 900), weight=99)
    visit = await trainee(weakness(), SOUND, hostile, language=language, theme=theme, viewport=viewport)
    for screen, ready in (
        ("training", ".task"),
        ("plan", ".days"),
        ("progress", ".rules"),
        ("settings", ".settings-form"),
    ):
        await visit.page.evaluate("(screen) => (location.hash = `#/${screen}`)", screen)
        await visit.page.locator(ready).first.wait_for()
        assert await visit.accessibility() == [], screen
        assert await visit.overflow() == [], screen
    assert await visit.page.locator("#view img").count() == 0
    await visit.page.evaluate("() => (location.hash = '#/training')")
    await visit.page.locator("#answer").fill("He works.")
    await visit.page.locator(".writing .button").click()
    await visit.page.locator(".training .notice:not([hidden]), .outcome").first.wait_for()
    assert await visit.accessibility() == []
