"""Layouts put every digit where the sheet says it is."""

import cv2
import numpy as np
import pytest

from digitlib.data import layouts, pens
from digitlib.data.writing import UNREADABLE, Sheet


def sheet(images, seed: int = 0, side: int = 320) -> Sheet:
    rng = np.random.default_rng(seed)
    return Sheet(side, side, images, pens.hand(rng), rng)


@pytest.mark.parametrize("name", ["single", "rows", "touching", "boxes", "table", "column_sum", "scattered"])
def test_every_layout_writes_digits_that_lie_on_their_ink(name, images):
    count = 0
    for seed in range(12):
        made = sheet(images, seed)
        getattr(layouts, name)(made)
        for mark in made.marks:
            (x, y), (right, low) = np.floor(mark.points.min(axis=0)).astype(int), mark.points.max(axis=0)
            part = made.pen[max(0, y) : int(low), max(0, x) : int(right)]
            assert mark.label == UNREADABLE or part.max() > 0.3
            count += 1
    assert count > 10


@pytest.mark.parametrize("name", ["strange", "words"])
def test_what_shows_no_digit_says_so(name, images):
    for seed in range(20):
        made = sheet(images, seed)
        getattr(layouts, name)(made)
        assert made.marks == []


def test_a_touching_number_is_one_piece_or_nearly(images):
    pieces = []
    for seed in range(20):
        made = sheet(images, seed)
        layouts.touching(made)
        ink = cv2.morphologyEx((made.pen > 0.2).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5)))
        pieces.append((cv2.connectedComponents(ink)[0] - 1) / max(1, len(made.marks)))
    assert np.mean(pieces) < 0.7  # digits that keep apart are one each


def test_a_ring_or_frame_goes_round_what_was_written_and_does_not_touch_it(images):
    for seed in range(20):
        made = sheet(images, seed)
        layouts._scrawl(made, 130, 190, 180, 60, 2)
        rows, columns = np.nonzero(made.pen > 0.3)
        assert columns.min() < 130 and columns.max() > 190 and rows.min() < 120 and rows.max() > 180
        assert not made.pen[125:175, 135:185].any()


def test_one_digit_in_some_eight_stands_in_a_ring_or_frame(images):
    enclosed = 0
    for seed in range(160):
        made = sheet(images, seed, side=128)
        layouts.single(made)
        low, high = made.marks[0].points.min(axis=0) - 1, made.marks[0].points.max(axis=0) + 1
        rows, columns = np.nonzero(made.pen > 0.3)
        enclosed += columns.min() < low[0] and rows.min() < low[1] and columns.max() > high[0]
    assert 10 <= enclosed <= 32


def test_a_cell_is_a_box_a_comb_or_a_ring_and_its_lines_may_be_dashed():
    for kind, lines, top in (("box", 4, 20), ("comb", 3, 42), ("ring", 1, 20)):
        cell = layouts._cell(kind, 10, 20, 40, 40)
        every = np.concatenate(cell)
        assert len(cell) == lines and every.min(axis=0) == pytest.approx((10, top), abs=0.2)
        assert every.max(axis=0) == pytest.approx((50, 60), abs=0.2)
        dashes = layouts._dashed(cell[0], 4)
        drawn, whole = (
            sum(np.hypot(*np.diff(part, axis=0).T).sum() for part in parts) for parts in (dashes, cell[:1])
        )
        assert len(dashes) == 4 and drawn == pytest.approx(whole / 2, rel=0.1)
