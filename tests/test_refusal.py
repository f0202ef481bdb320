"""Refusal tells logits of digits from logits of strangers."""

import numpy as np
import pytest

from digitlib import refusal


def logits(n, seed, seen):
    """Logits in which `seen` of one digit is seen and little of the others."""
    rng = np.random.default_rng(seed)
    return seen * np.eye(10)[np.arange(n) % 10] + rng.normal(0, 0.5, (n, 10))


@pytest.fixture(scope="module")
def fitted():
    return refusal.fit(logits(1000, 1, seen=9.0), logits(500, 2, seen=1.0))


def test_digits_score_high_and_strangers_low(fitted):
    line, threshold = fitted
    digits = refusal.score(logits(500, 3, seen=9.0), *line)
    strangers = refusal.score(logits(500, 4, seen=1.0), *line)
    assert digits.shape == (500,)
    assert 0 <= strangers.min() and digits.max() <= 1
    assert (digits >= threshold).mean() > 0.97
    assert (strangers < threshold).mean() > 0.97


def test_the_threshold_loses_one_digit_in_a_hundred(fitted):
    line, threshold = fitted
    assert (refusal.score(logits(1000, 1, seen=9.0), *line) < threshold).sum() == 10


def test_the_score_is_the_logistic_function_of_the_largest_logit():
    one = refusal.score(np.array([[-1.0, 3.0]]), slope=2.0, offset=1.0)
    np.testing.assert_allclose(one, [1 / (1 + np.exp(-(2 * 3 + 1)))])


def test_equal_softmax_does_not_hide_how_much_is_seen(fitted):
    line, _ = fitted
    faint = logits(1, 5, seen=1.0)
    assert refusal.score(faint + 8, *line) > refusal.score(faint, *line)
