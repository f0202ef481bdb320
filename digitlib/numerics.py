"""Softmax and its kin, so that reading a picture needs no SciPy (its import would take half of the time)."""

import numpy as np


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Return log(sum(exp(logits))) over the last axis, without overflow.

    Args:
        logits: float array of shape `(n, k)`.

    Returns:
        float array of shape `(n, 1)`.
    """
    highest = logits.max(axis=-1, keepdims=True)
    return highest + np.log(np.exp(logits - highest).sum(axis=-1, keepdims=True))


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
    return np.exp(cooled - log_sum_exp(cooled))
