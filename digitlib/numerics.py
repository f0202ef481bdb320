"""Softmax, so that reading a picture needs no SciPy (its import would take half of the time)."""

import numpy as np


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
