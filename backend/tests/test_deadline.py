"""A process that was told to stop is gone in time, whatever hangs in it."""

import signal
import threading

from app.deadline import FAILED, REPEAT_S, Deadline

TERMINATED = 128 + signal.SIGTERM


class Exits:
    """Stands for the end of the process."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.one = threading.Event()

    def __call__(self, status: int) -> None:
        self.statuses.append(status)
        self.one.set()


def test_when_the_time_is_over_the_process_is() -> None:
    exits = Exits()
    Deadline(0.01, leave=exits).signalled(signal.SIGTERM)
    assert exits.one.wait(10)
    assert exits.statuses == [FAILED]


def test_the_second_signal_ends_it_at_once_but_not_an_echo_of_the_first() -> None:
    exits, now = Exits(), [0.0]
    deadline = Deadline(3_600, leave=exits, clock=lambda: now[0])
    deadline.signalled(signal.SIGINT)
    now[0] = REPEAT_S / 2
    deadline.signalled(signal.SIGTERM)
    assert exits.statuses == []
    now[0] = REPEAT_S
    deadline.signalled(signal.SIGTERM)
    assert exits.statuses == [TERMINATED]
