"""Three simple readers that any network has to beat, scored in the same run.

Each takes training digits and the images to read, and returns the digits it reads.
"""

import numpy as np

from digitlib.data.mnist import Split, take


def constant(train: Split, images: np.ndarray) -> np.ndarray:
    """Always answer the most frequent digit.

    Args:
        train: training digits.
        images: uint8 array of shape `(n, 28, 28)`.

    Returns:
        int array of shape `(n,)`.
    """
    return np.full(len(images), np.bincount(train.labels).argmax())


def nearest_mean(train: Split, images: np.ndarray) -> np.ndarray:
    """Answer the digit whose mean picture is nearest.

    Args:
        train: training digits.
        images: uint8 array of shape `(n, 28, 28)`.

    Returns:
        int array of shape `(n,)`.
    """
    means = mean_digits(train).reshape(10, -1)
    flat = images.reshape(len(images), -1) / np.float32(255)
    return ((means**2).sum(axis=1) - 2 * flat @ means.T).argmin(axis=1)


def logistic_regression(train: Split, images: np.ndarray, *, n: int = 10_000) -> np.ndarray:
    """Answer by multinomial logistic regression on the pixels.

    Args:
        train: training digits.
        images: uint8 array of shape `(n, 28, 28)`.
        n: training digits to use at most; all 55,000 take five times as long and gain one point.

    Returns:
        int array of shape `(n,)`.
    """
    from sklearn.linear_model import LogisticRegression

    part = take(train, min(n, len(train.labels)))
    reader = LogisticRegression(C=0.05, tol=0.001, max_iter=200)
    reader.fit(part.images.reshape(len(part.images), -1) / np.float32(255), part.labels)
    return reader.predict(images.reshape(len(images), -1) / np.float32(255))


def mean_digits(split: Split) -> np.ndarray:
    """Return the mean picture of each digit: float32 array of shape `(10, 28, 28)`, values in `[0, 1]`."""
    return np.stack(
        [split.images[split.labels == digit].mean(axis=0, dtype=np.float32) for digit in range(10)]
    ) / np.float32(255)


READERS = {
    "always the commonest digit": constant,
    "nearest mean digit": nearest_mean,
    "logistic regression": logistic_regression,
}
