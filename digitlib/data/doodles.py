"""Drawings on made pages, which are no digits: what people drew, and what a program makes up."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from digitlib.data.drawings import EXTENT, Drawing, icons, symbols, things
from digitlib.data.drawn import box as picture_box
from digitlib.data.drawn import cut_up, doodle, scribble, stain, star, wheel
from digitlib.data.writing import Sheet, stroke

FILLED = 0.12  # part of the drawings whose outlines are filled


def stranger(sheet: Sheet, place: np.ndarray, size: float) -> None:
    """Draw a thing that is no digit."""
    rng = sheet.rng
    pictures, held_out = np.concatenate([images[:50] for images in sheet.images]), sheet.strange.held_out
    kinds: list[Callable] = [
        doodle,
        star,
        picture_box,
        wheel,
        scribble,
        partial(cut_up, digits=pictures),
        stain,
        bubbles,
        sketch,
        *8 * [partial(drawn_by_people, things(held_out=held_out))],
        *6 * [partial(drawn_by_people, icons(held_out=held_out))],
        *10 * [partial(drawn_by_people, symbols(held_out=held_out), mirrored=False)],
    ]
    drawing = kinds[rng.integers(len(kinds))](rng).astype(np.float32)
    if drawing.shape[0] < 40:
        large = cv2.resize(drawing, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        drawing = np.clip((large - 0.4) * 4 + 0.4, 0, 1)
    method = cv2.INTER_AREA if size < drawing.shape[0] else cv2.INTER_CUBIC
    side = max(4, round(size))
    sheet.stamp(np.clip(cv2.resize(drawing, (side, side), interpolation=method), 0, 1), *place)


def drawn_by_people(
    kinds: list[list[Drawing]], rng: np.random.Generator, *, mirrored: bool = True
) -> np.ndarray:
    """Draw one of the drawings of a kind, or its mirror image, with a pen of any width: ink in `[0, 1]`.

    Symbols must not be mirrored: some are digits then.
    """
    kind = kinds[rng.integers(len(kinds))]
    page, width = np.zeros((112, 112), np.uint8), int(rng.integers(1, 8))
    strokes = kind[rng.integers(len(kind))]
    lines = [np.round(16 * (5 + line * (102 / EXTENT))).astype(np.int32) for line in strokes]
    if rng.random() < FILLED:
        cv2.fillPoly(page, lines, 255, cv2.LINE_AA, 4)
    cv2.polylines(page, lines, False, 255, width, cv2.LINE_AA, 4)
    return (page[:, ::-1] if mirrored and rng.random() < 0.5 else page).astype(np.float32) / 255


def bubbles(rng: np.random.Generator) -> np.ndarray:
    """Draw some rings side by side, as grapes, snowmen and glasses are drawn: ink in `[0, 1]`."""
    page = np.zeros((112, 112), np.uint8)
    size, place = rng.uniform(6, 24), rng.uniform(20, 92, 2)
    for _ in range(int(rng.integers(2, 12))):
        axes = np.round(size * rng.uniform(0.7, 1.3, 2)).astype(int).tolist()
        cv2.ellipse(page, np.round(place).astype(int).tolist(), axes, 0, 0, 360, 255, 3, cv2.LINE_AA)
        place = np.clip(place + rng.normal(0, 1.6 * size, 2), 10, 102)
    ink = page.astype(np.float32) / 255
    for _ in range(int(rng.integers(0, 4))):
        stroke(ink, rng.uniform(5, 107, (2, 2)), 3)
    return ink


def sketch(rng: np.random.Generator) -> np.ndarray:
    """Draw a thing of several parts, as animals, plants and tools are drawn: ink in `[0, 1]`."""
    page, width = np.zeros((112, 112), np.uint8), int(rng.integers(2, 6))
    mirrored = rng.random() < 0.5  # as faces, houses, butterflies
    for _ in range(int(rng.integers(2, 4) if mirrored else rng.integers(3, 7))):
        part = _PARTS[rng.integers(len(_PARTS))](rng)
        angle, size = rng.uniform(0, 2 * np.pi), rng.uniform(8, 42)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = part @ turn.T * size * rng.uniform(0.6, 1, 2) + rng.uniform(25, 87, 2)
        cv2.polylines(page, [np.round(points).astype(np.int32)], False, 255, width, cv2.LINE_AA)
    page = np.maximum(page, page[:, ::-1]) if mirrored else page
    return (page[::-1] if rng.random() < 0.5 else page).astype(np.float32) / 255


def _outline(rng: np.random.Generator) -> np.ndarray:
    """Draw a round form with some bumps, or a polygon, about as large as the unit circle: `(n, 2)`."""
    angle = np.linspace(0, 2 * np.pi, int(rng.choice([4, 5, 6, 60, 60, 60])))
    bumps = [rng.normal(0, 0.25 / k) * np.cos(k * angle + rng.uniform(0, 7)) for k in range(2, 6)]
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + np.sum(bumps, axis=0))[:, None]


def _wave(rng: np.random.Generator) -> np.ndarray:
    """Draw a wave or a zigzag of some periods, or a plain stroke, as large as `_outline`."""
    periods = rng.choice([0, 1.5, 2.5, 4])
    x = np.linspace(-1, 1, int(rng.choice([2 + round(4 * periods), 60])))
    return np.stack([x, rng.uniform(0.1, 0.6) * np.sin(np.pi * periods * (x + 1))], axis=1)


def _spiral(rng: np.random.Generator) -> np.ndarray:
    """Draw a spiral of two turns or more, as large as `_outline`."""
    along = np.linspace(0, 1, 90)
    angle = 2 * np.pi * rng.uniform(2, 4) * along
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * along[:, None]


def _rays(rng: np.random.Generator) -> np.ndarray:
    """Draw strokes from one point, as of a sun, whiskers or a leaf, as large as `_outline`."""
    angle = np.repeat(np.sort(rng.uniform(0, rng.uniform(1, 2 * np.pi), int(rng.integers(3, 9)))), 2)
    reach = np.where(np.arange(len(angle)) % 2, rng.uniform(0.6, 1.1, len(angle)), 0.0)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * reach[:, None]


_PARTS: list[Callable[[np.random.Generator], np.ndarray]] = [_outline, _wave, _spiral, _rays]
