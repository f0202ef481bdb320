"""Strokes become a picture: where, how broad, how dark; and what is no stroke is named."""

import numpy as np
import pytest

from digitlib.doors import strokes
from digitlib.errors import DigitlibError


def line(*points, width=10):
    return {"width": width, "points": list(points)}


def test_an_empty_pad_is_white_paper_of_the_pads_size():
    picture = strokes.draw([])
    assert (picture.shape, picture.dtype) == ((280, 560), np.uint8)
    assert (picture == 255).all()


def test_a_stroke_lies_where_it_was_drawn_and_is_as_broad_as_the_pen():
    picture = strokes.draw([line((100, 50), (300, 50))])
    rows, columns = (np.flatnonzero((picture < 128).any(axis)) for axis in (1, 0))
    assert (rows[0], rows[-1]) == (45, 55) and abs(columns[0] - 95) <= 1 and abs(columns[-1] - 305) <= 1
    assert picture[50, 200] == 27


def test_a_dot_is_ink_and_parts_of_pixels_count():
    assert strokes.draw([line((20, 20))])[20, 20] == 27
    halves = [strokes.draw([line((100, y), (200, y))])[:, 150].astype(int) for y in (50, 50.5)]
    assert not np.array_equal(*halves)


def test_what_leaves_the_paper_is_cut_off():
    assert (strokes.draw([line((1e12, 50), (-1e12, 50))])[50] == 27).all()
    assert (strokes.draw([line((5000, 5000))]) == 255).all()


def test_strokes_that_would_take_seconds_are_refused():
    strokes.draw([line(*20_000 * [(5, 5)])])
    with pytest.raises(DigitlibError, match="more than 20,000 points"):
        strokes.draw([line(*20_000 * [(5, 5)]), line((1, 1))])


@pytest.mark.parametrize(
    "drawn",
    [
        [{"points": [[1, 2]]}],
        [{"width": 5}],
        [{"width": 5, "points": []}],
        [{"width": 5, "points": [[1, 2, 3]]}],
        [{"width": 5, "points": [["a", "b"]]}],
        [{"width": 101, "points": [[1, 2], [3, 4]]}],
        [{"width": 9999999, "points": [[1, 2], [3, 4]]}],
        [{"width": None, "points": [[1, 2]]}],
        [7],
        7,
    ],
    ids=repr,
)
def test_what_no_pen_could_draw_is_refused(drawn):
    with pytest.raises(DigitlibError, match="no strokes"):
        strokes.draw(drawn)
