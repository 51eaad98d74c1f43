from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer import (
    LanguageAnalysis,
    LanguageAnalyzer,
    SpokenUnit,
    VerbForms,
    grammar_range,
)


def test_ratios_of_known_units() -> None:
    units = [
        SpokenUnit(((0, 10),), 8, {"main": 1, "relative": 1, "non_finite": 1}),
        SpokenUnit(((10, 20),), 7, {"main": 1, "coordinated": 1}),
        SpokenUnit(((20, 25),), 3, {}),
    ]
    found = grammar_range([(units, VerbForms({"past_simple": 2}, {"can": 1}), ())])
    assert (found.units, found.subordinate_clauses) == (3, 2)
    assert (found.clauses_per_unit, found.subordination_ratio) == (1.33, 0.5)
    assert (found.words_per_unit, found.words_per_clause) == (6.0, 4.5)
    assert found.error_free_unit_ratio == 1.0
    assert found.clause_kinds["coordinated"] == 1
    assert (found.verb_form_types, found.modal_types) == (1, 1)


def test_no_answer_has_no_ratio() -> None:
    found = grammar_range([])
    assert found.units == 0
    assert found.clauses_per_unit is found.words_per_unit is found.error_free_unit_ratio is None


def test_a_unit_with_a_finding_is_not_error_free(parser: SpacyParser) -> None:
    text = "Um, my mother work in a bank and I study at school. She is kind."
    analysis = LanguageAnalyzer(parser).analyze("t", text)
    assert [f.quote for f in analysis.findings] == ["mother work"]
    shown = [" ".join(text[a:b] for a, b in u.spans) for u in analysis.units]
    assert shown[0].startswith("my mother work in a bank")
    assert [any(u.holds(f) for f in analysis.findings) for u in analysis.units] == [True, False, False]
    found = grammar_range([(analysis.units, analysis.verb_forms, analysis.findings)])
    assert found.error_free_unit_ratio == 0.667


def test_nothing_said_has_no_units() -> None:
    assert LanguageAnalysis().units == ()
