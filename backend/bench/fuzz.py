"""--mode bench fuzz: hostile messages for the socket's decoder; it must neither break nor hoard.

A crash is any error but the protocol's own, an answer to it that cannot be encoded or is longer than it may
be, or a message that is taken and does not come out the same when it is encoded again. An allocation is
unbounded when decoding takes more than `ALLOWED_BYTES` and `ALLOWED_TIMES` the message.
"""

import argparse
import json
import random
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import TypedDict

from app.api.websocket.codec import decode_event, decode_run, encode_event, encode_frame, runs
from app.api.websocket.protocol import ErrorEvent, ProtocolError
from bench.parts.hostile_messages import Message, hostile_messages

ALLOWED_BYTES = 16 * 1024
ALLOWED_TIMES = 6
ANSWER_BYTES = 2_048
AT_ONCE = 4
"""Messages that are read together, at most."""


class Report(TypedDict):
    """What became of the inputs; `largest_bytes` is the most that one needed beside itself."""

    inputs: int
    taken: int
    refused: dict[str, int]
    crashes: int
    unbounded: int
    largest_bytes: int
    seconds: float
    first_failure: str | None


class Crash(Exception):
    """The decoder did what it must not do."""


def main(argv: Sequence[str]) -> int:
    """Decode the inputs; return 0 if there was no crash and no unbounded allocation, else 1."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="how many messages (1000000)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same messages (0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    report = fuzz(options.inputs, options.seed)
    sys.stdout.write((json.dumps(report) if options.json else json.dumps(report, indent=2)) + "\n")
    return 0 if not (report["crashes"] or report["unbounded"]) else 1


def fuzz(inputs: int, seed: int) -> Report:
    """Decode so many messages as a connection does, and watch."""
    messages, chance = hostile_messages(seed), random.Random(seed)  # noqa: S311 - repeatable, not secret
    refused: Counter[str] = Counter()
    done = taken = crashes = unbounded = largest = 0
    first_failure: str | None = None
    began = time.monotonic()
    tracemalloc.start()
    try:
        while done < inputs:
            together = list(islice(messages, min(chance.randint(1, AT_ONCE), inputs - done)))
            done += len(together)
            for run in runs(together):
                size = len(run) if isinstance(run, str) else sum(map(len, run))
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
                failure: str | None = None
                try:
                    code = _decoded(run)
                except Exception as broken:  # noqa: BLE001 - that is what is looked for
                    crashes += 1
                    failure = f"{type(broken).__name__}: {broken}"
                else:
                    taken += code is None
                    refused.update([code] if code else ())
                needed = tracemalloc.get_traced_memory()[1] - before
                largest = max(largest, needed)
                if needed > ALLOWED_BYTES + ALLOWED_TIMES * size:
                    unbounded += 1
                    failure = failure or f"{needed} bytes for a message of {size}"
                if failure and first_failure is None:
                    first_failure = f"{failure[:300]} at {_shown(run)}"
    finally:
        tracemalloc.stop()
    return Report(
        inputs=done,
        taken=taken,
        refused=dict(refused.most_common()),
        crashes=crashes,
        unbounded=unbounded,
        largest_bytes=largest,
        seconds=round(time.monotonic() - began, 1),
        first_failure=first_failure,
    )


def _decoded(run: str | list[bytes]) -> str | None:
    """Decode what a connection takes as one; return why it was refused. Raises Crash."""
    try:
        if isinstance(run, str):
            event = decode_event(run)
            if decode_event(encode_event(event)) != event:
                raise Crash("an event is not what it was after encoding")
        else:
            frame = decode_run(run)
            if len(run) == 1 and decode_run([encode_frame(frame)]) != frame:
                raise Crash("a frame is not what it was after encoding")
    except ProtocolError as error:
        told = ErrorEvent(
            code=error.code, class_=error.blame, message=error.message, fatal=error.fatal, retryable=False
        )
        if len(encode_event(told)) > ANSWER_BYTES:
            raise Crash(f"the answer to {error.code} is {len(encode_event(told))} bytes long") from None
        return error.code
    return None


def _shown(message: Message | list[bytes]) -> str:
    return repr(message)[:300]
