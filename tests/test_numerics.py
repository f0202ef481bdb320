"""Softmax stays finite and agrees with SciPy."""

import numpy as np
import pytest
from scipy import special

from digitlib.numerics import softmax


@pytest.fixture
def logits():
    return np.random.default_rng(0).normal(0, 5, (20, 10))


def test_it_agrees_with_scipy(logits):
    np.testing.assert_allclose(softmax(logits), special.softmax(logits, axis=1))


def test_huge_logits_do_not_overflow():
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0], [-1e4, 0.0]])), [[1, 0], [0, 1]])


def test_temperature_flattens_and_keeps_the_order(logits):
    np.testing.assert_allclose(softmax(logits, 2.0), special.softmax(logits / 2, axis=1))
