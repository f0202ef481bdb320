"""What lies over or beside the writing: rules are no ink, and what is struck out is no digit."""

import numpy as np

from digitlib.data import overlays, pens
from digitlib.data.writing import CROSSED_OUT, Sheet, set_in_type, write


def test_what_is_crossed_out_is_no_digit_any_more(images):
    rng = np.random.default_rng(0)
    sheet = Sheet(600, 200, images, pens.hand(rng), rng)
    write(sheet, "12345678", 10, 120, 60)
    before = sheet.pen.copy()
    while all(mark.label >= 0 for mark in sheet.marks):
        overlays.cross_out(sheet)
    assert any(mark.label == CROSSED_OUT for mark in sheet.marks) and (sheet.pen > before + 0.5).any()


def test_rules_and_print_are_no_ink_of_the_pen(images):
    rng = np.random.default_rng(0)
    made = Sheet(320, 320, images, pens.hand(rng), rng)
    overlays.ruled(made, 30)
    set_in_type(made, "Name", 20, 100, 20)
    assert made.printed.max() > 0.2 and made.pen.max() == 0 and made.marks == []
