"""Draining: what a process does when it is told to stop, while it still answers."""

from collections.abc import Awaitable, Callable

DRAIN = "drain"
"""The key under which an application hands its Drain to the server, in the state its lifespan yields."""


class Drain:
    """Lets go of what the process holds for others, before its server stops accepting.

    `let_go` tells the clients and returns when everything is stored or the time for it is over.
    """

    def __init__(self, let_go: Callable[[], Awaitable[None]]) -> None:
        self._let_go = let_go
        self._begun = False

    @property
    def begun(self) -> bool:
        """Whether the process is to stop, so that nobody should send it anything new."""
        return self._begun

    def begin(self) -> None:
        """From now on the process is not ready. May be called by a signal handler."""
        self._begun = True

    async def finish(self) -> None:
        """Let go. Idempotent as far as `let_go` is."""
        self._begun = True
        await self._let_go()
