"""A sheet knows where each digit is that was written on it."""

import cv2
import numpy as np

from digitlib.data import pens
from digitlib.data.writing import Sheet, write


def sheet(images, seed: int = 0, side: int = 320) -> Sheet:
    rng = np.random.default_rng(seed)
    return Sheet(side, side, images, pens.hand(rng), rng)


def test_a_text_is_written_from_left_to_right(images):
    made = sheet(images, 3, side=900)
    write(made, "12/34 56", 10, 200, 60, gap=0.2)
    assert [mark.label for mark in made.marks] == [1, 2, 3, 4, 5, 6]
    lefts = [mark.points[:, 0].min() for mark in made.marks]
    assert lefts == sorted(lefts)


def test_touching_digits_touch(images):
    made = sheet(images, 4, side=600)
    write(made, "58", 50, 300, 120, gap=0.0)
    (a, b), pen = made.marks, made.pen > 0.35
    assert a.points[:, 0].max() >= b.points[:, 0].min() - 8
    assert cv2.connectedComponents(pen.astype(np.uint8), connectivity=8)[0] <= 4
