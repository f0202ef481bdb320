"""A digit as networks take it, and its other views."""

import numpy as np
import pytest

from digitlib.errors import DigitlibError
from digitlib.pictures.views import as_frames, as_network_input, over_views


@pytest.fixture
def bar() -> np.ndarray:
    """One digit: an upright bar of 3 x 15 pixels, centred."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 6:21, 12:15] = 255
    return image


def test_bytes_and_floats_become_the_same_input():
    images = np.array([[[0] * 28] * 28, [[255] * 28] * 28], np.uint8)
    as_bytes, as_floats = as_network_input(images), as_network_input(images / 255)
    assert as_bytes.shape == (2, 28, 28, 1) and as_bytes.dtype == as_floats.dtype == np.float32
    assert (as_bytes.min(), as_bytes.max()) == (0, 1)
    np.testing.assert_allclose(as_bytes, as_floats)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((28, 28)), r"\(n, 28, 28\)"),
        (np.zeros((1, 20, 20)), r"\(n, 28, 28\)"),
        (np.full((1, 28, 28), 255.0), r"\[0, 1\]"),
        (np.full((1, 28, 28), np.nan), r"\[0, 1\]"),
    ],
    ids=["flat", "small", "bytes as floats", "nan"],
)
def test_other_arrays_are_refused(images, message):
    with pytest.raises(DigitlibError, match=message):
        as_network_input(images)


def test_a_digit_itself_counts_as_much_as_its_other_views(bar):
    asked = []

    def numbered(digits):
        asked.append(digits)
        return np.repeat(np.arange(len(digits))[:, None], 10, axis=1)

    logits = over_views(numbered, np.concatenate([bar, 255 - bar]))
    np.testing.assert_array_equal(logits[:, 0], [3.5, 4.5])  # of 0 and 2, 4 ... 12; of 1 and 3, 5 ... 13
    assert asked[0].shape == (14, 28, 28, 1)
    np.testing.assert_array_equal(asked[0][0, :, :, 0], bar[0] / 255)
    assert (asked[0][2:] != asked[0][:2].repeat(6, axis=0)).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 28, 28, 1), (3, 1, 28, 28), (3, 784)])
@pytest.mark.parametrize("scale", [1, 255])
def test_digits_come_in_the_shapes_and_ranges_that_people_hold(shape, scale):
    digits = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    given = (digits / 255 * scale).astype(np.float32).reshape(shape)
    np.testing.assert_allclose(as_frames(given), digits / np.float32(255), atol=1e-6)
    rounded = as_frames(given / scale * np.float32(1.000001))
    np.testing.assert_allclose(rounded, digits / np.float32(255), atol=1e-5)
    assert rounded.max() <= 1
    assert as_frames(digits // 64).max() == 3  # an almost blank digit, in bytes
    whole = as_frames(digits.astype(np.int64).reshape(shape))
    assert whole.dtype == np.uint8 and (whole == digits).all()
    assert (as_frames(digits[0]) == digits[:1]).all()
    for binary in (digits > 100, (digits > 100).astype(int)):
        assert (as_frames(binary) == 255 * (digits > 100)).all()


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((3, 32, 32)), r"not \(3, 32, 32\)"),
        (np.zeros(784), r"not \(784,\)"),
        (np.full((1, 28, 28), np.nan), "without NaN"),
        (np.full((1, 28, 28), -1.0), r"not in \[-1.0"),
        (np.full((1, 28, 28), 256), "256"),
        (np.full((1, 28, 28), 1.5), "up to 1.5 may be either: scale"),
        (np.full((1, 28, 28), 3), "up to 3 may be either: scale"),
        (np.full((1, 28, 28), 8), "up to 8 may be either: scale"),
        (np.full((1, 28, 28), "7"), "digits are numbers"),
    ],
)
def test_what_is_no_digit_in_the_frame_is_said(images, said):
    with pytest.raises(DigitlibError, match=said):
        as_frames(images)
