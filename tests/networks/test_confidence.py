"""Refusal tells logits of digits from logits of strangers."""

import numpy as np
import pytest
from scipy import special

from digitlib.networks import confidence
from digitlib.networks.confidence import softmax


def logits(n, seed, seen):
    """Logits in which `seen` of one digit is seen and little of the others."""
    rng = np.random.default_rng(seed)
    return seen * np.eye(10)[np.arange(n) % 10] + rng.normal(0, 0.5, (n, 10))


@pytest.fixture(scope="module")
def fitted():
    return confidence.fit(logits(1000, 1, seen=9.0), logits(500, 2, seen=1.0))


def test_digits_score_high_and_strangers_low(fitted):
    line, threshold = fitted
    digits = confidence.score(logits(500, 3, seen=9.0), *line)
    strangers = confidence.score(logits(500, 4, seen=1.0), *line)
    assert digits.shape == (500,)
    assert 0 <= strangers.min() and digits.max() <= 1
    assert (digits >= threshold).mean() > 0.97
    assert (strangers < threshold).mean() > 0.97


def test_the_threshold_loses_one_digit_in_a_hundred(fitted):
    line, threshold = fitted
    assert (confidence.score(logits(1000, 1, seen=9.0), *line) < threshold).sum() == 10


def test_the_score_is_the_logistic_function_of_the_largest_logit():
    one = confidence.score(np.array([[-1.0, 3.0]]), slope=2.0, offset=1.0)
    np.testing.assert_allclose(one, [1 / (1 + np.exp(-(2 * 3 + 1)))])


def test_equal_softmax_does_not_hide_how_much_is_seen(fitted):
    line, _ = fitted
    faint = logits(1, 5, seen=1.0)
    assert confidence.score(faint + 8, *line) > confidence.score(faint, *line)


@pytest.fixture
def some_logits():
    return np.random.default_rng(0).normal(0, 5, (20, 10))


def test_softmax_agrees_with_scipy(some_logits):
    np.testing.assert_allclose(softmax(some_logits), special.softmax(some_logits, axis=1))


def test_huge_some_logits_do_not_overflow():
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0], [-1e4, 0.0]])), [[1, 0], [0, 1]])


def test_temperature_flattens_and_keeps_the_order(some_logits):
    np.testing.assert_allclose(softmax(some_logits, 2.0), special.softmax(some_logits / 2, axis=1))
