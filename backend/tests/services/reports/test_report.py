"""Reports as their readers get them: the bytes, read back with another program."""

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.adapters.spacy_parser import SpacyParser
from app.services.analysis_coordinator import DeepAnalysis, TurnAnalyzer
from app.services.analysis_store import EarlierAnalysis
from app.services.reports import CannotTypeset, ReportMaterial, report_content, typeset
from app.services.reports.printable import printable
from app.services.session_store import SessionMode
from app.services.training_engine.plan import PlannedDay, PlannedTask, WeekPlan
from tests.fakes.reported import reported

HOSTILE = (
    '#read("/etc/passwd")',
    "*bold* _it_ $x^2$ `raw` <label> @ref",
    "]#panic()[",
    '"; #eval("1+1") //',
    "\\u{41} \\ \n= Heading\n- item",
    "#import sys: *",
)


@pytest.fixture(scope="module")
def deep(parser: SpacyParser) -> DeepAnalysis:
    return DeepAnalysis(TurnAnalyzer(parser))


@pytest.fixture(scope="module")
def material(deep: DeepAnalysis) -> ReportMaterial:
    return reported(deep, "weak")


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def week(title: str) -> WeekPlan:
    """Seven days with one kind of drill, and a test on the last."""
    task = PlannedTask("c1", "AGR-PEOPLE", title, "grammatical_range_accuracy", "correct")
    first = date(2026, 11, 23)
    days = [PlannedDay(first + timedelta(days=n), (task,) * 10, 5) for n in range(6)]
    last = PlannedDay(first + timedelta(days=6), (task,) * 10, 5, exam="full")
    return WeekPlan(first, (*days, last), {"grammatical_range_accuracy": 1.0})


def text_of(pdf: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read(pdf).pages))


def squeezed(text: str) -> str:
    """Text without its spaces: a line may break anywhere."""
    return re.sub(r"\s", "", text)


def test_the_same_data_gives_the_same_bytes_in_two_to_six_pages(material: ReportMaterial) -> None:
    pdf = typeset(report_content(material))
    assert pdf == typeset(report_content(material))
    assert len(pdf) < 300_000
    assert 2 <= len(read(pdf).pages) <= 6


def test_it_is_tagged_titled_and_says_its_language(material: ReportMaterial) -> None:
    reader = read(typeset(report_content(material)))
    root: Mapping[str, Any] = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("en")
    assert reader.metadata is not None
    assert reader.metadata.title == "IELTS Speaking practice report, 23 November 2026"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts
    assert all("Libertinus" in font for font in fonts)


def test_the_numbers_and_corrections_stand_in_the_text(material: ReportMaterial) -> None:
    text = text_of(typeset(report_content(material)))
    overall = material.analysis["overall"]
    assert f"{overall['band']:.1f} likely {overall['band_low']:.1f} to {overall['band_high']:.1f}" in text
    for criterion in material.analysis["criteria"].values():
        low, high = criterion["interval"]
        assert f"{low:.1f} to {high:.1f}" in text
        assert f"{criterion['band']:.1f}" in text
        assert squeezed(criterion["explanation"]) in squeezed(text)
    measures = material.analysis["measures"]["whole"]
    assert f"{measures['speech_rate_wpm']:.0f} words a minute" in text
    assert material.findings
    for finding in material.findings[:3]:
        assert squeezed(finding.correction) in squeezed(text)
    assert material.analysis["disclaimer"][:60] in text


def test_uzbek_in_both_scripts_and_ipa_can_be_read(material: ReportMaterial) -> None:
    names = "Gʻulom Oʻrinov, Ғулом Ўринов Қодирҳон"
    text = text_of(typeset(report_content(replace(material, learner=names, uzbek=True))))
    assert names in text
    for said in (
        material.analysis["disclaimer_uz"],
        material.analysis["criteria"]["pronunciation"]["explanation_uz"],
    ):
        assert squeezed(said) in squeezed(text)
    content = report_content(material)
    content["flags"] = ["/θɪŋk/ heard as /sɪŋk/, /ˈæpəl ðʊ ʃʒ ɜː/"]
    assert squeezed(content["flags"][0]) in squeezed(text_of(typeset(content)))


def test_every_printable_character_has_a_glyph(material: ReportMaterial) -> None:
    """The compiler refuses an accessible document with a character that its fonts lack."""
    every = [c for c in map(chr, range(0x20, 0x3000)) if printable(f"a{c}a") == f"a{c}a"]
    assert len(every) > 600
    content = report_content(material)
    typeset({**content, "flags": [" ".join(every)]})
    with pytest.raises(CannotTypeset):
        typeset({**content, "flags": ["漢"]})


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=40), quote=st.text(max_size=120), why=st.text(max_size=120))
@example(name=HOSTILE[0], quote=HOSTILE[1], why=HOSTILE[2])
@example(name=HOSTILE[3], quote=HOSTILE[4], why=HOSTILE[5])
@example(name="", quote="\x00\ud800\u202e😀", why="漢字 العربية")
def test_what_people_say_is_printed_and_never_obeyed(
    material: ReportMaterial, name: str, quote: str, why: str
) -> None:
    finding = replace(material.findings[0], quote=quote, correction=quote, explanation=why)
    hostile = replace(
        material,
        learner=name,
        findings=[finding],
        plan=week(name),
        analysis={**material.analysis, "flags": [{"text": why}]},
    )
    text = squeezed(text_of(typeset(report_content(hostile))))
    for said in (name, quote, why):
        shown = squeezed(printable(said))
        if shown.isascii():  # what is not may be composed anew by the reader
            assert shown in text


@pytest.mark.parametrize("mode", get_args(SessionMode))
def test_every_kind_of_test_has_a_name(material: ReportMaterial, mode: SessionMode) -> None:
    assert report_content(replace(material, mode=mode))["facts"]


def test_too_little_speech_is_said_to_be_too_little(deep: DeepAnalysis) -> None:
    little = reported(deep, "weak", answers=1)
    assert little.analysis["overall"]["band"] is None
    text = text_of(typeset(report_content(little)))
    assert "no band yet" in text
    assert "None" not in text


def test_a_full_history_and_plan_still_fit(material: ReportMaterial) -> None:
    earlier = [
        EarlierAnalysis(
            uuid4(),
            datetime(2026, 11, day, tzinfo=UTC),
            "quick",
            material.analysis["method_version"],
            {"overall": {**material.analysis["overall"], "band": 4.5 + day / 10}},
            {},
        )
        for day in (20, 15, 10, 5, 1)
    ]
    full = replace(
        material,
        uzbek=True,
        turns=[replace(t, index=10 * n + t.index) for n in range(4) for t in material.turns],
        findings=[replace(f, rule_id=f"{f.rule_id}-{n}") for n in range(9) for f in material.findings],
        earlier=earlier,
        plan=week("students was → students were"),
    )
    pdf = typeset(report_content(full))
    text = text_of(pdf)
    assert len(read(pdf).pages) <= 6
    assert "01.11." in text
    assert "20.11." in text
    assert text.count("Put it right: students was → students were (grammatical range and accuracy)") == 7
    assert "Monday, 23 November 5 min" in text
    assert "Sit a full test" in text


def test_bands_of_another_method_are_not_set_beside_these(material: ReportMaterial) -> None:
    other = EarlierAnalysis(uuid4(), datetime(2026, 11, 1, tzinfo=UTC), "quick", "other", {}, {})
    assert report_content(replace(material, earlier=[other]))["history"] == []
