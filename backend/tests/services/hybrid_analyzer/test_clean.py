"""Whatever is left out, the way back leads to the original characters."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.hybrid_analyzer.clean import leave_out
from app.services.hybrid_analyzer.disfluency import Disfluency, find_disfluencies
from app.services.hybrid_analyzer.transcript import read_transcript

TALK = st.lists(
    st.sampled_from(
        [
            "um",
            "I",
            "he",
            "she",
            "go",
            "goes",
            "sorry",
            "I mean",
            "uh",
            "the",
            "two",
            "brother",
            ",",
            "...",
            "😀",
        ]
    ),
    max_size=30,
).map(" ".join)


@given(TALK | st.text(max_size=60))
def test_every_kept_character_is_the_one_at_its_origin(text: str) -> None:
    transcript = read_transcript(text)
    clean = leave_out(transcript.normal, find_disfluencies(transcript))
    assert "".join(transcript.normal[i] for i in clean.origin) == clean.text
    assert list(clean.origin) == sorted(set(clean.origin))


@given(TALK, st.data())
def test_a_span_of_the_clean_text_lies_in_the_original(text: str, data: st.DataObject) -> None:
    transcript = read_transcript(text)
    clean = leave_out(transcript.normal, find_disfluencies(transcript))
    if not clean.text:
        return
    start = data.draw(st.integers(0, len(clean.text) - 1))
    end = data.draw(st.integers(start + 1, len(clean.text)))
    first, last = clean.original_span(start, end)
    assert 0 <= first < last <= len(text)
    assert transcript.normal[first] == clean.text[start]
    assert transcript.normal[last - 1] == clean.text[end - 1]


@given(TALK)
def test_disfluencies_lie_in_the_text_and_are_gone_from_the_clean_one(text: str) -> None:
    transcript = read_transcript(text)
    gaps = find_disfluencies(transcript)
    assert all(transcript.normal[g.start : g.end] == g.text and g.text for g in gaps)
    kept = set(leave_out(transcript.normal, gaps).origin)
    assert not any(kept & set(range(g.start, g.end)) for g in gaps)


def test_a_comma_that_hung_on_a_filler_goes_with_it() -> None:
    text = "I, um, live here"
    assert leave_out(text, [Disfluency("filler", 3, 5, "um")]).text == "I, live here"
