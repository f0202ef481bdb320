"""Each kind of corruption grows with its severity, stays in the frame, and leaves its input alone."""

import cv2
import numpy as np
import pytest

from digitlib.data import corruptions


@pytest.fixture
def bars() -> np.ndarray:
    """Forty digits: upright bars of 3 x 15 pixels, centred."""
    images = np.zeros((40, 28, 28), np.uint8)
    images[:, 6:21, 12:15] = 255
    return images


def under(kind, images, severity, seed=0):
    return kind(images, np.random.default_rng(seed), np.full(len(images), severity))


@pytest.fixture(params=corruptions.KINDS.values(), ids=corruptions.KINDS)
def kind(request):
    return request.param


def test_the_kinds_that_people_meet_are_there():
    assert set(corruptions.KINDS) == {
        "blur", "jitter", "grain", "specks", "lines", "background", "contrast", "polarity", "hollow",
        "geometry", "texture",
    }  # fmt: skip


def test_shape_and_dtype_stay_and_the_input_is_untouched(kind, bars):
    before = bars.copy()
    changed = under(kind, bars, 0.7)
    assert changed.shape == bars.shape and changed.dtype == np.uint8
    np.testing.assert_array_equal(bars, before)
    assert sum((a != b).any() for a, b in zip(changed, bars, strict=True)) > 25


def test_more_severity_changes_more(kind, bars):
    mild, severe = (np.abs(under(kind, bars, s).astype(int) - bars).mean() for s in (0.1, 1.0))
    assert mild < severe


def test_the_same_seed_gives_the_same_digits(kind, bars):
    np.testing.assert_array_equal(under(kind, bars, 0.5, seed=3), under(kind, bars, 0.5, seed=3))


def test_contrast_keeps_the_order_of_ink_and_paper(bars):
    for image in under(corruptions.contrast, bars, 1.0):
        assert 20 < int(image[10, 13]) - int(image[0, 0]) < 60


def test_hollow_strokes_have_an_outline_and_nothing_inside(bars):
    thick = cv2.dilate(bars[0], np.ones((5, 5), np.uint8))[None].repeat(40, axis=0)
    changed = under(corruptions.hollow, thick, 1.0)
    assert (changed[:, 12, 13] < 10).all()
    assert (changed.reshape(40, -1).max(axis=1) > 60).all()


def test_inverted_pixels_are_exact_opposites(bars):
    changed = under(corruptions.polarity, bars, 0.8)
    assert np.isin(changed, (0, 255)).all() and (changed != bars).any(axis=(1, 2)).all()


def test_specks_are_black_or_white_and_as_many_as_asked_for(bars):
    grey = np.full_like(bars, 128)
    changed = under(corruptions.specks, grey, 1.0)
    assert np.isin(changed, (0, 128, 255)).all()
    assert (changed != 128).mean() == pytest.approx(0.35, abs=0.03)


def test_only_the_part_asked_for_is_corrupted(bars):
    changed = corruptions.corrupt(bars, np.random.default_rng(0), part=0.5)
    touched = (changed != bars).any(axis=(1, 2)).sum()
    assert 14 <= touched <= 26
    np.testing.assert_array_equal(corruptions.corrupt(bars, np.random.default_rng(0), part=0), bars)


def test_the_suite_is_the_same_for_everybody(bars):
    once, again = corruptions.suite(bars), corruptions.suite(bars)
    assert len(once) == 11 * 3
    for name, images in once.items():
        np.testing.assert_array_equal(images, again[name])
