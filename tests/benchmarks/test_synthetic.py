"""Synthetic pages hold what was asked for, look as asked for, and are the same for a seed."""

from dataclasses import replace

import numpy as np
import pytest
import synthetic
from synthetic import Paper

QUIET = Paper(noise=0, blur=0, quality=100)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def dark(page):
    return page.mean(axis=2) < 130


def test_every_row_and_column_of_digits_has_ink(sample, rng):
    page = synthetic.write("123 45", sample.train, rng, QUIET)
    assert page.dtype == np.uint8 and page.ndim == 3
    rows = np.split(dark(page), [round(1.5 * 96)])
    for row, digits in zip(rows, (3, 2), strict=True):
        columns = np.flatnonzero(row.any(axis=0))
        assert (np.diff(columns) > 10).sum() == digits - 1


def test_the_same_seed_writes_the_same_page(sample):
    once, again = (synthetic.write("7", sample.train, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_paper_and_ink_have_their_colours(sample, rng):
    page = synthetic.write("8", sample.train, rng, replace(QUIET, paper=(38, 60, 48), ink=(225, 228, 220)))
    np.testing.assert_allclose(page[2, 2], (38, 60, 48), atol=4)
    brightest = page.reshape(-1, 3)[page.sum(axis=2).argmax()]
    np.testing.assert_allclose(brightest, (225, 228, 220), atol=12)


@pytest.mark.parametrize(("lines", "across", "down"), [("none", 0, 0), ("ruled", 5, 0), ("squared", 5, 5)])
def test_lines_run_where_they_should(sample, rng, lines, across, down):
    page = synthetic.write("1", sample.train, rng, replace(QUIET, lines=lines)).mean(axis=2)
    edge_down, edge_across = page[:, 1], page[1, :]
    assert (edge_down < 225).sum() == pytest.approx(across, abs=1)
    assert (edge_across < 225).sum() == pytest.approx(down, abs=1)


def test_a_shadow_darkens_one_side_by_its_depth(sample, rng):
    page = synthetic.write("1", sample.train, rng, replace(QUIET, shadow=0.5)).mean(axis=2)
    edge = np.concatenate([page[0], page[-1], page[:, 0], page[:, -1]])
    assert edge.max() > 225 and 115 < edge.min() < 165


def test_noise_has_its_strength(sample, rng):
    page = synthetic.write("1", sample.train, rng, replace(QUIET, noise=8, paper=(128, 128, 128)))
    assert page[:20, :20].std() == pytest.approx(8, rel=0.3)


def test_the_committed_samples_are_named_after_their_digits_and_are_read(sample):
    from pathlib import Path

    from digitlib import Recognizer

    recognizer = Recognizer.load()
    found = sorted((Path(__file__).parents[2] / "data" / "samples").glob("*.jpg"))
    assert len(found) == len(synthetic.SAMPLES)
    wrong = [p.name for p in found if recognizer.read(p).text != p.stem.split("_")[1].replace("-", "")]
    assert len(wrong) <= 1, wrong


def test_samples_are_written_as_jpeg(sample, tmp_path):
    synthetic.write_samples(tmp_path, sample.validation)
    assert len(list(tmp_path.glob("*.jpg"))) == len(synthetic.SAMPLES)
