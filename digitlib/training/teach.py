"""Teach a network somebody's hand from some twenty pictures of digits they wrote.

Twenty pictures are too few to train on, but enough to see how a hand slants, leans, stretches
and turns: as one linear map that lays MNIST's mean digits over them. Thousands of training
digits are then written in that hand, and the network learns from them beside the others.
"""

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from digitlib.config import PROFILES, TrainingConfig
from digitlib.data.mnist import Digits, Split, take
from digitlib.errors import DigitlibError
from digitlib.files import SHIPPED, start_folder
from digitlib.networks.card import Card
from digitlib.pictures import frame, source

SOFT = 1.5  # pixels; blur under which the middles of strokes find each other
ROUNDS = 20  # Gauss-Newton steps; ten are mostly enough
HOW_FAR = (0.5, 1.25)  # of the hand's map; how strongly a digit is written in it
WRITTEN, REPEATS = 5_000, 50  # training digits written in the hand, and how often each own picture is shown
SETTINGS = replace(
    PROFILES["polish"], start=SHIPPED, keep=0.0, epochs=8, epoch_digits=12_000, strangers=0.0, redrawn=0.0
)


def load(folder: Path) -> Split:
    """Read labelled pictures of single digits, as `digitlib score` leaves them.

    Args:
        folder: holds pictures and a `labels.csv` with the columns file and label.

    Returns:
        The digits, framed, and what they are; rows whose label is not one digit are left out.

    Raises:
        DigitlibError: if there is no such file, or fewer than ten digits are listed.
    """
    try:
        with (folder / "labels.csv").open(newline="", encoding="utf-8-sig") as file:
            rows = [(folder / row["file"], row["label"]) for row in csv.DictReader(file)]
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise DigitlibError(
            f"{folder} holds no labels.csv with the columns file and label: digitlib score PHOTO writes one"
        ) from error
    rows = [(path, int(label)) for path, label in rows if label in set("0123456789")]
    if len(rows) < 10:
        raise DigitlibError(f"{folder} lists {len(rows)} digits: ten are the least, twenty are better")
    frames = [_framed(path) for path, _ in rows]
    return Split((np.stack(frames) * 255).round().astype(np.uint8), np.array([label for _, label in rows]))


def _framed(path: Path) -> np.ndarray:
    """Put the digit of a picture into the frame of MNIST, or say which picture holds none."""
    pixels = source.load(path).pixels
    try:
        return frame.frame(pixels)
    except DigitlibError as error:
        raise DigitlibError(f"{path}: {error}") from error


def hand(own: Split, known: Split) -> np.ndarray:
    """Find the linear map that lays the mean digits over somebody's own.

    Args:
        own: a few digits of one person.
        known: many digits of others.

    Returns:
        float array of shape `(2, 3)`: for a point of the field, seen from its middle, where in the
        mean digit it comes from, in pixels; the last column is a shift.

    Reference:
        Lucas, Kanade (1981), An iterative image registration technique: one map for all pairs.
    """
    means = {label: _soft(known.images[known.labels == label].mean(0)) for label in np.unique(own.labels)}
    theirs = np.stack([_soft(image.astype(float)) for image in own.images])
    down, across = np.indices(theirs.shape[1:]) - (theirs.shape[1] - 1) / 2
    terms = np.stack([across, down, np.ones_like(down)])
    found = np.eye(2, 3)
    for _ in range(ROUNDS):
        laid = np.stack([_mapped(means[label], found) for label in own.labels])
        steep_down, steep_across = np.gradient(laid, axis=(1, 2))
        slopes = np.concatenate([steep_across[:, None] * terms, steep_down[:, None] * terms], axis=1)
        slopes = np.moveaxis(slopes, 1, -1).reshape(-1, 6)
        found += np.linalg.lstsq(slopes, (theirs - laid).ravel())[0].reshape(2, 3)
    return found


def write(
    images: np.ndarray, found: np.ndarray, rng: np.random.Generator, *, how_far: tuple[float, float] = HOW_FAR
) -> np.ndarray:
    """Write digits in a hand, each one more or less strongly.

    Args:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink.
        found: from `hand`.
        rng: how strongly.
        how_far: bounds of that; 1 is just as `found` says.

    Returns:
        uint8 array of shape `(n, 28, 28)`, framed as pictures are.
    """
    maps = np.eye(2, 3) + rng.uniform(*how_far, (len(images), 1, 1)) * (found - np.eye(2, 3))
    pairs = zip(images, maps, strict=True)
    framed = np.stack([frame.to_mnist_frame(_mapped(image / np.float32(255), m)) for image, m in pairs])
    return (framed * 255).round().astype(np.uint8)


def lesson(own: Split, digits: Digits, *, seed: int = 0) -> Digits:
    """Mix digits as they are, digits written in a hand, and the hand's own for training.

    Args:
        own: some twenty digits of one person.
        digits: a data set; what is chosen and scored on stays as it is.
        seed: which digits, and how strongly.
    """
    rng = np.random.default_rng(seed)
    n = min(WRITTEN, len(digits.train.labels) // 2)
    plain = take(digits.train, 2 * n, seed=seed)
    written = write(plain.images[:n], hand(own, digits.train), rng)
    images = [plain.images, written, *[own.images] * REPEATS]
    labels = [plain.labels, plain.labels[:n], *[own.labels] * REPEATS]
    train = Split(np.concatenate(images), np.concatenate(labels).astype(np.uint8))
    return replace(digits, train=train)


def of_the_same_data(config: TrainingConfig, digits: Digits) -> TrainingConfig:
    """Return the config with the network of its start.

    Raises:
        DigitlibError: if the network that is to be taught was trained on other digits than those at hand.
    """
    folder = start_folder(config.start)
    card = Card.read(folder)
    if card.data != digits.name:
        raise DigitlibError(
            f"the network in {folder} knows {card.data}, and the digits at hand are the {digits.name}: give "
            "--data, or --start NAME of a run that was trained on these"
        )
    return replace(config, network=card.architecture)


def _soft(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image / 255, (0, 0), SOFT)


def _mapped(image: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Draw an image under a map as `hand` returns it."""
    middle = (np.array(image.shape[::-1]) - 1) / 2
    matrix = np.column_stack([found[:, :2], found[:, 2] + middle - found[:, :2] @ middle])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, matrix, image.shape[::-1], flags=flags)
