"""One thread that starts the server process, says when it is ready, and starts it again if it is killed."""

import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from app.adapters.embedded_postgres.errors import EmbeddedPostgresError
from app.adapters.embedded_postgres.leftovers import FAST_STOP_S, HARD_STOP_S, clear_leftovers

READY_WITHIN_S = 120.0  # recovery of a long log after a crash counts
READY_POLL_S = 0.02
MAX_RESTARTS = 5  # in a row, each of a server that did not last STEADY_S
STEADY_S = 60.0

log = logging.getLogger(__name__)


class Keeper:
    """Owner of the server process of one database folder.

    The process is always started by the keeper's thread: on Linux it ends with the thread that started it.
    """

    def __init__(
        self, cluster: Path, start_server: Callable[[], subprocess.Popen[bytes]], log_file: Path
    ) -> None:
        self._cluster = cluster
        self._start_server = start_server
        self._log_file = log_file
        self._first: Future[None] = Future()
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="embedded-postgres", daemon=True)

    def start(self) -> None:
        """Return when the server accepts connections. Raises EmbeddedPostgresError when it does not."""
        self._thread.start()
        self._first.result()

    def stop(self) -> None:
        """End the server: first as fast as is orderly, then at once. Idempotent."""
        with self._guard:
            self._stopping.set()
            process = self._process
        if not self._thread.is_alive():
            return
        for stop, patience_s in (
            (signal.SIGINT, FAST_STOP_S),
            (signal.SIGQUIT, HARD_STOP_S),
            (signal.SIGKILL, HARD_STOP_S),
        ):
            if process is not None:
                process.send_signal(stop)
            self._thread.join(patience_s)
            if not self._thread.is_alive():
                return

    def _keep(self) -> None:
        short_lives = 0
        while True:
            log_start = self._log_file.stat().st_size if self._log_file.exists() else 0
            with self._guard:
                if self._stopping.is_set():
                    return
                try:
                    self._process = process = self._start_server()
                except OSError as error:
                    self._report(EmbeddedPostgresError(f"The database server does not start: {error}"))
                    return
            started = time.monotonic()
            if not self._becomes_ready(process):
                self._report(EmbeddedPostgresError(self._why_not(log_start)))
            elif not self._first.done():
                self._first.set_result(None)
            status = process.wait()
            if self._stopping.is_set() or self._first.exception() is not None:
                return
            log.error("embedded_postgres.ended: status %s; starting it again", status)
            short_lives = short_lives + 1 if time.monotonic() - started < STEADY_S else 0
            if short_lives > MAX_RESTARTS:
                log.critical("embedded_postgres.given_up: see %s", self._log_file)
                return
            try:
                clear_leftovers(self._cluster)  # its children end by themselves, but only soon
            except EmbeddedPostgresError as stuck:
                log.critical("embedded_postgres.given_up: %s", stuck)
                return

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                return False
            if self._says_ready(process.pid):
                return True
            if self._stopping.wait(READY_POLL_S):
                return False
        process.send_signal(signal.SIGQUIT)
        return False

    def _says_ready(self, pid: int) -> bool:
        try:
            lines = (self._cluster / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return lines[0] == str(pid) and len(lines) > 7 and lines[7].strip() == "ready"

    def _report(self, error: EmbeddedPostgresError) -> None:
        if not self._first.done():
            self._first.set_exception(error)

    def _why_not(self, log_start: int) -> str:
        try:
            with self._log_file.open("rb") as file:
                file.seek(log_start)
                said = file.read().decode(errors="replace").strip()
        except OSError:
            said = ""
        return f"The database server does not start; {self._log_file} ends with:\n" + "\n".join(
            said.split("\n")[-8:]
        )
