import asyncio
from typing import Any

from app.modes.outgoing import AT_MOST_BYTES, Outgoing


class Wire(asyncio.Transport):
    """Keeps every write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 7)}.get(name, default)


def outgoing() -> tuple[Outgoing, Wire]:
    wire = Wire()
    return Outgoing(wire, asyncio.get_running_loop()), wire


async def test_what_is_written_together_goes_out_together_and_in_order() -> None:
    out, wire = outgoing()
    out.write(b"one ")
    out.write(bytearray(b"two "))
    out.write(memoryview(b"three"))
    assert wire.writes == []
    await asyncio.sleep(0)
    out.write(b"four")
    await asyncio.sleep(0)
    assert wire.writes == [b"one two three", b"four"]


async def test_much_is_written_at_once() -> None:
    out, wire = outgoing()
    half = bytes(AT_MOST_BYTES // 2)
    out.write(half)
    assert wire.writes == []
    out.write(half)
    assert wire.writes == [2 * half]
    out.write(b"rest")
    await asyncio.sleep(0)
    assert wire.writes == [2 * half, b"rest"]


async def test_last_words_come_before_the_end() -> None:
    out, wire = outgoing()
    out.write(b"goodbye")
    out.close()
    assert (wire.writes, wire.closing, out.is_closing()) == ([b"goodbye"], True, True)
    out.write(b"too late")
    await asyncio.sleep(0)
    assert wire.writes == [b"goodbye"]


async def test_nothing_is_written_to_a_connection_that_is_cut() -> None:
    out, wire = outgoing()
    out.write(b"never")
    out.abort()
    await asyncio.sleep(0)
    assert (wire.writes, wire.closing) == ([], True)
    assert out.get_extra_info("peername") == ("127.0.0.1", 7)
