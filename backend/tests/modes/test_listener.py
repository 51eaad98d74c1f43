import socket

import pytest

from app.modes.errors import CannotStart
from app.modes.listener import address, listening


def test_free_port_is_known_and_clients_may_come_early() -> None:
    with listening("127.0.0.1", 0) as listener:
        host, port = listener.getsockname()
        assert address(listener) == f"http://127.0.0.1:{port}"
        socket.create_connection((host, port), timeout=5).close()


def test_taken_port_is_refused_with_advice() -> None:
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} is in use.*--port"), listening("127.0.0.1", port):
            pass


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_address_of_another_machine(host: str) -> None:
    with (
        pytest.raises(CannotStart, match=f"{host} is not an address of this machine.*--host"),
        listening(host, 0),
    ):
        pass


def test_all_interfaces_are_shown_as_an_address_that_opens() -> None:
    with listening("0.0.0.0", 0) as listener:
        assert address(listener).startswith("http://127.0.0.1:")
