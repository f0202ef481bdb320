"""Every reported number, from labels and probabilities alone.

Nothing here loads data or calls a network: all that is published can be computed
again from the `predictions.npz` of a run.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from digitlib.networks.confidence import softmax

SMALLEST = 1e-12  # probabilities are kept above this before a logarithm


class Accuracy(NamedTuple):
    """How many were right, and how sure one can be of that.

    Attributes:
        correct: digits read rightly.
        n: digits read.
        value: `correct / n`.
        low: lower end of the 95 % Wilson interval.
        high: upper end of it.
    """

    correct: int
    n: int
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Say it with its interval and count."""
        return f"{self.value:.2%} (95 % interval {self.low:.2%} to {self.high:.2%}, n = {self.n:,})"


def accuracy(labels: np.ndarray, predictions: np.ndarray) -> Accuracy:
    """Count what was right, with Wilson's 95 % interval.

    Args:
        labels: int array of shape `(n,)`, values 0 to 9.
        predictions: the same, as read.

    Example:
        >>> print(accuracy(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 9])))
        75.00% (95 % interval 30.06% to 95.44%, n = 4)

    Reference:
        Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    return counted(int(np.sum(labels == predictions)), len(labels))


def counted(correct: int, n: int) -> Accuracy:
    """Return the accuracy of `correct` right answers among `n`, with its interval."""
    interval = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    return Accuracy(correct, n, correct / n, interval.low, interval.high)


def confusion(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Count how often each digit was read as which.

    Returns:
        int array of shape `(10, 10)`, rows true, columns predicted.
    """
    return confusion_matrix(labels, predictions, labels=np.arange(10))


def per_class(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Measure each digit apart.

    Returns:
        float array of shape `(10, 4)`: precision, recall, F1 in `[0, 1]`, and the count of true digits.
    """
    columns = precision_recall_fscore_support(labels, predictions, labels=np.arange(10), zero_division=0.0)
    return np.stack(columns, axis=1).astype(float)


def log_loss(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean negative log-likelihood of the true classes, in nats.

    Args:
        labels: int array of shape `(n,)`.
        probabilities: float array of shape `(n, 10)`, rows sum to 1.
    """
    true = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(true, SMALLEST, 1)).mean())


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Divide the logits behind some probabilities by a temperature.

    The order of the classes stays; above 1 the answers become less sure of themselves.

    Args:
        probabilities: float array of shape `(n, 10)`, rows sum to 1.
        temperature: above 0.

    Returns:
        float32 array of shape `(n, 10)`, rows sum to 1.
    """
    logits = np.log(np.clip(probabilities.astype(np.float64), SMALLEST, 1))
    return softmax(logits, temperature).astype(np.float32)


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Find the temperature that makes the true classes most likely.

    Args:
        labels: int array of shape `(n,)`, of the validation set.
        probabilities: float array of shape `(n, 10)`.

    Returns:
        A number from 0.2 to 5.

    Reference:
        Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, arXiv:1706.04599.
    """

    def loss(logarithm: float) -> float:
        return log_loss(labels, calibrated(probabilities, np.exp(logarithm)))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(5)), method="bounded").x))


def reliability(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = 15) -> np.ndarray:
    """Compare how sure the answers were with how often they were right, bin by bin.

    Args:
        labels: int array of shape `(n,)`.
        probabilities: float array of shape `(n, 10)`.
        bins: how many bins of equal width `[0, 1]` is cut into.

    Returns:
        float array of shape `(bins, 3)`: mean confidence, accuracy (both nan in an empty bin), count.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    count, sure, correct = (np.bincount(place, w, bins) for w in (None, confidence, right.astype(float)))
    with np.errstate(invalid="ignore"):
        return np.stack([sure / count, correct / count, count], axis=1)


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = 15) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy, in `[0, 1]`.

    Reference:
        Naeini, Cooper, Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.
    """
    sure, correct, count = reliability(labels, probabilities, bins=bins).T
    return float(np.nansum(np.abs(sure - correct) * count) / count.sum())


def risk_coverage(right: np.ndarray, confidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell how many errors are left when only the surest answers are given.

    Args:
        right: bool array of shape `(n,)`, whether each answer was right.
        confidence: float array of shape `(n,)`, larger is surer.

    Returns:
        Two float arrays of shape `(n,)`: the part of all answers that is given, ascending, and the
        part of those that is wrong.

    Reference:
        Geifman, El-Yaniv (2017), Selective classification for deep neural networks, arXiv:1705.08500.
    """
    given = np.arange(1, len(right) + 1)
    wrong = np.cumsum(~right[np.argsort(-confidence, kind="stable")])
    return given / len(right), wrong / given


def surest_mistakes(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the indices of all wrong answers, the surest first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


def summary(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Return the numbers that go on a card: n, correct, accuracy, loss in nats, calibration error."""
    counted = accuracy(labels, probabilities.argmax(axis=1))
    loss, error = log_loss(labels, probabilities), calibration_error(labels, probabilities)
    figures = {"accuracy": counted.value, "loss": loss, "calibration_error": error}
    return {"n": counted.n, "correct": counted.correct} | {k: round(v, 6) for k, v in figures.items()}
