"""Training the crop network: both polarities are shown, it learns, and a stopped training goes on."""

import functools
from unittest.mock import Mock

import numpy as np
import pytest

from digitlib.networks.crops import build
from digitlib.networks.digits import keras
from digitlib.pictures.crops import NONE
from digitlib.training import crops

TINY = functools.partial(build, widths=(4, 4, 8))


def bars(n: int) -> dict[str, np.ndarray]:
    """Upright bars are the digit 1, lying ones are none."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(200, 256, (n, 56, 56)).astype(np.uint8)
    labels = np.where(np.arange(n) % 2, 1, -1)
    pictures[labels == 1, 12:44, 24:32] = 30
    pictures[labels == -1, 24:32, 12:44] = 30
    boxes, ones = np.tile([0.0, 0.0, 32.0, 32.0], (n, 1)), np.ones((n, 1))
    far = pictures[:, 4:52, 4:52]
    return {
        "crop": pictures, "far": far, "box": boxes, "zoom": ones, "label": labels, "weight": ones[:, 0]
    }  # fmt: skip


def test_a_batch_holds_both_polarities_and_a_class_for_none():
    batches = crops.Crops(bars(300) | {"weight": np.arange(300.0)}, seed=0)
    assert len(batches) == 2 and len(batches[1][0]) == 44
    taken, classes, weights = batches[0]
    np.testing.assert_allclose(weights, batches.order[:256] / 149.5)  # 1 on the average
    assert taken.shape == (256, 48, 48, 3) and set(classes.tolist()) == {1, NONE}
    middles = batches.moved[batches.order[:256]] + 24  # of the bars
    middle = taken[np.arange(256), middles[:, 1], middles[:, 0], 0]
    assert len(np.unique(middles, axis=0)) > 60 and (np.abs(middle) > 1.5).all()
    assert 0.4 < (middle > 0).mean() < 0.6
    assert (np.sign(taken[:, 24, 24, 2]) == np.sign(middle)).all()  # both distances, or none
    before = batches.order.copy()
    batches.on_epoch_end()
    assert (batches.order != before).any() and sorted(batches.order) == sorted(before)


@pytest.mark.slow
def test_it_learns_and_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLIB_PROGRESS", "0")
    monkeypatch.setattr(crops, "build", TINY)
    monkeypatch.setattr(crops, "BATCH", 16)
    monkeypatch.setattr(crops, "EMA", 0.5)
    monkeypatch.setattr(crops, "LEARNING_RATE", 0.02)
    real, trained = crops.KeepWeights.on_epoch_end, []

    def stopping(self, epoch, logs=None):
        real(self, epoch, logs)
        trained.append(epoch)
        if len(trained) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(crops.KeepWeights, "on_epoch_end", stopping)
    with pytest.raises(KeyboardInterrupt):
        crops.train(bars(96), tmp_path, epochs=6)
    assert not (tmp_path / "crops.h5").exists()
    model = crops.train(bars(96), tmp_path, epochs=6)
    assert trained == [0, 1, 2, 3, 4, 5]  # what was learned before counts
    assert [path.name for path in tmp_path.iterdir()] == ["crops.h5"]
    _, far, boxes, _, labels, _ = bars(40).values()
    said = np.asarray(model(crops.as_crop_input(far, far, boxes))).argmax(axis=1)
    assert (said == np.where(labels < 0, NONE, labels)).all()
    kept = keras.saving.load_model(tmp_path / "crops.h5", compile=False)
    for ours, theirs in zip(model.get_weights(), kept.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_start_gives_its_weights_and_half_the_rate(tmp_path, monkeypatch):
    monkeypatch.setattr(crops, "build", TINY)
    before = TINY()
    before.save(tmp_path / "before.h5")
    begun: list[tuple[float, list[np.ndarray]]] = []

    def learns_nothing(model, *_, **__):
        begun.append((float(model.optimizer.learning_rate), model.get_weights()))
        return Mock(history={})

    monkeypatch.setattr(keras.Model, "fit", learns_nothing)
    crops.train(bars(96), tmp_path, start=tmp_path / "before.h5", epochs=1)
    crops.train(bars(96), tmp_path, epochs=1)
    (halved, weights), (whole, fresh) = begun
    assert halved == pytest.approx(whole / 2) and whole == pytest.approx(crops.LEARNING_RATE / 20)
    for ours, theirs in zip(weights, before.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any((ours != theirs).any() for ours, theirs in zip(fresh, before.get_weights(), strict=True))
