import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.pronunciation_engine.learned.alignment import least_frames, spans, viterbi
from app.services.pronunciation_engine.learned.distance import edit_distance
from app.services.pronunciation_engine.learned.inventory import BLANK, CLASSES, INDEX, fold, from_misaki
from tests.fakes.heard import FRAMES_PER_PHONE, tracks


def test_each_phone_is_found_where_it_sounds() -> None:
    names = ["TH", "IH", "NG", "K"]
    ids = np.array([INDEX[name] for name in names])
    posteriors = tracks(names).posteriors
    path, score = viterbi(posteriors, ids)
    peaks = spans(path, posteriors, ids)[:, 0]
    assert list(peaks) == [FRAMES_PER_PHONE * at + 2 for at in range(4)]
    assert score > viterbi(posteriors, ids[::-1])[1]


def test_equal_neighbours_need_a_blank_between_them() -> None:
    assert least_frames(np.array([1, 1, 2])) == 4
    with pytest.raises(ValueError, match="too few frames"):
        viterbi(np.zeros((3, CLASSES), np.float32), np.array([1, 1, 2]))


@given(st.lists(st.integers(0, 38), min_size=1, max_size=8), st.integers(0, 6), st.integers(0, 999))
def test_every_phone_gets_a_span_within_the_audio(phones: list[int], more: int, seed: int) -> None:
    ids = np.array(phones)
    frames = least_frames(ids) + more
    log_probs = np.log(np.random.default_rng(seed).dirichlet(np.ones(CLASSES), frames)).astype(np.float32)
    path, _ = viterbi(log_probs, ids)
    found = spans(path, log_probs, ids)
    assert (np.diff(found[:, 0]) > 0).all()
    assert ((found[:, 1] >= 0) & (found[:, 1] < found[:, 2]) & (found[:, 2] <= frames)).all()


def test_variants_of_a_phone_are_summed() -> None:
    probs = np.array([[0.25, 0.5, 0.25]])
    folded = np.exp(fold(np.log(probs).astype(np.float32), np.array([INDEX["T"], INDEX["T"], BLANK])))
    assert folded[0, INDEX["T"]] == pytest.approx(0.75, abs=1e-4)
    assert folded[0, BLANK] == pytest.approx(0.25, abs=1e-4)


def test_stress_marks_go_to_the_vowel_they_stand_before() -> None:
    found = from_misaki("pˈApəɹ")
    assert [(p.name, p.stress) for p in found] == [("P", 0), ("EY", 1), ("P", 0), ("ER", 0)]


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [([], [1, 2], 2), ([1, 2, 3], [1, 3], 1), ([1, 2], [2, 1], 2), ([5], [5], 0)],
)
def test_edit_distance(left: list[int], right: list[int], distance: int) -> None:
    assert edit_distance(left, right) == edit_distance(right, left) == distance
