"""Made pages: pictures of handwriting, with box and label of every digit, as many as are wanted."""

from dataclasses import dataclass

import cv2
import numpy as np

from digitlib.data import layouts, overlays, papers, pens
from digitlib.data.doodles import stranger
from digitlib.data.writing import STRANGE, UNREADABLE, Mark, Sheet, Strange, write

SMALL = 160  # pixels; up to this side a picture shows one digit, a short number or a stranger
LAYOUTS = {  # functions of `layouts`, and how often each is chosen, on small pictures and on pages
    "single": (0.38, 0.08), "rows": (0.24, 0.36), "touching": (0.17, 0.08), "boxes": (0.03, 0.13),
    "table": (0.0, 0.08), "column_sum": (0.0, 0.06), "scattered": (0.0, 0.08), "strange": (0.3, 0.09),
    "words": (0.0, 0.05), "blank": (0.0, 0.03),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One made picture.

    Attributes:
        picture: uint8 array of shape `(side, side)`, grey.
        boxes: float array of shape `(n, 4)`: x, y, width, height of each digit's ink, in pixels.
        labels: int array of shape `(n,)`, 0 to 9, `writing.CROSSED_OUT` or `writing.UNREADABLE`.
        turn: how many quarters the picture was turned counter-clockwise, 0 to 3.
    """

    picture: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    turn: int


def by_class(images: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Sort digits `(n, 28, 28)` by their labels `(n,)`: ten arrays, as `make` takes them."""
    return [images[labels == label] for label in range(10)]


def make(
    side: int, images: list[np.ndarray], rng: np.random.Generator, *, strange: Strange = STRANGE
) -> Page:
    """Make one page; see `shots`."""
    return shots(side, images, rng, 1, strange=strange)[0]


def shots(
    side: int, images: list[np.ndarray], rng: np.random.Generator, n: int, *, strange: Strange = STRANGE
) -> list[Page]:
    """Write on one sheet and take some pictures of it: writing costs more than taking them.

    Args:
        side: height and width of the pictures, in pixels.
        images: from `by_class`.
        rng: where the random numbers come from; the same one makes the same pages.
        n: how many pictures.
        strange: what is no digit.
    """
    if side <= SMALL and rng.random() < 0.12:
        return [_icon(side, images, rng, strange) for _ in range(n)]
    sheet = written(side, images, rng, strange)
    return [taken(sheet, side, rng) for _ in range(n)]


def taken(sheet: Sheet, side: int, rng: np.random.Generator) -> Page:
    """Take a picture of a sheet; every time it lies another way, under another light, on other paper."""
    pen, printed, marks, on_page = _laid(sheet, rng)
    if len(marks) == 1 and marks[0].label >= 0 and rng.random() < 0.25:
        pen, printed, marks, on_page = _cut_out(pen, printed, marks[0], on_page, rng)
    picture, contrast = _inked(pen, printed, on_page, rng)
    inside = picture.shape[::-1]
    boxes = np.array([_box(np.clip(mark.points, 0, inside)) for mark in marks]).reshape(-1, 4)
    labels = np.array([mark.label for mark in marks], int)
    picture = papers.photograph(
        picture, float(np.median(boxes[:, 3])) if len(boxes) else 0.2 * side, contrast, rng
    )
    labels[np.array([_unseen(picture, pen, box) for box in boxes], bool)] = UNREADABLE
    return _finished(picture, boxes, labels, side, rng)


def _shape(side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Draw the shape of a picture whose longer side is `side`: width and height."""
    other = side if rng.random() < 0.5 else round(side * rng.uniform(0.25 if side > SMALL else 0.45, 1))
    return (side, other) if rng.random() < 0.6 else (other, side)


def written(
    side: int, images: list[np.ndarray], rng: np.random.Generator, strange: Strange = STRANGE
) -> Sheet:
    """Write and print on a sheet whose longer side is `side`."""
    width, height = _shape(side, rng)
    sheet = Sheet(width, height, images, pens.hand(rng), rng, strange)
    small = max(width, height) <= SMALL
    odds = np.array([pair[0 if small else 1] for pair in LAYOUTS.values()])
    layout = str(rng.choice(list(LAYOUTS), p=odds / odds.sum()))
    if layout == "rows":
        layouts.rows(sheet, most=2 if small else 10)
    elif layout != "blank":
        getattr(layouts, layout)(sheet)
    if layout in ("rows", "scattered", "boxes", "table", "single"):
        if rng.random() < (0.1 if small else 0.42):
            overlays.cross_out(sheet)
    if layout in ("rows", "single", "words", "column_sum", "scattered", "blank", "strange"):
        if rng.random() < (0.05 if small else 0.3):
            digit = [np.ptp(mark.points[:, 1]) for mark in sheet.marks] or [width * 0.15]
            overlays.ruled(sheet, float(np.median(digit)) * np.exp(rng.uniform(np.log(0.3), np.log(1.8))) + 3)
    if rng.random() < (0.06 if small else 0.25):
        overlays.beside(sheet)
    return sheet


def _laid(sheet: Sheet, rng: np.random.Generator) -> tuple:
    """Lay a sheet before the camera, straight or tilted: both layers, the marks, where the page is."""
    height, width = sheet.pen.shape
    if rng.random() < 0.45:
        return sheet.pen, sheet.printed, sheet.marks, None
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = np.deg2rad(rng.normal(0, 7) if rng.random() < 0.6 else rng.uniform(-25, 25))
    size = rng.uniform(0.72, 1.05) if rng.random() < 0.5 else rng.uniform(0.95, 1.1)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * size
    middle = corners.mean(axis=0)
    target = (corners - middle) @ turned.T + middle
    target += rng.uniform(-0.07, 0.07, (4, 2)) * min(width, height) * rng.random()
    target += rng.normal(0, 0.03, 2) * (width, height)
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    warp = lambda layer: cv2.warpPerspective(layer, matrix, (width, height))  # noqa: E731
    marks = []
    for mark in sheet.marks:
        points = cv2.perspectiveTransform(mark.points[None], matrix)[0]
        low, high = points.min(axis=0), points.max(axis=0)
        inside = np.clip(points, 0, (width, height))
        left = np.prod(np.ptp(inside, axis=0)) / max(np.prod(high - low), 1e-6)
        if left > 0.2:
            marks.append(Mark(mark.label if left > 0.85 else UNREADABLE, inside))
    on_page = warp(np.ones_like(sheet.pen)) if rng.random() < 0.6 else None
    return warp(sheet.pen), warp(sheet.printed), marks, on_page


def _cut_out(
    pen: np.ndarray, printed: np.ndarray, mark: Mark, on_page: np.ndarray | None, rng: np.random.Generator
) -> tuple:
    """Crop to one digit, tightly, as programs do; return the four things that `_laid` returns."""
    low, high = mark.points.min(axis=0), mark.points.max(axis=0)
    margin = rng.uniform(-0.02, 0.25, 2) * (high - low).max()
    x0, y0 = np.maximum(np.round(low - margin * rng.uniform(0.2, 1, 2)), 0).astype(int)
    x1, y1 = np.round(high + margin * rng.uniform(0.2, 1, 2)).astype(int)
    window = np.s_[y0 : max(y1, y0 + 8), x0 : max(x1, x0 + 8)]
    points = np.clip(mark.points - (x0, y0), 0, (pen[window].shape[1], pen[window].shape[0]))
    size = pen[window].shape
    if min(size) < 8:
        return pen, printed, [mark], on_page
    longest = max(pen.shape) * (rng.uniform(0.87, 1) if rng.random() < 0.6 else rng.uniform(0.3, 1))
    factor = longest / max(size)
    scaled = [
        None
        if layer is None
        else cv2.resize(layer[window], None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
        for layer in (pen, printed, on_page)
    ]
    return scaled[0], scaled[1], [Mark(mark.label, points * factor)], scaled[2]


def _inked(
    pen: np.ndarray, printed: np.ndarray, on_page: np.ndarray | None, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Put ink on paper, or chalk on a board: float32 in about `[0, 1]`, and the contrast of the pen."""
    page = papers.paper(pen.shape, rng)
    dark = rng.uniform(0.55, 1) if rng.random() < 0.75 else rng.uniform(0.16, 0.6)
    faint = rng.uniform(0.05, 0.95)
    if rng.random() < 0.12:  # chalk and pencil leave gaps where the ground is rough
        pen = pen * np.clip(
            0.75 + papers.grain(pen.shape, rng, coarse=rng.uniform(0, 2)) * rng.uniform(0.1, 0.5), 0, 1
        )
    picture = page * (1 - np.float32(faint) * printed) * (1 - np.float32(dark) * pen)
    if rng.random() < 0.06:
        picture *= 1 - np.float32(dark) * papers.show_through(pen, rng)
    if on_page is not None:
        picture = picture * on_page + papers.desk(page, rng) * (1 - on_page)
    if rng.random() < 0.3:
        picture = 1 - picture
    return picture, float(dark * page[::7, ::7].mean())


def _finished(
    picture: np.ndarray, boxes: np.ndarray, labels: np.ndarray, side: int, rng: np.random.Generator
) -> Page:
    """Turn some pages by quarters, and fill up to a square as the reader does."""
    turn = 0
    if len(labels) >= 3 and side > SMALL and rng.random() < 0.25:
        turn = int(rng.integers(1, 4))
        for _ in range(turn):
            x, y, w, h = boxes.T
            boxes = np.stack([y, picture.shape[1] - x - w, h, w], axis=1)
            picture = np.rot90(picture)
    return Page(squared(np.ascontiguousarray(picture), side), boxes, labels, turn)


def squared(picture: np.ndarray, side: int) -> np.ndarray:
    """Continue the rim of a picture to the right and downwards until it is a square."""
    height, width = picture.shape
    return cv2.copyMakeBorder(picture, 0, side - height, 0, side - width, cv2.BORDER_REPLICATE)


def _icon(side: int, images: list[np.ndarray], rng: np.random.Generator, strange: Strange) -> Page:
    """Show a digit of MNIST, 28 x 28, of either polarity, or `_pixels`, enlarged as the reader does."""
    if rng.random() < 0.4:
        return _pixels(side, images, rng, strange)
    label = int(rng.integers(10))
    image = images[label][rng.integers(len(images[label]))]
    strength = rng.uniform(0.5, 1) if rng.random() < 0.3 else 1.0
    picture = image * np.float32(strength)
    if rng.random() < 0.3:
        picture += rng.uniform(0, 12) * papers.grain((28, 28), rng)
    if rng.random() < 0.7:
        picture = 255 - picture
    large = cv2.resize(np.clip(picture, 0, 255).astype(np.uint8), (112, 112), interpolation=cv2.INTER_CUBIC)
    x, y, width, height = cv2.boundingRect(
        (cv2.resize(image, (112, 112), interpolation=cv2.INTER_CUBIC) > 90).astype(np.uint8)
    )
    large = large[: min(side, 112), : min(side, 112)]
    return Page(squared(large, side), np.array([[x, y, width, height]], float), np.array([label]), 0)


def _pixels(side: int, images: list[np.ndarray], rng: np.random.Generator, strange: Strange) -> Page:
    """Draw one digit, or what is none, with a hard pencil on 28 x 28 pixels or a few more."""
    small = int(rng.choice([28, 28, 28, 32, 24, 40]))
    factor = 112 / small
    hand = pens.hand(rng)
    sheet, kind = Sheet(small, small, images, hand, rng, strange), rng.random()
    if kind < 0.15:
        write(
            sheet,
            str(rng.choice(list(strange.characters))),
            rng.uniform(2, 8),
            small * rng.uniform(0.7, 0.95),
            small * 0.7,
        )
    elif kind < 0.25:
        stranger(sheet, small * rng.uniform(0.05, 0.2, 2), small * rng.uniform(0.6, 0.85))
    else:
        layouts.single(sheet)
    firm = (sheet.pen > 0.4 * sheet.pen.max()).astype(np.float32)  # also a thin pen's line is one pixel wide
    ink = firm if rng.random() < 0.7 else sheet.pen
    picture = np.clip(255 * (1 - ink * rng.choice([1, rng.uniform(0.4, 1)])), 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        picture = 255 - picture
    large = cv2.resize(picture, (112, 112), interpolation=cv2.INTER_CUBIC)
    boxes = np.array([_box(mark.points) for mark in sheet.marks]).reshape(-1, 4) * factor
    large = large[: min(side, 112), : min(side, 112)]
    return Page(squared(large, side), boxes, np.array([mark.label for mark in sheet.marks], int), 0)


def _unseen(picture: np.ndarray, pen: np.ndarray, box: np.ndarray) -> bool:
    """Tell whether a digit became too small or too faint for anybody to read."""
    x, y, width, height = np.floor(box).astype(int)
    window = np.s_[max(0, y) : y + height + 1, max(0, x) : x + width + 1]
    ink, seen = pen[window] > 0.5, picture[window].astype(np.float32)
    if max(width, height) < 7 or not ink.any() or ink.all():
        return True
    ground = seen[~ink]
    return abs(float(seen[ink].mean() - ground.mean())) < 5 + 0.3 * float(ground.std())


def _box(points: np.ndarray) -> np.ndarray:
    """Return the smallest rectangle that holds points: x, y, width, height."""
    low = points.min(axis=0)
    return np.concatenate([low, points.max(axis=0) - low])
