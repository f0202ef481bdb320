"""Paper, light and camera stay in their ranges and leave the size alone."""

import numpy as np
import pytest

from digitlib.data import papers


@pytest.mark.parametrize("seed", range(25))
def test_papers_and_desks_are_brightness(seed):
    rng = np.random.default_rng(seed)
    for made in (papers.paper((120, 200), rng), papers.desk(np.zeros((120, 200), np.float32), rng)):
        assert made.shape == (120, 200) and np.isfinite(made).all()
        assert made.min() > -0.7 and made.max() < 1.8


@pytest.mark.parametrize("shape", [(100, 100), (90, 300), (600, 700)])
@pytest.mark.parametrize("coarse", [0.0, 2.5])
def test_grain_has_the_size_that_was_asked_for(shape, coarse):
    grain = papers.grain(shape, np.random.default_rng(0), coarse=coarse)
    assert grain.shape == shape and abs(grain.mean()) < 0.2


def test_a_photograph_keeps_what_is_on_it():
    page = np.full((100, 160), 0.9, np.float32)
    page[30:70, 60:80] = 0.1
    for seed in range(40):
        seen = papers.photograph(page.copy(), 40, 0.8, np.random.default_rng(seed))
        assert seen.shape == (100, 160) and seen.dtype == np.uint8
        assert seen[40:60, 65:75].mean() < seen[:20].mean() - 10


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """The highest product of two pictures, wherever one is moved to."""
    return np.fft.ifft2(np.fft.fft2(one) * np.fft.fft2(other).conj()).real.max()


def test_the_back_shows_through_mirrored_and_pale():
    front = np.zeros((100, 160), np.float32)
    front[40:60, 20:60] = front[40:44, 60:100] = 1  # thick on the left
    for seed in range(20):
        back = papers.show_through(front, np.random.default_rng(seed))
        assert back.shape == front.shape and 0 < back.max() <= 0.4
        assert alike(back, front[:, ::-1]) > 1.02 * alike(back, front)
