"""Pens: a skeleton takes any width, at any size."""

import numpy as np
import pytest

from digitlib.data import pens
from digitlib.data.writing import DRAWN, DRAWN_HELD_OUT, RARE, UNSEEN

STEADY = pens.Hand("pen", 0.06, 0.0, 1.0, 0.0, 3.0)


@pytest.fixture
def bar() -> list[np.ndarray]:
    """For each label one digit: an upright bar, 20 pixels high."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 4:24, 12:16] = 255
    return [image] * 10


def drawn(glyph: pens.Glyph, height: float, hand: pens.Hand) -> np.ndarray:
    return pens.draw(glyph, height, hand, np.random.default_rng(0))[0]


@pytest.mark.parametrize("height", [20, 60, 200])
@pytest.mark.parametrize("width", [0.05, 0.15])
def test_a_stroke_has_the_height_and_the_width_that_were_asked_for(bar, height, width):
    hand = pens.Hand("pen", width, 0.0, 1.0, 0.0, 3.0)
    glyph = pens.Glyph(pens._distance(pens.cv2.resize(bar[0][0], (64, 64)) > 110), True)
    ink = drawn(glyph, height, hand)
    assert ink.min() >= 0 and ink.max() <= 1
    assert ink.shape[0] == pytest.approx(height * (0.82 + width), abs=0.15 * height + 3)
    assert ink.shape[1] == pytest.approx(max(1, width * height), abs=1.5 + 0.05 * height)


def test_hollow_digits_are_outlines(bar):
    glyph = pens.Glyph(pens._distance(pens.cv2.resize(bar[0][0], (64, 64)) > 110), True)
    ink = drawn(glyph, 100, pens.Hand("pen", 0.02, 0.0, 1.0, 0.0, 3.0, hollow=0.08))
    across = ink[len(ink) // 2] > 0.5
    assert across[:3].any() and across[-3:].any() and not across[5:-5].any()
    assert ink.shape[1] == pytest.approx(2 * 8 + 2, abs=4)


def test_a_line_thinner_than_a_pixel_is_pale(bar):
    glyph = pens.Glyph(pens._distance(pens.cv2.resize(bar[0][0], (64, 64)) > 110), True)
    darkest = [drawn(glyph, 30, pens.Hand("pen", w / 30, 0.0, 1.0, 0.0, 3.0)).max() for w in (0.3, 0.7, 2)]
    assert darkest[0] < 0.45 < darkest[1] < 0.7 < darkest[2]


def test_copied_digits_keep_their_own_strokes(bar):
    hand = pens.Hand("copied", 0.01, 0.0, 1.0, 0.0, 6.0)
    glyph = pens.digit(hand, 1, bar, np.random.default_rng(1))
    if not glyph.skeleton:
        assert drawn(glyph, 100, hand).shape[1] == pytest.approx(20, abs=3)


@pytest.mark.parametrize("label", range(10))
def test_each_digit_has_forms_of_its_own(label):
    forms = [pens._formed(label, np.random.default_rng(seed)) for seed in range(8)]
    assert all(40 < form.sum() < 1600 for form in forms)
    assert len({form.tobytes() for form in forms}) == 8


def test_letters_and_signs_leave_ink_and_a_space_none():
    rng = np.random.default_rng(0)
    for letter in "aZ&+=%(":
        assert drawn(pens.character(STEADY, letter, rng), 50, STEADY).max() > 0.9
    assert drawn(pens.Glyph(np.zeros((64, 64), np.float32), False), 50, STEADY).max() == 0


def test_letters_of_opencv_stand_on_the_baseline_and_are_as_high_as_digits():
    for letter, face in (
        ("H", "sans"),
        ("t", "script"),
        ("W", "script"),
        ("?", "sans"),
        ("&", "sans"),
    ):
        rows, columns = np.nonzero(pens._in_opencv(letter, face))
        assert abs(rows.max() - pens.BASELINE) <= 3 and np.ptp(rows) < pens.DIGIT + 6
        assert columns.min() > 0 and columns.max() < pens.SIDE - 1 and abs(columns.mean() - 32) < 10


def test_a_line_of_type_has_its_height():
    ink = pens.line_of_type("Hamburg", 40, np.random.default_rng(0))
    rows = np.flatnonzero(ink.max(axis=1) > 0.5)
    assert 25 < np.ptp(rows) < 70 and ink.shape[1] > 80


def test_a_character_is_written_in_a_font_that_has_it():
    for letter in RARE + UNSEEN + UNSEEN.upper() + DRAWN + DRAWN_HELD_OUT:
        ink = pens.character(STEADY, letter, np.random.default_rng(5)).picture < 0.5
        assert ink.sum() > 1, f"{letter} left no stroke"  # what a font lacks would leave one point
    with pytest.raises(ValueError, match="字"):
        pens.character(STEADY, "字", np.random.default_rng(5))


def test_of_hair_lines_some_are_broken(bar):
    hand = pens.Hand("pen", 0.02, 0.0, 1.0, 0.9, 3.0)
    glyph = pens.Glyph(pens._distance(pens.cv2.resize(bar[0][0], (64, 64)) > 110), True)
    pieces = [
        pens.cv2.connectedComponents((pens.draw(glyph, 90, hand, rng)[0] > 0.2).astype(np.uint8))[0] - 1
        for rng in map(np.random.default_rng, range(10))
    ]
    assert max(pieces) > 2 and min(pieces) == 1
    firm = pens.Hand("pen", 0.1, 0.0, 1.0, 0.9, 3.0)
    whole = pens.draw(glyph, 90, firm, np.random.default_rng(0))[0] > 0.2
    assert pens.cv2.connectedComponents(whole.astype(np.uint8))[0] == 2
