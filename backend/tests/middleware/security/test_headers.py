import httpx
import pytest

from tests.api.conftest import problem
from tests.middleware.security.conftest import Site

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def policy(answer: httpx.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["content-security-policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/things", 200),
        ("/page.html", 200),
        ("/health", 200),
        ("/docs", 200),
        ("/nowhere", 404),
        ("/api/v1/broken", 500),
        ("/api/v1/json", 405),
    ],
)
async def test_every_answer_has_the_headers(site: Site, path: str, status: int) -> None:
    answer = await site.ask(path)
    assert answer.status_code == status
    assert ALWAYS.items() <= dict(answer.headers).items()
    assert "microphone=(self)" in answer.headers["permissions-policy"]
    assert policy(answer)["frame-ancestors"] == ["'none'"]
    assert "strict-transport-security" not in answer.headers


async def test_only_production_insists_on_tls(site: Site) -> None:
    site.configure(https_only=True)
    assert (await site.ask()).headers["strict-transport-security"].startswith("max-age=31536000")


async def test_the_page_runs_its_own_scripts_only_and_talks_to_us_and_to_supabase(site: Site) -> None:
    site.configure(connect_to=("https://project.supabase.co/", ""))
    allowed = policy(await site.ask("/page.html"))
    assert allowed["default-src"] == ["'none'"]
    assert allowed["script-src"] == ["'self'"]
    assert allowed["style-src"] == ["'self'"]
    assert "blob:" in allowed["media-src"]
    assert allowed["connect-src"] == ["'self'", "ws://test", "wss://test", "https://project.supabase.co"]
    assert not any("unsafe" in value for values in allowed.values() for value in values)


@pytest.mark.parametrize("host", ["test; script-src *", "a b", "evil.example,x", "", "x" * 10 + "/y"])
async def test_a_host_that_is_none_does_not_get_into_the_policy(site: Site, host: str) -> None:
    allowed = policy(await site.ask("/page.html", headers={"host": host}))
    assert allowed["connect-src"] == ["'self'"]
    assert allowed["script-src"] == ["'self'"]


async def test_answers_of_the_api_are_data_and_are_not_kept(site: Site) -> None:
    answer = await site.ask()
    assert policy(answer)["default-src"] == ["'none'"]
    assert answer.headers["cache-control"] == "no-store"


async def test_nothing_of_the_inside_gets_out(site: Site) -> None:
    answer = await site.ask("/api/v1/broken")
    assert problem(answer)["code"] == "internal_error"
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "server" not in answer.headers


async def test_pages_of_the_list_may_use_the_api_and_others_may_not(site: Site) -> None:
    site.configure(origins=("https://app.example",))
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    friend = await site.ask(method="OPTIONS", headers={"origin": "https://app.example", **preflight})
    assert friend.status_code == 200
    assert friend.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-credentials" not in friend.headers
    for origin in ("https://evil.example", "https://app.example.evil.example", "null", "http://app.example"):
        stranger = await site.ask(method="OPTIONS", headers={"origin": origin, **preflight})
        assert "access-control-allow-origin" not in stranger.headers
        assert "access-control-allow-origin" not in (await site.ask(headers={"origin": origin})).headers


async def test_a_page_of_the_list_may_read_why_it_was_refused(site: Site) -> None:
    site.configure(origins=("https://app.example",))
    for _ in range(7):
        answer = await site.ask(headers={"origin": "https://app.example"})
    assert answer.status_code == 429
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


async def test_without_a_list_no_other_page_may(site: Site) -> None:
    answer = await site.ask(headers={"origin": "https://app.example"})
    assert "access-control-allow-origin" not in answer.headers
