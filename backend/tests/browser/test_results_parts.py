"""The pure parts of the results, as the browser runs them."""

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def page(page_at: OpenPage) -> Page:
    return (await page_at()).page


async def called(page: Page, module: str, function: str, *arguments: Any) -> Any:
    return await page.evaluate(
        "async ([module, name, given]) => (await import(`/web/js/${module}.js`))[name](...given)",
        [module, function, list(arguments)],
    )


def finding(start: int, end: int, **more: Any) -> dict[str, Any]:
    return {
        "char_start": start,
        "char_end": end,
        "rule_id": "R",
        "severity": "low",
        "confidence": 0.5,
        **more,
    }


async def test_characters_count_as_the_server_counts_them(page: Page) -> None:
    text = "😀 he go 𝒳 two dog."
    start, dog = text.index("he go"), text.index("two dog")
    cut = await called(
        page,
        "results/marking",
        "segments",
        text,
        [finding(dog, dog + 7), finding(start, start + 5), finding(90, 99), finding(3, 3)],
    )
    assert "".join(one["text"] for one in cut) == text
    assert [one["text"] for one in cut if one["findings"]] == ["he go", "two dog"]


async def test_findings_that_overlap_share_their_place(page: Page) -> None:
    cut = await called(
        page, "results/marking", "segments", "abcdefgh", [finding(1, 4), finding(3, 6), finding(6, 7)]
    )
    assert [(one["text"], len(one["findings"])) for one in cut] == [
        ("a", 0),
        ("bcdef", 2),
        ("g", 1),
        ("h", 0),
    ]


async def test_mistakes_that_come_again_and_weigh_more_come_first(page: Page) -> None:
    found = [
        finding(0, 1, rule_id="once", severity="high", confidence=0.9),
        finding(2, 3, rule_id="twice", severity="medium", confidence=0.8),
        finding(4, 5, rule_id="twice", severity="medium", confidence=0.9),
        finding(6, 7, rule_id="small"),
    ]
    ranked = await called(page, "results/marking", "mostUseful", found)
    assert [(one["finding"]["rule_id"], one["times"]) for one in ranked] == [
        ("twice", 2),
        ("once", 1),
        ("small", 1),
    ]
    assert ranked[0]["finding"]["char_start"] == 4


async def test_words_become_a_line_of_speech_and_pauses(page: Page) -> None:
    times = [(1000, 1400), (1450, 2000), (2400, 3000), (4500, 5000), (5000, 5000)]
    words = [{"start_ms": start, "end_ms": end} for start, end in times]
    line = await called(page, "results/speech_line", "speechLine", words, {"pauseMs": 250, "longMs": 1000})
    assert line == {
        "lengthMs": 4000,
        "runs": [
            {"startMs": 0, "endMs": 1000},
            {"startMs": 1400, "endMs": 2000},
            {"startMs": 3500, "endMs": 4000},
        ],
        "pauses": [
            {"startMs": 1000, "endMs": 1400, "long": False},
            {"startMs": 2000, "endMs": 3500, "long": True},
        ],
        "wordsPerMinute": 60,
    }
    assert (
        await called(page, "results/speech_line", "speechLine", [], {"pauseMs": 250, "longMs": 1000}) is None
    )


async def test_only_exams_of_one_method_are_drawn_together(page: Page) -> None:
    def item(name: str, **more: Any) -> dict[str, Any]:
        scored = {"overall_band": 6, "analysis_status": "done", "method_version": "2", "mode": "quick"}
        return {"id": name, **scored, **more}

    listed = [
        item("waiting", analysis_status="running", overall_band=None),
        item("newest"),
        item("practice", mode="practice"),
        item("older method", method_version="1"),
        item("short", overall_band=None),
        item("first", mode="full"),
    ]
    drawn = await called(page, "charts/bands", "comparable", listed)
    assert [one["id"] for one in drawn] == ["first", "newest"]
    assert await called(page, "charts/bands", "comparable", listed[:1]) == []


@pytest.mark.parametrize(
    ("polarity", "state", "expected"),
    [
        ("positive", "met", True),
        ("positive", "partly", False),
        ("positive", "not_met", None),
        ("positive", "no_evidence", None),
        ("limiting", "met", False),
        ("limiting", "partly", False),
        ("limiting", "not_met", None),
    ],
)
async def test_which_side_a_feature_is_on(
    page: Page, polarity: str, state: str, expected: bool | None
) -> None:
    assert await called(page, "results/evidence", "helps", {"polarity": polarity, "state": state}) is expected


async def test_questions_grow_rarer(page: Page) -> None:
    waits = [await called(page, "results/follow", "delayMs", asked) for asked in (0, 1, 5, 100)]
    assert waits == [1000, 1400, 5378, 10_000]
