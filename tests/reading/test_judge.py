"""The judge follows its trees, and sees what stands beside a candidate."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from digitlib.pictures.crops import NONE
from digitlib.reading.judge import FEATURES, Judge, features
from digitlib.reading.page import Places
from digitlib.series import calibrate


def places(boxes: list[tuple[float, ...]]) -> Places:
    n = len(boxes)
    return Places(
        np.array(boxes, float).reshape(n, 4), np.full(n, 2.0), np.zeros((n, 4)), np.eye(10)[[1] * n]
    )


def seen(found: Places) -> np.ndarray:
    """The features of candidates of which digit and crop network say nothing."""
    return features(found, np.zeros((len(found), 10)), np.zeros((len(found), NONE + 1)))


def test_weights_and_trees_answer_as_scikit_learn_does_also_after_a_file(tmp_path):
    rng = np.random.default_rng(0)
    known = rng.normal(0, 1, (400, FEATURES)).astype(np.float32)
    booster = GradientBoostingClassifier(
        init=LogisticRegression(),
        n_estimators=20,
        learning_rate=calibrate.RATE,
        max_leaf_nodes=6,
        random_state=0,
    ).fit(known, known[:, 0] * known[:, 1] > 0.1)
    calibrate._judge(booster).write(tmp_path / "judge.npz")
    told = Judge.read(tmp_path / "judge.npz").scores(known)
    np.testing.assert_allclose(told, booster.predict_proba(known)[:, 1], atol=1e-5)
    assert np.ptp(told) > 0.5


def test_a_tall_stroke_is_told_by_its_neighbours():
    row = places([(0, 20, 20, 40), (30, 20, 20, 40), (60, 5, 20, 60), (90, 20, 20, 40), (500, 0, 20, 80)])
    taller = seen(row)[:, 8]
    assert taller == pytest.approx([0, 0, np.log(1.5), 0, 0], abs=1e-6)  # the last stands alone


def test_what_covers_a_candidate_is_counted():
    assert seen(places([(0, 0, 20, 40), (10, 0, 20, 40)]))[:, 9].tolist() == [0.5, 0.5]
    assert seen(places([])).shape == (0, FEATURES)


def test_the_crop_network_says_whether_it_is_a_digit_at_all():
    crops = np.zeros((2, 11))
    crops[0, 3], crops[1, NONE] = 8, 8
    digit, none = features(places([(0, 0, 20, 40), (90, 0, 20, 40)]), np.zeros((2, 10)), crops)[:, 2]
    assert digit == pytest.approx(8, abs=0.1) and none == pytest.approx(np.log(10) - 8, abs=0.1)


def test_the_two_likeliest_neighbours_are_told_but_no_part_of_the_candidate_itself():
    row = places([(0, 0, 20, 40), (25, 0, 20, 40), (50, 0, 20, 40), (75, 0, 20, 40), (0, 0, 18, 20)])
    crops = np.zeros((5, NONE + 1))
    crops[:, NONE] = np.log(10) - np.array([1, 3, 2, 9, 4])
    beside = features(row, np.zeros((5, 10)), crops)[:, 10:]
    assert beside[0] == pytest.approx([6, 3])  # 9 counts as 6; the ring of its own, 4, is none
    assert beside[3] == pytest.approx([4, 3])
    assert seen(places([(0, 0, 20, 40)]))[0, 10:].tolist() == [-6, -6]
