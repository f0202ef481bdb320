"""Drawn things that are no digits, in the frame of digits: what refusal is fitted to and measured on."""

import cv2
import numpy as np

from digitlib.frame import to_mnist_frame

LETTERS = (
    "ACEFHJKLMNPRTUVWXYacdefhkmnprtuvwxy&@#%?"  # none that could pass for a digit, as O, l, S, Z, B, G, q
)
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
SIDE = 112  # pixels; side of the page on which strangers are drawn


def draw(n: int, rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Draw letters, doodles, cut-up digits, digits on top of each other and stains, in equal parts.

    Args:
        n: how many.
        rng: where the random numbers come from.
        digits: uint8 array of shape `(m, 28, 28)`, digits to cut up and overlay.

    Returns:
        float32 array of shape `(n, 28, 28)`, values in `[0, 1]`, framed as digits are.
    """
    kinds = (letter, doodle, cut_up, overlaid, stain)
    return np.stack([to_mnist_frame(kinds[i % len(kinds)](rng, digits)) for i in range(n)])


def letter(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Write one letter or sign with a pen of random width, turned a little."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    font, width = FONTS[rng.integers(len(FONTS))], int(rng.integers(2, 9))
    cv2.putText(page, rng.choice(list(LETTERS)), (28, 84), font, 2.5, 255, width, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), rng.uniform(-12, 12), 0.9)
    return cv2.warpAffine(page, turn, (SIDE, SIDE)) / 255


def doodle(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Draw two to four smooth strokes from anywhere to anywhere."""
    page = np.zeros((SIDE, SIDE), np.uint8)
    width = int(rng.integers(3, 9))
    along = np.linspace(0, 1, 30)[:, None]
    for _ in range(rng.integers(2, 5)):
        start, bend, other, end = rng.uniform(12, SIDE - 12, (4, 2))
        stroke = (
            (1 - along) ** 3 * start
            + 3 * along * (1 - along) ** 2 * bend
            + 3 * along**2 * (1 - along) * other
            + along**3 * end
        )
        cv2.polylines(page, [stroke.round().astype(np.int32)], False, 255, width, cv2.LINE_AA)
    return page / 255


def cut_up(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Cut a digit into four and put the pieces back in another order."""
    digit = digits[rng.integers(len(digits))]
    pieces = [digit[:14, :14], digit[:14, 14:], digit[14:, :14], digit[14:, 14:]]
    order = rng.permutation(4)
    while (order == np.arange(4)).sum() > 1:
        order = rng.permutation(4)
    a, b, c, d = (pieces[i] for i in order)
    return np.block([[a, b], [c, d]]) / 255


def overlaid(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Write one digit over another, the second one turned by a quarter."""
    under, over = digits[rng.integers(len(digits), size=2)]
    return np.maximum(under, np.rot90(over)) / 255


def stain(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    """Make a blotch out of smoothed noise."""
    clouds = cv2.GaussianBlur(rng.standard_normal((SIDE, SIDE)), (0, 0), rng.uniform(4, 12))
    return (clouds > np.quantile(clouds, rng.uniform(0.6, 0.9))).astype(float)
