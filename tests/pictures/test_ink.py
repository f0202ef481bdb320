"""Ink is 1 and paper is 0 whatever the light; what lies round the page is neither."""

import cv2
import numpy as np
import pytest
from strokes import write

from digitlib.pictures import ink
from digitlib.pictures.ink import dark_on_light, flatten, ink_map


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


def test_flattening_takes_shadow_away():
    shadow = bytes_of(page(220, 220) * np.linspace(1, 0.4, 200)[None, :])
    assert flatten(shadow).max() < 0.05


@pytest.mark.parametrize("shape", [(56, 7), (60, 14), (9, 35), (200, 154), (8, 8), (200, 3)], ids=str)
def test_light_that_falls_off_evenly_is_found_in_a_picture_of_any_width(shape):
    rows, columns = np.indices(shape, np.float32)
    light = 100 + 0.3 * rows + 0.5 * columns
    np.testing.assert_allclose(ink._smooth_surface(light), light, atol=0.01)
