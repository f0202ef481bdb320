"""Tell whether something is a digit at all, from what the network made of it.

Softmax confidence is a poor judge: a network is often very sure of a letter. How
far the features lie from those of real digits says more.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from digitlib.errors import DigitlibError
from digitlib.files import whole_file
from digitlib.numerics import log_sum_exp, softmax

NAME = "refusal.npz"
DIGITS_LOST = 0.01  # part of the validation digits that the threshold refuses


@dataclass(frozen=True)
class Refusal:
    """A score in `[0, 1]` for "this is a digit", fitted by `fit`.

    Attributes:
        means: float32 array of shape `(10, d)`, mean features of each digit.
        precision: float32 array of shape `(d, d)`, inverse of the features' shared covariance.
        weights: float array of shape `(3 + d + 1,)`, of the three signs, the features and the constant.
    """

    means: np.ndarray
    precision: np.ndarray
    weights: np.ndarray

    def score(self, features: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """Score digits or strangers.

        Args:
            features: float array of shape `(n, d)`, what the last hidden layer made of them.
            logits: float array of shape `(n, 10)`.

        Returns:
            float array of shape `(n,)`, values in `[0, 1]`; near 1 is surely a digit.
        """
        known = np.concatenate([self.signs(features, logits), features], axis=1)
        evidence = known @ self.weights[:-1] + self.weights[-1]
        return (1 + np.tanh(evidence / 2)) / 2  # the logistic function, without overflow

    def signs(self, features: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """Return the three signs `(n, 3)`: Mahalanobis distance, energy, and doubt.

        Reference:
            Lee, Lee, Lee, Shin (2018), A simple unified framework for detecting out-of-distribution
            samples, arXiv:1807.03888; Liu, Wang, Owens, Li (2020), Energy-based out-of-distribution
            detection, arXiv:2010.03759.
        """
        away = features[:, None, :] - self.means
        distance = np.einsum("nki,ij,nkj->nk", away, self.precision, away, optimize=True).min(axis=1)
        doubt = 1 - softmax(logits).max(axis=1)
        return np.stack([np.sqrt(np.maximum(distance, 0)), log_sum_exp(logits)[:, 0], doubt], axis=1)

    def save(self, path: Path) -> None:
        """Write the arrays to an `.npz`, whole or not at all."""
        with whole_file(path) as aside:
            np.savez(aside, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> "Refusal":
        """Read what `save` wrote.

        Raises:
            DigitlibError: if the file is missing or is something else.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(**{field.name: arrays[field.name] for field in fields(cls)})
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise DigitlibError(
                f"{path} is not what refusal was fitted to: train or copy the model anew"
            ) from error


def fit(
    known: tuple[np.ndarray, np.ndarray],
    digits: tuple[np.ndarray, np.ndarray],
    strangers: tuple[np.ndarray, np.ndarray],
) -> tuple[Refusal, float]:
    """Learn what digits look like from the inside, and from where on to refuse.

    Args:
        known: features `(n, d)` and labels `(n,)` of training digits.
        digits: features and logits of validation digits.
        strangers: features and logits of things that are no digits.

    Returns:
        The fitted score, and the threshold below which `DIGITS_LOST` of the validation digits lie.
    """
    from sklearn.linear_model import LogisticRegression  # here, because reading a picture never fits

    features, labels = known
    means = np.stack([features[labels == digit].mean(axis=0) for digit in range(10)])
    covariance = np.cov(features - means[labels], rowvar=False)
    ridge = 1e-3 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    unfitted = Refusal(
        means.astype(np.float32), np.linalg.inv(covariance + ridge).astype(np.float32), np.zeros(0)
    )
    seen = [np.concatenate([unfitted.signs(*pair), pair[0]], axis=1) for pair in (digits, strangers)]
    is_digit = np.repeat([1, 0], [len(part) for part in seen])
    scale = np.concatenate(seen).std(axis=0) + 1e-6
    judge = LogisticRegression(class_weight="balanced", C=0.1, max_iter=1000)
    judge.fit(np.concatenate(seen) / scale, is_digit)
    fitted = Refusal(
        unfitted.means, unfitted.precision, np.append(judge.coef_[0] / scale, judge.intercept_[0])
    )
    return fitted, float(np.quantile(fitted.score(*digits), DIGITS_LOST))
