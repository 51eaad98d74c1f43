"""A rule that goes off, or comes back, is seen at the next look, in the log and in the numbers."""

from structlog.testing import capture_logs

from app.services.hybrid_analyzer import DEFAULT_RULES, Disputes
from app.services.rule_book import RuleBook
from tests.fakes.feedback import MemoryFeedback, SilentMeter

RULE = DEFAULT_RULES[0].id


async def test_a_switch_is_told_once() -> None:
    store, meter = MemoryFeedback(), SilentMeter()
    book = RuleBook(store, meter)
    with capture_logs() as logged:
        assert await book.switched_off() == frozenset()
        store.disputed = [Disputes(RULE, 1, learners_shown=30, learners_disputing=30)]
        assert await book.switched_off() == {RULE}
        assert await book.switched_off() == {RULE}
        store.disputed = []
        assert await book.switched_off() == frozenset()
    assert meter.switched == [(RULE, True), (RULE, False)]
    assert [entry["event"] for entry in logged] == ["rules.switched_off", "rules.switched_on"]
    assert logged[0]["rule_id"] == RULE
    assert logged[0]["precision"] < logged[0]["floor"]


async def test_without_the_store_the_last_known_state_holds() -> None:
    store = MemoryFeedback([Disputes(RULE, 1, learners_shown=30, learners_disputing=30)])
    book = RuleBook(store, SilentMeter())
    await book.switched_off()
    store.unavailable = True
    with capture_logs() as logged:
        assert await book.switched_off() == {RULE}
    assert [entry["event"] for entry in logged] == ["rules.standing_unknown"]


async def test_what_a_model_reports_can_be_switched_off_too() -> None:
    store = MemoryFeedback(
        [
            Disputes("LLM-R-VERB", 1, learners_shown=30, learners_disputing=30),
            Disputes("A-RULE-OF-OLD", 1, learners_shown=30, learners_disputing=30),
        ]
    )
    with capture_logs():
        assert await RuleBook(store, SilentMeter()).switched_off() == {"LLM-R-VERB"}
