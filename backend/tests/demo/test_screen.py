import io

import pytest

from app.api.websocket.protocol import CueCard
from demo.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def test_a_pipe_gets_plain_lines_and_no_partials() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.examiner(0, "Where do you live?")
    screen.partial(3_000, "I live")
    screen.learner(3_000, "I live in a flat.")
    screen.working("analysing the answers", 0)
    screen.working("analysing the answers", 1)
    assert out.getvalue().splitlines() == [
        "  00:00  Examiner  Where do you live?",
        "  00:03  Learner   I live in a flat.",
        "                   analysing the answers …",
    ]
    assert "\x1b" not in out.getvalue()


def test_on_a_terminal_the_partial_is_rewritten_and_then_replaced() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.partial(3_000, "I")
    screen.partial(3_000, "I live")
    screen.learner(3_000, "I live in a flat.")
    assert out.getvalue().count("\r\x1b[2K") == 3
    assert out.getvalue().endswith("I live in a flat.\n")


def test_a_long_partial_shows_its_end_on_one_line() -> None:
    out = Terminal()
    Screen(out).partial(0, "word " * 50 + "end")
    assert "\n" not in out.getvalue()
    assert "…" in out.getvalue()
    assert "end" in out.getvalue()


def test_no_color_means_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    Screen(out).examiner(61_000, "Why?")
    assert out.getvalue() == "  01:01  Examiner  Why?\n"


def test_long_lines_are_wrapped_under_their_beginning() -> None:
    out = io.StringIO()
    Screen(out).examiner(0, "word " * 40)
    lines = out.getvalue().splitlines()
    assert len(lines) > 2
    assert all(line.startswith(" " * 19 + "word") for line in lines[1:])


def test_the_card_shows_what_the_examiner_does_not_read_out() -> None:
    out = io.StringIO()
    Screen(out).card(CueCard("Describe a place.", ["where it is"], "and explain why."), 3_000)
    assert [line.strip() for line in out.getvalue().splitlines()] == [
        "· where it is",
        "and explain why.",
        "(3 s to prepare)",
    ]
