"""What the parser knows of words. What it makes of sentences is tested with the rules."""

import pytest
from lemminflect import getLemma

from app.adapters.spacy_parser import SpacyParser


@pytest.mark.parametrize(
    "word", ["works", "went", "been", "'m", "better", "lying", "saw", "house", "Works", "makked", "-", ""]
)
def test_base_verbs_are_those_of_lemminflect(parser: SpacyParser, word: str) -> None:
    lemmas = getLemma(word.lower(), upos="VERB", lemmatize_oov=False)
    assert parser.base_verb(word) == (lemmas[0] if lemmas else None)


def test_a_word_that_is_no_verb_has_no_base(parser: SpacyParser) -> None:
    assert [parser.base_verb(word) for word in ("went", "happiness", "makked")] == ["go", None, None]
