"""Tell whether something is a digit at all, from how much of any digit the network saw in it.

Softmax confidence is a poor judge: it says how much more one digit is seen than the others, not how
much is seen. The largest logit keeps what softmax divides away.
"""

import numpy as np

DIGITS_LOST = 0.01  # part of the digits it is fitted to that the threshold refuses


def score(logits: np.ndarray, slope: float, offset: float) -> np.ndarray:
    """Score digits or strangers.

    Args:
        logits: float array of shape `(n, 10)`.
        slope: of the evidence over the largest logit, from `fit`.
        offset: evidence where that is zero, from `fit`.

    Returns:
        float array of shape `(n,)`, values in `[0, 1]`; near 1 is surely a digit.

    Reference:
        Hendrycks and others (2022), Scaling out-of-distribution detection for real-world settings,
        arXiv:1911.11132: the maximum logit.

    Example:
        >>> score(np.array([[2.0, 0.0]]), slope=1.0, offset=-2.0).tolist()
        [0.5]
    """
    return logistic(slope * logits.max(axis=1) + offset)


def logistic(evidence: np.ndarray) -> np.ndarray:
    """Turn evidence of any shape into probabilities, without overflow."""
    return (1 + np.tanh(evidence / 2)) / 2


def fit(digits: np.ndarray, strangers: np.ndarray) -> tuple[tuple[float, float], float]:
    """Learn how much of a digit is seen in digits, and from where on to refuse.

    Args:
        digits: logits of digits that trained nothing, as they are and as pens vary them, `(n, 10)`.
        strangers: logits of things that are no digits, `(m, 10)`.

    Returns:
        Slope and offset for `score`, and the threshold below which `DIGITS_LOST` of the digits lie.
    """
    from sklearn.linear_model import LogisticRegression  # here, because reading a picture never fits

    seen = np.concatenate([digits, strangers]).max(axis=1, keepdims=True)
    is_digit = np.repeat([1, 0], [len(digits), len(strangers)])
    judge = LogisticRegression(class_weight="balanced").fit(seen, is_digit)
    line = round(float(judge.coef_[0, 0]), 4), round(float(judge.intercept_[0]), 4)
    return line, float(np.quantile(score(digits, *line), DIGITS_LOST))


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Turn logits into probabilities.

    Args:
        logits: float array of shape `(n, k)`.
        temperature: what logits are divided by; above 1 the answers become less sure.

    Returns:
        float array of shape `(n, k)`, rows sum to 1.

    Example:
        >>> softmax(np.array([[0.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """
    cooled = logits / temperature
    raised = np.exp(cooled - cooled.max(axis=-1, keepdims=True))  # no overflow
    return raised / raised.sum(axis=-1, keepdims=True)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithms of `softmax`, `(n, k)`, exact also where a probability is tiny."""
    high = logits.max(axis=-1, keepdims=True)
    return logits - high - np.log(np.exp(logits - high).sum(axis=-1, keepdims=True))
