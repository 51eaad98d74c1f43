"""The page in a real browser over the whole server, with engines that hear tones in the place of models.

Everything of the package shares one server and, for each microphone, one browser; a test has a context of its
own: a browser profile that nobody has used.
"""

import asyncio
import contextlib
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import numpy as np
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, Playwright, async_playwright

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.spacy_parser import SpacyParser
from app.config import Settings
from app.main import create_app
from app.modes.uvicorn_socket import MicrophoneSocket
from app.repositories.database import Database
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.speech import SAMPLE_RATE
from bench.parts.chaos_proxy import ChaosProxy
from tests.conftest import postgres_in
from tests.fakes.held_session import HeldSessions
from tests.fakes.tones import WORDS, answer, tone_engines, words_in, write_wav

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
PATIENCE_MS = 40_000
WAV_HEAD = 44
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 860}
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser there is nothing to drive."""
    if CHROMIUM is not None:
        return
    reason = pytest.mark.skip(reason="There is no Chromium on this machine: apt-get install chromium.")
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(reason)


@pytest.fixture(scope="package")
def site_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the application keeps its files."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="package")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A database that no other test has used, whose jobs and sessions the site's worker would take up."""
    with postgres_in(tmp_path_factory.mktemp("site-database")) as server:
        yield server


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def site(postgres: EmbeddedPostgres, parser: SpacyParser, site_data: Path) -> AsyncIterator[str]:
    """The address of the whole application, on real sockets and the real database."""
    settings = Settings(
        environment="test",
        data_dir=site_data,
        database_url=postgres.conninfo,
        examiner_wording="script",
        end_of_turn="silence",
    )
    app = create_app(settings, tone_engines(lambda: TurnAnalyzer(parser)))
    config = uvicorn.Config(
        app,
        ws=MicrophoneSocket,
        ws_per_message_deflate=False,
        log_config=None,
        loop="none",
        lifespan="on",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            try:
                yield url
            finally:
                server.should_exit = True


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium whose microphone hears an answer, two seconds of silence, and the answer again."""
    pause = np.zeros(2 * SAMPLE_RATE, "<i2")
    wav = write_wav(tmp_path_factory.mktemp("microphone") / "answers.wav", np.concatenate([answer(), pause]))
    browser = await playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, f"--use-file-for-fake-audio-capture={wav}"]
    )
    yield browser
    await browser.close()


@dataclass
class Visit:
    """A page of somebody's browser, and what went wrong in it."""

    page: Page
    site: str
    errors: list[str] = field(default_factory=list)

    async def sign_in(self) -> None:
        """Be a guest whom nobody has seen before."""
        await self.page.goto(self.site)
        await self.page.get_by_role("button", name="Start as a guest").click()
        await self.page.get_by_role("heading", name="What would you like to practise?").wait_for()

    async def open_exam(self, mode: str = "Quick exam") -> str:
        """Sign in, choose, pass the microphone check and begin; return the session's id."""
        await self.sign_in()
        await self.page.get_by_role("radio", name=mode).check()
        await self.page.get_by_role("button", name="Continue").click()
        await self.page.get_by_role("button", name=re.compile("^Start")).click()
        await self.page.wait_for_url("**/#/exam/*")
        return self.page.url.rpartition("/")[2]

    async def state(self, text: str, *, timeout_s: float = PATIENCE_MS / 1000) -> None:
        """Wait until the exam says whose turn it is."""
        await self.page.locator(".exam-state", has_text=text).wait_for(timeout=timeout_s * 1000)

    async def heard(self, text: str) -> None:
        """Wait until the transcript has these words of the learner."""
        await self.page.locator(".line.learner", has_text=text).first.wait_for()

    async def get(self, path: str) -> httpx.Response:
        """Ask the API as the page's user, past the page."""
        kept = json.loads(await self.page.evaluate("() => localStorage.getItem('speakmate.session')"))
        async with httpx.AsyncClient(base_url=self.site, trust_env=False) as client:
            return await client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {kept['token']}"})

    async def recorded(self, session_id: str) -> list[int]:
        """Return the numbers of the words in the stored recording, in order."""
        wav = (await self.get(f"sessions/{session_id}/audio")).content
        return [WORDS.index(word.text) for word in words_in(wav[WAV_HEAD:])]

    async def accessibility(self) -> list[dict[str, Any]]:
        """Return what axe finds wrong on the page as it is, level A and AA."""
        await self.page.evaluate(AXE)
        result = await self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", AXE_RULES
        )
        return [
            {"rule": found["id"], "nodes": [node["html"][:160] for node in found["nodes"]]}
            for found in result["violations"]
        ]

    async def overflow(self) -> list[str]:
        """Return what is wider than the window."""
        found: list[str] = await self.page.evaluate(
            """() => {
              const wide = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= wide) return [];
              return [...document.querySelectorAll("body *")]
                .filter((e) => e.getBoundingClientRect().right > wide + 0.5)
                .map((e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`);
            }"""
        )
        return found


OpenPage = Callable[..., Awaitable[Visit]]


@pytest_asyncio.fixture(loop_scope="package")
async def shy_browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """Chromium that gives no page its microphone unless the context has the permission."""
    arguments = [one for one in ARGUMENTS if "fake-ui" not in one]
    browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="package")
async def cable(site: str) -> AsyncIterator[tuple[ChaosProxy, str]]:
    """A cable to the site, and the address at its end."""
    cable = ChaosProxy(("127.0.0.1", int(site.rpartition(":")[2])))
    async with cable.running() as port:
        yield cable, f"http://127.0.0.1:{port}"


@pytest_asyncio.fixture(loop_scope="package")
async def page_at(browser: Browser, site: str) -> AsyncIterator[OpenPage]:
    """Make visits: `await page_at("#/", viewport=PHONE, theme="dark", language="uz", user="dilnoza")`.

    With `user` somebody of that name is signed in.

    A page that has thrown, or logged an error, fails its test at the end.
    """
    async with contextlib.AsyncExitStack() as stack:
        visits: list[Visit] = []

        async def make(
            hash_: str = "#/",
            *,
            viewport: dict[str, int] = DESKTOP,
            theme: str = "light",
            language: str = "en",
            user: str | None = None,
            at: str = site,
            using: Browser = browser,
            **options: Any,
        ) -> Visit:
            context = await using.new_context(
                viewport=viewport, color_scheme=theme, locale=language, **options
            )
            stack.push_async_callback(context.close)
            if user is not None:
                await context.add_init_script(_signed_in(user))
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            visit = Visit(page, at)
            visits.append(visit)
            page.on("pageerror", lambda error: visit.errors.append(str(error)))
            await page.goto(f"{at}/{hash_}")
            await page.locator("#view h1").wait_for()
            return visit

        yield make
        for visit in visits:
            assert visit.errors == []


async def user_id(site: str, name: str) -> UUID:
    """Return the id of the learner of that name, who is made on first use."""
    async with httpx.AsyncClient(base_url=site, trust_env=False) as client:
        token = (await client.post("/api/v1/dev/token", json={"user": name})).json()["access_token"]
    return UUID(jwt.decode(token, options={"verify_signature": False})["sub"])


def _signed_in(user: str) -> str:
    """Return the script that signs in with a token that has run out, so that the page fetches one."""
    session = {"kind": "development", "name": user, "user": user, "token": "-", "expiresAt": 0}
    kept = json.dumps(json.dumps(session))
    return f"localStorage.getItem('speakmate.session') ?? localStorage.setItem('speakmate.session', {kept})"


@pytest_asyncio.fixture(loop_scope="package")
async def held(postgres: EmbeddedPostgres, site_data: Path) -> AsyncIterator[HeldSessions]:
    """Ends sessions, which the site then analyses."""
    database = Database(postgres.conninfo, max_size=2)
    await database.open()
    yield HeldSessions(database, FilesystemBlobStore(site_data / "blobs"))
    await database.close()
