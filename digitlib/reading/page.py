"""Find the digits of a picture: ask the page network at a scale that it knows, and read its heat map.

What is ink, paper or line the network has learned. What is decided here is at which scale to look, which
peaks of the heat map are one digit, whether the page lies on its side, and in which order people read.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np

from digitlib.networks.confidence import log_softmax, logistic
from digitlib.pictures.views import STRIDE, UNIT, normalised
from digitlib.reading.boxes import of_one_digit

log = logging.getLogger(__name__)

STEP = 32  # pixels; sides of what the network sees are multiples of this
# The picture is looked at several times, each time resized so that its longest side has so many pixels.
# Made pages have 128 or 320.
LOOKS = (128, 320, 800, 2000)
COARSE_LOOKS = 320  # looks up to this one are taken of every picture as large; finer ones where needed
SMALLEST_LOOK = 112  # pixels; smaller pictures are enlarged to this
FINER = 1.2  # times as many pixels as the look before that a look has at least
MOST_ENLARGED = 4  # times that a picture is enlarged at most
SMALL_ENLARGED = 2  # times that a picture of any size is enlarged where its digits are small
SEEN_SIZES = (16, 136)  # pixels at a look; its boxes of other sizes are not used: other looks see them better
SMALL_DIGITS = 24  # pixels at a look; if half of the digits are smaller, the next finer look is taken
TILE, TILE_OVERLAP = 640, 96  # pixels; larger pictures are given to the network in tiles, which overlap
LOWEST_HEAT = -2.5  # logit; peaks of the heat map that are lower are no candidates
SURE_HEAT = -0.5  # logit; higher peaks are asked for the page's rotation and the size of its digits
MARGIN = 0.2  # of a picture's longest side, added all around where no digit is likely
MOST_CANDIDATES = 1500  # that are compared with each other, those of the highest heat
ASKEW = 6  # degrees that rows climb or fall from which on the page is looked at straightened
STRAIGHT_LOSS = 0.3  # digits that may seem fewer in a page that is straightened
LEAST_DIGITS = 3  # that must be seen before a page is turned
ROW_STEP = 0.5  # of a digit's height; neighbours in a row differ less than this in height
TURNED_SHARE = 0.04  # mean probability of a rotation from which on the page is looked at rotated back
TURNED_GAIN = 0.6  # digits that must be seen more in a page that is rotated back than in it as it came
NUMBER_GAP = 0.6  # of a digit's height; wider gaps in a row part two numbers, if also
WIDER_GAP = 1.8  # times the row's median gap

Network = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Places:
    """Where digits may be in a picture, and what the page network says of each.

    Attributes:
        boxes: float array of shape `(n, 4)`: x, y, width, height, in pixels of the picture.
        heat: `(n,)`, logit of there being a digit's middle.
        turns: `(n, 4)`, log-probability that it is rotated by so many quarter turns counter-clockwise.
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

    def plausibility(self) -> np.ndarray:
        """Return how plausible each one is as an upright digit: heat plus log-probability of no turn."""
        return self.heat + self.turns[:, 0]


@dataclass(frozen=True)
class Upright:
    """A page as it was read.

    Attributes:
        grey: uint8 array of shape `(height, width)`: the picture, turned until digits stand upright.
        places: what may be digits in it.
        quarters: how many quarter turns clockwise were made.
        back: float array of shape `(2, 3)`: leads from its pixels to those of the picture as it came.
    """

    grey: np.ndarray
    places: Places
    quarters: int = 0
    back: np.ndarray = field(default_factory=lambda: np.eye(2, 3))


def find(grey: np.ndarray, network: Network) -> Places:
    """Find what may be digits.

    Args:
        grey: uint8 array of shape `(height, width)`.
        network: the page network: float32 `(1, h, w, 1)` to `(1, h / 4, w / 4, 19)`.

    Returns:
        Candidates, at most `MOST_CANDIDATES`, from looks at several scales: large digits are found in a
        reduced picture, small ones in a finer one. Where none is likely, the digit may fill the picture
        to its rim, as on no page, and it is looked at with a margin.
    """
    places = _looked_at(grey, network)
    if (places.heat > SURE_HEAT).any():
        return places
    again = _with_margin(grey, network)
    return again if again.heat.max(initial=-np.inf) > places.heat.max(initial=-np.inf) else places


def _with_margin(grey: np.ndarray, network: Network) -> Places:
    """Look once, from afar, at a picture with paper around it."""
    around = round(MARGIN * max(grey.shape))
    paper = float(np.median(np.concatenate([*grey[[0, -1]], *grey[:, [0, -1]].T])))
    wider = cv2.copyMakeBorder(grey, around, around, around, around, cv2.BORDER_CONSTANT, value=paper)
    longest = max(wider.shape)
    scale = min(LOOKS[0], MOST_ENLARGED * longest) / longest
    again = _suppressed(_of_look(_seen(wider, network, scale), scale))
    return Places(again.boxes - (around, around, 0, 0), again.heat, again.turns, again.digits)


def _looked_at(grey: np.ndarray, network: Network) -> Places:
    """Look at a picture at all scales that it needs."""
    longest, looked = max(grey.shape), 0
    found: list[Places] = []
    sizes = np.empty(0)  # of what the last look took for digits, in its pixels
    for look in LOOKS:
        small = len(sizes) > 0 and float(np.median(sizes)) < SMALL_DIGITS
        if look > min(COARSE_LOOKS, longest) and len(sizes) and not small:
            break  # a finer look would tell no more
        side = _side(look, longest, first=not found, small=small)
        if side < FINER * looked:
            break
        answers = _seen(grey, network, side / longest)
        sizes = answers.boxes[answers.heat > SURE_HEAT, 2:].max(axis=1)
        found.append(_of_look(answers, side / longest))
        looked = side
    every = _joined(found)
    if max(len(every), len(sizes)) > MOST_CANDIDATES:
        log.warning("more digits than can be compared stand in one picture: read it in parts")
    return _suppressed(every)


def _side(side: int, longest: int, *, first: bool, small: bool) -> int:
    """Return the longest side of a look, in pixels.

    Args:
        side: how long it should be, one of `LOOKS`.
        longest: longest side of the picture, which is enlarged a little only.
        first: whether it is the first look.
        small: whether the digits seen so far are small: then it is enlarged more.
    """
    enlarged = SMALLEST_LOOK if first else COARSE_LOOKS  # how long an enlarged picture may be
    if small:
        enlarged = max(enlarged, SMALL_ENLARGED * longest)
    enlarged = min(enlarged, MOST_ENLARGED * longest)
    side = min(side, max(longest, enlarged))
    return longest if side < longest < FINER * side else side  # a look that is hardly finer would not follow


def find_upright(grey: np.ndarray, network: Network) -> Upright:
    """Find what may be digits, on a page that may lie on its side or askew.

    Where some digits seem to be rotated, the page is rotated back and looked at again; the rotation in which
    most digits are upright is taken, the page as it came unless another shows clearly more: 8961 on its head
    is a number, too. One or two digits are left as they are: a 6 on its head is a 9. Then, where rows climb
    or fall, it is straightened unless that shows fewer digits.
    """
    places = find(grey, network)
    turns = np.exp(places.turns[places.heat > SURE_HEAT])
    best, most = Upright(grey, places), _upright(places) + TURNED_GAIN
    back, (height, width) = np.eye(3), grey.shape
    for quarters in range(1, 4):  # clockwise undoes what the network says counter-clockwise
        back = back @ [[0, 1, 0], [-1, 0, height], [0, 0, 1]]
        height, width = width, height  # of the page after this turn
        if len(turns) >= LEAST_DIGITS and turns[:, quarters].mean() > TURNED_SHARE:
            turned = np.ascontiguousarray(np.rot90(grey, -quarters))
            places = find(turned, network)
            if (upright := _upright(places)) > most:
                best, most = Upright(turned, places, quarters, back[:2]), upright
    return _straightened(best, network)


def _straightened(page: Upright, network: Network) -> Upright:
    """Rotate a page whose rows slant until they do not; the page as it is if that shows fewer digits."""
    sure = page.places.boxes[page.places.heat > SURE_HEAT]
    if len(sure) < LEAST_DIGITS:
        return page
    slant = float(np.rad2deg(np.arctan(_chained_along(sure)[2])))
    if abs(slant) < ASKEW:
        return page
    height, width = page.grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), slant, 1)
    across, down = np.abs(turn[:, :2]) @ (width, height)  # size of what holds all of it
    turn[:, 2] += (across - width) / 2, (down - height) / 2
    level = cv2.warpAffine(page.grey, turn, (round(across), round(down)), borderMode=cv2.BORDER_REPLICATE)
    places = find(level, network)
    if _upright(places) < _upright(page.places) - STRAIGHT_LOSS:
        return page
    back = page.back @ np.vstack([cv2.invertAffineTransform(turn), [0, 0, 1]])
    return Upright(level, places, page.quarters, back)


def _upright(places: Places) -> float:
    """Return how many upright digits are to be expected among candidates."""
    return float(logistic(places.plausibility()).sum())


def _seen(grey: np.ndarray, network: Network, scale: float) -> Places:
    """Ask the network at a scale, in tiles where the picture is large; boxes are in pixels of that look."""
    size = [max(8, round(side * scale)) for side in grey.shape[::-1]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    seen = cv2.resize(grey, size, interpolation=method) if size != list(grey.shape[::-1]) else grey
    starts = [_starts(side) for side in seen.shape]
    return _joined(
        [_ask(seen[y : y + TILE, x : x + TILE], network, (x, y)) for y in starts[0] for x in starts[1]]
    )


def _of_look(every: Places, scale: float) -> Places:
    """Take what a look is believed about, one box of each digit; boxes become those in the picture."""
    size = every.boxes[:, 2:].max(axis=1)
    kept = _suppressed(every.take((size >= SEEN_SIZES[0]) & (size <= SEEN_SIZES[1])))
    return Places(kept.boxes / scale, kept.heat, kept.turns, kept.digits)


def _joined(found: list[Places]) -> Places:
    """Put the candidates of several looks together."""
    names = Places.__annotations__
    return Places(*(np.concatenate([getattr(places, name) for places in found]) for name in names))


def _starts(side: int) -> list[int]:
    """Return where tiles begin along a side."""
    return [0] if side <= TILE else [*range(0, side - TILE, TILE - TILE_OVERLAP), side - TILE]


def _ask(seen: np.ndarray, network: Network, corner: tuple[int, int]) -> Places:
    """Ask the network about one tile, and read the peaks of its heat map."""
    height, width = seen.shape
    filled = cv2.copyMakeBorder(seen, 0, -height % STEP, 0, -width % STEP, cv2.BORDER_REPLICATE)
    answer = network(normalised(filled)[None])[0]
    heat = np.ascontiguousarray(answer[..., 0])
    peaks = (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8))) & (heat > LOWEST_HEAT)
    rows, columns = np.nonzero(peaks)
    at = answer[rows, columns]
    middles = (np.stack([columns, rows], axis=1) + 0.5 + at[:, 1:3]) * STRIDE + corner
    sizes = np.exp(np.clip(at[:, 3:5], -4, 4)) * UNIT
    return Places(np.hstack([middles - sizes / 2, sizes]), at[:, 0], log_softmax(at[:, 5:9]), at[:, 9:])


def _suppressed(places: Places) -> Places:
    """Keep one box of each digit, the likeliest (non-maximum suppression).

    What lies inside another box, as the ring of a 6, is kept beside it: which of them is a digit, the crop
    network and the judge tell.
    """
    places = places.take(np.argsort(-places.heat)[:MOST_CANDIDATES])
    same = of_one_digit(places.boxes)
    kept: list[int] = []
    for i in range(len(places)):
        if not same[i, kept].any():
            kept.append(i)
    return places.take(kept)


def rows(boxes: np.ndarray) -> list[list[int]]:
    """Put boxes in reading order: rows from the top, left to right in a row, also where rows slant.

    Args:
        boxes: array of shape `(n, 4)`: x, y, width, height.

    Returns:
        The positions of the boxes, a list a row.
    """
    chained, level, _ = _chained_along(boxes)
    return sorted(chained, key=lambda row: float(np.mean(level[row])))


def _chained_along(boxes: np.ndarray) -> tuple[list[list[int]], np.ndarray, float]:
    """Chain boxes into rows, find how the rows slant, and chain them again.

    Returns:
        The rows, in any order; how low each box stands if the slant is taken away, `(n,)`; the slope.
    """
    middles, heights = boxes[:, :2] + boxes[:, 2:] / 2, np.maximum(boxes[:, 3], boxes[:, 2])
    slope = 0.0
    for _ in range(2):
        level = middles[:, 1] - slope * middles[:, 0]
        chained = _chained(middles[:, 0], level, heights)
        slope = _slope(middles, chained)
    return chained, level, slope


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
        if apart and min(apart) < ROW_STEP:
            chained[int(np.argmin(apart))].append(i)
        else:
            chained.append([i])
    return chained


def numbers(row: list[int], boxes: np.ndarray) -> list[list[int]]:
    """Part a row at its wide gaps.

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
    wide = (gaps > NUMBER_GAP * height) & (gaps > WIDER_GAP * max(float(np.median(gaps)), 0.0))
    cuts = [0, *(np.flatnonzero(wide) + 1).tolist(), len(row)]
    return [row[a:b] for a, b in pairwise(cuts)]
