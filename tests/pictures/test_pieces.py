"""What lies along the picture's rim or straight across it is no digit, nor is dust."""

import cv2
import numpy as np
import pytest
from strokes import write

from digitlib.pictures.ink import ink_map
from digitlib.pictures.pieces import main_pieces, pieces


def bytes_of(picture: np.ndarray) -> np.ndarray:
    return np.clip(picture.round(), 0, 255).astype(np.uint8)


Y, X = np.indices((300, 240), dtype=np.float32)


def soft(where: np.ndarray) -> np.ndarray:
    """How much of each pixel lies where something is true, after a lens has blurred it."""
    return cv2.GaussianBlur(where.astype(np.float32), (0, 0), 2)


BLANK = {
    "shadow from the side": 225 * (1 - 0.4 * soft(X > 150)),
    "shadow from a corner": 225 * (1 - 0.4 * soft(X + Y > 260)),
    "upright fold": 225 - 40 * soft(abs(X - 100) < 3),
    "slanted fold": 225 - 60 * soft(abs(X + Y / 5 - 140) < 3),
    "fold with a shade": 225 - 40 * soft(abs(X - 100) < 3) - 15 * soft(X > 100),
    "margin": 225 - 60 * (abs(X - 40) < 2),
    "bands": 40 + X // 30 * 25,
    "narrow bands": 40 + X // 15 * 12,
    "slanted bands": 40 + (X + Y) // 40 * 15,
    "desk at the side": np.where(X < 25, 60.0, 225.0),
    "page on a desk": np.where((abs(X - 120) < 90) & (abs(Y - 150) < 120), 225.0, 90.0),
}


@pytest.mark.parametrize("name", BLANK)
def test_light_folds_lines_and_desks_are_no_digit(name, recognizer):
    assert recognizer.read(bytes_of(BLANK[name] + np.random.default_rng(0).normal(0, 3, X.shape))).text == ""
    assert recognizer.read(bytes_of(BLANK[name])).text == ""


def test_a_digit_cut_out_tightly_is_no_strip_of_the_rim():
    cut_out = np.full((62, 13), 255, np.uint8)
    cv2.line(cut_out, (5, 1), (8, 60), 0, 8)
    found = pieces(ink_map(cut_out))
    assert len(found.names) == 1 and found.boxes[0].tolist()[1::2] == [0, 62]


def test_dust_is_no_piece_and_small_pieces_are_no_part_of_a_digit():
    picture = np.full((240, 200), 220, np.uint8)
    write(picture, "5", 55, 180, size=5.5, pen=9, ink=40)
    picture[20:22, 20:22] = 40
    picture[20:40, 150:153] = 40
    found = pieces(ink_map(picture))
    assert len(found.names) == 2
    assert len(main_pieces(found)) == 1
    assert found.size == pytest.approx(129, abs=6)
