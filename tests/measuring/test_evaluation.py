"""Reported numbers, checked against cases computed by hand and against other libraries."""

import numpy as np
import pytest
from scipy import special
from sklearn.metrics import log_loss

from digitlib.measuring import evaluation


@pytest.fixture
def answers():
    """Labels and honest probabilities of 4,000 made-up digits."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 10))
    probabilities = special.softmax(logits, axis=1)
    labels = np.array([rng.choice(10, p=row) for row in probabilities])
    return labels, probabilities, logits


def test_accuracy_counts_and_has_wilsons_interval():
    labels = np.zeros(1000, int)
    predictions = np.where(np.arange(1000) < 10, 1, 0)
    counted = evaluation.accuracy(labels, predictions)
    assert counted[:3] == (990, 1000, 0.99)
    # by hand: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.959964
    assert (counted.low, counted.high) == pytest.approx((0.981691, 0.994559), abs=1e-6)
    assert "n = 1,000" in str(counted)


def test_confusion_has_true_rows_and_all_ten_classes():
    matrix = evaluation.confusion(np.array([4, 4]), np.array([9, 4]))
    assert matrix.shape == (10, 10)
    assert matrix[4, 9] == matrix[4, 4] == 1 and matrix.sum() == 2


def test_per_class_gives_precision_recall_f1_count():
    table = evaluation.per_class(np.array([1, 1, 1, 2]), np.array([1, 1, 2, 2]))
    np.testing.assert_allclose(table[1], [1, 2 / 3, 0.8, 3])
    np.testing.assert_allclose(table[2], [0.5, 1, 2 / 3, 1])
    np.testing.assert_allclose(table[0], 0)


def test_loss_agrees_with_sklearn(answers):
    labels, probabilities, _ = answers
    assert evaluation.log_loss(labels, probabilities) == pytest.approx(log_loss(labels, probabilities))


def test_a_certain_mistake_costs_much_but_not_everything():
    assert evaluation.log_loss(np.array([0]), np.eye(10)[[1]]) == pytest.approx(-np.log(1e-12))


def test_temperature_is_found_again(answers):
    labels, _, logits = answers
    overconfident = special.softmax(3 * logits, axis=1)
    temperature = evaluation.fit_temperature(labels, overconfident)
    assert temperature == pytest.approx(3, rel=0.05)
    cooled = evaluation.calibrated(overconfident, temperature)
    assert evaluation.log_loss(labels, cooled) < evaluation.log_loss(labels, overconfident)
    np.testing.assert_array_equal(cooled.argmax(1), logits.argmax(1))


def test_calibration_error_by_hand():
    probabilities = np.zeros((4, 10))
    probabilities[:, 0], probabilities[:, 1] = 0.9, 0.1
    # all four in one bin: mean confidence 0.9, two of four right
    assert evaluation.calibration_error(np.array([0, 0, 1, 1]), probabilities) == pytest.approx(0.4)


def test_honest_answers_are_calibrated_and_boastful_ones_are_not(answers):
    labels, probabilities, logits = answers
    assert evaluation.calibration_error(labels, probabilities) < 0.03
    assert evaluation.calibration_error(labels, special.softmax(3 * logits, axis=1)) > 0.1


def test_reliability_puts_certainty_into_the_last_bin():
    table = evaluation.reliability(np.array([1]), np.eye(10)[[1]], bins=5)
    np.testing.assert_array_equal(table[-1], [1, 1, 1])
    assert np.isnan(table[0, 0]) and table[0, 2] == 0


def test_risk_and_coverage_by_hand():
    coverage, risk = evaluation.risk_coverage(np.array([True, False, True]), np.array([0.9, 0.1, 0.5]))
    np.testing.assert_allclose(coverage, [1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(risk, [0, 0, 1 / 3])


def test_surest_mistakes_come_first():
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8]])
    assert evaluation.surest_mistakes(np.array([1, 1, 1]), probabilities).tolist() == [1, 0]


def test_summary_is_what_a_card_needs(answers):
    labels, probabilities, _ = answers
    numbers = evaluation.summary(labels, probabilities)
    assert set(numbers) == {"n", "correct", "accuracy", "loss", "calibration_error"}
    assert numbers["correct"] / numbers["n"] == pytest.approx(numbers["accuracy"])
