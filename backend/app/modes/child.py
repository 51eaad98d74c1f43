"""A Python process of our own: started, told to stop, or killed. It ends with the process that started it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BACKEND = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 120.0
CHUNK = 1_024
STOP_TIMEOUT_S = 30.0
"""Longer than a server takes by default to stop."""


class ChildFailed(Exception):
    """The process did not come up; its own words are on its standard error."""


class ChildLate(ChildFailed):
    """The process has not come up in time, and still runs."""


@dataclass(slots=True, eq=False)
class Child:
    """A process that was started; once it is up, `said` is the JSON object that it has printed.

    `beats` grows while `hear` runs and the process shows that it is alive.
    """

    process: asyncio.subprocess.Process
    module: str
    is_up: bool = False
    said: dict[str, Any] = field(default_factory=dict)
    beats: int = 0

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    async def up(self, within_s: float | None = None) -> None:
        """Return once it has said that it is up, in a line of JSON. Raises ChildLate and ChildFailed."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(within_s):
                line = await self.process.stdout.readline()
        except TimeoutError:
            raise ChildLate(f"{self.module} was not up within {within_s} s.") from None
        if not line:
            raise ChildFailed(f"{self.module} did not start.")
        self.said = json.loads(line)
        self.is_up = True

    async def hear(self) -> None:
        """Count its beats: whatever it prints once it is up. Returns when it prints nothing more."""
        assert self.process.stdout is not None
        while said := await self.process.stdout.read(CHUNK):
            self.beats += len(said)

    async def gone(self) -> int:
        """Return its exit status once it has ended; negative is the number of the signal that ended it."""
        return await self.process.wait()

    def terminate(self) -> None:
        """Ask it to stop in good order."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as the system does when memory runs out."""
        self._signal(signal.SIGKILL)

    async def stop(self, within_s: float) -> None:
        """Ask it to stop, and end it when it has not within `within_s`."""
        self.terminate()
        try:
            async with asyncio.timeout(within_s):
                await self.gone()
        except TimeoutError:
            self.kill()
            await self.gone()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)


async def start_child(
    module: str,
    arguments: Sequence[str] = (),
    *,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    errors: int | None = None,
) -> Child:
    """Run `python -m module`.

    `environment` is added to ours, `pass_fds` are inherited under their numbers, and `errors` is where its
    standard error goes, ours by default. It gets a session of its own, so that Ctrl-C reaches its parent
    alone, and a standard input that ends when this process does: see `app.modes.parent`.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, *arguments),
        cwd=BACKEND,
        env=os.environ | {"PYTHONPATH": str(BACKEND)} | dict(environment or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=errors,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )
    return Child(process, module)


@asynccontextmanager
async def child(
    module: str,
    arguments: Sequence[str] = (),
    *,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    errors: int | None = None,
) -> AsyncIterator[Child]:
    """Run `python -m module`, yield it once it is up, and always stop it. Raises ChildFailed."""
    started = await start_child(module, arguments, environment=environment, pass_fds=pass_fds, errors=errors)
    try:
        await started.up(START_TIMEOUT_S)
        yield started
    finally:
        await asyncio.shield(started.stop(STOP_TIMEOUT_S))
