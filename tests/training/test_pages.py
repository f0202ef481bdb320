"""Training the page network: targets say what is on a page; a stopped training goes on."""

import functools
import json
from dataclasses import replace

import numpy as np
import pytest

from digitlib.data.pages import Page
from digitlib.data.writing import UNREADABLE
from digitlib.errors import DigitlibError
from digitlib.networks.pages import build
from digitlib.training import pages

TINY = pages.PageConfig(steps=4, small=2, large=2, learning_rate=0.001, seed=1)


@pytest.fixture
def narrow(monkeypatch):
    """A narrow network whose steps are not compiled: what is tested is the training around it."""
    monkeypatch.setattr(pages, "build", functools.partial(build, widths=(4, 4, 4, 4, 4), up=4))
    compiled = pages.compiled

    def eager(config):
        model = compiled(config)
        model.run_eagerly = True
        return model

    monkeypatch.setattr(pages, "compiled", eager)


def page(labels: list[int], turn: int = 0) -> Page:
    boxes = np.array([[20, 30, 24, 40], [80, 60, 16, 32]], float)[: len(labels)]
    return Page(np.zeros((128, 128), np.uint8), boxes, np.array(labels), turn)


def test_a_digit_is_a_peak_with_its_size_and_class():
    truth = pages.targets(page([7], turn=2))
    assert truth.shape == (32, 32, 8) and truth.dtype == np.float16
    (row, column), heat = np.argwhere(truth[..., 0] > 0.99)[0], truth[..., 0]
    assert (row, column) == (12, 8) and (heat > 0.99).sum() == 1
    at = truth[row, column].astype(float)
    middle = (np.array([column, row]) + 0.5 + at[3:5]) * 4
    np.testing.assert_allclose(middle, [32, 50], atol=0.1)
    np.testing.assert_allclose(np.exp(at[5:7]) * 32, [24, 40], rtol=0.02)
    assert divmod(int(at[7]), 4) == (7, 2)


def test_what_is_cut_off_does_not_count_and_what_is_crossed_out_is_nothing():
    cut, crossed = pages.targets(page([3, UNREADABLE])), pages.targets(page([3, -1]))
    assert cut[16:22, 21:23, 1].max() == 0 and crossed[..., 1].min() == 1
    assert (crossed[..., 0] > 0.99).sum() == (cut[..., 0] > 0.99).sum() == 1


@pytest.mark.slow
def test_a_stopped_training_resumes_to_the_same_weights(tmp_path, monkeypatch, narrow):
    monkeypatch.setenv("DIGITLIB_PROGRESS", "0")
    whole = pages.train(TINY, tmp_path / "whole", source="sample", every=2, workers=1)
    real = pages._Keep.on_epoch_end

    def stopped(self, epoch, logs=None):
        real(self, epoch, logs)
        raise KeyboardInterrupt

    monkeypatch.setattr(pages._Keep, "on_epoch_end", stopped)
    with pytest.raises(KeyboardInterrupt):
        pages.train(TINY, tmp_path / "stopped", source="sample", every=2, workers=0)
    monkeypatch.setattr(pages._Keep, "on_epoch_end", real)
    (tmp_path / "stopped" / "history.json").write_text("[9.0, 9.0]")  # killed when that alone was written
    with pytest.raises(DigitlibError, match="already holds a run"):
        pages.train(TINY, tmp_path / "stopped", source="sample", workers=1)
    resumed = pages.train(TINY, tmp_path / "stopped", source="sample", resume=True, every=2, workers=0)
    assert len(json.loads((tmp_path / "stopped" / "history.json").read_text())) == 2
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert (tmp_path / "whole" / "model.h5").is_file()


@pytest.mark.slow
def test_weights_of_the_start_are_kept_in_part(tmp_path, monkeypatch, narrow):
    monkeypatch.setenv("DIGITLIB_PROGRESS", "0")
    first = pages.train(replace(TINY, steps=2), tmp_path / "first", source="sample", workers=0)
    start = replace(TINY, steps=2, seed=2, start=str(tmp_path / "first" / "model.h5"))
    trained = pages.train(start, tmp_path / "trained", source="sample", workers=0)
    mixed = pages.train(replace(start, keep=0.25), tmp_path / "mixed", source="sample", workers=0)
    kept = zip(first.get_weights(), trained.get_weights(), mixed.get_weights(), strict=True)
    for old, new, mean in kept:
        np.testing.assert_allclose(mean, 0.25 * old + 0.75 * new, atol=1e-5)
    assert any(
        np.abs(old - new).max() > 1e-3
        for old, new in zip(first.get_weights(), trained.get_weights(), strict=True)
    )
    with pytest.raises(DigitlibError, match="keep needs a start"):
        replace(TINY, keep=0.5)


def test_nothing_to_resume_and_settings_that_make_no_sense_are_one_sentence(tmp_path):
    with pytest.raises(DigitlibError, match="nothing to resume"):
        pages.train(TINY, tmp_path, resume=True)
    with pytest.raises(DigitlibError, match="holds no weights of a page network"):
        pages.train(replace(TINY, start="gone.h5"), tmp_path / "run", source="sample")
    assert not list(tmp_path.iterdir())
    with pytest.raises(DigitlibError, match="steps must be"):
        pages.PageConfig(steps=0)
