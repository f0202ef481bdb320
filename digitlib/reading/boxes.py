"""Compare boxes: what they share, and which are of one digit."""

import numpy as np

DUPLICATE_IOU = 0.5  # intersection over union from which on two boxes are of one digit
SAME_MIDDLE = 0.2  # of a digit's size; two boxes of like size are of one digit if their middles are nearer
LIKE_SIZE = 1.5  # times the smaller one's size that the larger one may have
NESTED = 0.75  # of a box's area from which on it lies inside another


def shared_area(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the area that each two of boxes `(n, 4)` share, `(n, n)`, and that of each, `(n,)`."""
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    return np.maximum(shared, 0).prod(axis=2), boxes[:, 2:].prod(axis=1)


def of_one_digit(boxes: np.ndarray) -> np.ndarray:
    """Tell which boxes are of one digit.

    Those that share most of their area; and those about equally large in one place: two looks may place a
    thin 1 beside itself, so that its boxes share little.

    Args:
        boxes: float array of shape `(n, 4)`: x, y, width, height.

    Returns:
        bool array of shape `(n, n)`.
    """
    shared, area = shared_area(boxes)
    middles, size = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:].max(axis=1)
    smaller, larger = np.minimum(size[:, None], size), np.maximum(size[:, None], size)
    apart = np.linalg.norm(middles[:, None] - middles, axis=2)
    in_one_place = (apart < SAME_MIDDLE * smaller) & (larger < LIKE_SIZE * smaller)
    return in_one_place | (shared > DUPLICATE_IOU * (area[:, None] + area - shared))


def once(scores: np.ndarray, boxes: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Drop what is read twice: two looks may have drawn a small and a large box of one digit.

    Args:
        scores: of candidates, `(n,)`.
        boxes: of them, `(n, 4)`.
        answers: the digits that they are read as, `(n,)`.

    Returns:
        The scores; 0 where a surer one inside or around is read as the same digit.
    """
    shared, area = shared_area(boxes)
    same = (shared > NESTED * np.minimum(area[:, None], area)) & (answers[:, None] == answers)
    return np.where((same & (scores[:, None] < scores)).any(axis=1), 0, scores)
