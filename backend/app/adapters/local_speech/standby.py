"""A model that is loaded when somebody needs it, and let go when nobody has for a while."""

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from app.services.speech import ModelNotReady

M = TypeVar("M")

AGAIN_AFTER_S = 30.0
"""A model that could not be loaded is not tried again sooner."""

log = structlog.get_logger(__name__)


class Standby(Generic[M]):
    """Implements Coming. Use it on one event loop; `load` blocks and is called on a thread."""

    def __init__(self, name: str, load: Callable[[], M], *, rest_s: float | None = None) -> None:
        """`name` is for the log. The model is let go when it was not used for `rest_s`; None keeps it."""
        self._name = name
        self._load = load
        self._rest_s = rest_s
        self._model: M | None = None
        self._failed_at: float | None = None
        self._loading: asyncio.Task[None] | None = None
        self._rest: asyncio.TimerHandle | None = None

    @property
    def there(self) -> bool:
        """Whether the model is loaded."""
        return self._model is not None

    @property
    def failed(self) -> bool:
        """Whether it could not be loaded the last time."""
        return self._failed_at is not None

    @property
    def model(self) -> M:
        """The model. Raises ModelNotReady."""
        if self._model is None:
            raise ModelNotReady(
                "The speech models could not be loaded; see the server's log."
                if self.failed
                else "The speech models are still loading; try again in a few seconds."
            )
        self._used()
        return self._model

    def wake(self) -> None:
        """Begin to load the model, if it is neither loaded nor failed just now."""
        if self._model is not None:
            self._used()
            return
        if self._loading is not None:
            return
        now = asyncio.get_running_loop().time()
        if self._failed_at is None or now - self._failed_at >= AGAIN_AFTER_S:
            self._loading = asyncio.create_task(self._do_load(), name=f"speech.load.{self._name}")

    async def get(self) -> None:
        """Return once the model is loaded. Raises ModelNotReady when it cannot be."""
        self.wake()
        if self._loading is not None:
            await asyncio.shield(self._loading)
        _ = self.model

    async def aclose(self) -> None:
        """Wait until nothing is being loaded, and let the model go. Idempotent."""
        if self._loading is not None:
            await asyncio.gather(self._loading, return_exceptions=True)
        if self._rest is not None:
            self._rest.cancel()
        self._model = None

    async def _do_load(self) -> None:
        began = time.perf_counter()
        try:
            self._model = await asyncio.to_thread(self._load)
        except Exception:
            self._failed_at = asyncio.get_running_loop().time()
            log.exception("speech.load_failed", model=self._name)
        else:
            self._failed_at = None
            self._used()
            log.info("speech.loaded", model=self._name, seconds=round(time.perf_counter() - began, 1))
        finally:
            self._loading = None

    def _used(self) -> None:
        if self._rest_s is None:
            return
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(self._rest_s, self._let_go)

    def _let_go(self) -> None:
        """Whoever works with the model still has it; it goes with the last of them."""
        self._model = None
        log.info("speech.let_go", model=self._name)
