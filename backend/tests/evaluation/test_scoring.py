"""Flags are held against annotators by span and correction."""

from evaluation.scoring import f_beta, score_sentence, summarise
from evaluation.speech_condition import Edit, SpokenSentence

WORDS = ("he", "go", "to", "school", "every", "days")
GOES = Edit(1, 2, ("goes",), "R:VERB:SVA")
DAY = Edit(5, 6, ("day",), "R:NOUN:NUM")


def test_exact_needs_the_same_words_and_correction() -> None:
    sentence = SpokenSentence(WORDS, ((GOES, DAY),))
    scored = score_sentence(sentence, [("A", GOES), ("B", Edit(5, 6, ("single",))), ("C", Edit(0, 1, ()))])
    assert [(f.exact, f.detected) for f in scored.flags] == [(True, True), (False, True), (False, False)]
    report = summarise([scored])
    assert (report["n"], report["gold"], report["flags"]) == (1, 2, 3)
    assert (report["p_exact"], report["p_det"], report["r_exact"]) == (0.3333, 0.6667, 0.5)
    assert report["f05"] == f_beta(0.3333, 0.5)
    assert report["per_category"]["R:VERB:SVA"] == {
        "gold": 1, "found": 1, "flags": 1, "exact": 1, "detected": 1,
    }  # fmt: skip
    assert report["per_rule"]["C"] == {"flags": 1, "exact": 0, "detected": 0}


def test_an_insertion_overlaps_what_it_touches() -> None:
    insertion = Edit(3, 3, ("the",))
    assert insertion.overlaps(Edit(3, 4, ("schools",)))
    assert insertion.overlaps(Edit(2, 3, ()))
    assert insertion.overlaps(Edit(3, 3, ("a",)))
    assert not insertion.overlaps(Edit(4, 5, ()))
    assert not Edit(1, 2, ()).overlaps(Edit(2, 3, ()))


def test_any_annotator_may_agree_and_the_nearest_counts_for_recall() -> None:
    sentence = SpokenSentence(WORDS, ((GOES,), (DAY,)))
    scored = score_sentence(sentence, [("A", DAY)])
    assert scored.flags[0].exact
    assert (scored.gold, scored.found) == ((DAY,), (DAY,))


def test_an_annotator_who_found_nothing_leaves_nothing_to_find() -> None:
    sentence = SpokenSentence(WORDS, ((GOES,), ()))
    assert score_sentence(sentence, []).gold == ()


def test_no_flags_give_no_precision() -> None:
    report = summarise([score_sentence(SpokenSentence(WORDS, ((GOES,),)), [])])
    assert report["p_exact"] is None
    assert report["p_det"] is None
    assert report["r_exact"] == 0.0
    assert report["f05"] is None


def test_f_beta_weighs_precision() -> None:
    assert f_beta(0.5, 0.1) == 0.2778
    assert f_beta(0.0, 0.0) == 0.0
