"""Crops: the candidate in the middle, always equally large, and a mark of what is asked about."""

import numpy as np
import pytest

from digitlib.pictures.crops import AROUND, FAR, RIM, SIDE, as_crop_input, crop, from_far, moved


def page(x: int, y: int, width: int, height: int) -> np.ndarray:
    """White paper with one dark block on it."""
    grey = np.full((200, 300), 250, np.uint8)
    grey[y : y + height, x : x + width] = 20
    return grey


@pytest.mark.parametrize("size", [(10, 16), (40, 64), (80, 128)], ids=["small", "middling", "large"])
def test_a_candidate_of_any_size_fills_two_thirds_of_its_crop(size):
    width, height = size
    cut = crop(page(60, 40, width, height), np.array([60, 40, width, height], float))
    assert cut.shape == (SIDE, SIDE) and cut.dtype == np.uint8
    rows, columns = (np.flatnonzero((cut < 128).any(axis=axis)) for axis in (1, 0))
    assert len(rows) == pytest.approx(32, abs=2) and len(columns) == pytest.approx(20, abs=2)
    assert rows.mean() == pytest.approx(23.5, abs=1.5) and columns.mean() == pytest.approx(23.5, abs=1.5)


@pytest.mark.parametrize("corner", [(0, 0), (276, 0), (0, 168), (276, 168)])
def test_beyond_the_rim_the_paper_goes_on(corner):
    x, y = corner
    cut = crop(page(x + 8, y + 8, 8, 16), np.array([x + 4, y + 4, 16, 24], float))
    assert cut[0, 0] > 240 and cut[-1, -1] > 240
    dark = np.argwhere(cut < 128)
    assert np.abs(dark.mean(axis=0) - 23.5).max() < 3


def test_a_box_outside_the_picture_is_cut_out_without_an_error():
    for box in [(-30, -30, 10, 10), (400, 10, 20, 20), (10, 10, 0, 0), (-500, -500, 1200, 1200)]:
        assert crop(page(60, 40, 20, 30), np.array(box, float)).shape == (SIDE, SIDE)


def test_the_network_is_told_which_part_is_asked_about():
    crops = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE), np.uint8)
    taken = as_crop_input(crops, crops[::-1], np.array([[0, 0, 20, 40], [9, 9, 30, 15]], float))
    assert taken.shape == (2, SIDE, SIDE, 3) and taken.dtype == np.float32
    assert taken[..., 0].mean(axis=(1, 2)) == pytest.approx([0, 0], abs=1e-4)
    np.testing.assert_allclose(taken[::-1, ..., 0], taken[..., 2])  # each brought to the same contrast
    inside = taken[..., 1]
    assert inside.any(axis=2).sum(axis=1).tolist() == [32, 16]  # rows
    assert inside.any(axis=1).sum(axis=1).tolist() == [16, 32]  # columns
    none = np.zeros((0, SIDE, SIDE), np.uint8)
    assert as_crop_input(none, none, np.zeros((0, 4))).shape == (0, SIDE, SIDE, 3)


def test_from_afar_a_candidate_is_small_and_what_stands_beside_it_is_seen():
    grey = page(140, 80, 20, 40)
    grey[80:120, 180:200] = 20  # a neighbour, one and a half heights away: not in the crop
    box = np.array([140, 80, 20, 40], float)
    (far,) = from_far(grey, box[None])
    assert far.shape == (SIDE, SIDE) and far.dtype == np.uint8
    columns = np.flatnonzero((far < 128).any(axis=0))
    assert (
        len(columns) == pytest.approx(2 * 20 * SIDE / (FAR * AROUND) / 40, abs=2)
        and np.diff(columns).max() > 3
    )
    assert (np.flatnonzero((crop(grey, box) < 128).any(axis=0)) < 40).all()
    assert from_far(grey, np.zeros((0, 4))).shape == (0, SIDE, SIDE)


@pytest.mark.parametrize("zoom", [0.8, 1.25])
def test_the_mark_stays_on_a_candidate_that_is_zoomed_and_moved(zoom):
    box = np.array([60, 40, 40, 64], float)
    wide = crop(page(60, 40, 40, 64), box, rim=RIM, zoom=zoom)
    assert wide.shape == (SIDE + 2 * RIM, SIDE + 2 * RIM)
    move = (-3, 2)
    (cut,) = moved(wide[None], move)
    (inside,) = as_crop_input(cut[None], cut[None], box[None], zooms=np.array([[zoom]]), moves=move)[..., 1]
    assert ((cut < 128) == (inside > 0)).mean() > 0.95
    assert inside.any(axis=1).sum() == pytest.approx(32 * zoom, abs=1)
