"""What light, lens, pen and paper do to digits, each kind with a severity; for training and for measuring.

Every kind takes digits and a severity in `[0, 1]`, draws the rest from a generator, and leaves its
input alone. A new one is a function that is listed in `ALL`. Networks are trained on random kinds at
random severities, and judged on each kind at fixed ones. MNIST-C (Mu and Gilmer 2019, arXiv:1906.02337)
was not copied; which of its fifteen a kind resembles is said below.
"""

from collections.abc import Callable
from functools import wraps

import cv2
import numpy as np

from digitlib.data.augment import CROSS, affine

SUITE = (0.3, 0.6, 0.9)  # severities at which networks are judged

Kind = Callable[[np.ndarray, np.random.Generator, np.ndarray], np.ndarray]  # digits, severities of `(n,)`


def corrupt(images: np.ndarray, rng: np.random.Generator, *, part: float = 1.0) -> np.ndarray:
    """Degrade some digits, each by one kind or two at random severities.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        rng: which digits, which kinds, how much.
        part: of the digits that are degraded, in `[0, 1]`; every fourth of them twice.

    Returns:
        A new uint8 array of the same shape.
    """
    changed = images.copy()
    for share in (part, part / 4):
        chosen = rng.permutation(len(images))[: round(share * len(images))]
        for kind, those in zip(KINDS.values(), np.array_split(chosen, len(KINDS)), strict=True):
            if len(those):
                changed[those] = kind(changed[those], rng, rng.uniform(0, 1, len(those)) ** 0.7)
    return changed


def suite(images: np.ndarray, *, seed: int = 0) -> dict[tuple[str, float], np.ndarray]:
    """Return the digits under every kind at every severity of `SUITE`, the same for every caller.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        seed: decides the random part of each corruption.
    """
    return {
        (name, severity): kind(images, np.random.default_rng([seed, i]), np.full(len(images), severity))
        for i, (name, kind) in enumerate(KINDS.items())
        for severity in SUITE
    }


def _each(change: Callable[[np.ndarray, np.random.Generator, float], np.ndarray]) -> Kind:
    """Make a kind out of a function that changes one digit `(28, 28)`."""

    @wraps(change)
    def kind(images: np.ndarray, rng: np.random.Generator, severity: np.ndarray) -> np.ndarray:
        return np.stack([change(image, rng, s) for image, s in zip(images, severity, strict=True)])

    return kind


@_each
def blur(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Defocus a digit or drag it along a line; resembles MNIST-C's motion blur."""
    if rng.random() < 0.4:
        return cv2.GaussianBlur(image, (0, 0), 0.3 + 1.7 * severity)
    length = 3 + 2 * round(6 * severity)
    kernel = np.zeros((length, length), np.float32)
    middle, angle = length // 2, rng.uniform(0, np.pi)
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    start, end = (np.round(middle + sign * reach).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


@_each
def jitter(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Take every pixel from a random place nearby, as through frosted glass; resembles glass blur."""
    here = np.indices(image.shape)[::-1]
    columns, rows = (here + rng.uniform(-1, 1, here.shape) * (0.5 + 2 * severity)).astype(np.float32)
    moved = cv2.remap(image, columns, rows, cv2.INTER_LINEAR)
    return cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.3, 0.8))


def grain(images: np.ndarray, rng: np.random.Generator, severity: np.ndarray) -> np.ndarray:
    """Add noise, even or growing with the ink; resembles shot noise."""
    even = rng.random((len(images), 1, 1)) < 0.5
    ink = images / np.float32(255)
    spread = np.where(even, 0.5, 0.8 * np.sqrt(ink)) * severity[:, None, None]
    return _bytes(ink + spread * rng.standard_normal(images.shape, np.float32))


def specks(images: np.ndarray, rng: np.random.Generator, severity: np.ndarray) -> np.ndarray:
    """Replace pixels, or clumps of them, by black or white; resembles impulse noise and spatter."""
    field = rng.random(images.shape, np.float32)
    for i in np.flatnonzero(rng.random(len(images)) < 0.4):
        clumps = cv2.GaussianBlur(field[i], (0, 0), rng.uniform(0.7, 1.5))
        field[i].flat[clumps.argsort(axis=None)] = np.arange(clumps.size) / clumps.size  # evenly spread again
    share = (0.02 + 0.33 * severity)[:, None, None]
    white = rng.uniform(0, 1, (len(images), 1, 1)) * share
    return np.where(field < white, 255, np.where(field < share, 0, images)).astype(np.uint8)


@_each
def lines(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Draw strokes across a digit, straight or bent, whole or broken; resembles dotted line and zigzag."""
    out = image.copy()
    bends = int(rng.integers(1, 3 + round(7 * severity)))
    along = np.linspace(0, 1, bends + 1)[:, None]
    start, end = rng.uniform(0, 28, (2, 2))
    sway = rng.normal(0, 1 + 3 * severity, (bends + 1, 2)) if bends > 1 else 0
    points = 16 * (start + along * 1.4 * (end - start) + sway)  # in sixteenths of a pixel
    grey, width = int(rng.integers(150, 256)), int(rng.integers(1, 3))
    broken = rng.random() < 0.4
    if broken:
        points = np.linspace(points[0], points[-1], int(rng.integers(6, 24)))
    strokes = np.stack([points[:-1], points[1:]], axis=1)[:: 2 if broken else 1]
    for first, last in strokes.astype(np.int32).tolist():
        cv2.line(out, first, last, grey, width, cv2.LINE_AA, 4)
    return out


@_each
def background(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Lay clouds of all sizes over the page; resembles fog."""
    clouds, weight = np.zeros((28, 28), np.float32), 1.0
    fall = rng.uniform(1.2, 2.2)
    for side in (2, 4, 7, 14, 28):
        octave = rng.uniform(0, 1, (side, side)).astype(np.float32)
        clouds += weight * cv2.resize(octave, (28, 28), interpolation=cv2.INTER_LINEAR)
        weight /= fall
    clouds = (clouds - clouds.min()) / (np.ptp(clouds) + 1e-6)
    return _bytes((image / 255 + 3 * severity * clouds) / (1 + 3 * severity))


def contrast(images: np.ndarray, rng: np.random.Generator, severity: np.ndarray) -> np.ndarray:
    """Bring ink and paper closer together; resembles brightness."""
    left = (1 - 0.85 * severity)[:, None, None]
    paper = rng.uniform(0, 1, (len(images), 1, 1)) * (1 - left)
    return _bytes(paper + left * images / 255)


@_each
def polarity(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Invert a rectangle, some bands or everything; resembles stripe."""
    if rng.random() < 0.2 * severity:
        return 255 - image
    out = image.copy()
    for _ in range(int(rng.integers(1, 2 + round(2 * severity)))):
        y, x = rng.integers(0, 28, 2)
        h, w = rng.integers(3, 6 + round(14 * severity), 2)
        how = rng.random()
        rows = slice(None) if 0.35 <= how <= 0.7 else slice(y, y + h)
        columns = slice(None) if how < 0.35 else slice(x, x + w)
        out[rows, columns] = 255 - out[rows, columns]
    return out


@_each
def hollow(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Keep the outlines of the strokes only, more or less; resembles Canny edges."""
    smooth = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2))
    how, edge = rng.random(), image
    if how < 0.4:
        firm = np.where(smooth > rng.integers(40, 160), 255, 0).astype(np.uint8)
        edge = cv2.dilate(firm, CROSS) - firm if how < 0.2 else firm - cv2.erode(firm, CROSS)
    elif how < 0.7:
        edge = cv2.Canny(smooth, *sorted(rng.integers(20, 200, 2).tolist()))
    else:
        edge = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, CROSS)
    part = min(1.0, 0.4 + severity)
    return cv2.addWeighted(image, 1 - part, edge, part, 0)


@_each
def geometry(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Turn, move, resize and slant far more than hands do; resembles rotate, translate, scale and shear."""
    s = severity
    return affine(image[None], rng, rotation=35 * s, shift=7 * s, zoom=0.4 * s, shear=30 * s)[0]


@_each
def texture(image: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray:
    """Filter a digit with a random kernel, so that its form stays and its texture goes.

    Reference:
        Xu, Liu, Yang, Niethammer, Raffel (2021), Robust and generalizable visual representation
        learning via random convolutions, arXiv:2007.13003.
    """
    size = int(rng.choice([1, 3, 5]))
    kernel = rng.normal(0, 1, (size, size)).astype(np.float32)
    filtered = cv2.filter2D(image.astype(np.float32), -1, kernel)
    filtered = 255 * (filtered - filtered.min()) / (np.ptp(filtered) + 1e-6)
    return ((1 - severity) * image + severity * filtered).astype(np.uint8)


ALL = (blur, jitter, grain, specks, lines, background, contrast, polarity, hollow, geometry, texture)
KINDS: dict[str, Kind] = {kind.__name__: kind for kind in ALL}


def _bytes(ink: np.ndarray) -> np.ndarray:
    """Clip to `[0, 1]` and convert to uint8."""
    return (np.clip(ink, 0, 1) * 255).astype(np.uint8)
