"""A sheet knows where each digit is that was written on it."""

import cv2
import numpy as np

from digitlib.data import pens
from digitlib.data.writing import HELD_OUT, STRANGE, Sheet, set_in_type, write


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


def test_a_small_sign_stands_at_half_height(images):
    tops, lows = [], []
    for seed in range(40):
        made = sheet(images, seed)
        write(made, "-", 50, 200, 100, hand=pens.Hand("pen", 0.05, 0.0, 1.0, 0.0, 3.0))
        rows = np.flatnonzero(made.pen.max(axis=1) > 0.3)
        tops.append(rows.min()), lows.append(rows.max())
    assert min(tops) > 200 - 90 and max(lows) < 200 - 15


def test_print_says_where_it_ends(images):
    made = sheet(images)
    end = set_in_type(made, "Total:", 20, 100, 30)
    inked = np.flatnonzero(made.printed.max(axis=0) > 0.3)
    assert inked.max() <= end < inked.max() + 12
    assert set_in_type(made, "Total:", 20, 200, 30, until=60) <= 60


def test_characters_for_calibration_are_never_shown_in_training():
    assert not set(HELD_OUT.characters) & set(STRANGE.characters)
    assert not any(letter.isdigit() for letter in STRANGE.characters + HELD_OUT.characters)
