"""Annotated writing becomes what a recogniser would have heard, with only audible edits left."""

import pytest

from evaluation.m2 import BadM2, M2Edit, M2Sentence, parse_m2
from evaluation.speech_condition import Edit, as_speech


def sentence(text: str, *annotators: tuple[M2Edit, ...]) -> M2Sentence:
    return M2Sentence(tuple(text.split(" ")), annotators or ((),))


def test_case_and_punctuation_are_gone() -> None:
    assert as_speech(sentence("By movies : comedy , and RnB !")).text == "by movies comedy and rnb"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("I do n't know", "i don't know"),
        ("I do nt know", "i don't know"),
        ("I m here , it s fun", "i'm here it's fun"),
        ("wo n't you ca nt", "won't you can't"),
        ("the m and the d", "the m and the d"),
        ("non - broken https://a.b/c", "non broken"),
    ],
)
def test_clitics_join_their_words(written: str, said: str) -> None:
    assert as_speech(sentence(written)).text == said


def test_spelling_is_applied_and_later_edits_keep_their_place() -> None:
    spelled = M2Edit(0, 1, "R:SPELL", "finally")
    spoken = as_speech(sentence("finaly , I has it", (spelled, M2Edit(3, 4, "R:VERB:SVA", "have"))))
    assert spoken.text == "finally i has it"
    assert spoken.annotators == ((Edit(2, 3, ("have",), "R:VERB:SVA"),),)


@pytest.mark.parametrize(
    "edit",
    [
        M2Edit(0, 1, "R:ORTH", "It"),
        M2Edit(1, 1, "M:PUNCT", ","),
        M2Edit(0, 2, "R:OTHER", "It 's"),
        M2Edit(2, 3, "U:PUNCT", ""),
        M2Edit(3, 5, "R:ORTH", "everyday"),
    ],
)
def test_edits_of_writing_are_none(edit: M2Edit) -> None:
    assert as_speech(sentence("it s ! every day", (edit,))).annotators == ((),)


def test_an_edit_is_as_short_as_it_can_be() -> None:
    spoken = as_speech(sentence("I listen music", (M2Edit(1, 3, "M:PREP", "listen to music"),)))
    assert spoken.annotators == ((Edit(2, 2, ("to",), "M:PREP"),),)


def test_half_of_a_contraction_can_be_edited() -> None:
    spoken = as_speech(sentence("he do n't go", (M2Edit(1, 2, "R:VERB:SVA", "does"),)))
    assert spoken.annotators == ((Edit(1, 2, ("doesnt",), "R:VERB:SVA"),),)


def test_an_inserted_clitic_changes_the_word_before_it() -> None:
    spoken = as_speech(sentence("that nice", (M2Edit(1, 1, "M:CONTR", "'s"),)))
    assert spoken.annotators == ((Edit(0, 1, ("thats",), "M:CONTR"),),)


def test_characters_become_words() -> None:
    spoken = as_speech(sentence("I listen music"))
    assert spoken.edit(2, 14, "listen to music", "M:PREP") == Edit(2, 2, ("to",), "M:PREP")
    assert spoken.edit(0, 1, "I", "R:ORTH") is None


def test_doubled_spaces_are_a_token_of_their_own() -> None:
    (read,) = parse_m2('S is   " good\nA 3 4|||R:ADJ|||fine|||REQUIRED|||-NONE-|||0\n')
    assert read.tokens == ("is", "", '"', "good")
    assert as_speech(read).annotators == ((Edit(1, 2, ("fine",), "R:ADJ"),),)


def test_annotators_are_told_apart_and_may_find_nothing() -> None:
    text = (
        "S a b\nA -1 -1|||noop|||-NONE-|||REQUIRED|||-NONE-|||0\nA 0 1|||U:DET||||||REQUIRED|||-NONE-|||1\n\n"
        "S c\n"
    )
    first, second = parse_m2(text)
    assert first.annotators == ((), (M2Edit(0, 1, "U:DET", ""),))
    assert second.annotators == ((),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("S a\nA 0 2|||X|||b|||R|||-|||0", "line 2 edits tokens 0-2"),
        ("A 0 1|||X|||b|||R|||-|||0", "line 1 annotates"),
        ("S a\nA x", "line 2 is no M2"),
        ("hello", "line 1 begins"),
    ],
)
def test_bad_lines_are_named(text: str, said: str) -> None:
    with pytest.raises(BadM2, match=said):
        list(parse_m2(text))
