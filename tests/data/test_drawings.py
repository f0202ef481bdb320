"""Drawings: strokes of letters and things, those for calibration apart."""

import numpy as np

from digitlib.data import drawings
from digitlib.data.writing import COMMON, DRAWN, DRAWN_HELD_OUT


def extent(drawing: drawings.Drawing) -> float:
    return float(np.ptp(np.concatenate(drawing).astype(float), axis=0).max())


def test_every_drawing_is_strokes_that_fill_its_square():
    parts = (drawings.things, drawings.icons, drawings.symbols)
    drawn = [part(held_out=held) for part in parts for held in (False, True)]
    kinds = sum(drawn, [*drawings.letters().values()])
    assert sum(map(len, kinds)) > 19_500
    for drawn in kinds:
        for drawing in drawn:
            assert all(line.dtype == np.uint8 and line.shape[1:] == (2,) for line in drawing)
            assert drawings.EXTENT - 10 <= extent(drawing) <= drawings.EXTENT


def test_letters_are_drawn_by_twenty_people_and_none_is_for_both_purposes():
    letters = drawings.letters()
    assert {len(drawn) for drawn in letters.values()} == {20}
    assert set(DRAWN) | set(DRAWN_HELD_OUT) <= set(letters) and not set(DRAWN) & set(DRAWN_HELD_OUT)
    assert not set(DRAWN_HELD_OUT) & set(COMMON)
    assert not set("bgijloqsyzδζ0123456789") & set(letters)  # they pass for digits


def test_things_for_calibration_are_of_kinds_that_no_page_for_training_shows():
    for kinds, least in ((drawings.things, 50), (drawings.icons, 50), (drawings.symbols, 28)):
        seen, held_out = kinds(), kinds(held_out=True)
        assert len(seen) > 3 * len(held_out) >= 3 * least
        assert not {id(kind) for kind in seen} & {id(kind) for kind in held_out}


def test_an_icon_that_closes_its_outline_stays_closed():
    closed = [
        (line[0] == line[-1]).all() for kind in drawings.icons() for drawing in kind for line in drawing
    ]
    assert 0.2 < np.mean(closed) < 0.8


def test_a_letter_looks_as_it_was_drawn():
    upright = max(
        drawings.letters()["ㅏ"], key=lambda drawing: len(drawing[0])
    )  # a bar, and one to its right
    first, second = (line.astype(int) for line in upright[:2])
    assert np.ptp(first[:, 1]) > 200 and np.ptp(first[:, 0]) < 120
    assert second[:, 0].mean() > first[:, 0].mean()
