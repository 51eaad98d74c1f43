"""`--mode bench analyzer`: time to analyse one answer's language, as the product does it, on one thread."""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence

from app.analysis_models import load_turn_analyzer
from app.services.analysis_coordinator import LearnerTurn, TurnAnalyzer
from app.services.speech import SpokenTurn, Utterance

WORDS = 150
_WARM_UP = 5
_ANSWERS = 60
_SECOND_VOTES = 20

_STORY = """\
well um I think my hometown is very beautiful because there are many old building in the center and
people is friendly when I was child I go to the park with my grandmother every weekend and she tell
me stories about our family now I live in the capital and I study economics at university my
favourite subject is statistics because it help me to understand how the world works in my free time
I like listen music and I often meet my friends in a small cafe near the station we talk about films
and about our plans for the future last year we visited three country in Europe and it was one of
the best experience in my life uh the food was delicious but it was more expensive than at home I
want to go back there when I will finish my studies if I have enough money maybe I can find a job in
other city too you know it depends of the situation my parents says that I should to stay close to
home but I am not agree with them because young people need to see the world before they settle down
"""


def answers(count: int) -> list[str]:
    """Return different stretches of WORDS words each."""
    words = _STORY.split()
    return [" ".join((words[at:] + words[:at])[:WORDS]) for at in range(0, count * 3, 3)]


def as_turn(number: int, text: str) -> LearnerTurn:
    """Return a text as an answer without sound."""
    return LearnerTurn(f"bench-{number}", 0, 1, None, "", SpokenTurn(0, 0, (Utterance(0, text, 0, 0),)))


def time_answers(analyzer: TurnAnalyzer, texts: Sequence[str]) -> list[tuple[float, float]]:
    """Return milliseconds for each text: on the clock, and of one core's work."""
    took: list[tuple[float, float]] = []
    for number, text in enumerate(texts):
        turn = as_turn(number, text)
        start, worked = time.perf_counter(), time.thread_time()
        analyzer.analyze(turn, b"")
        took.append(((time.perf_counter() - start) * 1000, (time.thread_time() - worked) * 1000))
    return took


def time_second_votes(analyzer: TurnAnalyzer, texts: Sequence[str]) -> float:
    """Return milliseconds of one core's work a text for the second vote, when the talk is over."""
    turns = [as_turn(number, text) for number, text in enumerate(texts)]
    answered = [(turn, analyzer.analyze(turn, b"")) for turn in turns]
    worked = time.thread_time()
    analyzer.vote_again(answered)
    return (time.thread_time() - worked) * 1000 / len(texts)


def main(argv: Sequence[str]) -> int:
    """Print {p50_ms, p95_ms} per answer of WORDS words after a warm-up; 0.

    `cpu_…` is the same in core time, which other work on the machine does not lengthen. `second_vote_cpu_ms`
    is what the edit tagger adds when the talk is over, loading included; nobody waits for it.
    """
    parser = argparse.ArgumentParser(prog="run.py --mode bench analyzer", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    analyzer = load_turn_analyzer()
    texts = answers(_WARM_UP + _ANSWERS)
    timed = time_answers(analyzer, texts)[_WARM_UP:]
    voted = time_second_votes(analyzer, texts[:_SECOND_VOTES])
    took, worked = [clock for clock, _ in timed], [cpu for _, cpu in timed]
    report = {
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(statistics.quantiles(took, n=20)[-1], 1),
        "cpu_p50_ms": round(statistics.median(worked), 1),
        "cpu_p95_ms": round(statistics.quantiles(worked, n=20)[-1], 1),
        "second_vote_cpu_ms": round(voted, 1),
        "answers": len(took),
        "words": WORDS,
    }
    sys.stdout.write(json.dumps(report, indent=None if given.json else 2) + "\n")
    return 0
