"""What is put into a sentence can be taken out again by the edits that go with it."""

import random

import pytest
from lemminflect import getLemma

from app.adapters.spacy_parser import SpacyParser
from evaluation.edit_tagging.learner_errors import DELETE, KEEP, Example, examples, with_mistakes

SENTENCES = [
    "I went to the park with my two brothers yesterday.",
    "She likes it because the teacher is very kind.",
    "We have seen many films about the war in this country.",
    "Do you know where they are going on Sunday?",
    "He didn't want to work there, but it was a good job.",
    "There were some people who played music in the street.",
]


def mended(parser: SpacyParser, example: Example) -> list[str]:
    """Apply the edits of an example."""
    words: list[str] = []
    for word, edit, missing in zip(example.words, example.edits, example.before, strict=False):
        if missing is not None:
            words.append(missing)
        if edit == DELETE:
            continue
        if edit == KEEP:
            words.append(word)
        elif edit.startswith("="):
            words.append(edit[1:])
        elif edit == "NN":
            words.append(getLemma(word, upos="NOUN")[0])
        else:
            lemma = (parser.base_verb(word) or word) if edit.startswith("V") else word
            words.append(parser.inflect(lemma, edit) or "?")
    return words if example.before[-1] is None else [*words, example.before[-1]]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_edits_mend_what_was_spoilt(parser: SpacyParser, sentence: str) -> None:
    clean = [t.lower for t in parser.parse(sentence)]
    spoken = [word for word in clean if any(c.isalnum() for c in word)]
    spoilt = 0
    for seed in range(60):
        example = with_mistakes(parser, sentence, random.Random(seed))
        assert example is not None
        assert mended(parser, example) in (clean, spoken)
        spoilt += any(edit != KEEP for edit in example.edits) or any(example.before)
    assert 5 <= spoilt <= 55


def test_the_same_seed_gives_the_same_mistakes(parser: SpacyParser) -> None:
    first, second = (list(examples(parser, SENTENCES, random.Random(3))) for _ in range(2))
    assert first == second


def test_too_little_to_learn_from_is_left_out(parser: SpacyParser) -> None:
    assert list(examples(parser, ["", "Yes.", "?!"], random.Random(0))) == []
