import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.api.conftest import problem
from tests.middleware.security.conftest import Site


async def statuses(site: Site, count: int, **request: object) -> list[int]:
    return [(await site.ask(**request)).status_code for _ in range(count)]  # type: ignore[arg-type]


async def test_a_learner_has_a_quota_wherever_they_are(site: Site) -> None:
    asked = [await site.ask(user="ann", peer=f"192.0.2.{n}") for n in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
    assert (await site.ask(user="ben", peer="192.0.2.1")).status_code == 200
    assert site.refusals.seen == [("read", "user")]


async def test_an_address_has_more_than_one_learner(site: Site) -> None:
    learners = ["ann", "ben", "eve", "fay", "gus", "ida", "jon"]
    asked = [(await site.ask(user=name)).status_code for name in learners]
    assert asked == [200] * 6 + [429]
    assert (await site.ask(user="jon", peer="192.0.2.2")).status_code == 200
    assert site.refusals.seen == [("read", "ip")]


async def test_tokens_of_nobody_count_for_the_address_alone(site: Site) -> None:
    assert await statuses(site, 7, user="bad") == [200] * 6 + [429]


async def test_a_refusal_says_when_to_come_back_and_keeps_its_word(site: Site) -> None:
    await statuses(site, 3, user="ann")
    refused = await site.ask(user="ann")
    assert problem(refused)["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["ratelimit"] == '"read-user";r=0;t=20'
    assert refused.headers["content-security-policy"]
    site.now += 19
    assert (await site.ask(user="ann")).status_code == 429
    site.now += 1
    assert (await site.ask(user="ann")).status_code == 200


async def test_everybody_is_told_what_is_left(site: Site) -> None:
    answer = await site.ask(user="ann")
    assert answer.headers["ratelimit-policy"] == '"read-ip";q=6;w=60, "read-user";q=3;w=60'
    assert answer.headers["ratelimit"] == '"read-user";r=2;t=20'
    anonymous = await site.ask(peer="192.0.2.9")
    assert anonymous.headers["ratelimit-policy"] == '"read-ip";q=6;w=60'
    assert anonymous.headers["ratelimit"] == '"read-ip";r=5;t=10'


async def test_kinds_of_requests_are_counted_apart_and_probes_not_at_all(site: Site) -> None:
    assert await statuses(site, 4, user="ann") == [200, 200, 200, 429]
    assert await statuses(site, 4, user="ann", path="/api/v1/users/me/export") == [200, 200, 200, 429]
    assert await statuses(site, 4, user="ann", method="POST") == [200, 200, 200, 429]
    assert await statuses(site, 7, path="/page.html") == [200] * 6 + [429]
    assert await statuses(site, 50, path="/health") == [200] * 50
    assert "ratelimit" not in (await site.ask("/health")).headers


async def test_a_network_of_ipv6_is_one_caller(site: Site) -> None:
    same = [f"2001:db8:1:2:{n:x}::{n}" for n in range(1, 8)]
    assert [(await site.ask(peer=peer)).status_code for peer in same] == [200] * 6 + [429]
    assert (await site.ask(peer="2001:db8:1:3::1")).status_code == 200


async def test_a_mapped_ipv4_address_is_that_address(site: Site) -> None:
    peers = ["192.0.2.1", "::ffff:192.0.2.1"] * 3
    assert [(await site.ask(peer=peer)).status_code for peer in peers] == [200] * 6
    assert (await site.ask(peer="::ffff:192.0.2.1")).status_code == 429


PROXY, INNER = "10.0.0.7", "10.0.0.8"


async def seen(site: Site, forwarded: list[str], *, peer: str = PROXY) -> str:
    headers = [("x-forwarded-for", line) for line in forwarded]
    return str((await site.ask(peer=peer, headers=headers)).json()["client"])


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        pytest.param(["203.0.113.5"], "203.0.113.5", id="one proxy"),
        pytest.param([f"203.0.113.5, {INNER}"], "203.0.113.5", id="two proxies"),
        pytest.param(["198.51.100.1, 203.0.113.5"], "203.0.113.5", id="the client made one up"),
        pytest.param(["198.51.100.1", "203.0.113.5"], "203.0.113.5", id="in a line of its own"),
        pytest.param([f"{INNER}, 203.0.113.5"], "203.0.113.5", id="the client says it is a proxy"),
        pytest.param(["203.0.113.5:1234"], "203.0.113.5", id="with a port"),
        pytest.param(["[2001:db8::1]:1234"], "2001:db8::1", id="IPv6 with a port"),
        pytest.param([], PROXY, id="the proxy itself"),
    ],
)
async def test_behind_trusted_proxies_the_last_stranger_is_the_client(
    site: Site, forwarded: list[str], client: str
) -> None:
    site.configure(proxies=("10.0.0.0/8",))
    assert await seen(site, forwarded) == client


async def test_whoever_comes_without_a_proxy_cannot_choose_an_address(site: Site) -> None:
    site.configure(proxies=("10.0.0.0/8",))
    answers = [
        await site.ask(peer="198.51.100.1", headers={"x-forwarded-for": f"203.0.113.{n}"}) for n in range(7)
    ]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429]
    assert answers[0].json()["client"] == "198.51.100.1"


async def test_a_client_that_makes_up_addresses_before_its_own_gains_nothing(site: Site) -> None:
    site.configure(proxies=("10.0.0.0/8",))
    answers = [
        await site.ask(peer=PROXY, headers={"x-forwarded-for": f"192.0.2.{n}, 203.0.113.5"}) for n in range(7)
    ]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429]


async def test_without_trusted_proxies_nobody_is_believed(site: Site) -> None:
    headers = {"x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https"}
    for peer in ("127.0.0.1", "192.0.2.1"):
        answer = (await site.ask(peer=peer, headers=headers)).json()
        assert answer == {"client": peer, "scheme": "http"}


async def test_a_trusted_proxy_says_that_it_was_https(site: Site) -> None:
    site.configure(proxies=("10.0.0.0/8",))
    answer = await site.ask(peer=PROXY, headers={"x-forwarded-proto": "https"})
    assert answer.json()["scheme"] == "https"


async def test_a_handshake_too_many_is_refused_before_it_is_accepted(site: Site) -> None:
    for _ in range(6):
        assert (await site.handshake())[0]["type"] == "websocket.accept"
    start, body = await site.handshake()
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 429)
    headers = httpx.Headers(start["headers"])
    assert headers["retry-after"] == "10"
    assert headers["content-type"] == "application/problem+json"
    assert b"rate_limited" in body["body"]
    assert site.refusals.seen == [("connect", "ip")]
    [closed] = await site.handshake(extensions=False)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4429)


async def test_a_learner_opens_so_many_sockets_from_anywhere(site: Site) -> None:
    for n in range(3):
        headers = {"host": "test", "authorization": "Bearer ann"}
        assert (await site.handshake(peer=f"192.0.2.{n}", headers=headers))[0]["type"] == "websocket.accept"
    headers = {"host": "test", "authorization": "Bearer ann"}
    assert (await site.handshake(peer="192.0.2.9", headers=headers))[0]["status"] == 429
    assert site.refusals.seen == [("connect", "user")]


async def test_whoever_watches_from_outside_sees_the_refused_too() -> None:
    seen: list[int] = []

    def watch(inner: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seen.append(message["status"])
                await send(message)

            await inner(scope, receive, told)

        return watched

    assert await statuses(Site(around=watch), 4, user="ann") == [200, 200, 200, 429]
    assert seen == [200, 200, 200, 429]
