"""Digits are read, and strangers are refused, in every condition in which people photograph and draw."""

import cv2
import numpy as np
import pytest
import synthetic
from sklearn.datasets import load_digits
from strokes import arc, write


def large(text: str, *, pen: int = 9, ink: int = 40, paper: int = 225) -> np.ndarray:
    """A digit of 176 pixels, uint8 of shape (300, 300)."""
    page = np.full((300, 300), paper, np.uint8)
    write(page, text, 90, 240, size=8, pen=pen, ink=ink)
    return page


def hair(text: str) -> np.ndarray:
    page = np.full((1400, 1400), 255, np.uint8)
    write(page, text, 300, 1200, size=40, pen=1, ink=0)
    return page


def coloured(text: str, ink: tuple[int, int, int], paper: tuple[int, int, int]) -> np.ndarray:
    share = (225 - large(text)[..., None]) / 185
    return (np.array(paper) * (1 - share) + np.array(ink) * share).astype(np.uint8)


def lit(page: np.ndarray, light: np.ndarray) -> np.ndarray:
    return np.clip(page * light, 0, 255).astype(np.uint8)


def beside(text: str, strokes: list[list[tuple]]) -> np.ndarray:
    """A digit with a sign round or beside it, led along points on its 300 x 300 pixels."""
    ways = [np.array(stroke).round().astype(np.int32) for stroke in strokes]
    return cv2.polylines(large(text), ways, False, 40, 9, cv2.LINE_AA)


RING = [arc(140, 150, 120, 135, 0, 360)]
BRACKETS = [arc(75, 150, 40, 120, 115, 245), arc(215, 150, 40, 120, -65, 65)]
QUESTION = [[*arc(248, 105, 28, 35, 180, 420), (248, 165), (248, 200)], [(248, 232), (248, 237)]]


Y, X = np.indices((300, 300))
CONDITIONS = {
    "hair line on a large picture": hair,
    "fat marker": lambda text: large(text, pen=36),
    "touching the border": lambda text: large(text)[62:242, 85:210],
    "bleed-through": lambda text: np.minimum(large(text), cv2.flip(large("8", ink=190), 1)),
    "upright fold": lambda text: lit(large(text), 1 - 0.2 * (abs(X - 50) < 3)),
    "slanted fold": lambda text: lit(large(text), 1 - 0.2 * (abs(X + Y / 6 - 80) < 3)),
    "squared": lambda text: lit(large(text), 1 - 0.15 * ((X % 40 < 2) | (Y % 40 < 2))),
    "ruled in a shadow": lambda text: lit(large(text), 1 - 0.15 * (Y % 40 < 2) - 0.4 * (X + Y > 330)),
    "two levels, 28 x 28": lambda text: np.where(cv2.resize(large(text), (28, 28)) < 190, 0, 255).astype(
        np.uint8
    ),
    "red on green": lambda text: coloured(text, (200, 60, 60), (50, 132, 50)),
    "a ring round it": lambda text: beside(text, RING),
    "in brackets": lambda text: beside(text, BRACKETS),
    "a question mark behind it": lambda text: beside(text, QUESTION),
    "yellow on blue": lambda text: coloured(text, (255, 235, 60), (30, 40, 130)),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_digit_is_read_in_every_condition(recognizer, condition):
    for text in "235":
        assert recognizer.read(CONDITIONS[condition](text)).text == text


def test_a_1_of_13_by_62_pixels_is_read_when_told_that_it_is_one_digit(recognizer):
    cut_out = np.full((62, 13), 255, np.uint8)
    cv2.line(cut_out, (4, 2), (8, 59), 0, 7)
    assert recognizer.read(cut_out, single=True).text == "1"


@pytest.mark.parametrize("side", [8, 32], ids="{0} x {0}".format)
@pytest.mark.parametrize("inverted", [False, True], ids=["light on dark", "dark on light"])
def test_icons_whose_digits_touch_the_border_are_read(recognizer, side, inverted):
    images, labels = load_digits(return_X_y=True)
    images, labels = images[:900:12], labels[:900:12]
    icons = np.uint8(images * 15).reshape(-1, 8, 8) ^ np.uint8(255 * inverted)
    large = [cv2.resize(icon, (side, side), interpolation=cv2.INTER_CUBIC) for icon in icons]
    read = [recognizer.read(icon, single=True).digits[0].digit for icon in large]
    assert (np.array(read) == labels).mean() >= 0.85


def test_a_page_with_an_inverted_card_is_read_whole(recognizer):
    both = np.hstack([large("2"), large("5"), large("3")])
    both[20:280, 320:580] = 255 - both[20:280, 320:580]
    assert recognizer.read(both).text == "253"


def test_a_page_of_forty_digits_is_read(recognizer, sample):
    text = "31415 92653 58979 32384 62643 38327 95028 84197"
    how = synthetic.Paper(lines="ruled", shadow=0.3)
    reading = recognizer.read(synthetic.write(text, sample.train, np.random.default_rng(1), how))
    assert len(reading.digits) == 40
    seen = "".join(str(digit.digit) for digit in reading.digits)
    assert sum(a == b for a, b in zip(seen, text.replace(" ", ""), strict=True)) >= 39


ANGLES = np.linspace(0, 6 * np.pi, 200)
STRANGERS = {  # points of strokes on 300 x 300
    "spiral": [np.stack([150 + 5 * ANGLES * np.cos(ANGLES), 150 + 5 * ANGLES * np.sin(ANGLES)], axis=1)],
    "zigzag": [[(40 + 27 * i, 110 + 80 * (i % 2)) for i in range(9)]],
    "star": [[(150 + 100 * np.sin(2.513 * i), 150 - 100 * np.cos(2.513 * i)) for i in range(6)]],
    "house": [[(80, 240), (80, 130), (150, 60), (220, 130), (220, 240), (80, 240)], [(80, 130), (220, 130)]],
    "hash": [[(110, 70), (100, 230)], [(200, 70), (190, 230)], [(70, 120), (230, 115)]],
    "W": [[(60, 80), (105, 220), (150, 110), (195, 220), (240, 80)]],
    "M": [[(70, 230), (80, 70), (150, 180), (220, 70), (230, 230)]],
    "K": [[(100, 60), (100, 240)], [(200, 60), (100, 160), (210, 240)]],
    "arrow": [[(60, 200), (230, 90)], [(170, 85), (230, 90), (205, 150)]],
}  # fmt: skip


@pytest.mark.parametrize(
    "light", [np.ones_like(X), 1 - X / 600, 1 - 0.4 * (X + Y > 300)], ids=["even", "falling off", "shadow"]
)
def test_letters_and_doodles_are_refused(recognizer, light):
    read = {}
    for name, strokes in STRANGERS.items():
        page = np.full((300, 300), 225, np.uint8)
        for stroke in strokes:
            cv2.polylines(page, [np.array(stroke).round().astype(np.int32)], False, 40, 8, cv2.LINE_AA)
        read[name] = recognizer.read(lit(page, light)).text
    assert sum(bool(text) for text in read.values()) <= 1, read
