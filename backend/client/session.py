"""A user's client: signs in, creates sessions, opens them."""

from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from client.clock import Clock, SystemClock
from client.errors import ConnectionLost, TimedOut
from client.exam import LiveExam
from client.microphone import Microphone
from client.rest import RestApi
from client.tokens import Refresh, Tokens

ANALYSIS_POLL_S = 0.5
REPORT_POLL_S = 0.1
FINISHED = frozenset({"done", "failed"})


class ExamClient:
    """The reference client of SpeakMate AI.

    ```python
    async with ExamClient("http://127.0.0.1:8000") as client:
        await client.sign_in("alice")
        session = await client.create_session("quick")
        async with client.exam(session["id"]) as exam:
            await exam.start()
            async for event in exam:
                ...
        analysis = await client.analysis(session["id"], timeout_s=60)
    ```

    Methods raise ServerUnreachable, SessionRefused, ConnectionLost or TimedOut, all of them ClientError.

    Instead of signing in give a `token`, and with `refresh` a way to the next one: it is asked when the
    server refuses the token, which it does at a resume, never in the middle of an exam.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        refresh: Refresh | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self.rest = RestApi(base_url, tokens=Tokens(token, refresh), clock=self._clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.rest.aclose()

    async def wait_until_ready(self, timeout_s: float) -> None:
        """Return when the server's models are loaded. Raises TimedOut."""
        await self.rest.wait_until_ready(timeout_s)

    async def sign_in(self, user: str) -> str:
        """Take a development token for `user` and return it. Only a dev server gives them."""
        return await self.rest.sign_in(user)

    async def create_session(
        self, mode: str, *, clock: str | None = None, part: int | None = None, topic: str | None = None
    ) -> dict[str, Any]:
        """Create a session (`full`, `part1`, `part2`, `part3`, `quick` or `practice`) and return it.

        `id` names it. A `practice` is of a `part`, a `topic`, or both.
        """
        return await self.rest.create_session(mode, clock=clock, part=part, topic=topic)

    def exam(self, session_id: str, *, microphone: Microphone | None = None) -> LiveExam:
        """Return the session's live exam, to be entered as an async context manager."""
        return LiveExam(
            self.rest.base_url, session_id, self.rest.tokens, clock=self._clock, microphone=microphone
        )

    async def analysis(
        self, session_id: str, *, timeout_s: float, exam: LiveExam | None = None
    ) -> dict[str, Any]:
        """Return the finished analysis, `status` being `done` or `failed`.

        A connected `exam` is asked to announce it; without one, or when it disconnects, the server is polled.
        Raises TimedOut.
        """
        until = self._clock.now() + timeout_s
        if exam is not None:
            with suppress(ConnectionLost):
                await exam.analysis_ready(timeout_s)
        while True:
            analysis = await self.rest.analysis(session_id)
            if analysis.get("status") in FINISHED:
                return analysis
            if self._clock.now() >= until:
                raise TimedOut(f"The analysis was still {analysis.get('status')} after {timeout_s:.0f} s.")
            await self._clock.sleep_until(self._clock.now() + ANALYSIS_POLL_S)

    async def report(self, session_id: str, *, timeout_s: float) -> bytes | None:
        """Have the report of an analysed session made and return the PDF; None when it could not be made.

        Raises TimedOut.
        """
        until = self._clock.now() + timeout_s
        while True:
            status = (await self.rest.ask_for_report(session_id)).get("status")
            if status in FINISHED:
                return await self.rest.report(session_id) if status == "done" else None
            if self._clock.now() >= until:
                raise TimedOut(f"The report was still {status} after {timeout_s:.0f} s.")
            await self._clock.sleep_until(self._clock.now() + REPORT_POLL_S)
