import pytest

from app.services.hybrid_analyzer.gate import mended_later


@pytest.mark.parametrize(
    ("quote", "correction", "following", "mended"),
    [
        ("she don't", "she doesn't", " li she doesn't like it", True),
        ("he go", "he goes", " he goes home", True),
        ("he go", "he goes", " to work and then he goes home", False),
        ("two brother", "two brothers", " and one sister", False),
        ("a English", "an English", " an exam", False),
        ("he go", "he goes", "", False),
    ],
)
def test_what_the_speaker_says_better_at_once_is_mended(
    quote: str, correction: str, following: str, mended: bool
) -> None:
    assert mended_later(quote, correction, following.split()) is mended
