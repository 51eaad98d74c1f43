"""Work of a session that is done whenever there is some: in between no task stands there for it."""

import asyncio
from collections.abc import Callable, Coroutine


class Chore:
    """`work` does all there is to do, and returns; `own` starts a task under a name.

    Work that fails, or is cancelled, is not started again before the next `begin`.
    """

    __slots__ = ("_name", "_own", "_resting", "_work")

    def __init__(
        self,
        own: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        work: Callable[[], Coroutine[None, None, None]],
        name: str,
    ) -> None:
        self._own = own
        self._work = work
        self._name = name
        self._resting = False

    def begin(self) -> None:
        """Do what there is to do, and from now on whatever comes."""
        self._resting = True
        self.poke()

    def poke(self) -> None:
        """There is something to do; nothing happens before `begin`, nor while it is being done anyway."""
        if self._resting:
            self._resting = False
            self._own(self._do(), self._name)

    async def _do(self) -> None:
        await self._work()
        self._resting = True
