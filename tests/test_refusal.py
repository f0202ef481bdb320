"""Refusal tells clouds of made-up features apart, and survives its file."""

import numpy as np
import pytest

from digitlib import refusal
from digitlib.errors import DigitlibError
from digitlib.refusal import Refusal


def cloud(n, seed, away=0.0):
    """Features round ten corners, `away` from them, with logits that point at the corner."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 10
    features = 4 * np.eye(12)[labels] + rng.normal(0, 0.5, (n, 12)) + away * rng.choice([-1, 1], (n, 12))
    return features.astype(np.float32), (2 * features[:, :10]).astype(np.float32), labels


@pytest.fixture(scope="module")
def fitted():
    features, _, labels = cloud(1000, 0)
    return refusal.fit((features, labels), cloud(500, 1)[:2], cloud(500, 2, away=2.0)[:2])


def test_digits_score_high_and_strangers_low(fitted):
    judge, threshold = fitted
    digits, strangers = judge.score(*cloud(500, 3)[:2]), judge.score(*cloud(500, 4, away=2.0)[:2])
    assert digits.shape == (500,)
    assert 0 <= strangers.min() and digits.max() <= 1
    assert (digits >= threshold).mean() > 0.97
    assert (strangers < threshold).mean() > 0.97


def test_the_threshold_loses_one_digit_in_a_hundred(fitted):
    judge, threshold = fitted
    assert (judge.score(*cloud(500, 1)[:2]) < threshold).sum() == 5


def test_distance_is_mahalanobis_to_the_nearest_mean():
    judge = Refusal(np.array([[0.0, 0.0], [10.0, 0.0]]), np.diag([1.0, 4.0]), np.zeros(6))
    signs = judge.signs(np.array([[9.0, 1.0]]), np.array([[0.0, np.log(3)]]))
    # nearest mean (10, 0): 1 * 1 + 4 * 1 = 5; energy log(1 + 3); doubt 1 - 3/4
    np.testing.assert_allclose(signs, [[np.sqrt(5), np.log(4), 0.25]])


def test_it_survives_its_file(fitted, tmp_path):
    judge, _ = fitted
    judge.save(tmp_path / "refusal.npz")
    again = Refusal.load(tmp_path / "refusal.npz")
    np.testing.assert_array_equal(again.score(*cloud(9, 5)[:2]), judge.score(*cloud(9, 5)[:2]))


@pytest.mark.parametrize("content", [None, b"", b"text"], ids=["missing", "empty", "text"])
def test_something_else_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "refusal.npz").write_bytes(content)
    with pytest.raises(DigitlibError, match="refusal"):
        Refusal.load(tmp_path / "refusal.npz")
