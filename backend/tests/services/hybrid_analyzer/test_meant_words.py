from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer.meant_words import meant_words
from app.services.hybrid_analyzer.reading import Reading


def test_every_word_has_its_lemma_band_and_level(parser: SpacyParser) -> None:
    text = "My teachers in Samarkand don't benefit from 300 crowded buses."
    words = meant_words(Reading(text, parser.parse(text), parser))
    by_lemma = dict(zip(words.lemmas, words.bands, strict=True))
    assert [text[s:].split(maxsplit=1)[0].strip(".") for s in words.starts] == text.rstrip(".").split()
    assert by_lemma["teacher"] == by_lemma["do"] == 1
    assert by_lemma["samarkand"] is None
    assert by_lemma["300"] is None
    levels = dict(zip(words.content, words.levels, strict=True))
    assert (levels["teacher"], levels["benefit"]) == ("A1", "B1")
    assert "samarkand" not in levels


def test_a_text_that_was_not_parsed_has_no_words(parser: SpacyParser) -> None:
    words = meant_words(Reading("I like it", (), parser))
    assert (words.texts, words.lemmas, words.content) == ((), (), ())
