"""The command line, read into a Command. Pure but for --help and errors, which leave as argparse does."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn, get_args
from uuid import UUID

ModeName = Literal["dev", "prod", "worker", "demo", "test", "bench", "evaluate"]

_SERVER = frozenset({"host", "port", "data_dir", "json"})
OPTIONS: dict[ModeName, frozenset[str]] = {
    "dev": _SERVER | {"reload"},
    "prod": _SERVER | {"workers"},
    "worker": frozenset({"retry", "retry_parked", "verify_audit"}),
    "demo": frozenset({"port", "data_dir", "json"}),
    "test": frozenset({"json"}),
    "bench": frozenset({"data_dir", "json"}),
    "evaluate": frozenset({"data_dir", "json"}),
}
TAKES_MORE: frozenset[ModeName] = frozenset({"demo", "test", "bench", "evaluate"})
NAMED: frozenset[ModeName] = frozenset({"bench", "evaluate"})
MAX_WORKERS = 64

DESCRIPTION = """\
SpeakMate AI, an IELTS Speaking coach.

modes:
  dev               server on 127.0.0.1:8000 with everything it needs (default)
  prod              server for production; every setting is checked first
  worker            background worker for the database in DATABASE_URL
  demo              a short exam with a synthesised learner; --audio FILE ... plays recordings instead
  test [...]        the test suite; more arguments go to pytest, paths from the repository's folder
  bench NAME        measure speed
  evaluate NAME     measure accuracy; --data PATH names the labelled data
"""


@dataclass(frozen=True, slots=True)
class Command:
    """What was asked for. None and False mean that nothing was said."""

    mode: ModeName
    host: str | None = None
    port: int | None = None
    data_dir: Path | None = None
    json: bool = False
    workers: int = 1
    reload: bool = False
    retry: UUID | None = None
    retry_parked: bool = False
    verify_audit: bool = False
    more: tuple[str, ...] = ()

    def forwarded(self) -> list[str]:
        """Return the arguments for a mode that has a command line of its own: ours first, then `more`."""
        ours: list[str] = []
        if self.port is not None:
            ours += ["--port", str(self.port)]
        if self.data_dir is not None:
            ours += ["--data-dir", str(self.data_dir)]
        if self.json:
            ours.append("--json")
        return [*ours, *self.more]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"run.py: {message}\nTry --help.\n")


def parse(argv: Sequence[str]) -> Command:
    """Read `argv`. Leaves with SystemExit 2 and one sentence when it does not fit, 0 after --help."""
    parser = _build()
    known, more = parser.parse_known_args(argv)
    mode: ModeName = known.mode
    given = {name for name, value in vars(known).items() if name != "mode" and value not in (None, False)}
    for name in sorted(given - OPTIONS[mode]):
        parser.error(f"--{name.replace('_', '-')} does not apply to --mode {mode}.")
    if more and mode not in TAKES_MORE:
        parser.error(f"unknown argument {more[0]} for --mode {mode}.")
    return Command(
        mode=mode,
        host=known.host,
        port=known.port,
        data_dir=None if known.data_dir is None else known.data_dir.expanduser().resolve(),
        json=known.json,
        workers=known.workers or 1,
        reload=known.reload,
        retry=known.retry,
        retry_parked=known.retry_parked,
        verify_audit=known.verify_audit,
        more=tuple(more),
    )


def _build() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="run.py",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--mode", choices=get_args(ModeName), default="dev", metavar="MODE")
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, help="port to listen on, 0 for a free one (8000)")
    parser.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder of the database, audio and keys (.data)"
    )
    parser.add_argument("--workers", type=_workers, metavar="N", help="processes, with --mode prod (1)")
    parser.add_argument("--reload", action="store_true", help="restart when a file changes, with --mode dev")
    retrying = parser.add_mutually_exclusive_group()
    retrying.add_argument(
        "--retry",
        type=_id,
        metavar="ID",
        help="with --mode worker: queue a parked job again, by its own id or its session's, and leave",
    )
    retrying.add_argument(
        "--retry-parked",
        action="store_true",
        help="with --mode worker: queue every parked job again, and leave",
    )
    retrying.add_argument(
        "--verify-audit",
        action="store_true",
        help="with --mode worker: check the audit log, and leave with status 1 if a chain is broken",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object, and nothing else, on standard output"
    )
    return parser


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not an id") from None


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is not a number between 0 and 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text} is not a number between 1 and {MAX_WORKERS}")
    return int(text)
