import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.middleware.security.content import MAX_DEPTH
from app.middleware.security.json_depth import nested_deeper
from tests.api.conftest import problem
from tests.middleware.security.conftest import Site

COMPLETE = "/api/v1/training/tasks/1/complete"


async def sent(site: Site, path: str, content_type: str | None, body: bytes = b"{}") -> int:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = await site.ask(path, method="POST", headers=headers, content=body)
    if answer.status_code == 415:
        assert problem(answer)["code"] == "unsupported_media_type"
    return answer.status_code


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        ("/api/v1/json", "application/json", 200),
        ("/api/v1/json", "Application/JSON; charset=UTF-8", 200),
        ("/api/v1/json", 'application/json; charset="utf-8"', 200),
        ("/api/v1/json", "application/json; charset=utf-16", 415),
        ("/api/v1/json", "application/jsonx", 415),
        ("/api/v1/json", "text/plain", 415),
        ("/api/v1/json", "text/plain; application/json", 415),
        ("/api/v1/json", "multipart/form-data; boundary=application/json", 415),
        ("/api/v1/json", "audio/wav", 415),
        ("/api/v1/json", "", 415),
        ("/api/v1/json", None, 415),
        (COMPLETE, "audio/wav", 200),
        (COMPLETE, "audio/L16; rate=16000", 200),
        (COMPLETE, "audio/mpeg", 415),
    ],
)
async def test_a_body_is_of_a_type_that_the_address_takes(
    site: Site, path: str, content_type: str | None, status: int
) -> None:
    assert await sent(site, path, content_type) == status


async def test_no_body_needs_no_type(site: Site) -> None:
    assert await sent(site, "/api/v1/things", None, b"") == 200


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


async def test_deep_json_is_refused_with_the_reason(site: Site) -> None:
    assert await sent(site, "/api/v1/json", "application/json", nested(MAX_DEPTH)) == 200
    deep = await site.ask(
        "/api/v1/json",
        method="POST",
        content=nested(MAX_DEPTH + 1),
        headers={"content-type": "application/json"},
    )
    assert (deep.status_code, problem(deep)["code"]) == (400, "body_too_deep")


async def test_deep_json_in_pieces_is_seen_too(site: Site) -> None:
    async def pieces() -> Any:
        for byte in nested(MAX_DEPTH + 1):
            yield bytes([byte])

    deep = await site.ask(
        "/api/v1/json", method="POST", content=pieces(), headers={"content-type": "application/json"}
    )
    assert problem(deep)["code"] == "body_too_deep"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('[]{}"\\ab\u00e9\n'), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=40,
)


def depth(value: Any) -> int:
    match value:
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
        case list():
            return 1 + max(map(depth, value), default=0)
        case _:
            return 0


@given(value=JSON, levels=st.integers(0, 6))
def test_depth_is_what_a_parser_finds(value: Any, levels: int) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert nested_deeper(text.encode(), levels) == (depth(value) > levels)


@given(st.binary(max_size=300) | st.text(st.sampled_from('[]{}"\\'), max_size=300).map(str.encode))
def test_what_is_no_json_breaks_nothing(document: bytes) -> None:
    assert nested_deeper(document, 5) in (True, False)
