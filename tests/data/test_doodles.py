"""Drawings are ink, and no two are alike."""

import numpy as np

from digitlib.data import doodles


def test_a_sketch_is_ink_and_no_two_are_alike():
    drawn = [doodles.sketch(np.random.default_rng(seed)) for seed in range(20)]
    assert all(page.shape == (112, 112) and page.min() == 0 and page.max() == 1 for page in drawn)
    assert len({page.tobytes() for page in drawn}) == 20
    assert sum((page == page[:, ::-1]).all() for page in drawn) >= 5  # about half are mirrored


def test_what_people_drew_is_led_along_with_any_pen_and_some_outlines_are_filled():
    square = [np.array([(0, 0), (255, 0), (255, 255), (0, 255), (0, 0)], np.uint8)]
    pages = [doodles.drawn_by_people([[square]], np.random.default_rng(seed)) for seed in range(60)]
    inked = np.array([page.mean() for page in pages])
    assert all(page.shape == (112, 112) and 0.5 < page.max() <= 1 for page in pages)
    assert len(np.unique(inked[inked < 0.5].round(2))) > 4  # pens of several widths
    assert 2 <= (inked > 0.8).sum() <= 20


def test_a_symbol_is_never_mirrored():
    corner = [np.array([(0, 0), (0, 255), (255, 255)], np.uint8)]  # mirrored it is another one
    for mirrored in (True, False):
        pages = [
            doodles.drawn_by_people([[corner]], np.random.default_rng(seed), mirrored=mirrored)
            for seed in range(30)
        ]
        upright = np.array([page[:56, :40].sum() > page[:56, -40:].sum() for page in pages])
        assert upright.all() != mirrored and upright.any()
