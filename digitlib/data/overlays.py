"""What else is on a made page: rules, what lies beside the writing, and what is struck out."""

import cv2
import numpy as np

from digitlib.data import pens
from digitlib.data.doodles import stranger
from digitlib.data.texts import sentence
from digitlib.data.writing import CROSSED_OUT, Sheet, set_in_type, stroke


def cross_out(sheet: Sheet) -> None:
    """Strike out some digits, or write others over them: they can be read no more."""
    rng = sheet.rng
    for mark in sheet.marks:
        if rng.random() > 0.3 or mark.label < 0:
            continue
        low, high = mark.points.min(axis=0), mark.points.max(axis=0)
        size, (w, h) = (high - low).max(), high - low
        if w < 0.3 * h:
            low, high = low - np.array([0.2 * h, 0]), high + np.array([0.2 * h, 0])
        width, reach = sheet.hand.pen(size), 0.15 * size
        if rng.random() < 0.15:
            other = pens.digit(sheet.hand, int(rng.integers(10)), sheet.images, rng)
            ink, _, _ = pens.draw(other, size, sheet.hand, rng)
            sheet.stamp(ink, *(low + rng.normal(0, 0.06, 2) * size))
            mark.label = CROSSED_OUT
            continue
        strokes = [
            np.array([(low[0] - reach, low[1]), (high[0] + reach, high[1])]),
            np.array([(low[0] - reach, high[1]), (high[0] + reach, low[1])]),
        ]
        kind = rng.random()
        if kind < 0.28:
            pass
        elif kind < 0.72:  # one stroke is the hardest to tell from a digit
            strokes = strokes[rng.integers(2) :][:1]
        elif kind < 0.88:
            level = (low[1] + high[1]) / 2
            ends = ((low[0] - reach, level), (high[0] + reach, level))
            strokes = [
                np.array(ends) + rng.normal(0, 0.05 * size, 2) + (0, k * 0.15 * size)
                for k in range(rng.integers(1, 4))
            ]
        else:
            along = np.linspace(0, 1, 24)
            zigzag = np.where(np.arange(24) % 2, low[1], high[1])
            strokes = [np.stack([low[0] + along * (high[0] - low[0]), zigzag], axis=1)]
        for points in strokes:
            stroke(
                sheet.pen, points + rng.normal(0, 0.04 * size, points.shape), width * rng.uniform(0.8, 1.4)
            )
        mark.label = CROSSED_OUT


def ruled(sheet: Sheet, pitch: float) -> None:
    """Print lines, squares or dots as on exercise paper."""
    rng = sheet.rng
    width, strength = max(0.4, pitch * rng.uniform(0.01, 0.06)), rng.uniform(0.25, 1)
    kind, offset = rng.random(), rng.uniform(0, pitch, 2)
    xs, ys = (np.arange(o, n, pitch) for o, n in zip(offset, (sheet.width, sheet.height), strict=True))
    if kind < 0.08:
        for x in xs:
            for y in ys:
                cv2.circle(sheet.printed, (round(x), round(y)), max(1, round(width)), strength, -1)
        return
    for y in ys:
        sheet.line((0, y), (sheet.width, y), width, strength=strength)
    if kind < 0.65:
        for x in xs:
            sheet.line((x, 0), (x, sheet.height), width, strength=strength)
    elif rng.random() < 0.4:
        x = sheet.width * rng.uniform(0.02, 0.25)
        sheet.line((x, 0), (x, sheet.height), width, strength=1.0)


def beside(sheet: Sheet) -> None:
    """Add what else lies on a page: a paragraph in print, a doodle in the margin, a stamp."""
    rng, kind = sheet.rng, sheet.rng.random()
    size = sheet.side * rng.uniform(0.1, 0.35)
    corner = (np.array([sheet.width, sheet.height]) - size) * rng.uniform(0, 1, 2)
    if kind < 0.15:  # stray strokes, as on used paper
        for _ in range(int(rng.integers(1, 6))):
            ends = rng.uniform(0, 1, (2, 2)) * (sheet.width, sheet.height)
            stroke(sheet.pen, ends, max(1.0, rng.uniform(0.003, 0.02) * sheet.side))
    elif kind < 0.5:
        height = sheet.side * rng.uniform(0.025, 0.07)
        y = corner[1] + height
        for _ in range(int(rng.integers(1, 6))):
            set_in_type(sheet, sentence(rng, 4), corner[0], y, height)
            y += height * 1.7
    elif kind < 0.75:
        free = sheet.pen[int(corner[1]) : int(corner[1] + size), int(corner[0]) : int(corner[0] + size)]
        if free.size and not free.any():
            stranger(sheet, corner, size)
    else:
        centre = tuple(np.round(corner + size / 2).astype(int).tolist())
        strength = float(rng.uniform(0.3, 0.9))
        for radius in (size / 2, size / 2 * 0.85):
            cv2.circle(
                sheet.printed, centre, round(radius), strength, max(1, round(size * 0.02)), cv2.LINE_AA
            )
        set_in_type(
            sheet, sentence(rng, 1).upper(), corner[0] + 0.1 * size, corner[1] + 0.6 * size, size * 0.2
        )
