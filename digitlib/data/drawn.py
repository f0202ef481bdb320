"""What a program draws in the frame of digits: strangers, which are none, and digits as MNIST lacks them.

Letters and digits come from the fonts that matplotlib carries, bent as a hand would bend them.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from PIL import Image, ImageDraw

from digitlib.data.mnist import Split
from digitlib.data.pens import font
from digitlib.pictures.frame import to_mnist_frame

# None that could pass for somebody's digit, as O, I, l, S, Z, b, g, q, y, C, T, delta or phi could.
LATIN = "ABEFHJKLMNPRUVWXaefhjkmnptuvwx&@#%=+*"
GREEK = "ΘΛΞΠΣΨΩαβγεηθκλμνπρχψω"
SANS = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono")
SERIF = ("DejaVuSerif", "DejaVuSerif-Italic", "STIXGeneral", "STIXGeneralItalic")
FONTS = SANS + SERIF
SIDE = 112  # pixels; side of the page on which strangers are drawn
CLASSES_THAT_TURN = (3, 4, 7)  # digits that are none when lying on their side


def strangers(n: int, rng: np.random.Generator, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Draw every kind of stranger in equal parts.

    Args:
        n: how many.
        rng: where the random numbers come from.
        images: uint8 array of shape `(m, 28, 28)`, digits to cut up, turn and join.
        labels: int array of shape `(m,)`, what they are.

    Returns:
        uint8 array of shape `(n, 28, 28)`, 255 is ink, framed as digits are.
    """
    written = [partial(letter, letters=letters) for letters in (LATIN, GREEK)]
    turning = images[np.isin(labels, CLASSES_THAT_TURN)]
    spoilt = [partial(cut_up, digits=images), partial(turned, digits=turning), partial(joined, digits=images)]
    kinds: list[Callable] = [*written, doodle, star, box, wheel, scribble, *spoilt, stain]
    return np.stack([_framed(kinds[i % len(kinds)](rng), rng) for i in range(n)])


def digits(n: int, rng: np.random.Generator, images: np.ndarray, labels: np.ndarray) -> Split:
    """Draw digits as pictures of them would be framed, every other one in a form that MNIST lacks.

    MNIST's writers seldom made a round 0, a 1 with flag and foot, or a barred 7; and MNIST's own
    preparation left its strokes softer than `digitlib.pictures.frame` does.

    Args:
        n: how many.
        rng: where the random numbers come from.
        images: uint8 array of shape `(m, 28, 28)`, digits to draw anew.
        labels: int array of shape `(m,)`, what they are.

    Returns:
        Framed digits and their labels.
    """
    chosen = rng.integers(len(labels), size=n)
    wanted = np.where(np.arange(n) % 2, rng.integers(0, 10, n), labels[chosen]).astype(np.uint8)
    pages = (_printed(rng, int(wanted[i])) if i % 2 else _redrawn(rng, images[chosen[i]]) for i in range(n))
    return Split(np.stack([_framed(page, rng) for page in pages]), wanted)


def _framed(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Frame a drawing as a picture of it would be, as uint8: some are coarse, some have two levels only."""
    if rng.random() < 0.5:
        factor = rng.uniform(0.13, 0.4)
        page = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    page = page / page.max()
    framed = to_mnist_frame((page > 0.4).astype(float) if rng.random() < 0.5 else page)
    return (framed * 255).round().astype(np.uint8)


def _redrawn(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Draw a digit of MNIST anew, large and with a firm edge: ink `(SIDE, SIDE)` in `[0, 1]`."""
    large = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) / 255
    return np.clip((large - rng.uniform(0.3, 0.6)) * 6 + 0.5, 0, 1)


def _printed(rng: np.random.Generator, label: int) -> np.ndarray:
    """Draw one digit: a font's, a circle for some zeros, a bar through some sevens."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    middle = SIDE // 2
    if label == 0 and rng.random() < 0.5:
        cv2.ellipse(page, (middle, middle), rng.integers(26, 46, 2).tolist(), 0, 0, 360, 255, 6, cv2.LINE_AA)
    elif label == 1 and rng.random() < 0.5:
        reach, drop = rng.uniform(8, 34), rng.uniform(8, 45)
        foot = rng.uniform(8, 24) if rng.random() < 0.5 else 0.0
        flag = [(middle - reach, 12 + drop), (middle, 12), (middle, 100)]
        _stroke(page, [*flag, (middle - foot, 100), (middle + foot, 100)])
    else:
        page = _written(str(label), rng)
        if label == 7 and rng.random() < 0.5:
            row, half = rng.integers(50, 66), rng.integers(12, 22)
            _stroke(page, [(middle - half, row), (middle + half, row)])
    stretched = cv2.resize(page, None, fx=rng.uniform(0.7, 1.3), fy=1, interpolation=cv2.INTER_AREA)
    missing = max(0, SIDE - stretched.shape[1])
    return _bent(np.pad(stretched, ((0, 0), (0, missing))), rng)


def letter(rng: np.random.Generator, letters: str) -> np.ndarray:
    """Write one letter in a random font, bent and slanted: ink `(SIDE, SIDE)` in `[0, 1]`."""
    return _bent(_written(str(rng.choice(list(letters))), rng), rng)


def doodle(rng: np.random.Generator) -> np.ndarray:
    """Draw three to six smooth strokes from anywhere to anywhere."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    along = np.linspace(0, 1, 30)[:, None]
    for _ in range(rng.integers(3, 7)):
        start, bend, other, end = rng.uniform(12, SIDE - 12, (4, 2))
        # a cubic Bezier curve
        curve = (1 - along) ** 3 * start + 3 * along * (1 - along) ** 2 * bend
        _stroke(page, curve + 3 * along**2 * (1 - along) * other + along**3 * end)
    return page / 255


def star(rng: np.random.Generator) -> np.ndarray:
    """Draw the outline of a star or a zigzag polygon, with dots or strokes in it."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    corners = 2 * rng.integers(3, 7)
    angles = 2 * np.pi * (np.arange(corners) + rng.uniform(0, 1)) / corners
    radii = np.where(np.arange(corners) % 2, rng.uniform(10, 22), rng.uniform(38, 50))
    radii = radii * rng.uniform(0.8, 1.2, corners)
    _stroke(page, SIDE / 2 + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1), closed=True)
    for place in rng.integers(25, SIDE - 25, (rng.integers(0, 4), 2)):
        _dot(page, place, 6)
    return _bent(page, rng)


def box(rng: np.random.Generator) -> np.ndarray:
    """Draw a box with things inside, as houses, screens and envelopes are drawn."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    margin = rng.integers(8, 30, 2)
    cv2.rectangle(page, margin.tolist(), (SIDE - margin).tolist(), 255, 5, cv2.LINE_AA)
    for _ in range(rng.integers(2, 5)):
        start, end = rng.integers(28, SIDE - 28, (2, 2))
        if rng.random() < 0.5:
            _dot(page, start, int(rng.integers(3, 9)))
        else:
            _stroke(page, [start, end], 5)
    return _bent(page, rng)


def wheel(rng: np.random.Generator) -> np.ndarray:
    """Draw a ring with at least three things in it, as wheels, faces, clocks and pizzas are drawn."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    middle, axes = (SIDE // 2, SIDE // 2), rng.integers(34, 50, 2)
    cv2.ellipse(page, middle, axes.tolist(), 0, 0, 360, 255, 5, cv2.LINE_AA)
    spokes = rng.random() < 0.5
    for angle in rng.uniform(0, 2 * np.pi, rng.integers(3, 12)):
        reach = 1 if spokes else rng.uniform(0.1, 0.8)
        place = middle + reach * axes * (np.cos(angle), np.sin(angle))
        if spokes:
            _stroke(page, [middle, place], 4)
        else:
            _dot(page, place, int(rng.integers(3, 8)), int(rng.choice([-1, 2])))
    return _bent(page, rng)


def scribble(rng: np.random.Generator) -> np.ndarray:
    """Move the pen to and fro many times, as something is crossed out or a storm is drawn."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    along = np.linspace(0, 1, 300)
    turns = 2 * np.pi * rng.uniform(5, 16) * along
    width = np.interp(along, np.linspace(0, 1, 4), rng.uniform(6, 40, 4))
    x = SIDE / 2 + width * np.cos(turns)
    y = 16 + (SIDE - 32) * along + rng.uniform(0, 14) * np.sin(turns)
    _stroke(page, np.stack([x, y], axis=1), 4)
    upright = rng.random() < 0.5
    return np.rot90(_bent(page, rng), 0 if upright else 1)


def cut_up(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Cut a digit into four and put the pieces back in another order."""
    digit = digits[rng.integers(len(digits))]
    pieces = [digit[:14, :14], digit[:14, 14:], digit[14:, :14], digit[14:, 14:]]
    order = rng.permutation(4)
    while (order == np.arange(4)).sum() > 1:
        order = rng.permutation(4)
    a, b, c, d = (pieces[i] for i in order)
    return np.block([[a, b], [c, d]]) / 255


def turned(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Lay a digit on its side."""
    return np.rot90(digits[rng.integers(len(digits))], rng.choice([1, 3])) / 255


def joined(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Write two digits side by side without a gap, or one over the other."""
    one, two = digits[rng.integers(len(digits), size=2)]
    if rng.random() < 0.6:
        return np.hstack([one[:, 3:25], two[:, 3:25]]) / 255
    return np.maximum(one, np.rot90(two)) / 255


def stain(rng: np.random.Generator) -> np.ndarray:
    """Make a blotch out of smoothed noise."""
    clouds = cv2.GaussianBlur(rng.standard_normal((SIDE, SIDE)), (0, 0), rng.uniform(4, 12))
    return (clouds > np.quantile(clouds, rng.uniform(0.6, 0.9))).astype(float)


def _stroke(page: np.ndarray, points: np.ndarray | list, width: int = 6, *, closed: bool = False) -> None:
    """Draw lines from point to point, `(n, 2)`, on a page."""
    cv2.polylines(page, [np.round(points).astype(np.int32)], closed, 255, width, cv2.LINE_AA)


def _dot(page: np.ndarray, place: np.ndarray, radius: int, width: int = -1) -> None:
    """Draw a disc on a page, or a ring of some width."""
    cv2.circle(page, np.round(place).astype(int).tolist(), radius, 255, width, cv2.LINE_AA)


def _written(character: str, rng: np.random.Generator) -> np.ndarray:
    """Write one character in a random font: uint8 `(SIDE, SIDE)`."""
    page = Image.new("L", (SIDE, SIDE))
    typeface = font(FONTS[rng.integers(len(FONTS))], 84)
    ImageDraw.Draw(page).text((SIDE / 2, SIDE / 2), character, 255, typeface, anchor="mm")
    return np.array(page)


def _bent(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bend and turn a drawing as an unsteady hand would: uint8 in, `[0, 1]` out."""
    rows, columns = np.indices(page.shape, dtype=np.float32)
    height, width = page.shape
    bend = cv2.GaussianBlur(rng.uniform(-1, 1, (height, width, 2)).astype(np.float32), (0, 0), 14)
    bend *= rng.uniform(0, 7) / np.abs(bend).max()
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-15, 15), 0.9)
    bent = cv2.remap(page, columns + bend[..., 0], rows + bend[..., 1], cv2.INTER_LINEAR)
    return cv2.warpAffine(bent, turn, (width, height)) / 255
