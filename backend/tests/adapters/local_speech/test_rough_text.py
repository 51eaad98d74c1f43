from app.adapters.local_speech.rough_text import RoughText, Window
from app.services.speech import Word


def every_second(first: int, count: int) -> list[Word]:
    return [Word(f"w{first + i}", i * 1_000, i * 1_000 + 800, 0.9) for i in range(count)]


def test_a_short_window_is_replaced_as_a_whole() -> None:
    text = RoughText(500)
    assert text.window(2_500) == Window(500, 2_500)
    text.accept(Window(500, 2_500), every_second(1, 2))
    text.accept(Window(500, 3_500), [Word("other", 0, 100, 0.9)])
    assert text.text == "other"


def test_an_old_window_settles_its_first_half() -> None:
    text = RoughText(0)
    text.accept(Window(0, 7_000), every_second(1, 7))
    assert text.text == "w1 w2 w3 w4 w5 w6 w7"
    assert text.window(8_000) == Window(4_000, 8_000)
    text.accept(Window(4_000, 8_000), every_second(50, 4))
    assert text.text == "w1 w2 w3 w4 w50 w51 w52 w53"


def test_a_window_is_never_longer_than_eight_seconds() -> None:
    assert RoughText(0).window(30_000) == Window(22_000, 30_000)


def test_a_better_text_settles_what_it_covers_and_late_ones_are_refused() -> None:
    text = RoughText(0)
    text.accept(Window(0, 3_000), every_second(1, 3))
    assert text.settle("All of it.", 3_200)
    assert text.text == "All of it."
    assert not text.accept(Window(0, 3_100), every_second(9, 3))
    assert not text.settle("Older.", 3_000)
    assert text.text == "All of it."
    assert text.window(4_000) == Window(3_200, 4_000)
