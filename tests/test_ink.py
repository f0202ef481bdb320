"""Ink is 1 and paper is 0 whatever the light; what lies round the page is neither."""

import cv2
import numpy as np
import pytest
from strokes import write

from digitlib.ink import dark_on_light, flatten, ink_map, main_pieces, pieces


def page(ink: float = 40, paper: float = 220) -> np.ndarray:
    """A 5 of 120 pixels on even paper, float32 of shape (240, 200)."""
    share = np.zeros((240, 200), np.uint8)
    write(share, "5", 55, 180, size=5.5, pen=9, ink=255)
    return paper + (ink - paper) * share.astype(np.float32) / 255


def bytes_of(picture: np.ndarray) -> np.ndarray:
    return np.clip(picture.round(), 0, 255).astype(np.uint8)


STROKE = page() < 60


@pytest.mark.parametrize("light", [1.0, 0.5], ids=["even", "falling off"])
def test_ink_is_one_and_paper_is_zero(light):
    shade = np.linspace(1, light, 200)[None, :]
    ink = ink_map(bytes_of(page() * shade))
    assert ink.dtype == np.float32 and ink.shape == (240, 200)
    assert ink[STROKE].min() > 0.8
    assert ink[cv2.dilate(STROKE.astype(np.uint8), np.ones((7, 7))) == 0].max() < 0.2


def test_a_blank_picture_has_no_ink():
    assert ink_map(np.full((50, 60), 200, np.uint8)).max() == 0


@pytest.mark.parametrize(("ink", "paper"), [(40, 220), (230, 60), (150, 190)])
def test_ink_comes_out_darker_than_paper(ink, paper):
    dark = dark_on_light(bytes_of(page(ink, paper)))
    assert dark[STROKE].mean() < dark[~STROKE].mean()


@pytest.mark.parametrize("ink", [(200, 60, 60), (90, 90, 255)], ids=["red", "blue"])
def test_colours_of_equal_brightness_are_told_apart(ink):
    light = np.array([299, 587, 114]) @ ink / 1000
    share = (220 - page()[..., None]) / 180
    paper = np.array([light - 50, light + 50 * (299 + 114) / 587, light - 50])  # a green as bright as the ink
    told = ink_map(bytes_of(paper + (np.array(ink) - paper) * share))
    assert told[STROKE].min() > 0.8
    assert told[cv2.dilate(STROKE.astype(np.uint8), np.ones((7, 7))) == 0].max() < 0.2


@pytest.mark.parametrize("inverted", [False, True], ids=["dark card", "light card"])
def test_a_card_may_have_its_own_polarity(inverted):
    both = bytes_of(np.hstack([page(), page(), page()]))
    both[20:220, 210:390] = 255 - both[20:220, 210:390]
    ink = ink_map(255 - both if inverted else both)
    found = pieces(ink)
    assert [box[0] // 200 for box in sorted(found.boxes.tolist())] == [0, 1, 2]
    assert ink[np.hstack([STROKE] * 3)].min() > 0.8


def test_flattening_takes_shadow_away():
    shadow = bytes_of(page(220, 220) * np.linspace(1, 0.4, 200)[None, :])
    assert flatten(shadow).max() < 0.05


def test_a_dark_desk_does_not_hide_faint_ink():
    desk = bytes_of(page(ink=150, paper=200))
    desk[:, -25:] = 10
    assert ink_map(desk)[STROKE & (np.arange(200) < 170)].min() > 0.5


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
    picture = bytes_of(page())
    picture[20:22, 20:22] = 40
    picture[20:40, 150:153] = 40
    found = pieces(ink_map(picture))
    assert len(found.names) == 2
    assert len(main_pieces(found)) == 1
    assert found.size == pytest.approx(129, abs=6)
