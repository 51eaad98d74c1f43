"""When to come back, and when not."""

import random

import pytest

from client import Reconnect


def rules(give_up_s: float = 100.0) -> Reconnect:
    return Reconnect(give_up_s=give_up_s, first_wait_s=1.0, last_wait_s=4.0, dice=random.Random(1))


@pytest.mark.parametrize("code", [1000, 4403, 4404, 4409, 4410, 4413])
def test_final_closes_are_final(code: int) -> None:
    assert not rules().lost(0.0, code)


@pytest.mark.parametrize("code", [None, 1006, 1012, 4012, 4408, 4429, 4500, 4503])
def test_other_closes_are_not(code: int | None) -> None:
    assert rules().lost(0.0, code)


def test_being_superseded_is_final_unless_the_server_says_otherwise() -> None:
    made = rules()
    assert made.lost(0.0, 4409, welcome=True)
    made.resumed()
    assert not made.lost(1.0, 4409)
    assert not rules(give_up_s=0.0).lost(0.0, 4409, welcome=True)


def test_a_refused_token_allows_one_attempt_with_another() -> None:
    made = rules()
    assert made.lost(0.0, 4401)
    assert not made.lost(1.0, 4401)
    made.resumed()
    assert made.lost(2.0, 4401)


def test_a_protocol_error_is_forgiven_once() -> None:
    made = rules()
    assert made.lost(0.0, 4400)
    made.resumed()
    assert not made.lost(9.0, 4400)


def test_waits_grow_to_a_bound_and_begin_again_after_a_resume() -> None:
    made = rules()
    made.lost(0.0, None)
    waits = [made.wait_s(0.0) or 0.0 for _ in range(5)]
    for wait, longest in zip(waits, [1, 2, 4, 4, 4], strict=True):
        assert longest / 2 <= wait <= longest
    made.resumed()
    made.lost(0.0, None)
    assert (made.wait_s(0.0) or 9) <= 1
    made.told(7_000)
    assert made.wait_s(0.0) == 7.0
    made.told(1)
    assert (made.wait_s(0.0) or 0) >= 2, "what is told does not shorten the wait after attempts that failed"


def test_after_its_time_it_gives_up() -> None:
    made = rules(give_up_s=10.0)
    assert made.lost(0.0, None)
    assert made.wait_s(9.9) is not None
    assert made.wait_s(10.0) is None
    assert not Reconnect.never().lost(0.0, None)
