"""A digit as networks take it, and the other ways in which the same digit could have been framed."""

from collections.abc import Callable

import cv2
import numpy as np

from digitlib.errors import DigitlibError

STRIDE = 4  # pixels of what the page network sees per place of its answer
UNIT = 32.0  # pixels; the side of a box whose logarithm it calls 0
ROUNDED = 1.01  # floats up to this are taken for brightness in [0, 1]
DARKEST = 8  # of 255; values none of which is larger may be of another range
VIEWS = (  # turn and slant in degrees, size: how else the same digit could have been framed
    (0, 0, 1.0), (6, 0, 1.0), (-6, 0, 1.0), (0, 7, 1.0), (0, -7, 1.0), (0, 0, 0.9), (0, 0, 1.08)
)  # fmt: skip


def as_network_input(images: np.ndarray) -> np.ndarray:
    """Convert digit images to what networks take; the only place that does.

    Args:
        images: array of shape `(n, 28, 28)`; uint8 with 255 as ink, or floats in `[0, 1]`.

    Returns:
        float32 array of shape `(n, 28, 28, 1)`, values in `[0, 1]`, 1 is ink.

    Raises:
        DigitlibError: if the shape is another or floats leave `[0, 1]`.

    Example:
        >>> as_network_input(np.full((2, 28, 28), 255, np.uint8)).max()
        np.float32(1.0)
    """
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise DigitlibError(f"digit images must have shape (n, 28, 28), got {images.shape}")
    scaled = images[..., None].astype(np.float32)
    if images.dtype == np.uint8:
        return scaled / 255
    if scaled.size and not (scaled.min() >= 0 and scaled.max() <= 1):
        raise DigitlibError(f"digit images must lie in [0, 1], got [{scaled.min()}, {scaled.max()}]")
    return scaled


def as_frames(images: np.ndarray) -> np.ndarray:
    """Bring digits that are in the MNIST frame from the shapes and ranges that people hold to one.

    Args:
        images: array of shape `(28, 28)`, `(n, 28, 28)`, `(n, 28, 28, 1)`, `(n, 1, 28, 28)` or `(n, 784)`;
            bool, whole numbers 0 and 1 or up to 255, floats in `[0, 1]`, to within rounding, or up to 255.
            More is ink. Bytes are never of another range.

    Returns:
        Array of shape `(n, 28, 28)`, uint8 with 255 as ink, or float32 in `[0, 1]`.

    Raises:
        DigitlibError: if the shape is another, or the values are no brightness.

    Example:
        >>> as_frames(np.zeros((5, 784))).shape
        (5, 28, 28)
    """
    images = np.asarray(images)
    shapes = ((28, 28), (28, 28, 1), (1, 28, 28), (784,))
    if images.shape != (28, 28) and images.shape[1:] not in shapes:
        raise DigitlibError(f"digits have shape (n, 28, 28), (n, 28, 28, 1) or (n, 784), not {images.shape}")
    images = images.reshape(-1, 28, 28)
    if images.dtype == bool:
        return 255 * images.astype(np.uint8)
    if images.dtype.kind not in "iuf" or not np.isfinite(images).all():
        raise DigitlibError(f"digits are numbers without NaN; these are {images.dtype}")
    low, high = images.min(initial=0), images.max(initial=0)
    if low < 0 or high > 255:
        raise DigitlibError(f"digits lie in [0, 1] or [0, 255], not in [{low}, {high}]")
    whole = images.dtype.kind in "iu"
    one = high <= (1 if whole else ROUNDED)
    if not one and high <= DARKEST and images.dtype != np.uint8:
        raise DigitlibError(f"digits lie in [0, 1] or [0, 255]; what is up to {high} may be either: scale it")
    if whole:
        return images.astype(np.uint8) * (255 if high == 1 else 1)
    return np.minimum(images, 1).astype(np.float32) if one else images.astype(np.float32) / 255


def warps(
    turn: np.ndarray, slant: np.ndarray, size: np.ndarray, move: np.ndarray, field: tuple[int, int]
) -> np.ndarray:
    """Combine turns, slants, sizes `(n, 2)` and moves `(n, 2)` into OpenCV's matrices `(n, 2, 3)`."""
    cos, sin = np.cos(turn), np.sin(turn)
    turned = np.stack([cos, -sin, sin, cos], axis=1).reshape(-1, 2, 2)
    slanted = np.tile(np.eye(2), (len(turn), 1, 1))
    slanted[:, 0, 1] = slant
    matrices = turned @ slanted * size[:, None, :]
    middle = (np.array(field) - 1) / 2
    offsets = middle - matrices @ middle + move
    return np.concatenate([matrices, offsets[:, :, None]], axis=2)


def views(frames: np.ndarray) -> np.ndarray:
    """Show each digit as it is and a little turned, slanted and resized, always in the same ways.

    What a network says of all of them together depends less on how the digit happened to be
    framed (test-time augmentation; Krizhevsky and others 2012).

    Args:
        frames: array of shape `(n, 28, 28)`, uint8 or float32, more is ink.

    Returns:
        Array of shape `(7, n, 28, 28)` of the same dtype, the frames themselves first.
    """
    turn, slant, size = np.array(VIEWS).T
    sizes, field = np.stack([size, size], axis=1), frames.shape[:0:-1]
    matrices = warps(np.deg2rad(turn), np.tan(np.deg2rad(slant)), sizes, np.zeros((len(turn), 2)), field)
    return np.stack(
        [frames, *(np.stack([cv2.warpAffine(f, w, field) for f in frames]) for w in matrices[1:])]
    )


def over_views(logits_of: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> np.ndarray:
    """Ask a network about every view of each digit; the digit itself counts as much as all other views.

    Args:
        logits_of: maps digits as networks take them, `(m, 28, 28, 1)`, to logits `(m, 10)`.
        images: array of shape `(n, 28, 28)`, as for `as_network_input`; n is at least 1.

    Returns:
        Mean logits, `(n, 10)`.
    """
    seen = views(as_network_input(images)[..., 0])
    itself, *others = logits_of(seen.reshape(-1, *seen.shape[2:], 1)).reshape(*seen.shape[:2], -1)
    return (itself + np.mean(others, axis=0)) / 2


def normalised(pictures: np.ndarray) -> np.ndarray:
    """Bring grey pictures to mean 0 and deviation 1, as the page network takes them.

    Args:
        pictures: uint8 array of shape `(..., height, width)`.

    Returns:
        float32 array of shape `(..., height, width, 1)`.
    """
    values = pictures.astype(np.float32)
    mean, spread = values.mean((-2, -1), keepdims=True), values.std((-2, -1), keepdims=True)
    return ((values - mean) / (spread + 4))[..., None]
