"""Numbers as people write them, under one condition at a time: what is read exactly?

    python benchmarks/conditions.py [--n 200] [--record] [--sheet FOLDER] [--split validation]

The pictures are composed of MNIST's test digits, by code of this file alone: it shares nothing with the
pages that the page network learns from. Nothing is tuned on them; `--split validation` composes others, of
validation digits, for that.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitlib.data import mnist
from digitlib.measuring.evaluation import counted

HERE = Path(__file__).parent
Picture = tuple[np.ndarray, str]  # uint8 `(height, width)` or `(height, width, 3)`, and the digits in it


class Pen:
    """Writes digits of one data set on empty paper: float ink in `[0, 1]`.

    Args:
        split: the digits.
        rng: where the random numbers come from.
    """

    def __init__(self, split: mnist.Split, rng: np.random.Generator) -> None:
        """Sort the digits."""
        self.rng = rng
        self.by_class = [split.images[split.labels == label] for label in range(10)]

    def digit(self, label: int, height: float) -> np.ndarray:
        """Enlarge one digit until its box is `height` pixels high, with a firm edge; cut to its ink."""
        image = self.by_class[label][self.rng.integers(len(self.by_class[label]))]
        factor = max(1.0, height / 20)
        large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) / 255
        ink = np.clip((large - 0.45) * max(1.5, factor) + 0.5, 0, 1)
        if height < 20:
            ink = cv2.resize(ink, None, fx=height / 20, fy=height / 20, interpolation=cv2.INTER_AREA)
        x, y, w, h = cv2.boundingRect((ink > 0.4).astype(np.uint8))
        return ink[y : y + h, x : x + w]

    def text(self, length: int | None = None) -> str:
        """Draw a number of three to six digits, or of a length."""
        return "".join(str(d) for d in self.rng.integers(0, 10, length or int(self.rng.integers(3, 7))))

    def row(self, text: str, height: float, gap: float = 0.22, jitter: float = 0.05) -> np.ndarray:
        """Write a number; the gap between its digits is a part of their height, below zero they overlap."""
        digits = [self.digit(int(c), height * self.rng.uniform(0.9, 1.05)) for c in text]
        margin = round(0.4 * height)
        width = sum(d.shape[1] for d in digits) + len(digits) * (abs(gap) + 0.3) * height
        page = np.zeros((round(1.3 * height) + 2 * margin, round(width) + 2 * margin))
        x = float(margin)
        for d in digits:
            y = margin + round(1.05 * height) - d.shape[0] + round(self.rng.normal(0, jitter) * height)
            put(page, d, x, max(0, y))
            x += d.shape[1] + gap * height * (self.rng.uniform(0.7, 1.3) if gap > 0 else 1)
        return page[:, : round(x) + margin]

    def touching(self, text: str, height: float, overlap: float = 0.0) -> np.ndarray:
        """Write a number whose digits touch, or overlap by a part of the narrower one's width."""
        page = self.digit(int(text[0]), height)
        for c in text[1:]:
            d = self.digit(int(c), height)
            tall = max(len(page), len(d))
            left, right = (np.pad(part, ((tall - len(part), 0), (0, 0))) for part in (page, d))
            free = right.shape[1]
            for row in range(tall):
                a, b = np.flatnonzero(left[row] > 0.5), np.flatnonzero(right[row] > 0.5)
                if len(a) and len(b):
                    free = min(free, left.shape[1] - 1 - a[-1] + b[0])
            shift = left.shape[1] - free + 1 - round(overlap * min(left.shape[1], right.shape[1]))
            page = np.zeros((tall, max(left.shape[1], shift + right.shape[1])))
            put(page, left, 0, 0)
            put(page, right, max(0, shift), 0)
        return np.pad(page, round(0.5 * height))


def put(page: np.ndarray, ink: np.ndarray, x: float, y: float) -> None:
    """Add ink to a page; what does not fit is cut off."""
    x, y = max(0, round(x)), max(0, round(y))
    part = page[y : y + ink.shape[0], x : x + ink.shape[1]]
    np.maximum(part, ink[: part.shape[0], : part.shape[1]], out=part)


def line(page: np.ndarray, start: tuple, end: tuple, width: float, dark: float = 1.0) -> None:
    """Draw a line on a page of ink."""
    drawn = np.zeros(page.shape, np.uint8)
    ends = [tuple(round(v) for v in point) for point in (start, end)]
    cv2.line(drawn, *ends, 255, max(1, round(width)), cv2.LINE_AA)
    np.maximum(page, drawn / 255 * dark, out=page)


def photo(ink: np.ndarray, rng: np.random.Generator, dark: float = 0.75, paper: float = 0.88) -> np.ndarray:
    """Take a picture of ink on paper in ordinary light: falls off a little, some noise."""
    height, width = ink.shape
    ramp = np.linspace(-1, 1, width)[None] * rng.uniform(-0.06, 0.06)
    ramp = ramp + np.linspace(-1, 1, height)[:, None] * rng.uniform(-0.06, 0.06)
    page = (paper + ramp) * (1 - dark * ink) + rng.normal(0, 0.012, ink.shape)
    return np.clip(255 * page, 0, 255).astype(np.uint8)


def plain(pen: Pen) -> Picture:
    """A number on paper."""
    text = pen.text()
    return photo(pen.row(text, pen.rng.uniform(50, 120)), pen.rng), text


def icon(pen: Pen) -> Picture:
    """One digit as MNIST has it, 28 x 28, black on white."""
    label = int(pen.rng.integers(10))
    return 255 - pen.by_class[label][pen.rng.integers(len(pen.by_class[label]))], str(label)


def two_rows(pen: Pen) -> Picture:
    """Two numbers, one below the other."""
    texts, height = (pen.text(), pen.text()), pen.rng.uniform(45, 90)
    rows = [pen.row(text, height) for text in texts]
    width = max(row.shape[1] for row in rows)
    page = np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]))) for row in rows])
    return photo(page, pen.rng), "".join(texts)


def column(pen: Pen) -> Picture:
    """Four short numbers, right-aligned."""
    texts, height = [pen.text(int(pen.rng.integers(1, 4))) for _ in range(4)], pen.rng.uniform(40, 70)
    rows = [pen.row(text, height) for text in texts]
    width = max(row.shape[1] for row in rows)
    return photo(np.vstack([np.pad(r, ((0, 0), (width - r.shape[1], 0))) for r in rows]), pen.rng), "".join(
        texts
    )


def faint(pen: Pen) -> Picture:
    """Hard pencil."""
    text = pen.text()
    return photo(pen.row(text, pen.rng.uniform(60, 110)), pen.rng, dark=pen.rng.uniform(0.14, 0.25)), text


def marker(pen: Pen) -> Picture:
    """A thick marker."""
    text, height = pen.text(), pen.rng.uniform(80, 140)
    ink = pen.row(text, height, gap=0.35)
    thick = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(height / 18) | 1,) * 2))
    return photo(thick, pen.rng, dark=0.9), text


def chalk(pen: Pen) -> Picture:
    """Chalk on a board: light on dark, with gaps."""
    text = pen.text()
    ink = pen.row(text, pen.rng.uniform(70, 120))
    rough = np.clip(0.8 + cv2.GaussianBlur(pen.rng.normal(0, 1.0, ink.shape), (0, 0), 1.2), 0.15, 1)
    board = 0.22 + cv2.GaussianBlur(pen.rng.normal(0, 0.25, ink.shape), (0, 0), 9)
    page = board + 0.55 * ink * rough + pen.rng.normal(0, 0.02, ink.shape)
    return np.clip(255 * page, 0, 255).astype(np.uint8), text


def whiteboard(pen: Pen) -> Picture:
    """A whiteboard with the reflection of a lamp."""
    text = pen.text()
    ink = pen.row(text, pen.rng.uniform(70, 120))
    y, x = np.ogrid[: ink.shape[0], : ink.shape[1]]
    centre, size = pen.rng.uniform(0, 1, 2) * ink.shape[::-1], 0.25 * ink.shape[1]
    glare = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * size**2))
    page = 0.72 * (1 - 0.6 * ink) + 0.3 * glare + pen.rng.normal(0, 0.01, ink.shape)
    return np.clip(255 * page, 0, 255).astype(np.uint8), text


def shadow(pen: Pen) -> Picture:
    """The hard shadow of a phone."""
    picture, text = plain(pen)
    height, width = picture.shape
    mask = np.zeros(picture.shape, np.uint8)
    edge = pen.rng.uniform(0.2, 0.8, 2) * width
    cv2.fillPoly(mask, [np.array([(0, 0), (edge[0], 0), (edge[1], height), (0, height)], np.int32)], 1)
    return (picture * (1 - cv2.blur(mask.astype(float), (7, 7)) * 0.5)).astype(np.uint8), text


def tilted(pen: Pen) -> Picture:
    """A page on a desk, seen from the side."""
    picture, text = plain(pen)
    height, width = picture.shape
    room = round(0.25 * width)
    whole = np.full((height + 2 * room, width + 2 * room), pen.rng.uniform(40, 120))
    whole += cv2.GaussianBlur(pen.rng.normal(0, 60, whole.shape), (0, 0), 4)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners + room + pen.rng.uniform(-0.06, 0.06, (4, 2)) * width
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    size = whole.shape[::-1]
    on_page = cv2.warpPerspective(np.ones_like(picture), matrix, size)
    page = np.where(on_page, cv2.warpPerspective(picture, matrix, size), whole)
    return np.clip(page, 0, 255).astype(np.uint8), text


def ruled(pen: Pen) -> Picture:
    """Ruled paper."""
    text, height = pen.text(), pen.rng.uniform(50, 100)
    ink, paper = pen.row(text, height), np.zeros(0)
    paper = np.zeros_like(ink)
    for y in np.arange(pen.rng.uniform(0, height), ink.shape[0], height * pen.rng.uniform(0.5, 1.2)):
        line(paper, (0, y), (ink.shape[1], y), height / 40, 0.45)
    return photo(np.maximum(ink, paper), pen.rng), text


def squared(pen: Pen) -> Picture:
    """Squared paper, pale or dark, with small or large squares."""
    text, height = pen.text(), pen.rng.uniform(50, 100)
    ink = pen.row(text, height)
    pitch, dark = height * pen.rng.uniform(0.35, 1.1), pen.rng.uniform(0.25, 0.7)
    grid = np.zeros_like(ink)
    for x in np.arange(pen.rng.uniform(0, pitch), ink.shape[1], pitch):
        line(grid, (x, 0), (x, ink.shape[0]), height / 40, dark)
    for y in np.arange(pen.rng.uniform(0, pitch), ink.shape[0], pitch):
        line(grid, (0, y), (ink.shape[1], y), height / 40, dark)
    return photo(np.maximum(ink, grid), pen.rng), text


def touching_pair(pen: Pen) -> Picture:
    """Two digits that touch."""
    text = pen.text(2)
    return photo(pen.touching(text, pen.rng.uniform(60, 120)), pen.rng), text


def touching_row(pen: Pen) -> Picture:
    """Four digits, each touching the next."""
    text = pen.text(4)
    return photo(pen.touching(text, pen.rng.uniform(60, 110)), pen.rng), text


def overlapping(pen: Pen) -> Picture:
    """Two digits, one running into the other."""
    text = pen.text(2)
    return photo(
        pen.touching(text, pen.rng.uniform(60, 120), overlap=pen.rng.uniform(0.1, 0.3)), pen.rng
    ), text


def form(pen: Pen) -> Picture:
    """The boxes of a form, a digit in each."""
    text, height = pen.text(), pen.rng.uniform(50, 90)
    side, apart = height * pen.rng.uniform(1.15, 1.5), pen.rng.choice([0.0, 0.15]) * height
    page = np.zeros((round(side + height), round(len(text) * (side + apart) + height)))
    for i, c in enumerate(text):
        x, y = height / 2 + i * (side + apart), height / 2
        for a, b in (((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 0))):
            line(
                page, (x + a[0] * side, y + a[1] * side), (x + b[0] * side, y + b[1] * side), height / 25, 0.8
            )
        d = pen.digit(int(c), height * pen.rng.uniform(0.75, 0.95))
        free = side - np.array(d.shape[::-1])
        put(page, d, *((x, y) + free / 2 + pen.rng.normal(0, 0.05, 2) * side))
    return photo(page, pen.rng), text


def comb(pen: Pen) -> Picture:
    """A comb field: a line with ticks between the digits."""
    text, height = pen.text(), pen.rng.uniform(50, 90)
    step = height * pen.rng.uniform(0.95, 1.3)
    page = np.zeros((round(2 * height), round((len(text) + 1) * step)))
    ground = 1.6 * height
    line(page, (step / 2, ground), (step / 2 + len(text) * step, ground), height / 30)
    for i, c in enumerate(text + " "):
        x = step / 2 + i * step
        line(page, (x, ground), (x, ground - 0.45 * height), height / 30)
        if c != " ":
            d = pen.digit(int(c), height * 0.9)
            put(page, d, x + (step - d.shape[1]) / 2, ground - d.shape[0] - 0.08 * height)
    return photo(page, pen.rng), text


def underlined(pen: Pen) -> Picture:
    """A number on a line that it touches."""
    text, height = pen.text(), pen.rng.uniform(50, 110)
    ink = pen.row(text, height, jitter=0.02)
    y = 0.4 * height + 1.05 * height
    slope = pen.rng.normal(0, 0.02) * height
    line(ink, (0.2 * height, y), (ink.shape[1] - 0.2 * height, y + slope), height / 18)
    return photo(ink, pen.rng), text


def _joined(pen: Pen, parts: list[str], sign: Callable[[float], np.ndarray], height: float) -> np.ndarray:
    """Write numbers with a sign between them."""
    page = pen.row(parts[0], height)
    for part in parts[1:]:
        mark, row = sign(height), pen.row(part, height)
        tall = max(len(page), len(mark), len(row))
        pieces = [np.pad(p, ((0, tall - len(p)), (0, 0))) for p in (page, mark, row)]
        margin = round(0.25 * height)
        page = np.hstack([pieces[0][:, :-margin], pieces[1], pieces[2][:, margin:]])
    return page


def date(pen: Pen) -> Picture:
    """A date with slashes."""
    height = pen.rng.uniform(50, 100)
    parts = [
        f"{pen.rng.integers(1, 32):02d}",
        f"{pen.rng.integers(1, 13):02d}",
        f"{pen.rng.integers(1950, 2030)}",
    ]

    def slash(h: float) -> np.ndarray:
        mark = np.zeros((round(2 * h), round(0.62 * h)))
        line(mark, (0.55 * h, 0.3 * h), (0.08 * h, 1.6 * h), h / 12)
        return mark

    return photo(_joined(pen, parts, slash, height), pen.rng), "".join(parts)


def decimal(pen: Pen) -> Picture:
    """A number with a decimal point."""
    height = pen.rng.uniform(50, 100)
    parts = [pen.text(int(pen.rng.integers(1, 4))), pen.text(2)]

    def point(h: float) -> np.ndarray:
        mark = np.zeros((round(2 * h), round(0.2 * h)))
        cv2.circle(mark, (round(0.1 * h), round(1.38 * h)), max(2, round(h / 16)), 1.0, -1)
        return mark

    return photo(_joined(pen, parts, point, height), pen.rng), "".join(parts)


def sum_of_two(pen: Pen) -> Picture:
    """Two numbers with a plus or a minus between them."""
    height = pen.rng.uniform(50, 100)
    parts, cross = [pen.text(int(pen.rng.integers(1, 4))) for _ in range(2)], pen.rng.random() < 0.5

    def sign(h: float) -> np.ndarray:
        mark = np.zeros((round(2 * h), round(0.6 * h)))
        line(mark, (0.1 * h, 0.95 * h), (0.5 * h, 0.95 * h), h / 13)
        if cross:
            line(mark, (0.3 * h, 0.75 * h), (0.3 * h, 1.15 * h), h / 13)
        return mark

    return photo(_joined(pen, parts, sign, height), pen.rng), "".join(parts)


def labelled(pen: Pen) -> Picture:
    """A printed word before the number."""
    text, height = pen.text(), pen.rng.uniform(50, 90)
    ink = pen.row(text, height)
    word = str(pen.rng.choice(["Total", "Menge", "Weight", "Code", "Prix", "Amount", "Date", "Nr"]))
    font = ImageFont.load_default(size=round(0.7 * height))
    page = Image.new("L", (round(0.6 * height * len(word)), len(ink)))
    ImageDraw.Draw(page).text((8, 0.62 * height), word + ":", 255, font)
    return photo(np.hstack([np.asarray(page) / 255, ink]), pen.rng), text


def crossed_out(pen: Pen) -> Picture:
    """One digit crossed out; the others are to be read."""
    text, height = pen.text(5), pen.rng.uniform(60, 100)
    lost = int(pen.rng.integers(5))
    rows = [pen.row(part, height) if part else np.zeros((1, 1)) for part in (text[:lost], text[lost + 1 :])]
    d = pen.digit(int(text[lost]), height)
    box = np.zeros((round(1.3 * height) + 2 * round(0.4 * height), round(1.1 * height)))
    x, y = (box.shape[1] - d.shape[1]) / 2, round(0.4 * height) + round(1.05 * height) - d.shape[0]
    put(box, d, x, y)
    ends = ((x - 0.1 * height, y - 0.05 * height), (x + d.shape[1] + 0.1 * height, y + d.shape[0]))
    line(box, *ends, height / 12)
    if pen.rng.random() < 0.6:
        line(box, (ends[1][0], ends[0][1]), (ends[0][0], ends[1][1]), height / 12)
    margin = round(0.3 * height)
    parts = [p for p in (rows[0][:, :-margin] if text[:lost] else None, box,
                         rows[1][:, margin:] if text[lost + 1 :] else None) if p is not None]  # fmt: skip
    return photo(np.hstack(parts), pen.rng), text[:lost] + text[lost + 1 :]


def turned(pen: Pen) -> Picture:
    """Two rows on a page that lies on its left or right side or on its head."""
    texts, height = (pen.text(6), pen.text(6)), pen.rng.uniform(45, 80)
    rows = [pen.row(text, height) for text in texts]
    width = max(row.shape[1] for row in rows)
    page = np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]))) for row in rows])
    return np.ascontiguousarray(np.rot90(photo(page, pen.rng), pen.rng.integers(1, 4))), "".join(texts)


def low_resolution(pen: Pen) -> Picture:
    """Digits 13 to 18 pixels high."""
    text = pen.text()
    ink = pen.row(text, 90)
    factor = pen.rng.uniform(13, 18) / 90
    return cv2.resize(photo(ink, pen.rng), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), text


def jpeg(pen: Pen) -> Picture:
    """Saved as JPEG of quality 10 to 20."""
    picture, text = plain(pen)
    _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(pen.rng.integers(10, 20))])
    return cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), text


def blurred(pen: Pen) -> Picture:
    """Out of focus."""
    text, height = pen.text(), pen.rng.uniform(60, 110)
    picture = photo(pen.row(text, height), pen.rng)
    return cv2.GaussianBlur(picture, (0, 0), height * pen.rng.uniform(0.03, 0.06)), text


def noisy(pen: Pen) -> Picture:
    """Taken in the dark: strong noise."""
    picture, text = plain(pen)
    grain = pen.rng.normal(0, pen.rng.uniform(15, 35), picture.shape)
    return np.clip(picture * 0.6 + grain, 0, 255).astype(np.uint8), text


def coloured(pen: Pen) -> Picture:
    """Coloured ink on a coloured sticky note."""
    text = pen.text()
    ink = pen.row(text, pen.rng.uniform(60, 110))[..., None]
    paper = np.array(
        [(250, 235, 110), (250, 170, 190), (160, 220, 250), (170, 230, 150)][pen.rng.integers(4)]
    )
    colour = np.array([(30, 40, 140), (170, 30, 40), (20, 90, 40), (40, 40, 40)][pen.rng.integers(4)])
    page = paper * (1 - 0.85 * ink) + colour * 0.85 * ink + pen.rng.normal(0, 3, ink.shape)
    return np.clip(page, 0, 255).astype(np.uint8), text


def thin(pen: Pen) -> Picture:
    """A drawing program's line, one or two pixels wide, no grey."""
    text, height = pen.text(), pen.rng.uniform(70, 120)
    ink = (pen.row(text, height) > 0.5).astype(np.uint8)
    edge = cv2.distanceTransform(ink, cv2.DIST_L2, 5)
    ridge = (edge >= cv2.dilate(edge, np.ones((3, 3))) - 0.35) & (edge > 1)
    strokes = cv2.morphologyEx(ridge.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return (255 * (1 - strokes)).astype(np.uint8), text


def small_on_large(pen: Pen) -> Picture:
    """A number of digits 30 to 45 pixels high on a page 1,600 to 2,400 pixels wide."""
    text = pen.text(6)
    ink = pen.row(text, pen.rng.uniform(30, 45))
    width = int(pen.rng.integers(1600, 2400))
    page = np.zeros((round(width * 0.7), width))
    put(
        page,
        ink,
        *(pen.rng.uniform(0.05, 0.9, 2) * (page.shape[1] - ink.shape[1], page.shape[0] - ink.shape[0])),
    )
    return photo(page, pen.rng), text


def slanting(pen: Pen) -> Picture:
    """A row that climbs or falls by 12 to 22 degrees."""
    text = pen.text()
    ink = pen.row(text, pen.rng.uniform(50, 100))
    angle = float(pen.rng.choice([-1, 1]) * pen.rng.uniform(12, 22))
    room = round(0.4 * ink.shape[1])
    ink = np.pad(ink, ((room, room), (room // 2, room // 2)))
    matrix = cv2.getRotationMatrix2D((ink.shape[1] / 2, ink.shape[0] / 2), angle, 1)
    return photo(cv2.warpAffine(ink, matrix, ink.shape[::-1]), pen.rng), text


def table(pen: Pen) -> Picture:
    """A table of two by two cells, a number in each."""
    texts, height = [pen.text(int(pen.rng.integers(1, 4))) for _ in range(4)], pen.rng.uniform(40, 70)
    cells = [pen.row(text, height, gap=0.15) for text in texts]
    tall, wide = max(c.shape[0] for c in cells), max(c.shape[1] for c in cells)
    page = np.zeros((2 * tall + 20, 2 * wide + 20))
    for i, cell in enumerate(cells):
        put(page, cell, 10 + (i % 2) * wide, 10 + (i // 2) * tall)
    for i in range(3):
        line(page, (10, 10 + i * tall), (10 + 2 * wide, 10 + i * tall), height / 30, 0.8)
        line(page, (10 + i * wide, 10), (10 + i * wide, 10 + 2 * tall), height / 30, 0.8)
    return photo(page, pen.rng), "".join(texts)


def curve(page: np.ndarray, middle: tuple, axes: tuple, start: float, end: float, width: float) -> None:
    """Draw a part of an ellipse on a page of ink, between two angles in degrees."""
    drawn = np.zeros(page.shape, np.uint8)
    at, radii = (tuple(round(v) for v in pair) for pair in (middle, axes))
    cv2.ellipse(drawn, at, radii, 0, start, end, 255, max(1, round(width)), cv2.LINE_AA)
    np.maximum(page, drawn / 255, out=page)


def in_brackets(pen: Pen) -> Picture:
    """A number in round brackets."""
    text, height = pen.text(int(pen.rng.integers(1, 5))), pen.rng.uniform(50, 100)
    page = np.pad(pen.row(text, height), ((0, 0), (round(0.3 * height), round(0.3 * height))))
    bent, tall = pen.rng.uniform(0.15, 0.35) * height, pen.rng.uniform(0.55, 0.75) * height
    for side, start in ((0.35 * height + bent, 110), (page.shape[1] - 0.35 * height - bent, -70)):
        curve(page, (side, len(page) / 2), (bent, tall), start, start + 140, height / 16)
    return photo(page, pen.rng), text


def ringed(pen: Pen) -> Picture:
    """A number of one or two digits with a ring round it."""
    text, height = pen.text(int(pen.rng.integers(1, 3))), pen.rng.uniform(50, 90)
    page = np.pad(pen.row(text, height), round(0.6 * height))
    middle = np.array(page.shape[::-1]) / 2
    axes = middle - height * pen.rng.uniform(0.2, 0.5, 2)
    curve(page, tuple(middle), tuple(axes), 0, 360, height * pen.rng.uniform(0.04, 0.1))
    return photo(page, pen.rng), text


def seen_through(pen: Pen) -> Picture:
    """A number on thin paper: what is written on its back shows through."""
    text, height = pen.text(), pen.rng.uniform(50, 110)
    front = pen.row(text, height)
    back = cv2.resize(pen.row(pen.text(len(text)), height)[:, ::-1], front.shape[::-1])
    soft = cv2.GaussianBlur(back, (0, 0), height * pen.rng.uniform(0.02, 0.06))
    return photo(np.clip(front + pen.rng.uniform(0.1, 0.25) * soft, 0, 1), pen.rng), text


CONDITIONS: dict[str, Callable[[Pen], Picture]] = {
    "a number on paper": plain, "one digit, 28 x 28 pixels": icon, "two rows": two_rows,
    "a column of numbers": column, "faint pencil": faint, "thick marker": marker, "chalk on a board": chalk,
    "whiteboard with a reflection": whiteboard, "hard shadow": shadow, "page seen from the side": tilted,
    "ruled paper": ruled, "squared paper": squared, "touching pair": touching_pair,
    "touching row of four": touching_row, "overlapping pair": overlapping, "boxes of a form": form,
    "comb field": comb, "underlined, touching the line": underlined, "date with slashes": date,
    "decimal point": decimal, "plus or minus between": sum_of_two, "printed word before it": labelled,
    "one digit crossed out": crossed_out, "page turned": turned,
    "digits 13 to 18 pixels high": low_resolution, "strong JPEG": jpeg, "out of focus": blurred,
    "strong noise": noisy, "coloured ink on a note": coloured,
    "lines one or two pixels wide": thin, "small on a large page": small_on_large, "slanting row": slanting,
    "cells of a table": table, "in brackets": in_brackets, "a ring round it": ringed,
    "the back shows through": seen_through,
}  # fmt: skip


def pictures(condition: str, n: int, split: mnist.Split, seed: int = 0) -> Iterator[Picture]:
    """Compose pictures of a condition.

    Args:
        condition: a key of `CONDITIONS`.
        n: how many.
        split: digits to compose them of.
        seed: which ones.

    Yields:
        A picture, uint8, and the digits that it holds in reading order.
    """
    place = list(CONDITIONS).index(condition)
    pen = Pen(split, np.random.default_rng(0))
    for i in range(n):
        pen.rng = np.random.default_rng([seed, place, i])
        yield CONDITIONS[condition](pen)


def measure(
    read: Callable[[np.ndarray], str], n: int, split: mnist.Split, names: list[str]
) -> dict[str, dict]:
    """Say for each condition how many numbers a reader reads exactly, and how long it takes."""
    table = {}
    for name in names:
        right, seconds = 0, []
        for picture, text in pictures(name, n, split):
            start = time.perf_counter()
            said = read(picture)
            seconds.append(time.perf_counter() - start)
            right += said == text
        table[name] = {"right": right, "n": n, "ms": round(1000 * statistics.median(seconds), 1)}
        share, took = counted(right, n), table[name]["ms"]
        print(
            f"{name:32s} {share.value:6.1%} ({share.low:.1%} to {share.high:.1%}) {took:6.1f} ms", flush=True
        )
    print(f"{'mean':32s} {np.mean([row['right'] / row['n'] for row in table.values()]):6.1%}")
    return table


def sheet(folder: Path, split: mnist.Split, names: list[str]) -> None:
    """Write a sheet of twelve pictures for each condition."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        tiles = []
        for picture, _ in pictures(name, 12, split):
            rgb = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
            tile = Image.new("RGB", (320, 240), "grey")
            small = Image.fromarray(rgb)
            small.thumbnail((316, 236))
            tile.paste(small, (2, 2))
            tiles.append(np.asarray(tile))
        rows = [np.hstack(tiles[i : i + 4]) for i in range(0, 12, 4)]
        Image.fromarray(np.vstack(rows)).save(folder / f"{name.replace(' ', '_')}.png")


def main() -> None:
    """Measure the network that ships."""
    from digitlib import Recognizer

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=200, help="pictures of each condition")
    parser.add_argument("--split", choices=["test", "validation"], default="test")
    parser.add_argument("--only", nargs="*", default=list(CONDITIONS), help="conditions")
    parser.add_argument("--record", action="store_true", help="write conditions.json")
    parser.add_argument("--sheet", type=Path, help="write a sheet for each condition instead")
    arguments = parser.parse_args()
    split = getattr(mnist.load(), arguments.split)
    if arguments.sheet:
        sheet(arguments.sheet, split, arguments.only)
        return
    recognizer = Recognizer.load()
    found = measure(lambda picture: recognizer.read(picture).text, arguments.n, split, arguments.only)
    if arguments.record:
        about = {"machine": platform.processor() or platform.machine(), "seed": 0, "conditions": found}
        (HERE / "conditions.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
