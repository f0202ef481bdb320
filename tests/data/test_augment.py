"""Each change of a digit is bounded, pinned to known cases, and leaves its input alone."""

import cv2
import numpy as np
import pytest

from digitlib.config import Augmentation
from digitlib.data import augment


class Pinned:
    """A generator whose uniform draws all lie at one end of their range, 1 being the upper."""

    def __init__(self, end: float) -> None:
        self.end = end

    def uniform(self, low, high, size):
        return np.full(size, low + (high - low) * (self.end + 1) / 2)

    def standard_normal(self, shape, dtype):
        return np.full(shape, self.end, dtype)


@pytest.fixture
def bar() -> np.ndarray:
    """One digit: an upright bar of 3 x 15 pixels, centred."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 6:21, 12:15] = 255
    return image


def centre(image):
    return np.array([np.average(np.arange(28), weights=image.sum(1 - axis)) for axis in (0, 1)])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


ALL = Augmentation(rotation=10, shift=2, zoom=0.1, shear=10, elastic=1, stroke=1, noise=0.1)


def test_shape_and_dtype_stay_and_the_input_is_untouched(bar, rng):
    before = bar.copy()
    changed = augment.augment(bar, ALL, rng)
    assert changed.shape == (1, 28, 28) and changed.dtype == np.uint8
    np.testing.assert_array_equal(bar, before)
    assert (changed != before).any()


def test_the_same_seed_gives_the_same_digits(bar):
    digits = np.repeat(bar, 5, axis=0)
    once, again = (augment.augment(digits, ALL, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert len({image.tobytes() for image in once}) == 5


def test_nothing_switched_on_changes_nothing_but_copies(bar, rng):
    off = Augmentation(rotation=0, shift=0, zoom=0, shear=0)
    unchanged = augment.augment(bar, off, rng)
    np.testing.assert_array_equal(unchanged, bar)
    assert unchanged is not bar


@pytest.mark.parametrize("name", ["rotation", "shift", "zoom", "shear", "elastic", "stroke", "noise"])
def test_each_switch_alone_does_something(bar, rng, name):
    off = dict.fromkeys(["rotation", "shift", "zoom", "shear"], 0)
    changed = augment.augment(bar, Augmentation(**off | {name: 0.4 if name != "rotation" else 20}), rng)
    assert (changed != bar).any()


def test_a_shift_moves_by_its_bound(bar):
    moved = augment.affine(bar, Pinned(1), shift=3)
    np.testing.assert_allclose(centre(moved[0]) - centre(bar[0]), [3, 3])


def test_a_quarter_turn_lays_the_bar_down_about_the_middle(bar):
    turned = augment.affine(bar, Pinned(1), rotation=90)
    np.testing.assert_allclose(turned[0], np.rot90(bar[0], -1), atol=1)


def test_zoom_and_shear_keep_the_middle_in_place(bar):
    for changed in (augment.affine(bar, Pinned(1), zoom=0.2), augment.affine(bar, Pinned(1), shear=20)):
        np.testing.assert_allclose(centre(changed[0]), centre(bar[0]), atol=0.2)
    bigger = augment.affine(bar, Pinned(1), zoom=0.2)
    assert int(bigger.sum()) == pytest.approx(1.44 * int(bar.sum()), rel=0.02)


def test_shear_slants_the_bar_by_its_angle(bar):
    slanted = augment.affine(bar, Pinned(1), shear=20)[0]
    top, bottom = (np.average(np.arange(28), weights=slanted[row]) for row in (8, 18))
    assert (bottom - top) / 10 == pytest.approx(np.tan(np.deg2rad(20)), abs=0.02)


def test_what_leaves_the_field_leaves_paper_behind_and_reflect_leaves_ghosts(bar):
    assert augment.affine(bar, Pinned(1), shift=20)[0].sum() == 0
    assert augment.affine(bar, Pinned(1), shift=20, border=cv2.BORDER_REFLECT)[0].sum() > 0


def test_elastic_moves_no_point_further_than_its_bound(rng):
    rows, columns = np.indices((28, 28))
    ramp = np.stack([rows * 9, columns * 9]).astype(np.uint8)
    bent = augment.elastic(np.repeat(ramp, 20, axis=0), rng, pixels=2.0)
    inner = np.s_[:, 3:-3, 3:-3]
    moved = np.abs(bent.astype(int) - np.repeat(ramp, 20, axis=0))[inner] / 9
    assert 1.0 < moved.max() <= 2.2


def test_strokes_get_wider_and_thinner(bar):
    wide, thin = (augment.stroke_width(bar, Pinned(end), pixels=1) for end in (1, -1))
    width = 3 * 255
    assert int(wide[0, 13].sum()) == pytest.approx(width + 255, abs=2)
    assert int(thin[0, 13].sum()) == pytest.approx(width - 255, abs=2)


def test_a_hair_line_survives_thinning():
    hair = np.zeros((1, 28, 28), np.uint8)
    hair[0, 6:21, 14] = 255
    assert augment.stroke_width(hair, Pinned(-1), pixels=2).max() >= 127


def test_noise_has_its_strength_and_stays_in_range(bar, rng):
    grey = np.full((200, 28, 28), 128, np.uint8)
    noisy = augment.noise(grey, rng, strength=0.2)
    deviations = noisy.std(axis=(1, 2)) / 255
    assert 0.18 < deviations.max() < 0.21 and deviations.min() < 0.02
    assert augment.noise(bar, Pinned(1), strength=0.5)[0, 10, 13] == 255
