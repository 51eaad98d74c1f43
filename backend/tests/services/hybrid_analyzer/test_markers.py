from app.services.hybrid_analyzer.markers import BASIC, FAMILIES, find_markers


def phrases(text: str) -> list[str]:
    return [m.phrase for m in find_markers(text)]


def test_the_longest_phrase_wins() -> None:
    said = "On the other hand, it is cheap as well as good, and that is why I came."
    assert phrases(said) == ["on the other hand", "as well as", "and", "that is why"]


def test_like_the_verb_marks_nothing() -> None:
    assert phrases("I like music") == []
    assert phrases("fruits like apples") == ["like"]


def test_families_and_places() -> None:
    text = "Although it rained, for example, we went."
    although, example = find_markers(text)
    assert (although.family, example.family) == ("contrast", "example")
    assert text[example.start : example.end] == "for example"


def test_basic_markers_are_markers() -> None:
    known = {phrase for phrases in FAMILIES.values() for phrase in phrases}
    assert known >= BASIC
