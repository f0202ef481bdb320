"""The three baselines read what they can read."""

import numpy as np
import pytest

from digitlib.data.mnist import Split
from digitlib.measuring import baselines


def test_constant_answers_the_commonest_digit():
    train = Split(np.zeros((5, 28, 28), np.uint8), np.array([3, 3, 3, 1, 2], np.uint8))
    assert baselines.constant(train, np.zeros((2, 28, 28), np.uint8)).tolist() == [3, 3]


@pytest.mark.parametrize("reader", [baselines.nearest_mean, baselines.logistic_regression])
def test_places_of_a_square_are_learnt(toy, reader):
    np.testing.assert_array_equal(reader(toy.train, toy.test.images), toy.test.labels)


@pytest.mark.parametrize(
    ("reader", "low", "high"), [("nearest mean digit", 0.74, 0.86), ("logistic regression", 0.86, 0.94)]
)
def test_baselines_reach_on_real_digits_what_they_are_known_for(sample, reader, low, high):
    predictions = baselines.READERS[reader](sample.train, sample.test.images)
    assert low < (predictions == sample.test.labels).mean() < high


def test_mean_digits_are_means(toy):
    means = baselines.mean_digits(toy.train)
    assert means.shape == (10, 28, 28)
    one = toy.train.images[toy.train.labels == 1]
    np.testing.assert_allclose(means[1], one.mean(axis=0) / 255, rtol=1e-5)
