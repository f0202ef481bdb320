"""Find the digits of a picture: ask the page network at a scale that it knows, and read its heat map.

There is no rule here about paper, ink, lines or boxes. What is decided here is at which scale to look, which
peaks of the heat map are one digit, whether the page lies on its side, and in which order people read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from digitlib.networks.confidence import log_softmax
from digitlib.pictures.views import STRIDE, UNIT, normalised

STEP = 32  # pixels; sides of what the network sees are multiples of this
# Longest side at one look after the other, in pixels; the made pages had the first two.
LOOKS = (128, 320, 800, 2000)
ALWAYS = 320  # pixels; every look up to here is taken unless it enlarges the picture; none enlarges further
TINY = 112  # pixels; smaller pictures are enlarged to this
ENLARGED = 4  # times that a picture is enlarged at most
SIZES = (16, 136)  # pixels; a look is believed about digits of these sizes
SMALL = 24  # pixels; where half of the digits are smaller, a finer look is taken, too
TILE, OVERLAP = 640, 96  # pixels; larger pictures are seen in tiles, which share this much
FAINTEST = -2.5  # logit of the heat below which a peak is not even a candidate
SURE = -0.5  # logit from which on a candidate has a say in turn and in whether a finer look is taken
SAME = 0.5  # of their common area that two boxes of one digit share
WITHIN = 0.75  # of a box that lies in another: it is a part of that one, such as the ring of a 6
PART = 1.5  # logits that a part must be likelier to be the digit itself
MOST = 400  # candidates that are looked at, the likeliest first
ROW = 0.5  # of a digit's height; the next digit of a row is lower or higher by less
SOME = 0.12  # of the digits that must seem to be turned before a page is looked at that way
GAP = 0.6  # of a digit's height between neighbours; where more is left free, a new number begins
WIDER = 1.8  # times the gaps usual in the row, likewise

Network = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Places:
    """Where digits may be in a picture, and what the page network says of each.

    Attributes:
        boxes: float array of shape `(n, 4)`: x, y, width, height, in pixels of the picture.
        heat: `(n,)`, logit of there being a digit's middle.
        turns: `(n, 4)`, log-probability that it is turned by so many quarters counter-clockwise.
        digits: `(n, 10)`, logits of the classes.
    """

    boxes: np.ndarray
    heat: np.ndarray
    turns: np.ndarray
    digits: np.ndarray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.heat)

    def take(self, chosen: np.ndarray | list[int]) -> "Places":
        """Return some of them, by position or mask."""
        return Places(self.boxes[chosen], self.heat[chosen], self.turns[chosen], self.digits[chosen])

    def upright(self) -> np.ndarray:
        """Return how plausible each one is as an upright digit: the logit of its heat and of no turn."""
        return self.heat + self.turns[:, 0]


def find(grey: np.ndarray, network: Network) -> Places:
    """Find what may be digits.

    Args:
        grey: uint8 array of shape `(height, width)`.
        network: the page network: float32 `(1, h, w, 1)` to `(1, h / 4, w / 4, 19)`.

    Returns:
        Candidates, at most `MOST`, from looks at several scales: a large digit is seen best from afar, small
        ones from near.
    """
    longest, looked = max(grey.shape), 0
    found: list[Places] = []
    for side in LOOKS:
        if side > min(ALWAYS, longest) and found and _large_enough(found[-1], looked / longest):
            break
        side = min(side, max(longest, min(ENLARGED * longest, ALWAYS if found else TINY)))
        if side < 1.2 * looked:
            break
        found.append(_look(grey, network, side / longest))
        looked = side
    return _one_each(_joined(found))


def _large_enough(seen: Places, scale: float) -> bool:
    """Tell whether a look showed digits, at least half of them so large that a finer look tells no more."""
    sizes = seen.boxes[seen.heat > SURE, 2:].max(axis=1) * scale
    return bool(len(sizes)) and float(np.median(sizes)) >= SMALL


def find_upright(grey: np.ndarray, network: Network) -> tuple[np.ndarray, Places, int]:
    """Find what may be digits, on a page that may lie on its side.

    Where some digits seem to be turned, the page is looked at in these ways, too; the way in which
    most digits stand upright is taken. Up to two digits are left as they are: a 6 on its head is a 9.

    Returns:
        The picture as it was read, the candidates in it, and by how many quarters it was turned clockwise.
    """
    places = find(grey, network)
    turns = np.exp(places.turns[places.heat > SURE])
    ways = [(grey, places, 0)]
    for turn in range(1, 4):
        if len(turns) >= 3 and turns[:, turn].mean() > SOME:
            turned = np.ascontiguousarray(np.rot90(grey, -turn))
            ways.append((turned, find(turned, network), turn))
    return max(ways, key=lambda way: float((1 / (1 + np.exp(-way[1].upright()))).sum()))


def _look(grey: np.ndarray, network: Network, scale: float) -> Places:
    """Ask the network at a scale, in tiles where the picture is large."""
    size = [max(8, round(side * scale)) for side in grey.shape[::-1]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    seen = cv2.resize(grey, size, interpolation=method) if size != list(grey.shape[::-1]) else grey
    starts = [_starts(side) for side in seen.shape]
    found = [_ask(seen[y : y + TILE, x : x + TILE], network, (x, y)) for y in starts[0] for x in starts[1]]
    every = _joined(found)
    size = every.boxes[:, 2:].max(axis=1)
    every = every.take((size >= SIZES[0]) & (size <= SIZES[1]))
    return Places(every.boxes / scale, every.heat, every.turns, every.digits)


def _joined(found: list[Places]) -> Places:
    """Put the candidates of several looks together."""
    names = Places.__annotations__
    return Places(*(np.concatenate([getattr(places, name) for places in found]) for name in names))


def _starts(side: int) -> list[int]:
    """Return where tiles begin along a side."""
    return [0] if side <= TILE else [*range(0, side - TILE, TILE - OVERLAP), side - TILE]


def _ask(seen: np.ndarray, network: Network, corner: tuple[int, int]) -> Places:
    """Ask the network about one tile, and read the peaks of its heat map."""
    height, width = seen.shape
    filled = cv2.copyMakeBorder(seen, 0, -height % STEP, 0, -width % STEP, cv2.BORDER_REPLICATE)
    answer = network(normalised(filled)[None])[0]
    heat = np.ascontiguousarray(answer[..., 0])
    peaks = (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8))) & (heat > FAINTEST)
    rows, columns = np.nonzero(peaks)
    at = answer[rows, columns]
    middles = (np.stack([columns, rows], axis=1) + 0.5 + at[:, 1:3]) * STRIDE + corner
    sizes = np.exp(np.clip(at[:, 3:5], -4, 4)) * UNIT
    return Places(np.hstack([middles - sizes / 2, sizes]), at[:, 0], log_softmax(at[:, 5:9]), at[:, 9:])


def _one_each(places: Places) -> Places:
    """Keep one box of each digit: the likeliest (non-maximum suppression), the whole before its parts."""
    places = places.take(np.argsort(-places.heat)[:MOST])
    low, area = places.boxes[:, :2], places.boxes[:, 2:].prod(axis=1)
    high = low + places.boxes[:, 2:]
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    shared = np.maximum(shared, 0).prod(axis=2)
    same = shared > SAME * (area[:, None] + area - shared)
    part = (shared > WITHIN * area[:, None]) & (area[:, None] < area / 1.3)  # of the first in the second
    likelier = places.heat[:, None] > places.heat + PART
    kept: list[int] = []
    for i in range(len(places)):
        wholes = part[i] & ~likelier[i]
        if not same[i, kept].any() and not part[kept, i][likelier[kept, i]].any() and not wholes.any():
            kept.append(i)
    return places.take(kept)


def rows(boxes: np.ndarray) -> list[list[int]]:
    """Put boxes in reading order: rows from the top, left to right in a row, also where rows slant.

    Args:
        boxes: array of shape `(n, 4)`: x, y, width, height.

    Returns:
        The positions of the boxes, a list a row.
    """
    middles, heights = boxes[:, :2] + boxes[:, 2:] / 2, np.maximum(boxes[:, 3], boxes[:, 2])
    slope = 0.0
    for _ in range(2):  # chain boxes into rows, find how the rows slant, and chain them again
        level = middles[:, 1] - slope * middles[:, 0]
        chained = _chained(middles[:, 0], level, heights)
        slope = _slope(middles, chained)
    return sorted(chained, key=lambda row: float(np.mean(level[row])))


def _slope(middles: np.ndarray, chained: list[list[int]]) -> float:
    """Measure how rows slant: the median over neighbours, pixels down a pixel to the right."""
    steps = [middles[b] - middles[a] for row in chained for a, b in pairwise(row)]
    return float(np.median([dy / max(dx, 1) for dx, dy in steps])) if steps else 0.0


def _chained(x: np.ndarray, level: np.ndarray, heights: np.ndarray) -> list[list[int]]:
    """Chain boxes from the left, each to the row whose last box it stands beside."""
    chained: list[list[int]] = []
    for i in np.argsort(x, kind="stable").tolist():
        lasts = [row[-1] for row in chained]
        apart = [abs(level[last] - level[i]) / max(heights[last], heights[i]) for last in lasts]
        if apart and min(apart) < ROW:
            chained[int(np.argmin(apart))].append(i)
        else:
            chained.append([i])
    return chained


def numbers(row: list[int], boxes: np.ndarray) -> list[list[int]]:
    """Part a row where its writer left a gap.

    Args:
        row: positions of the row's boxes, from the left.
        boxes: as for `rows`.

    Returns:
        The positions again, a list a number.
    """
    if len(row) < 2:
        return [row]
    ends = boxes[row, 0] + boxes[row, 2]
    gaps = boxes[row[1:], 0] - ends[:-1]
    height = float(np.median(boxes[row, 3]))
    wide = (gaps > GAP * height) & (gaps > WIDER * max(float(np.median(gaps)), 0.0))
    cuts = [0, *(np.flatnonzero(wide) + 1).tolist(), len(row)]
    return [row[a:b] for a, b in pairwise(cuts)]
