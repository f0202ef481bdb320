"""Find the digits of a picture: one box each, in reading order.

The ink map says where ink is; this module says which ink belongs together.
What is no digit by its shape alone (specks, page edges, the desk under the page)
is dropped; what a digit by its shape could be is kept, the network judges later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise

import cv2
import numpy as np

from digitlib.pictures.frame import stroke_width, to_mnist_frame
from digitlib.pictures.ink import ink_map
from digitlib.pictures.pieces import Pieces, main_pieces, pieces

SPECK = 0.25  # of a digit's size; what is smaller alone is no digit
FLAT = 2.5  # width over height; what is flatter is a line
NEAR = 0.1  # of a digit's size; pieces closer than this may be one digit, a bar and its 5
STACKED = 0.4  # of a digit's size; the same when one piece stands over the other
TALL = 0.65  # of a digit's height; two neighbours both taller than this are two digits
ROW = 0.5  # of a digit's height; the next digit of a row is lower or higher by less
WIDE = 1.6  # width over height; what is wider may be two digits that touch
WIDE_IN_COMPANY = 0.9  # the same where other things of its height are there
WIDER = 1.4  # times the median of their widths
CONTACT = 2.0  # stroke widths; digits that touch share no more ink along the cut
PRICE = 0.05  # of plausibility, for each stroke that is cut
NARROW = 0.12  # of the height; no digit is narrower, and no two cuts are nearer
MOST = 100  # things at most that are looked at, the largest first; a page of text has more
MOST_WIDE = 20  # things at most that are tried to be cut apart; noise has more
SEAM_SIDE = 64  # pixels; larger ink is reduced to this height while cuts are looked for
CUTS = 9  # places at most where touching digits are tried to be cut apart
GAIN = 0.3  # of plausibility; cutting must make this difference

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
    boxes = [_box(ink, found, group) for group in groups]
    if judge is not None and not single:
        wide = [i for i, box in enumerate(boxes) if box.width >= _least_width(box, boxes)][:MOST_WIDE]
        boxes = [part for i, b in enumerate(boxes) for part in (_apart(b, judge) if i in wide else [b])]
    return _in_reading_order(boxes)


def _group(found: Pieces) -> list[list[int]]:
    """Put together the pieces that make up one digit: each small piece joins a larger one or stands alone."""
    groups: list[list[int]] = []
    for piece in np.argsort(-found.boxes[:, 2:].max(1))[: 4 * MOST]:  # noise has thousands
        heads = found.boxes[[group[0] for group in groups]]
        homes = np.flatnonzero(_same_digit(found.boxes[piece], heads, found.size))
        groups[homes[0]].append(piece) if len(homes) else groups.append([piece])
    return [g for g in groups[:MOST] if _may_be_digit(found.boxes[g], found.size)] or groups[:1]


def _may_be_digit(boxes: np.ndarray, size: float) -> bool:
    """Whether pieces together are neither a speck nor a line."""
    width, height = (boxes[:, :2] + boxes[:, 2:]).max(0) - boxes[:, :2].min(0)
    return max(width, height) >= SPECK * size and width <= FLAT * height


def _same_digit(a: np.ndarray, b: np.ndarray, size: float) -> np.ndarray:
    """Whether a piece and each of others, boxes `(4,)` and `(n, 4)`, look like parts of one digit; `(n,)`."""
    low, high = np.maximum(a[:2], b[:, :2]), np.minimum(a[:2] + a[2:], b[:, :2] + b[:, 2:])
    gap_x, gap_y = np.maximum(low - high, 0).T
    over = high[:, 0] - low[:, 0] > 0.5 * np.minimum(a[2], b[:, 2])
    ends = np.maximum(a[:2] + a[2:], b[:, :2] + b[:, 2:])
    width, height = (ends - np.minimum(a[:2], b[:, :2])).T
    beside = (np.hypot(gap_x, gap_y) < NEAR * size) & (np.minimum(a[3], b[:, 3]) < TALL * height)
    a_below, b_below = a[1] >= b[:, 1] + b[:, 3], b[:, 1] >= a[1] + a[3]
    underline = (a_below & (a[2] > FLAT * a[3])) | (b_below & (b[:, 2] > FLAT * b[:, 3]))
    near = np.where(over, gap_y < STACKED * size, beside)
    return (height <= 1.6 * size) & (width <= 1.3 * size) & near & ~underline


def _box(ink: np.ndarray, found: Pieces, group: list[int]) -> Box:
    """Cut a group of pieces out of the ink map, without what lies between them."""
    corner = found.boxes[group, :2].min(0)
    end = (found.boxes[group, :2] + found.boxes[group, 2:]).max(0)
    (x, y), (width, height) = corner.tolist(), (end - corner).tolist()
    window = np.s_[y : y + height, x : x + width]
    return Box(x, y, width, height, ink[window] * found.where(group, window))


def _least_width(box: Box, boxes: list[Box]) -> float:
    """Return from which width on a box may hold two digits; a lone W is no pair, nor one of many wide 8s."""
    company = [b.width for b in boxes if b is not box and 0.6 * box.height < b.height < 1.6 * box.height]
    if not company:
        return WIDE * box.height
    return max(WIDE_IN_COMPANY * box.height, WIDER * float(np.median(company)))


def _apart(box: Box, judge: Judge) -> list[Box]:
    """Cut touching digits apart where each part looks more like a digit than the whole does.

    Every way of cutting at a few likely places is tried; the best is the one whose least
    plausible part is the most plausible (Fujisawa and others 1992: segmentation by recognition).
    """
    whole = float(judge(to_mnist_frame(box.ink)[None])[0])
    if whole > 1 - GAIN:
        return [box]
    seams = [(np.zeros(box.height, int), 0.0), *_cuts(box.ink), (np.full(box.height, box.width), 0.0)]
    spans = {(i, j): _between(box, seams[i][0], seams[j][0]) for i, j in combinations(range(len(seams)), 2)}
    parts = {span: part for span, part in spans.items() if part is not None}
    if not parts:
        return [box]
    scores = judge(np.stack([to_mnist_frame(part.ink) for part in parts.values()]))
    worth = dict(zip(parts, scores.tolist(), strict=True))
    best: list[tuple[float, list[Box]]] = [(1.0, [])]  # for each seam: how plausible what lies left of it is
    for j in range(1, len(seams)):
        ways = [
            (min(best[i][0], worth[i, j]) - PRICE * seams[j][1], [*best[i][1], parts[i, j]])
            for i in range(j)
            if (i, j) in worth
        ]
        best.append(max(ways, key=lambda way: way[0], default=(0.0, [])))
    return best[-1][1] if best[-1][0] > whole + GAIN else [box]


def _cuts(ink: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return paths from top to bottom through little ink, and how many strokes each one cuts.

    A path is the column of each row, an int array of shape `(height,)`.
    """
    fine, ink = ink.shape, _reduced(ink)
    height, width = ink.shape
    least = max(1, round(NARROW * height))
    paths = [_seam(ink, column, least) for column in range(least, width - least, max(1, least // 2))]
    stroke = stroke_width(ink)
    cost = [float(ink[np.arange(height), np.minimum(path, width - 1)].sum()) / stroke for path in paths]
    chosen: list[int] = []
    for i in np.argsort(cost, kind="stable"):
        if cost[i] <= CONTACT and all(abs(paths[i] - paths[k]).mean() >= least for k in chosen):
            chosen.append(int(i))
    rows = np.arange(fine[0]) * height // fine[0]
    best = sorted(chosen[:CUTS], key=lambda i: paths[i].mean())
    return [((paths[i][rows] * fine[1] / width).round().astype(int), cost[i]) for i in best]


def _reduced(ink: np.ndarray) -> np.ndarray:
    """Bring the height down to `SEAM_SIDE`; seams are found row by row."""
    factor = SEAM_SIDE / ink.shape[0]
    return cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else ink


def _seam(ink: np.ndarray, column: int, reach: int) -> np.ndarray:
    """Find the path through least ink within `reach` of a column that steps aside by one at most."""
    band = ink[:, max(0, column - reach) : column + reach + 1] + np.float32(0.02)
    padded = np.pad(band, ((0, 0), (1, 1)), constant_values=np.inf)
    total = padded[:, 1:-1]
    for above, row in pairwise(padded):
        row[1:-1] += np.minimum(np.minimum(above[:-2], above[2:]) + np.float32(0.02), above[1:-1])
    path = np.empty(len(total), int)
    path[-1] = total[-1].argmin()
    for row in range(len(total) - 2, -1, -1):
        low = max(0, path[row + 1] - 1)
        path[row] = low + total[row, low : path[row + 1] + 2].argmin()
    return path + max(0, column - reach)


def _between(box: Box, left: np.ndarray, right: np.ndarray) -> Box | None:
    """Return what lies between two seams, or nothing if that is too little to be a digit."""
    columns = np.arange(box.width)
    ink = box.ink * ((columns >= left[:, None]) & (columns < right[:, None]))
    x, y, width, height = cv2.boundingRect((ink > 0.5).astype(np.uint8))
    if height < box.height / 2 or not NARROW * box.height <= width <= 1.3 * height:
        return None
    return Box(box.x + x, box.y + y, width, height, ink[y : y + height, x : x + width])


def _in_reading_order(boxes: list[Box]) -> list[Box]:
    """Chain boxes into rows, find how the rows slant, and chain them again along the slant."""
    slope = 0.0
    for _ in range(2):
        rows = _rows(boxes, slope)
        pairs = [pair for row in rows for pair in pairwise(row)]
        slopes = [(_level(b, 0) - _level(a, 0)) / max(b.x - a.x, 1) for a, b in pairs]
        slope = float(np.median(slopes)) if slopes else 0.0
    rows.sort(key=lambda row: np.mean([_level(box, slope) for box in row]))
    return [box for row in rows for box in row]


def _rows(boxes: list[Box], slope: float) -> list[list[Box]]:
    """Chain boxes from the left, each to the row whose last box it stands beside."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.x + box.width / 2):
        level = _level(box, slope)
        offsets = [abs(_level(row[-1], slope) - level) / max(row[-1].height, box.height) for row in rows]
        if offsets and min(offsets) < ROW:
            rows[int(np.argmin(offsets))].append(box)
        else:
            rows.append([box])
    return rows


def _level(box: Box, slope: float) -> float:
    """Height of a box's middle on the page, seen along rows of a slope."""
    return box.y + box.height / 2 - slope * (box.x + box.width / 2)
