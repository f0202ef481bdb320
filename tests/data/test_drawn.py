"""What is drawn is framed like digits, and the same for a seed."""

import numpy as np
import pytest

from digitlib import Recognizer
from digitlib.data import drawn


@pytest.fixture
def digits(toy):
    return toy.train


def test_they_look_like_framed_digits(digits):
    made = drawn.strangers(40, np.random.default_rng(0), *digits)
    assert made.shape == (40, 28, 28) and made.dtype == np.uint8
    assert (made.max(axis=(1, 2)) > 128).all()
    assert not made[:, 0].any()  # nothing reaches the edge of the field


def test_the_same_seed_draws_the_same(digits):
    once, again = (drawn.strangers(16, np.random.default_rng(1), *digits) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert len({image.tobytes() for image in once}) > 10


def test_no_letter_could_be_read_as_a_digit():
    assert not set(drawn.LATIN + drawn.GREEK) & set("0123456789OoDQqIilSsZzbgGCTyδφ|")


def test_every_letter_is_in_every_font():
    blank = [
        (name, letter)
        for name in drawn.FONTS
        for letter in drawn.LATIN + drawn.GREEK
        if drawn.font(name).getmask(letter).getbbox() is None
    ]
    assert not blank


def test_a_cut_up_digit_keeps_its_ink_and_loses_its_order():
    quarters = np.zeros((1, 28, 28), np.uint8)
    quarters[0, :14, 14:], quarters[0, 14:, :14], quarters[0, 14:, 14:] = 85, 170, 255
    for seed in range(20):
        cut = drawn.cut_up(np.random.default_rng(seed), quarters) * 255
        assert sorted(np.unique(cut.round())) == [0, 85, 170, 255]
        assert (cut != quarters[0]).mean() >= 0.5


def test_a_turned_digit_lies_on_its_side(digits):
    one = digits.images[:1]
    lying = drawn.turned(np.random.default_rng(0), one) * 255
    assert any((lying.round() == np.rot90(one[0], k)).all() for k in (1, 3))


def test_drawn_digits_are_of_all_classes_and_in_many_forms(digits):
    split = drawn.digits(200, np.random.default_rng(0), *digits)
    assert split.images.shape == (200, 28, 28) and split.images.dtype == np.uint8
    assert (np.bincount(split.labels, minlength=10) >= 8).all()
    assert len({image.tobytes() for image in split.images}) > 150


def test_a_redrawn_digit_keeps_its_label(digits):
    split = drawn.digits(200, np.random.default_rng(1), digits.images, np.full(len(digits.labels), 3))
    assert (split.labels[::2] == 3).all() and len(set(split.labels[1::2])) == 10


def test_a_scribble_and_a_wheel_hold_more_ink_than_a_ring():
    ring = 2 * np.pi * 40 * 5 / drawn.SIDE**2
    for draw in (drawn.wheel, drawn.scribble):
        assert all(draw(np.random.default_rng(seed)).mean() > 0.6 * ring for seed in range(20)), draw


def test_the_shipped_network_reads_drawn_digits(digits):
    split = drawn.digits(500, np.random.default_rng(99), *digits)
    answers = Recognizer.load().probabilities(split.images[1::2]).argmax(axis=1)
    assert (answers == split.labels[1::2]).mean() > 0.95
