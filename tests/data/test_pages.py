"""Made pages: the truth about each digit is right to the pixel, and a seed always makes the same page."""

import numpy as np
import pytest

from digitlib.data import pages, pens
from digitlib.data.writing import CROSSED_OUT, STRANGE, UNREADABLE, Sheet


def made(side: int, images, seed: int) -> pages.Page:
    return pages.make(side, images, np.random.default_rng(seed))


@pytest.mark.parametrize("side", [128, 320])
def test_a_page_has_its_size_and_its_boxes_lie_on_it(side, images):
    labels = []
    for seed in range(60):
        page = made(side, images, seed)
        assert page.picture.shape == (side, side) and page.picture.dtype == np.uint8
        assert page.boxes.shape == (len(page.labels), 4) and page.turn in range(4)
        assert (page.boxes[:, :2] >= -1).all() and (page.boxes[:, :2] + page.boxes[:, 2:] <= side + 1).all()
        labels += page.labels.tolist()
    assert set(labels) >= set(range(10)) and set(labels) <= {UNREADABLE, CROSSED_OUT, *range(10)}


def test_the_same_seed_makes_the_same_page(images):
    one, two, other = (made(320, images, seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.picture, two.picture)
    np.testing.assert_array_equal(one.boxes, two.boxes)
    assert not np.array_equal(one.picture, other.picture)


@pytest.mark.parametrize("seed", range(12))
def test_boxes_hold_the_ink_of_their_digits_to_the_pixel(images, seed):
    rng = np.random.default_rng(seed)
    sheet = Sheet(320, 320, images, pens.hand(rng), rng)
    label = seed % 10
    ink, _, _ = pens.draw(pens.digit(sheet.hand, label, images, rng), 100, sheet.hand, rng)
    sheet.stamp(ink, 60, 80, label=label)
    pen, _, marks, _ = pages._laid(sheet, rng)
    if not marks or marks[0].label != label:
        return
    x, y, width, height = pages._box(marks[0].points)
    rows, columns = (np.flatnonzero((pen > pens.INK).any(axis)) for axis in (1, 0))
    found = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    np.testing.assert_allclose((x, y, x + width, y + height), found, atol=2)


def test_a_turned_page_has_turned_boxes(images):
    picture = np.zeros((100, 320))
    picture[10:30, 40:50] = 1
    for seed in range(200):
        rng = np.random.default_rng(seed)
        boxes = np.array([[40, 10, 10, 20]] * 3, float)
        page = pages._finished(picture, boxes, np.array([1, 1, 1]), 320, rng)
        x, y, width, height = page.boxes[0].astype(int)
        assert (page.picture[y : y + height, x : x + width] == 1).all()
        assert page.picture[: 320 if page.turn % 2 else 100, : 100 if page.turn % 2 else 320].sum() == 200
    assert page is not None


def test_a_digit_that_nobody_can_see_is_not_asked_for():
    picture, pen = np.full((60, 60), 200, np.uint8), np.zeros((60, 60), np.float32)
    pen[20:40, 20:24] = 1
    assert pages._unseen(picture, pen, np.array([18, 18, 8, 24]))
    picture[20:40, 20:24] = 90
    assert not pages._unseen(picture, pen, np.array([18, 18, 8, 24]))
    assert pages._unseen(picture, pen, np.array([20, 20, 4, 5]))


def test_an_icon_is_a_digit_of_mnist_enlarged_as_the_reader_does(images):
    page = pages._icon(128, images, np.random.default_rng(5), STRANGE)
    assert page.picture.shape == (128, 128)
    for seed in range(30):
        page = pages._icon(128, images, np.random.default_rng(seed), STRANGE)
        np.testing.assert_array_equal(page.picture[:, 112:], page.picture[:, 111:112].repeat(16, axis=1))
