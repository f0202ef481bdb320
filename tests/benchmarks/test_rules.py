"""Switching off the reader's rules: each one is found, and put back afterwards."""

import numpy as np
import pytest
import rules
from strokes import write

from digitlib.reading import page


@pytest.fixture(scope="module")
def two_rows() -> np.ndarray:
    picture = np.full((220, 420), 235, np.uint8)
    for row, text in enumerate(("2358", "4067")):
        for place, digit in enumerate(text):
            write(picture, digit, 30 + 90 * place, 90 + 100 * row, ink=40)
    return picture


@pytest.mark.parametrize("rule", rules.OFF)
def test_a_plain_page_is_read_without_any_one_of_the_rules(rule, recognizer, two_rows):
    assert rules.without(rule, lambda: rules.right(recognizer, [(two_rows, "23584067", False)])).all()


def test_a_rule_that_is_off_is_missed_and_comes_back(recognizer, two_rows):
    turned = [(np.ascontiguousarray(np.rot90(two_rows)), "23584067", False)]
    assert rules.right(recognizer, turned).all()
    assert not rules.without("pages are turned upright", lambda: rules.right(recognizer, turned)).any()
    assert page.TURNED_SHARE < 1
