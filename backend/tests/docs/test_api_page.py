"""docs/api.md names every code of an error that REST may answer with, and no other."""

import re

from app.config import BACKEND, REPOSITORY

APP = BACKEND / "app"
HANDED_OUT = (
    r'\b(?:code|CODE) = "(\w+)"',
    r'\bcode = "\w+" if .* else "(\w+)"',
    r'problem_response\(\s*[\w.]+,\s*"(\w+)"',
    r'HTTPStatus\.\w+: "(\w+)"',
    r'TrainingProblem\(\s*[\w.]+,\s*"(\w+)"',
    r'AnswerRefused\(\s*"(\w+)"',
)


def test_the_table_of_errors_is_whole() -> None:
    sources = [
        path.read_text(encoding="utf-8") for path in APP.rglob("*.py") if "websocket" not in path.parts
    ]
    known = {code for source in sources for pattern in HANDED_OUT for code in re.findall(pattern, source)}
    table = (REPOSITORY / "docs/api.md").read_text(encoding="utf-8").split("## Errors")[1]
    rows = re.findall(r"^\| \d{3} \| (.*) \|$", table, re.MULTILINE)
    assert set(re.findall(r"`([a-z_]+)`", " ".join(rows))) == known
