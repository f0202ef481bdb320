"""A sheet knows where each digit is that was written on it."""

import cv2
import numpy as np
import pytest

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


def ink_of(letters: str, seed: int) -> np.ndarray:
    """Where a steady pen leaves ink when it writes signs 100 pixels high: bool of shape `(320, 320)`."""
    rng = np.random.default_rng(seed)
    made = Sheet(320, 320, [], pens.Hand("pen", 0.05, 0.0, 1.0, 0.0, 3.0), rng)
    end = write(made, letters, 50, 200, 100)
    ink = made.pen > 0.3
    assert made.marks == [] and 50 < np.flatnonzero(ink.any(axis=0)).max() <= end + 6
    return ink


@pytest.mark.parametrize("letters", ["(", ")", "[", "]"])
def test_brackets_are_tall_and_bend_towards_what_they_hold(letters):
    for seed in range(20):
        rows, columns = np.nonzero(ink_of(letters, seed))
        assert rows.min() < 130 and rows.max() > 185 and np.ptp(columns) < 60
        ends, middle = (
            columns[(rows < rows.min() + 4) | (rows > rows.max() - 4)],
            columns[abs(rows - 150) < 15],
        )
        assert (ends.mean() > middle.mean()) == (letters in "([")


def test_a_percent_sign_has_two_rings():
    for seed in range(20):
        ink = ink_of("%", seed)
        outside = np.pad((~ink).astype(np.uint8), 1, constant_values=1)
        assert cv2.connectedComponents(outside, connectivity=4)[0] - 1 >= 3  # the paper, and in each ring


def test_print_says_where_it_ends(images):
    made = sheet(images)
    end = set_in_type(made, "Total:", 20, 100, 30)
    inked = np.flatnonzero(made.printed.max(axis=0) > 0.3)
    assert inked.max() <= end < inked.max() + 12
    assert set_in_type(made, "Total:", 20, 200, 30, until=60) <= 60


def test_characters_for_calibration_are_never_shown_in_training():
    assert not set(HELD_OUT.characters) & set(STRANGE.characters)
    assert not any(letter.isdigit() for letter in STRANGE.characters + HELD_OUT.characters)
