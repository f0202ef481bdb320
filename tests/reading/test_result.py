"""A reading counts only what was accepted, says why it says nothing, and draws itself."""

import json

import numpy as np
import pytest

from digitlib.reading.result import Digit, Reading


def candidate(digit: int, confidence: float, score: float, *, x: int = 0) -> Digit:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[digit] = confidence
    framed = np.zeros((28, 28), np.float32)
    framed[4:24, 12:16] = 1
    return Digit(digit, confidence, score >= 0.5, score, (x, 4, 10, 20), framed, probabilities)


def reading(*digits: Digit) -> Reading:
    lines = ("".join(str(digit.digit) for digit in digits if digit.accepted),)
    return Reading(digits, lines, 0, np.full((40, 100, 3), 230, np.uint8), 2.0, 0.5)


def test_only_accepted_digits_are_read():
    mixed = reading(candidate(7, 0.9, 0.95), candidate(3, 0.8, 0.2, x=30), candidate(1, 0.5, 0.6, x=60))
    assert mixed.text == "71"
    assert mixed.confidence == pytest.approx(0.45)
    assert mixed.score == 0.95 and mixed.reason == ""
    assert len(mixed.digits) == 3


def test_a_refusal_says_why():
    refused = reading(candidate(3, 0.8, 0.2))
    assert (refused.text, refused.confidence, refused.score) == ("", 0.0, 0.2)
    assert "0.20" in refused.reason and "0.50" in refused.reason
    assert "looks like one" in reading().reason and reading().score == 0.0


def test_it_is_json_without_the_pictures():
    told = json.loads(json.dumps(reading(candidate(7, 0.9, 0.95)).as_dict()))
    digit = {"digit": 7, "confidence": 0.9, "accepted": True, "box": [0, 4, 10, 20]}
    assert told == {
        "text": "7", "lines": ["7"], "rotation": 0, "confidence": 0.9, "score": 0.95, "digits": [digit]
    }  # fmt: skip
    assert "reason" in reading().as_dict()


@pytest.mark.parametrize("digits", [(), (candidate(7, 0.9, 0.95),), (candidate(7, 0.9, 0.1),) * 25])
def test_it_draws_its_boxes_where_they_are_on_the_picture_shown(digits):
    figure = reading(*digits).show()
    boxes = [patch for ax in figure.axes for patch in ax.patches if patch.get_width() == 5]
    assert len(boxes) == len(digits)
    assert all(box.get_xy() == (0, 2) and box.get_height() == 10 for box in boxes)
    assert reading(*digits)._repr_png_().startswith(b"\x89PNG")
