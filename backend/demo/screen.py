"""The dialogue on a terminal: calm on a tty, plain lines anywhere else."""

import os
import shutil
import textwrap
from typing import TextIO

from app.api.websocket.protocol import CueCard

MIN_WIDTH = 60
MAX_WIDTH = 100
WHO_WIDTH = 8
INDENT = 2 + 5 + 2 + WHO_WIDTH + 2
ERASE = "\r\x1b[2K"
DIM, BOLD, CYAN, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[36m", "\x1b[0m"


class Screen:
    """Writes lines to a stream. On a tty the learner's partial transcript rewrites the last line.

    Colours are used on a tty only, and not where NO_COLOR is set.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._tty = stream.isatty()
        self._colours = self._tty and not os.environ.get("NO_COLOR")
        self._fleeting = False
        self._worked_on = ""

    @property
    def width(self) -> int:
        """Columns used."""
        columns = shutil.get_terminal_size((MAX_WIDTH, 24)).columns
        return max(MIN_WIDTH, min(MAX_WIDTH, columns))

    def title(self, text: str) -> None:
        """Begin a section."""
        self._line("")
        self._line(self._in(BOLD, text))

    def text(self, text: str, *, indent: int = 2) -> None:
        """Write a paragraph."""
        for line in textwrap.wrap(text, self.width - indent) or [""]:
            self._line(" " * indent + line)

    def examiner(self, at_ms: int, text: str) -> None:
        """A line of the examiner."""
        self._say(at_ms, "Examiner", text, CYAN)

    def learner(self, at_ms: int, text: str) -> None:
        """A final transcript."""
        self._say(at_ms, "Learner", text, "")

    def partial(self, at_ms: int, text: str) -> None:
        """A provisional transcript; its end is what matters, so a long one loses its beginning."""
        if not self._tty:
            return
        room = self.width - INDENT - 1
        shown = text if len(text) <= room else "…" + text[-(room - 1) :]
        self._rewrite(f"  {minutes(at_ms)}  {'Learner':{WHO_WIDTH}}  {self._in(DIM, shown)}")

    def card(self, card: CueCard, preparation_ms: int | None) -> None:
        """The Part 2 card, but for its topic, which the examiner has just read out."""
        pad = " " * INDENT
        for prompt in card.prompts:
            self._line(f"{pad}· {prompt}")
        self._line(f"{pad}{card.final_prompt}")
        if preparation_ms is not None:
            self._line(self._in(DIM, f"{pad}({preparation_ms // 1000} s to prepare)"))

    def note(self, text: str) -> None:
        """A remark of the demo itself."""
        for line in textwrap.wrap(text, self.width - INDENT) or [""]:
            self._line(self._in(DIM, " " * INDENT + line))

    def working(self, what: str, seconds: int = 0) -> None:
        """A progress line: rewritten on a tty, written once anywhere else."""
        if self._tty:
            since = f" · {seconds} s" if seconds else " …"
            self._rewrite(self._in(DIM, f"{' ' * INDENT}{what}{since}"))
        elif self._worked_on != what:
            self._line(f"{' ' * INDENT}{what} …")
        self._worked_on = what

    def settle(self) -> None:
        """Remove a line that was only for the moment."""
        if self._fleeting:
            self._stream.write(ERASE)
            self._fleeting = False
        self._stream.flush()

    def _say(self, at_ms: int, who: str, text: str, colour: str) -> None:
        first, *rest = textwrap.wrap(text, self.width - INDENT) or [""]
        self._line(f"  {minutes(at_ms)}  {self._in(colour, f'{who:{WHO_WIDTH}}')}  {first}")
        for line in rest:
            self._line(" " * INDENT + line)

    def _line(self, line: str) -> None:
        self.settle()
        self._stream.write(line + "\n")
        self._stream.flush()

    def _rewrite(self, line: str) -> None:
        self._stream.write(ERASE + line)
        self._stream.flush()
        self._fleeting = True

    def _in(self, style: str, text: str) -> str:
        return f"{style}{text}{PLAIN}" if style and self._colours else text


def minutes(ms: int) -> str:
    """Return a time as mm:ss."""
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"
