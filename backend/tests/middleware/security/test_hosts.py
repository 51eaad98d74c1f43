import pytest

from tests.api.conftest import problem
from tests.middleware.security.conftest import Site


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("coach.example", True),
        ("COACH.example:8000", True),
        ("a.school.example", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("school.example", False),
        ("evil.example", False),
        ("coach.example.evil.example", False),
        ("evilschool.example", False),
        ("", False),
    ],
)
async def test_only_names_of_the_list_are_answered_to(site: Site, host: str, allowed: bool) -> None:
    site.configure(hosts=("coach.example", "*.school.example", "[::1]"))
    answer = await site.ask(headers={"host": host})
    assert answer.status_code == (200 if allowed else 400)
    if not allowed:
        assert problem(answer)["code"] == "host_not_allowed"
    assert (await site.handshake(headers={"host": host}))[0]["type"] == (
        "websocket.accept" if allowed else "websocket.http.response.start"
    )


async def test_probes_come_by_address_and_without_a_list_any_name_will_do(site: Site) -> None:
    assert (await site.ask(headers={"host": "anything.example"})).status_code == 200
    guarded = Site()
    guarded.configure(hosts=("coach.example",))
    assert (await guarded.ask("/health", headers={"host": "10.1.2.3:8000"})).status_code == 200
    [closed] = await guarded.handshake(headers={"host": "evil.example"}, extensions=False)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4400)
