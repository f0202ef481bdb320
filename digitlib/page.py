"""Find the digits of a picture: one box each, in reading order.

The ink map says where ink is; this module says which ink belongs together.
What is no digit by its shape alone (specks, page edges, the desk under the page)
is dropped; what a digit by its shape could be is kept, the network judges later.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digitlib.frame import Pieces, ink_map, main_pieces, pieces

SPECK = 0.25  # of a digit's size; what is smaller alone is no digit
FLAT = 2.5  # width over height; what is flatter is a line
NEAR = 0.1  # of a digit's size; pieces closer than this may be one digit, a bar and its 5
STACKED = 0.4  # of a digit's size; the same when one piece stands over the other
TALL = 0.65  # of a digit's height; two neighbours both taller than this are two digits
ROW = 0.5  # of a digit's height; the next digit of a row is lower or higher by less

Judge = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Box:
    """One digit of a picture.

    Attributes:
        x: left edge, in pixels of the picture it was found in.
        y: upper edge.
        width: in the same pixels.
        height: in the same pixels.
        ink: float32 array of shape `(height, width)`, values in `[0, 1]`, the neighbours' ink
            taken out; ready for `frame.to_mnist_frame`.
    """

    x: int
    y: int
    width: int
    height: int
    ink: np.ndarray


def find_digits(pixels: np.ndarray, *, single: bool = False, judge: Judge | None = None) -> list[Box]:
    """Find every digit of a picture, rows from the top, left to right in a row.

    Args:
        pixels: uint8 array of shape `(height, width, 3)` or `(height, width)`.
        single: the picture shows one digit: do not cut it up.
        judge: maps frames `(n, 28, 28)` to plausibilities `(n,)` in `[0, 1]`; asked where
            shape alone cannot tell one digit from two.

    Returns:
        The boxes; one when the picture shows a single digit, none when it is blank.
    """
    ink = ink_map(pixels)
    found = pieces(ink)
    if not len(found.names):
        return []
    groups = [main_pieces(found)] if single else _group(found)
    return _in_reading_order([_box(ink, found, group) for group in groups])


def _group(found: Pieces) -> list[list[int]]:
    """Put together the pieces that make up one digit: each small piece joins a larger one or stands alone."""
    groups: list[list[int]] = []
    for piece in np.argsort(-found.boxes[:, 2:].max(1)):
        home = next(
            (g for g in groups if _same_digit(found.boxes[piece], found.boxes[g[0]], found.size)), None
        )
        groups.append([piece]) if home is None else home.append(piece)
    return [g for g in groups if _may_be_digit(found.boxes[g], found.size)] or groups[:1]


def _may_be_digit(boxes: np.ndarray, size: float) -> bool:
    """Whether pieces together are neither a speck nor a line."""
    width, height = (boxes[:, :2] + boxes[:, 2:]).max(0) - boxes[:, :2].min(0)
    return max(width, height) >= SPECK * size and width <= FLAT * height


def _same_digit(a: np.ndarray, b: np.ndarray, size: float) -> bool:
    """Whether two pieces, boxes as x, y, width, height, look like parts of one digit."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    gap_x, gap_y = np.maximum(low - high, 0)
    over = high[0] - low[0] > 0.5 * min(a[2], b[2])
    width, height = np.maximum(a[:2] + a[2:], b[:2] + b[2:]) - np.minimum(a[:2], b[:2])
    if height > 1.6 * size or width > 1.3 * size:
        return False
    if over:
        return gap_y < STACKED * size
    return bool(np.hypot(gap_x, gap_y) < NEAR * size and min(a[3], b[3]) < TALL * height)


def _box(ink: np.ndarray, found: Pieces, group: list[int]) -> Box:
    """Cut a group of pieces out of the ink map, without what lies between them."""
    corner = found.boxes[group, :2].min(0)
    end = (found.boxes[group, :2] + found.boxes[group, 2:]).max(0)
    (x, y), (width, height) = corner.tolist(), (end - corner).tolist()
    window = np.s_[y : y + height, x : x + width]
    return Box(x, y, width, height, ink[window] * np.isin(found.labels[window], found.names[group]))


def _in_reading_order(boxes: list[Box]) -> list[Box]:
    """Chain boxes into rows from the left, each to the row whose last box it stands beside."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.x + box.width / 2):
        offsets = [abs(_middle(row[-1]) - _middle(box)) / max(row[-1].height, box.height) for row in rows]
        if offsets and min(offsets) < ROW:
            rows[int(np.argmin(offsets))].append(box)
        else:
            rows.append([box])
    rows.sort(key=lambda row: np.mean([_middle(box) for box in row]))
    return [box for row in rows for box in row]


def _middle(box: Box) -> float:
    """Height of a box's middle on the page."""
    return box.y + box.height / 2
