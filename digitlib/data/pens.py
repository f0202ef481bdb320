"""Digits, letters and signs as a pen, a marker or a printer would leave them, at any size.

A digit of MNIST is thinned to its skeleton, and a pen of any width is led along it: what was 20
pixels high becomes a firm stroke at any size. Letters and signs come from fonts in the same way.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font
from PIL import Image, ImageDraw, ImageFont
from skimage.morphology import skeletonize

from digitlib.data.drawings import EXTENT, Drawing, letters

OPENCV = 0.3  # part of the ASCII characters led along a font's skeleton that take a font of OpenCV
BY_HAND = 0.6  # part of the letters that are led along strokes of people, of those that somebody drew
SIDE = 64  # pixels; every character is kept in a square of this side
DIGIT = 20 / 28 * SIDE  # longest side of one of MNIST's digits in it
BASELINE = 50  # row on which the characters of fonts stand in it
FONTS = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSerif", "DejaVuSerif-Italic",
         "STIXGeneral", "STIXGeneralItalic")  # fmt: skip
SANS = ("DejaVuSans", "DejaVuSans-Oblique", "STIXGeneral", "STIXGeneralItalic")
OPENCV_FONTS = {"script": cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, "sans": cv2.FONT_HERSHEY_SIMPLEX}
_PLACES = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).astype(np.float32)
INK = 0.35  # of full ink; what has more belongs to a character's box


class Glyph(NamedTuple):
    """One character.

    Attributes:
        picture: float32 array of shape `(SIDE, SIDE)`: ink in `[0, 1]`, or the distance to the
            skeleton in pixels.
        skeleton: whether it is the distance.
    """

    picture: np.ndarray
    skeleton: bool


@dataclass(frozen=True)
class Hand:
    """How somebody writes on one page.

    Attributes:
        kind: "pen" redraws skeletons, "copied" enlarges MNIST's own strokes, "printed" takes fonts.
        width: of the pen, as a part of a digit's height.
        slant: in radians.
        aspect: width of the digits, relative to MNIST's.
        unsteady: how much slant, size and turn vary from digit to digit, in `[0, 1]`.
        firm: how sharp the edge of copied strokes is.
        hollow: distance of outlines from the skeleton, as a part of a digit's height; 0 for strokes.
    """

    kind: str
    width: float
    slant: float
    aspect: float
    unsteady: float
    firm: float
    hollow: float = 0.0

    def pen(self, height: float) -> float:
        """Return how wide the pen is, in pixels, that writes digits of some height."""
        return max(1.0, self.width * height)


def hand(rng: np.random.Generator) -> Hand:
    """Draw somebody's way of writing."""
    kind = str(rng.choice(["pen", "copied", "printed"], p=[0.62, 0.3, 0.08]))
    hollow = float(rng.uniform(0.04, 0.08)) if kind == "pen" and rng.random() < 0.04 else 0.0
    return Hand(
        kind=kind,
        width=float(np.exp(rng.uniform(np.log(0.01), np.log(0.03 if hollow else 0.23)))),
        slant=float(rng.normal(0, 0.12)),
        aspect=float(np.clip(np.exp(rng.normal(0, 0.22)), 0.5, 1.7)),
        unsteady=float(rng.uniform(0.1, 1)),
        firm=float(np.exp(rng.uniform(0, np.log(8)))),
        hollow=hollow,
    )


def digit(hand: Hand, label: int, images: list[np.ndarray], rng: np.random.Generator) -> Glyph:
    """Choose how one digit is formed.

    Args:
        hand: who writes.
        label: which digit.
        images: for each digit, uint8 arrays of shape `(n, 28, 28)` to choose from.
        rng: where the random numbers come from.
    """
    if hand.kind == "printed":
        return Glyph(_bent(_printed(str(label), FONTS[rng.integers(len(FONTS))]), rng), False)
    if rng.random() < 0.16:
        return Glyph(_distance(_formed(label, rng)), True)
    image = images[label][rng.integers(len(images[label]))]
    if hand.kind == "copied":
        return Glyph(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) / np.float32(255), False)
    large = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return Glyph(_distance(large > 110), True)


def character(hand: Hand, letter: str, rng: np.random.Generator) -> Glyph:
    """Choose how one letter or sign is formed: printed, or written with a pen.

    The pen is led along a font's skeleton or along the strokes of somebody who drew it.

    Raises:
        ValueError: if no font has it, nor its small letter, and nobody drew it.
    """
    printed = hand.kind == "printed"
    drawn = letters().get(letter, [])
    if drawn and (not _in_fonts(letter) or (not printed and rng.random() < BY_HAND)):
        return Glyph(_bent(_led(drawn[rng.integers(len(drawn))]), rng), True)
    letter, fonts = _form(letter, FONTS if printed else SANS)
    name = fonts[rng.integers(len(fonts))]
    if not printed and letter.isascii() and rng.random() < OPENCV:
        name = "script" if letter.isalpha() else "sans"
    if printed:
        return Glyph(_printed(letter, name), False)
    return Glyph(_bent(_written(letter, name), rng), True)


def draw(
    glyph: Glyph, height: float, hand: Hand, rng: np.random.Generator, *, turn: float = 0.0
) -> tuple[np.ndarray, float, float]:
    """Draw a character at a size.

    Args:
        glyph: the character.
        height: longest side of a digit of this size, in pixels.
        hand: who writes.
        rng: where the random numbers come from.
        turn: turn in radians.

    Returns:
        Ink, float32 of shape `(h, w)` in `[0, 1]`, cut to the smallest rectangle that holds it, and
        where its left edge and its lower edge lie, in pixels right of the square's left edge and
        below its baseline.
    """
    scale = height / DIGIT
    loose = 0.08 * hand.unsteady
    slant = np.tan(hand.slant + rng.normal(0, loose))
    turn += rng.normal(0, loose / 2)
    size = scale * (1 + rng.normal(0, loose, 2)) * (np.sqrt(hand.aspect), 1 / np.sqrt(hand.aspect))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = turned @ np.array([[1, -slant], [0, 1]]) @ np.diag(size)
    corners = matrix @ np.array([[0, SIDE, 0, SIDE], [0, 0, SIDE, SIDE]])
    low = np.floor(corners.min(axis=1)) - 2
    extent = np.ceil(corners.max(axis=1) - low).astype(int) + 2
    moved = np.column_stack([matrix, -low])
    far = SIDE if glyph.skeleton else 0
    warped = cv2.warpAffine(glyph.picture, moved, extent.tolist(), flags=cv2.INTER_LINEAR, borderValue=far)
    if glyph.skeleton:
        width: float | np.ndarray = hand.pen(height)
        pale = np.clip(hand.width * height, 0.5, 1)  # of a line thinner than a pixel
        if hand.unsteady > 0.5 and hand.width * height > 2:  # pressure changes along the stroke
            pressure = rng.uniform(0.75, 1.15, (4, 4)).astype(np.float32)
            width = width * cv2.resize(pressure, extent.tolist())
        away = np.abs(warped * np.float32(np.sqrt(size.prod())) - np.float32(hand.hollow * height))
        ink = np.clip(width / 2 - away + 0.5, 0, 1) * np.float32(pale)
        if hand.unsteady > 0.5 and hand.width * height < 3:  # of hair lines, some are broken
            ink *= _broken(ink.shape, rng)
    else:
        ink = np.clip((warped - 0.4) * np.float32(hand.firm) + 0.4, 0, 1) if hand.firm > 1.5 else warped
    x, y, w, h = cv2.boundingRect((ink > INK).astype(np.uint8))
    if w == 0:
        return np.zeros((1, 1), np.float32), 0.0, 0.0
    ground = (matrix @ [SIDE / 2, BASELINE] - low)[1]
    return ink[y : y + h, x : x + w].astype(np.float32), float(x + low[0]), float(y + h - ground)


def _broken(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Choose where the line of a hard pencil is interrupted: float32, 0 there, 1 elsewhere."""
    height, width = shape
    spots = rng.random((height // 4 + 1, width // 4 + 1)) > rng.uniform(0, 0.25)
    return cv2.resize(spots.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)


def _distance(strokes: np.ndarray) -> np.ndarray:
    """Measure how far every pixel is from the skeleton of strokes: bool in, float32 out, same shape."""
    away = (~skeletonize(strokes)).astype(np.uint8)
    if away.all():
        away[SIDE // 2, SIDE // 2] = 0
    smooth = cv2.GaussianBlur(cv2.distanceTransform(away, cv2.DIST_L2, 5), (0, 0), 0.9)
    return np.maximum(smooth - np.float32(0.45), 0)  # smoothing lifts the skeleton itself off zero


@cache
def _printed(letter: str, name: str) -> np.ndarray:
    """Print one character: float32 of shape `(SIDE, SIDE)` in `[0, 1]`."""
    page = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(page).text((SIDE / 2, BASELINE), letter, 255, font(name), anchor="ms")
    return np.asarray(page, np.float32) / 255


@cache
def _written(letter: str, name: str) -> np.ndarray:
    """Return the distance to the skeleton of one character of a font."""
    return _distance(_in_opencv(letter, name) if name in OPENCV_FONTS else _printed(letter, name) > 0.5)


def _in_opencv(letter: str, name: str) -> np.ndarray:
    """Draw one character in a font of OpenCV (Hershey's, up to OpenCV 4): bool of shape `(SIDE, SIDE)`."""
    font_face = OPENCV_FONTS[name]
    (wide, _), _ = cv2.getTextSize(letter, font_face, 1, 1)
    scale = min(DIGIT / 21, (SIDE - 6) / wide)  # capitals are 21 pixels high
    page = np.zeros((SIDE, SIDE), np.uint8)
    cv2.putText(page, letter, (round((SIDE - wide * scale) / 2), BASELINE), font_face, scale, 255, 2)
    return page > 0


def _led(drawing: Drawing) -> np.ndarray:
    """Return the distance to the strokes of a letter that somebody drew, as high as a digit."""
    every = np.concatenate(drawing)
    scale = DIGIT / EXTENT
    corner = (SIDE / 2, BASELINE) - scale * (every.max(axis=0) * (0.5, 1))
    strokes = np.zeros((SIDE, SIDE), np.uint8)
    for stroke in drawing:
        cv2.polylines(strokes, [np.round(scale * stroke + corner).astype(np.int32)], False, 1)
    return _distance(strokes > 0)


def line_of_type(text: str, height: float, rng: np.random.Generator) -> np.ndarray:
    """Print a line of words: ink, float32 in `[0, 1]`; a fifth of its height lies below the baseline."""
    typeface = font(FONTS[rng.integers(len(FONTS))], max(6, round(height * 1.37)))
    size = round(2 * height)
    page = Image.new("L", (max(1, int(typeface.getlength(text)) + 2), size))
    ImageDraw.Draw(page).text((1, 0.8 * size), text, 255, typeface, anchor="ls")
    return np.asarray(page, np.float32) / 255


@cache
def font(name: str, size: int = 60) -> ImageFont.FreeTypeFont:
    """Open one of the fonts that matplotlib carries; at 60, capitals are as high as MNIST's digits."""
    return ImageFont.truetype(_path(name), size)


@cache
def _form(letter: str, fonts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return a character, and the fonts that have it: the others show nothing, or an empty box.

    A capital that none has, as those of Georgian, gives way to the small letter.

    Raises:
        ValueError: if none has the small letter either.
    """
    for form in (letter, letter.lower()):
        having = tuple(name for name in fonts if ord(form) in _characters(name))
        if having:
            return form, having
    raise ValueError(f"no font here has the character {letter!r}")


@cache
def _in_fonts(letter: str) -> bool:
    return any(ord(letter) in _characters(name) for name in SANS)


@cache
def _characters(name: str) -> frozenset[int]:
    """Return the code points of the characters that a font has."""
    return frozenset(FT2Font(_path(name)).get_charmap())


def _path(name: str) -> Path:
    return Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf")


def _formed(label: int, rng: np.random.Generator) -> np.ndarray:
    """Form a digit in a way that MNIST's writers seldom had: bool of shape `(SIDE, SIDE)`."""
    top, bottom, left, right = 9 + rng.uniform(-2, 2, 4)
    bottom, right = SIDE - bottom, SIDE - right - 8
    left += 8
    middle, centre = (top + bottom) / 2, (left + right) / 2
    page = np.zeros((SIDE, SIDE), np.uint8)

    def lines(*points: tuple[float, float]) -> None:
        cv2.polylines(page, [np.round(np.array(points)).astype(np.int32)], False, 255, 3)

    def arc(x: float, y: float, a: float, b: float, start: float, end: float) -> None:
        cv2.ellipse(page, (round(x), round(y)), (round(a), round(b)), 0, start, end, 255, 3)

    half, low = (right - left) / 2, bottom - middle
    up = middle - top
    if label == 0:
        arc(centre, middle, half * rng.uniform(0.75, 1.25), (bottom - top) / 2 * rng.uniform(0.8, 1), 0, 360)
        if rng.random() < 0.15:
            lines((left + half * 0.3, bottom - low * 0.4), (right - half * 0.3, top + up * 0.4))
    elif label == 1:
        reach, drop = rng.uniform(6, 20), rng.uniform(5, 24)
        lines((centre - reach, top + drop), (centre, top), (centre, bottom))
        if rng.random() < 0.5:
            lines((centre - rng.uniform(5, 13), bottom), (centre + rng.uniform(5, 13), bottom))
    elif label == 2:
        arc(centre, top + up * 0.6, half * 0.9, up * 0.6, 190, 380)
        lines((right - 2, top + up * 0.8), (left, bottom), (right + 2, bottom))
    elif label == 3:
        if rng.random() < 0.5:  # a flat top
            lines((left, top), (right, top), (centre, middle - 2))
        else:
            arc(centre, top + up / 2, half, up / 2, 200, 440)
        arc(centre, middle + low / 2, half, low / 2, 270, 510)
    elif label == 4:
        foot = bottom - low * rng.uniform(0.3, 0.7)
        stem = right - half * rng.uniform(0.1, 0.7)
        if rng.random() < 0.5:  # open
            lines((left + half * rng.uniform(0, 0.5), top), (left, foot), (right + 3, foot))
            lines((stem, top + up * rng.uniform(0, 0.6)), (stem, bottom))
        else:
            lines((stem, bottom), (stem, top), (left, foot), (right + 4, foot))
    elif label == 5:
        lines((right, top), (left + 2, top), (left, middle - 2))
        arc(centre - 2, middle + low * 0.4, half + 2, low * 0.62, 225, 500)
    elif label == 6:
        arc(centre, bottom - low * 0.62, half, low * 0.62, 0, 360)
        lines((right - half * rng.uniform(0, 0.8), top), (left + 1, middle + low * 0.3))
    elif label == 7:
        lines((left, top + rng.uniform(0, 4)), (right, top), (centre - half * rng.uniform(0, 0.6), bottom))
        if rng.random() < 0.6:
            lines((left + 5, middle + rng.uniform(-4, 4)), (right - 3, middle + rng.uniform(-6, 3)))
        if rng.random() < 0.25:
            lines((left, top + rng.uniform(0, 4)), (left, top + 10))
    elif label == 8:
        arc(centre, top + up / 2, half * rng.uniform(0.6, 0.9), up / 2, 0, 360)
        arc(centre, middle + low / 2, half * rng.uniform(0.8, 1), low / 2, 0, 360)
    else:
        arc(centre, top + up * 0.62, half * 0.9, up * 0.62, 0, 360)
        lines((centre + half * 0.9, top + up * 0.5), (centre + half * rng.uniform(0.3, 0.95), bottom))
        if rng.random() < 0.3:
            arc(centre, bottom - low * 0.4, half * 0.9, low * 0.4, 20, 150)
    return _bent(page, rng) > 110


def _bent(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bend a character smoothly, as an unsteady hand does; same shape and dtype."""
    bend = rng.uniform(-1, 1, (4, 4, 2)).astype(np.float32) * np.float32(rng.uniform(0, 5))
    columns, rows = cv2.split(_PLACES + cv2.resize(bend, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))
    return cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
