"""Figures say what they were given: contents, not pixels."""

import numpy as np
import pytest

from digitlib.measuring import plots
from digitlib.reading.result import Digit


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


@pytest.fixture
def images(seven):
    return [seven, seven[::-1]]


def test_digit_row_shows_the_digits_over_their_captions(images):
    fig = plots.digit_row(images, ["up", "down"], finding="A seven can be turned")
    for ax, image, caption in zip(fig.axes, images, ["up", "down"], strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), image)
        assert ax.get_xlabel() == caption
        assert ax.images[0].get_clim() == (0, 1)
    assert fig._suptitle.get_text() == "A seven can be turned"
    assert fig.get_figwidth() == 7.0


def test_bytes_are_shown_on_their_own_scale(seven):
    fig = plots.digit_row([(seven * 255).astype(np.uint8)], ["seven"], finding="Bytes")
    assert fig.axes[0].images[0].get_clim() == (0, 255)


def test_too_few_captions_are_refused(images):
    with pytest.raises(ValueError):
        plots.digit_row(images, ["one"], finding="")


def test_digit_grid_names_its_rows(images):
    fig = plots.digit_grid({"first": images, "second": images[::-1]}, finding="Two rows")
    assert [fig.axes[i].get_ylabel() for i in (0, 2)] == ["first", "second"]
    np.testing.assert_array_equal(fig.axes[2].images[0].get_array(), images[1])


def test_filmstrip_shows_colour_and_ink(seven):
    photo = np.full((20, 30, 3), 200, np.uint8)
    fig = plots.filmstrip({"photo": photo, "ink": seven}, finding="From photo to ink")
    assert [ax.get_xlabel() for ax in fig.axes] == ["photo", "ink"]
    assert fig.axes[0].images[0].get_array().shape == (20, 30, 3)


def candidate(box: tuple[int, ...], framed: np.ndarray, probabilities: np.ndarray, accepted: bool) -> Digit:
    best = int(probabilities.argmax())
    return Digit(best, float(probabilities[best]), accepted, 0.5, box, framed, probabilities)


def test_reading_draws_a_box_and_a_frame_for_each_candidate(seven):
    framed = np.pad(seven, 1)[:28, :28]
    boxes = [(2, 4, 6, 8), (18, 18, 10, 10)]
    candidates = [candidate(box, framed, np.eye(10)[7], box[0] == 2) for box in boxes]
    fig = plots.reading(np.zeros((30, 40, 3), np.uint8), framed, candidates, 2.0, finding="Read: 7")
    drawn = fig.axes[0].patches
    assert [(box.get_x(), box.get_y(), box.get_width(), box.get_height()) for box in drawn] == [
        (1, 2, 3, 4),
        (9, 9, 5, 5),
    ]
    assert drawn[0].get_linestyle() != drawn[1].get_linestyle()
    titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
    assert titles == ["7: 1.00", "(7: 1.00)"]


def test_bars_mark_the_answer_and_hatch_a_refused_one(seven):
    probabilities = np.full(10, 0.05)
    probabilities[3] = 0.55
    candidates = [candidate((1, 2, 3, 4), seven, probabilities, accepted) for accepted in (True, False)]
    fig = plots.reading(np.zeros((30, 40, 3), np.uint8), seven, candidates, 1.0, finding="Read: 3")
    accepted, refused = (ax.patches for ax in fig.axes if len(ax.patches) == 10)
    assert [bar.get_height() for bar in accepted] == pytest.approx(probabilities)
    assert accepted[3].get_facecolor() != accepted[0].get_facecolor() == refused[3].get_facecolor()
    assert refused[3].get_hatch() and not accepted[3].get_hatch()


def test_reading_without_candidates_still_draws(seven):
    fig = plots.reading(np.zeros((30, 40, 3), np.uint8), seven[:28, :28], [], 1.0, finding="Not a digit")
    fig.canvas.draw()
    assert len(fig.axes) == 2


def test_boxes_lie_on_their_picture():
    picture, boxes = np.full((40, 90), 200, np.uint8), np.array([[10, 5, 20, 30], [50, 5, 20, 30]])
    fig = plots.boxed({"one": (picture, boxes), "none": (picture, boxes[:0])}, finding="Boxes")
    one, none = fig.axes
    assert [patch.get_bbox().bounds for patch in one.patches] == [(9.5, 4.5, 20, 30), (49.5, 4.5, 20, 30)]
    assert len(none.patches) == 0 and one.get_xlabel() == "one"


def test_costs_are_red_over_the_middle_of_what_was_covered():
    cost = np.zeros((22, 22))
    cost[3, 5], cost[0, 0] = 0.4, -0.2  # covering one place helps
    fig = plots.costs(
        {"a 4": (np.ones((28, 28)), cost)} | {"an 8": (np.ones((28, 28)), 0 * cost)}, finding=""
    )
    red = fig.axes[0].images[1]
    alpha = red.get_array()[..., 3]
    assert alpha[3, 5] == pytest.approx(0.32) and np.count_nonzero(alpha) == 1
    assert red.get_extent() == [2.5, 24.5, 24.5, 2.5]
    assert not fig.axes[1].images[1].get_array()[..., 3].any()
