"""Bring any picture of a digit into the frame that MNIST digits live in.

A model trained on MNIST has only ever seen bright ink on black, strokes two to
four pixels wide, 20 pixels on the longest side, with the centre of mass in the middle
of a 28 x 28 field. These measures stand in this module.
"""

import cv2
import numpy as np

from digitlib.errors import DigitlibError
from digitlib.pictures.ink import clearest, dark_on_light, flatten, grey, stretch

FIELD = 28  # side of the square field, in pixels
BOX = 20  # longest side of the ink inside it, in pixels
CENTRE = 14  # row and column, counted from 0, that the centre of mass rounds to
STROKE = (2.4, 3.6)  # pixels of the field; MNIST's middle half of stroke widths; others are brought there
MAIN_LENGTH = 0.25  # of the longest connected component; shorter ones are no part of a single digit
CONTEXT = 0.3  # of a box's longest side; so much of the paper around it is cut out with it
SPILL = 0.06  # of a box's longest side; so far outside its box a digit's ink may lie
LONGEST_BOX = 112  # pixels; larger boxes are reduced to this before their ink is found
INSIDE = 0.5  # of a connected component's area; it belongs to a box that holds more than this
FINE = 8  # working pixels per pixel of the field while strokes are evened


def to_mnist_frame(ink: np.ndarray) -> np.ndarray:
    """Scale, even and centre one digit.

    Args:
        ink: float32 array of shape `(height, width)`, values in `[0, 1]`, 1 is ink; of one digit alone.

    Returns:
        float32 array of shape `(28, 28)`, values in `[0, 1]`: the digit 20 pixels long, its centre of mass in
        the middle, its strokes as wide as MNIST's.

    Raises:
        DigitlibError: if nothing is ink.
    """
    if not (ink > 0.5).any():
        raise DigitlibError("the picture is blank: nothing stands out from the paper")
    fine = _scale(_visible(_crop(ink)), BOX * FINE)
    fine = fine / min(1, 1.9 * fine.max())  # a hair line's ink may have been spread to less than half
    even = _even(np.pad(fine, 2 * FINE))
    return _centre(_scale(_crop(even), BOX))


def _visible(ink: np.ndarray) -> np.ndarray:
    """Thicken a hair line that would vanish when its large picture is reduced."""
    width = round(max(ink.shape) / (BOX * FINE)) | 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    padded = np.pad(ink, width)
    hair = width > 1 and not cv2.erode((padded > 0.5).astype(np.uint8), around).any()
    return cv2.dilate(padded, around) if hair else ink


def _crop(ink: np.ndarray) -> np.ndarray:
    """Cut down to the smallest rectangle that holds all ink."""
    x, y, width, height = cv2.boundingRect((ink > 0.5).astype(np.uint8))
    return ink[y : y + height, x : x + width]


def _scale(ink: np.ndarray, longest: int) -> np.ndarray:
    """Resize so that the longest side is `longest` pixels."""
    height, width = ink.shape
    factor = longest / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.clip(cv2.resize(ink, size, interpolation=method), 0, 1)


def _even(ink: np.ndarray) -> np.ndarray:
    """Bring the strokes to a width that MNIST knows."""
    mask = (ink > 0.5).astype(np.uint8)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    width = stroke_width(ink)
    target = max(np.clip(width, STROKE[0] * FINE, STROKE[1] * FINE), width / 2)
    return np.clip(inside - outside + (target - width) / 2 + 0.5, 0, 1)


def stroke_width(ink: np.ndarray) -> float:
    """Measure the mean width of strokes: points of a stroke lie a quarter of its width from its edge.

    Args:
        ink: float array of shape `(height, width)`, values in `[0, 1]`, of which some exceed 0.5.

    Returns:
        The width in pixels.
    """
    mask = np.pad((ink > 0.5).astype(np.uint8), 1)
    return 4 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 5)[mask > 0].mean())


def _centre(digit: np.ndarray) -> np.ndarray:
    """Place a digit in the field, its centre of mass on the field's."""
    height, width = digit.shape
    top = CENTRE - round(np.average(np.arange(height), weights=digit.sum(1)))
    left = CENTRE - round(np.average(np.arange(width), weights=digit.sum(0)))
    top, left = min(max(top, 0), FIELD - height), min(max(left, 0), FIELD - width)
    return np.pad(digit.astype(np.float32), ((top, FIELD - height - top), (left, FIELD - width - left)))


def frame(pixels: np.ndarray) -> np.ndarray:
    """Frame the one digit of a picture.

    Args:
        pixels: uint8 array of shape `(height, width, 3)` or `(height, width)`.

    Returns:
        float32 array of shape `(28, 28)`, values in `[0, 1]`, 1 is ink.

    Raises:
        DigitlibError: if the picture is blank.
    """
    return steps(pixels)["frame"]


def steps(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Return every picture on the way from `pixels` to the frame, by name, in order.

    Args:
        pixels: uint8 array of shape `(height, width, 3)` or `(height, width)`.

    Returns:
        "grey" and "dark on light", uint8; "flattened", "ink" and "digit", float32 in `[0, 1]`
        where 1 is ink, all of shape `(height, width)`; "frame", `(28, 28)`.

    Raises:
        DigitlibError: if the picture is blank.
    """
    brightness = clearest(pixels)
    dark = dark_on_light(brightness)
    contrast = flatten(dark)
    ink = stretch(contrast)
    digit = ink * _main(ink)
    return {
        "grey": brightness,
        "dark on light": dark,
        "flattened": contrast,
        "ink": ink,
        "digit": digit,
        "frame": to_mnist_frame(digit),
    }


def _main(ink: np.ndarray) -> np.ndarray:
    """Mark the connected components that make up the digit of a picture that shows one: bool, same shape."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0.5).astype(np.uint8), connectivity=8)
    longest = stats[:, 2:4].max(axis=1)
    longest[0] = 0  # paper
    return (longest > MAIN_LENGTH * longest.max())[labels]


def from_box(ink: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Frame the digit in a box, without what reaches into the box from outside.

    Args:
        ink: float32 array of shape `(height, width)`, values in `[0, 1]`.
        box: x, y, width, height of the digit, in pixels.

    Returns:
        float32 array of shape `(28, 28)`, values in `[0, 1]`; all 0 where the box holds no ink.
    """
    x, y, width, height = box
    spill = SPILL * max(width, height)
    within = np.zeros(ink.shape, bool)
    low = np.maximum(np.floor([y - spill, x - spill]), 0).astype(int)
    within[low[0] : int(y + height + spill) + 1, low[1] : int(x + width + spill) + 1] = True
    n, labels = cv2.connectedComponents((ink > 0.5).astype(np.uint8), connectivity=8)
    size = np.bincount(labels.ravel(), minlength=n)
    inside = np.bincount(labels.ravel(), within.ravel(), n) > INSIDE * size
    inside[0] = True
    digit = ink * within
    own = digit * inside[labels]
    if (own > 0.5).sum() > (digit > 0.5).sum() / 2:  # else a line runs through, and its digit hangs on it
        digit = own
    return to_mnist_frame(digit) if (digit > 0.5).any() else np.zeros((FIELD, FIELD), np.float32)


def naive_frame(pixels: np.ndarray) -> np.ndarray:
    """Do what tutorials do: grey, resize to 28 x 28, invert. The baseline that `frame` is compared with.

    Args:
        pixels: uint8 array of shape `(height, width, 3)` or `(height, width)`.

    Returns:
        float32 array of shape `(28, 28)`, values in `[0, 1]`.
    """
    small = cv2.resize(grey(pixels), (FIELD, FIELD), interpolation=cv2.INTER_AREA)
    return 1 - small.astype(np.float32) / 255
