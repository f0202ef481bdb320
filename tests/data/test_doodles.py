"""Drawings are ink, and no two are alike."""

import numpy as np

from digitlib.data import doodles


def test_a_sketch_is_ink_and_no_two_are_alike():
    drawn = [doodles.sketch(np.random.default_rng(seed)) for seed in range(20)]
    assert all(page.shape == (112, 112) and page.min() == 0 and page.max() == 1 for page in drawn)
    assert len({page.tobytes() for page in drawn}) == 20
    assert sum((page == page[:, ::-1]).all() for page in drawn) >= 5  # about half are mirrored
