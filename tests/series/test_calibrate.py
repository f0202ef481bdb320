"""Calibration: what is seen is told from what is not, and the networks are weighed."""

import shutil
from functools import partial
from unittest.mock import Mock

import numpy as np
import pytest

from digitlib.data.mnist import SAMPLE
from digitlib.files import models, root
from digitlib.networks import saved
from digitlib.networks.card import PageCard
from digitlib.reading.judge import FEATURES
from digitlib.reading.recognizer import Recognizer
from digitlib.series import calibrate
from digitlib.training import crops

TINY = partial(crops.build, widths=(4, 4, 8))


def found(n: int = 600) -> dict[str, np.ndarray]:
    """Candidates of which two thirds are digits; the crop network knows best which."""
    rng = np.random.default_rng(0)
    label = np.where(np.arange(n) % 3, np.arange(n) % 10, -1)
    evidence = np.where(label[:, None] >= 0, 2.0, -1.0) + rng.normal(0, 1, (n, FEATURES))
    said = np.eye(10)[np.maximum(label, 0)]
    found = {"features": evidence, "label": label, "missed": np.array([12, 8])}
    for name, sure in {"page": 2, "frame": 2, "crop": 6}.items():
        found[name] = sure * said + rng.normal(0, 1, (n, 10))
    return found


def test_the_judge_tells_digits_from_others_and_the_better_network_weighs_more():
    judge, fitted = calibrate.fit(found())
    assert fitted["threshold"] == 0.5
    known = np.repeat([[2.0], [-1.0]], FEATURES, axis=1).astype(np.float32)
    assert judge.scores(known)[0] > 0.95 and judge.scores(known)[1] < 0.05
    metrics = fitted["metrics"]
    assert metrics["digits"] == 420 and metrics["candidate"] == pytest.approx(400 / 420, abs=1e-3)
    assert fitted["mix"][2] > max(fitted["mix"][:2]) > 0
    assert metrics["found"] > 0.9 and metrics["false"] < 0.06 and metrics["read"] > 0.98


def test_where_a_false_answer_costs_more_fewer_are_given(monkeypatch):
    monkeypatch.setattr(calibrate, "FALSE_COST", 9.0)
    strict, usual = calibrate.fit(found())[1], 0.06
    assert strict["threshold"] == 0.9 and strict["metrics"]["false"] < usual / 2


@pytest.mark.slow
def test_a_trained_page_network_is_finished_and_a_stopped_finish_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLIB_PROGRESS", "0")
    monkeypatch.setattr(crops, "build", TINY)
    shutil.copy(models() / "page" / "model.h5", tmp_path)
    (tmp_path / "config.json").write_text('{"seed": 1}')
    finish = partial(calibrate.finish, tmp_path, SAMPLE, workers=1, counts={128: 120}, crop_counts={128: 20})
    with monkeypatch.context() as stopped:
        stopped.setattr(calibrate, "fit", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            finish()
    assert not (tmp_path / "crops.npz").exists()
    monkeypatch.setattr(crops, "train", lambda *_, **__: pytest.fail("it was trained already"))
    monkeypatch.setattr(saved, "export_int8", lambda _, path: path.stat())  # it takes seconds
    card = finish()
    assert card == PageCard.read(tmp_path) and set(card.sha256) == set(calibrate.FILES)
    assert card.config == {"seed": 1} and len(card.mix) == 3 and card.metrics["digits"] > 60
    reader = Recognizer(models() / "model.tflite", pages=tmp_path)
    assert reader.read(root() / "data" / "samples" / "plain_7.jpg", single=True).text == "7"


@pytest.mark.parametrize("there", [True, False])
def test_the_crop_network_starts_from_that_beside_the_page_network_that_was_started_from(
    there, tmp_path, monkeypatch
):
    train = Mock()
    monkeypatch.setattr(crops, "train", train)
    (tmp_path / "run").mkdir()
    np.savez(tmp_path / "run" / "crops.npz", crop=[])
    monkeypatch.setattr(crops, "build", TINY)
    if there:
        TINY().save(tmp_path / "crops.h5")
    config = {"seed": 1, "start": str(tmp_path / "model.h5")}
    calibrate._crop_network(tmp_path / "run", SAMPLE, config, {}, 1)
    assert list(train.call_args.args[0]) == ["crop"]
    assert train.call_args.kwargs["start"] == (tmp_path / "crops.h5" if there else None)
    assert not (tmp_path / "run" / "crops.npz").exists()


def test_a_crop_network_of_other_widths_is_not_trained_further(tmp_path, monkeypatch, caplog):
    TINY().save(tmp_path / "crops.h5")
    assert calibrate._before({"start": str(tmp_path / "model.h5")}) is None
    assert "a new crop network is trained" in caplog.text
