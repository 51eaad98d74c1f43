"""The socket's decoder under hostile messages, at a small size; `--mode bench fuzz` is the whole one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.websocket.codec import decode_event, decode_frame
from app.api.websocket.protocol import HEADER, FrameKind, ProtocolError
from bench import fuzz
from bench.parts.hostile_messages import VALID_EVENTS, VALID_FRAMES


def test_damaged_messages_are_taken_or_refused_and_cost_little() -> None:
    report = fuzz.fuzz(20_000, seed=1)
    assert (report["crashes"], report["unbounded"]) == (0, 0), report["first_failure"]
    assert report["inputs"] == 20_000
    assert report["taken"] > 1_000
    assert {"malformed_json", "invalid_event", "unknown_type", "bad_frame", "too_big"} <= report[
        "refused"
    ].keys()


@pytest.mark.parametrize("event", VALID_EVENTS)
def test_what_is_damaged_was_valid(event: str) -> None:
    assert json.loads(event)["type"]
    decode_event(event)


@given(st.text(max_size=400) | st.recursive(st.none() | st.text(max_size=5), st.lists).map(json.dumps))
def test_any_text_is_an_event_or_a_refusal(text: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        decode_event(text)
    assert len(refused.value.message) < 400


@given(st.binary(max_size=100) | st.sampled_from(VALID_FRAMES).map(lambda frame: frame[:-1]))
def test_any_bytes_are_a_frame_or_a_refusal(data: bytes) -> None:
    if len(data) < HEADER.size or data[0] not in set(FrameKind):
        with pytest.raises(ProtocolError, match=r"header|kind"):
            decode_frame(data)
    elif data[0] == FrameKind.VOICE:
        assert decode_frame(data).payload == data[HEADER.size :]


def test_a_decoder_that_breaks_or_hoards_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    hoard: list[bytes] = []

    def broken(text: str) -> object:
        if len(text) % 2:
            raise KeyError("a defect")
        hoard.append(bytes(10_000_000))
        raise ProtocolError("bad", "too much was taken")

    monkeypatch.setattr(fuzz, "decode_event", broken)
    report = fuzz.fuzz(20, seed=1)
    assert report["crashes"] > 0
    assert report["unbounded"] > 0
    assert report["first_failure"]
