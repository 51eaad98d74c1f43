"""The page's files: served as they are, kept by browsers, and nothing beside them."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.errors import install_errors
from app.api.page import page_router

SCRIPT = "export const one = 1;\n" * 100


@pytest.fixture
def web(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    (web / "js").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>Page</title>")
    (web / "js" / "app.js").write_text(SCRIPT)
    (web / "notes.txt").write_text("not for everyone")
    (tmp_path / "secret.js").write_text("a secret")
    return web


@pytest.fixture
def client(web: Path) -> Iterator[TestClient]:
    app = FastAPI()
    install_errors(app)
    app.include_router(page_router(web))
    with TestClient(app) as client:
        yield client


def test_the_page_is_at_the_root(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")


def test_a_file_is_sent_compressed_to_who_can_read_that(client: TestClient) -> None:
    with client.stream("GET", "/web/js/app.js", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw).decode() == SCRIPT
    assert len(raw) < len(SCRIPT) / 10
    plain = client.get("/web/js/app.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == SCRIPT
    assert plain.headers["etag"] != answer.headers["etag"]


def test_a_browser_asks_again_and_is_told_that_nothing_has_changed(client: TestClient, web: Path) -> None:
    first = client.get("/web/js/app.js")
    assert first.headers["cache-control"] == "no-cache"
    same = client.get("/web/js/app.js", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (same.status_code, same.content) == (304, b"")
    (web / "js" / "app.js").write_text(SCRIPT + "// changed")
    changed = client.get("/web/js/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.text.endswith("// changed")


def test_head_tells_the_same_without_the_file(client: TestClient) -> None:
    head = client.head("/web/js/app.js")
    assert head.content == b""
    assert head.headers["etag"] == client.get("/web/js/app.js").headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "/web/nothing.js",
        "/web/",
        "/web/js",
        "/web/notes.txt",
        "/web/../secret.js",
        "/web/%2e%2e/secret.js",
        "/web/js/..%2f..%2fsecret.js",
        "/web//etc/passwd",
        "/web/%00.js",
        "/web/" + "a" * 5_000 + ".js",
    ],
)
def test_there_is_nothing_else(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_link_does_not_lead_out(client: TestClient, web: Path) -> None:
    (web / "js" / "out.js").symlink_to(web.parent / "secret.js")
    assert client.get("/web/js/out.js").status_code == 404
