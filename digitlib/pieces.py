"""Find the connected pieces of ink that may be digits, and tell them from what no pen has drawn.

Shadows' edges, folds, printed lines and the desk come out of an ink map as pieces, too. They give
themselves away by how they lie in the picture: along its rim, or straight across.
"""

from dataclasses import dataclass

import cv2
import numpy as np

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
    inner = ~of_the_picture(labels, stats)
    inner[0] = False
    inner &= ~_dwarfing(labels, longest, firm & inner)
    ranked = (firm & inner, inner, _cut_out(labels, stats))
    names = next((np.flatnonzero(those) for those in ranked if those.any()), np.zeros(0, np.intp))
    if not len(names):
        return Pieces(labels, names, stats[names, :4], 0.0)
    size = _weighted_median(longest[names], longest[names] ** 2)
    names = names[longest[names] > DUST * size]
    return Pieces(labels, names, stats[names, :4], size)


def of_the_picture(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Tell which pieces are shadows, desk, page edges, folds or printed lines, which no pen has drawn."""
    hugging = _on_the_rim(labels, len(stats)).max(axis=0) > HUGGING * stats[:, 2:4].max(axis=1)
    return hugging | _strip(labels, stats) | _crossing(labels, stats)


def _cut_out(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Tell which pieces along the rim may be a digit after all, cut out of its picture tightly."""
    rim, shape = _on_the_rim(labels, len(stats)), np.array(labels.shape)
    whole = (rim > WHOLE * np.repeat(shape[::-1], 2)[:, None]).any(axis=0)
    frame = rim.sum(axis=0) > WHOLE * 2 * shape.sum()
    filling = (stats[:, 2:4] > FILLING * shape[::-1]).all(axis=1)
    lines = _strip(labels, stats) | _crossing(labels, stats)
    return (filling | ~whole) & ~frame & ~lines & (np.arange(len(stats)) > 0)


def _strip(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Tell which pieces are thin and lie along the rim."""
    x, y, width, height = stats[:, :4].T
    beside = (x == 0) | (x + width == labels.shape[1])
    above = (y == 0) | (y + height == labels.shape[0])
    return (beside & (width < STRIP * height)) | (above & (height < STRIP * width))


def _crossing(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Tell which pieces run thin and straight from one side of the picture to another."""
    (x, y, width, height, area), shape = stats.T, labels.shape
    sides = (x == 0) * 1 + (y == 0) + (x + width == shape[1]) + (y + height == shape[0])
    length = np.hypot(width, height)
    filling = (width > FILLING * shape[1]) & (height > FILLING * shape[0])
    thin = area < np.where(filling, HAIR, STRIP) * length**2
    crossing = thin & (sides >= 2) & (length > max(shape) / 2)
    for i in np.flatnonzero(crossing):
        points = np.nonzero(labels[y[i] : y[i] + height[i], x[i] : x[i] + width[i]] == i)
        across, along = np.sqrt(np.linalg.eigvalsh(np.cov(points)))
        crossing[i] = across < STRAIGHT * along
    return crossing


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


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value below which half of the weight lies."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def main_pieces(found: Pieces) -> list[int]:
    """Return the positions of the pieces that make up the digit of a picture that shows one."""
    longest = found.boxes[:, 2:].max(1, initial=0)
    return np.flatnonzero(longest > MAIN * longest.max(initial=0)).tolist()
