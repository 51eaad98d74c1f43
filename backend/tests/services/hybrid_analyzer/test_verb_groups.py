import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer.range_profile import count_verb_forms
from app.services.hybrid_analyzer.reading import Reading


@pytest.mark.parametrize(
    ("text", "forms", "modals"),
    [
        ("She works here.", {"present_simple": 1}, {}),
        ("She is working here.", {"present_progressive": 1}, {}),
        ("She has worked here.", {"present_perfect": 1}, {}),
        ("She has been working here.", {"present_perfect_progressive": 1}, {}),
        ("She worked here.", {"past_simple": 1}, {}),
        ("She was working here.", {"past_progressive": 1}, {}),
        ("She had worked here.", {"past_perfect": 1}, {}),
        ("She will work here.", {"future_simple": 1}, {"will": 1}),
        ("She is going to work here.", {"future_simple": 1}, {"going to": 1}),
        ("She would work here.", {"modal_simple": 1}, {"would": 1}),
        ("She might have worked here.", {"modal_perfect": 1}, {"might": 1}),
        ("The house was built in 1990.", {"past_simple": 1, "passive": 1}, {}),
        ("I have to work.", {"present_simple": 1}, {"have to": 1}),
        ("I can't work.", {"modal_simple": 1}, {"can": 1}),
        ("He go home.", {"present_simple": 1}, {}),
    ],
)
def test_tense_aspect_voice_and_modality(
    parser: SpacyParser, text: str, forms: dict[str, int], modals: dict[str, int]
) -> None:
    found = count_verb_forms(Reading(text, parser.parse(text), parser))
    assert (found.forms, found.modals) == (forms, modals)
