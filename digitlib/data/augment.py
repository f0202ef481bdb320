"""Bounded, named random changes of digits, batch in, batch out.

Training on slightly changed digits teaches a network that a turned 4 is still a
4. Every function takes and returns uint8 arrays of shape `(n, 28, 28)` where 255
is ink, draws one change per digit from the generator it is given, and leaves its
input alone. What lies outside the field is paper: OpenCV's other border modes
mirror strokes back into the picture.
"""

import cv2
import numpy as np

from digitlib.config import Augmentation
from digitlib.pictures.views import warps

CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
ELASTIC_SMOOTHNESS = 4.0  # pixels; standard deviation of the blur that makes neighbours move together


def augment(images: np.ndarray, how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Apply every change that `how` switches on: stroke, affine, elastic, noise, in that order.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        how: the bound of each change; zero leaves it out.
        rng: where the random numbers come from.

    Returns:
        A new uint8 array of the same shape.

    Example:
        >>> digits = np.zeros((2, 28, 28), np.uint8)
        >>> augment(digits, Augmentation(noise=0.1), np.random.default_rng(0)).shape
        (2, 28, 28)
    """
    changed = images
    if how.stroke:
        changed = stroke_width(changed, rng, pixels=how.stroke)
    if how.rotation or how.shift or how.zoom or how.shear:
        changed = affine(changed, rng, rotation=how.rotation, shift=how.shift, zoom=how.zoom, shear=how.shear)
    if how.elastic:
        changed = elastic(changed, rng, pixels=how.elastic)
    if how.noise:
        changed = noise(changed, rng, strength=how.noise)
    return changed.copy() if changed is images else changed


def affine(
    images: np.ndarray,
    rng: np.random.Generator,
    *,
    rotation: float = 0.0,
    shift: float = 0.0,
    zoom: float = 0.0,
    shear: float = 0.0,
    border: int = cv2.BORDER_CONSTANT,
) -> np.ndarray:
    """Turn, move, resize and slant each digit about the middle of its field.

    Each amount is drawn uniformly from ± its bound; the four are combined into
    one matrix, so the digit is interpolated once only.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        rng: where the random numbers come from.
        rotation: largest turn, in degrees.
        shift: largest displacement along each axis, in pixels.
        zoom: largest relative change of size, drawn for each axis, 0.1 is ±10 %.
        shear: largest slant, in degrees.
        border: OpenCV's border mode; only notebook 02 uses another than paper, to show the harm.

    Returns:
        A new uint8 array of the same shape.

    Reference:
        Simard, Steinkraus, Platt (2003), Best practices for convolutional neural networks
        applied to visual document analysis: affine distortions of MNIST digits.
    """
    n, height, width = images.shape
    turn = np.deg2rad(rng.uniform(-rotation, rotation, n))
    slant = np.tan(np.deg2rad(rng.uniform(-shear, shear, n)))
    size = 1 + rng.uniform(-zoom, zoom, (n, 2))
    move = rng.uniform(-shift, shift, (n, 2))

    matrices = warps(turn, slant, size, move, (width, height))
    pairs = zip(images, matrices, strict=True)
    return np.stack([cv2.warpAffine(i, warp, (width, height), borderMode=border) for i, warp in pairs])


def elastic(images: np.ndarray, rng: np.random.Generator, *, pixels: float) -> np.ndarray:
    """Bend each digit smoothly, as an unsteady hand would.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        rng: where the random numbers come from.
        pixels: largest displacement of any point, in pixels; drawn per digit from 0 to this.

    Returns:
        A new uint8 array of the same shape.

    Reference:
        Simard, Steinkraus, Platt (2003): random displacement fields smoothed by a Gaussian
        (sigma 4 pixels on MNIST).
    """
    n, height, width = images.shape
    rows, columns = np.indices((height, width), dtype=np.float32)
    bent = np.empty_like(images)
    for i, strength in enumerate(np.asarray(rng.uniform(0, pixels, n))):
        field: np.ndarray = rng.uniform(-1, 1, (height, width, 2)).astype(np.float32)
        field = cv2.GaussianBlur(field, (0, 0), ELASTIC_SMOOTHNESS)
        field *= strength / np.abs(field).max()
        bent[i] = cv2.remap(images[i], columns + field[..., 0], rows + field[..., 1], cv2.INTER_LINEAR)
    return bent


def stroke_width(images: np.ndarray, rng: np.random.Generator, *, pixels: float) -> np.ndarray:
    """Make the strokes of each digit thinner or thicker.

    A 3 x 3 dilation widens a stroke by two pixels; mixing it with the original
    gives the widths in between, and erosion does the same for thinner strokes.
    A stroke is never thinned by more than half of the mix, or hair lines would vanish.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        rng: where the random numbers come from.
        pixels: largest change of the width, in pixels, up to 2; drawn per digit from ± this.

    Returns:
        A new uint8 array of the same shape.
    """
    changed = np.empty_like(images)
    for i, change in enumerate(rng.uniform(-pixels, pixels, len(images)) / 2):
        other = cv2.dilate(images[i], CROSS) if change > 0 else cv2.erode(images[i], CROSS)
        part = change if change > 0 else min(-change, 0.5)
        changed[i] = cv2.addWeighted(images[i], 1 - part, other, part, 0)
    return changed


def noise(images: np.ndarray, rng: np.random.Generator, *, strength: float) -> np.ndarray:
    """Add grain to each digit and its paper.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        rng: where the random numbers come from.
        strength: largest standard deviation, as a part of full ink; drawn per digit from 0 to this.

    Returns:
        A new uint8 array of the same shape, clipped to 0..255.
    """
    deviations = rng.uniform(0, strength, (len(images), 1, 1)).astype(np.float32)
    grain = rng.standard_normal(images.shape, np.float32) * deviations * 255
    return np.clip(images + grain, 0, 255).astype(np.uint8)
