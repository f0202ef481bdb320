"""Find the connected pieces of ink that may be digits, and tell them from what no pen has drawn.

Shadows' edges, folds, printed lines and the desk come out of an ink map as pieces, too. They give
themselves away by how they lie in the picture: along its rim, or straight across.
"""

from dataclasses import dataclass

import cv2
import numpy as np

ICON = 64  # pixels; a picture whose longest side is no more shows a digit and nothing around it
HUGGING = 0.6  # of a piece's length; what lies along the picture's rim for longer is desk or shadow, no digit
STRIP = 0.1  # depth over length; what lies along the rim and is thinner than this is an edge, too
HAIR = 0.03  # the same; a digit that fills its picture is not thinner, a fold from corner to corner is
STRAIGHT = 0.15  # spread across over spread along; a line has less even where grain clings to it
WHOLE = 0.95  # of a side of the picture; what covers more of one is no digit, unless it fills the picture
FILLING = 0.8  # of both sides of the picture; what is larger may be a digit that was cut out tightly
DWARFING = 3.0  # times the digits inside; what is longer and runs out of the picture is none
SMALL = 0.04  # of the picture's longest side; what is smaller is no measure for that
FIRM = 0.68  # mean ink of a piece; texture of a desk just above the edge level has less, strokes have more
DUST = 0.06  # of a digit's size; smaller pieces are not even parts
MAIN = 0.25  # of the largest piece; smaller ones do not belong to a single digit


@dataclass(frozen=True)
class Pieces:
    """Connected ink that may be a digit or part of one.

    Attributes:
        labels: int32 array of shape `(height, width)`, the piece each pixel belongs to.
        names: int array of shape `(n,)`, the labels of the pieces that count.
        boxes: int array of shape `(n, 4)`: x, y, width, height of each.
        size: longest side of a typical digit here, in pixels.
    """

    labels: np.ndarray
    names: np.ndarray
    boxes: np.ndarray
    size: float

    def where(self, group: list[int], window: tuple[slice, ...] = ()) -> np.ndarray:
        """Return which pixels of a window belong to a group of pieces, given by their positions; bool."""
        seen = self.labels[window]
        chosen = np.zeros(max(seen.max(), self.names.max(initial=0)) + 1, bool)  # np.isin is slow
        chosen[self.names[group]] = True
        return chosen[seen]


def pieces(ink: np.ndarray) -> Pieces:
    """Find connected ink, without the picture's edges and without dust.

    Args:
        ink: float array of shape `(height, width)`, values in `[0, 1]`.

    Returns:
        The pieces; none if the picture is blank.
    """
    mask = (ink > 0.5).astype(np.uint8)
    n, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    longest = stats[:, 2:4].max(1)
    inked = np.flatnonzero(mask)
    firm = np.bincount(labels.ravel()[inked], ink.ravel()[inked], n) > FIRM * stats[:, 4]
    inner = ~of_the_picture(labels, stats) & (np.arange(n) > 0)
    inner &= ~_dwarfing(labels, longest, firm & inner)
    ranked = (firm & inner, inner, _cut_out(labels, stats))
    names = next((np.flatnonzero(those) for those in ranked if those.any()), np.zeros(0, np.intp))
    lengths = longest[names]
    size = np.quantile(lengths, 0.5, weights=lengths**2, method="inverted_cdf") if len(names) else 0
    names = names[longest[names] > DUST * size]
    return Pieces(labels, names, stats[names, :4], float(size))


def of_the_picture(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Tell which pieces are shadows, desk, page edges, folds or printed lines, which no pen has drawn."""
    if max(labels.shape) <= ICON:
        return np.zeros(len(stats), bool)
    hugging = _on_the_rim(labels, len(stats)).max(axis=0) > HUGGING * stats[:, 2:4].max(axis=1)
    return hugging | _lines(labels, stats)


def _cut_out(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Tell which pieces along the rim may be a digit after all, cut out of its picture tightly."""
    shape = np.array(labels.shape[::-1])
    whole = (_on_the_rim(labels, len(stats)) > WHOLE * np.repeat(shape, 2)[:, None]).any(axis=0)
    filling = (stats[:, 2:4] > FILLING * shape).all(axis=1)
    return (filling | ~whole) & ~_lines(labels, stats) & (np.arange(len(stats)) > 0)


def _lines(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Tell which pieces are thin and lie along the rim, or run straight from one side to another."""
    (x, y, width, height, area), (tall, wide) = stats.T, labels.shape
    left, right, top, bottom = x == 0, x + width == wide, y == 0, y + height == tall
    along = ((left | right) & (width < STRIP * height)) | ((top | bottom) & (height < STRIP * width))
    length = np.hypot(width, height)
    filling = (width > FILLING * wide) & (height > FILLING * tall)
    thin = area < np.where(filling, HAIR, STRIP) * length**2
    across = thin & (np.sum([left, right, top, bottom], axis=0) >= 2) & (length > max(tall, wide) / 2)
    for i in np.flatnonzero(across):
        points = np.nonzero(labels[y[i] : y[i] + height[i], x[i] : x[i] + width[i]] == i)
        narrow, long = np.sqrt(np.linalg.eigvalsh(np.cov(points)))
        across[i] = narrow < STRAIGHT * long
    return along | across


def _dwarfing(labels: np.ndarray, longest: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Tell which pieces run out of the picture and dwarf the digits inside it, as a desk does."""
    leaving = _on_the_rim(labels, len(longest)).any(axis=0)
    inside = longest[candidates & ~leaving]
    inside = inside[inside > SMALL * max(labels.shape)]
    return leaving & (longest > DWARFING * np.median(inside)) if len(inside) >= 3 else np.zeros_like(leaving)


def _on_the_rim(labels: np.ndarray, n: int) -> np.ndarray:
    """Count the pixels of each piece on the top, bottom, left and right of the picture, `(4, n)`."""
    sides = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return np.stack([np.bincount(side, minlength=n) for side in sides])


def main_pieces(found: Pieces) -> list[int]:
    """Return the positions of the pieces that make up the digit of a picture that shows one."""
    longest = found.boxes[:, 2:].max(1, initial=0)
    return np.flatnonzero(longest > MAIN * longest.max(initial=0)).tolist()
