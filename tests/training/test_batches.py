"""Batches hold as many digits as they should, drawn anew for every epoch, and strangers if asked."""

from dataclasses import replace

import numpy as np
import pytest

from digitlib.config import Augmentation, TrainingConfig
from digitlib.training import batches
from digitlib.training.batches import Batches, DigitAccuracy

CONFIG = TrainingConfig(epoch_digits=600, batch_size=50, augmentation=Augmentation(rotation=0, shift=1))


@pytest.fixture(autouse=True)
def few_strangers(monkeypatch):
    monkeypatch.setattr(batches, "POOL", 40)


def test_an_epoch_shows_as_many_digits_however_small_the_set(toy):
    batches = Batches(toy.train, replace(CONFIG, epoch_digits=1000, batch_size=300))
    sizes = [len(batches[i][1]) for i in range(len(batches))]
    assert sizes == [300, 300, 300, 100]
    shown = np.concatenate([batches[i][1] for i in range(len(batches))])
    assert shown.sum() == 1000
    assert (shown.sum(axis=0) >= 90).all()  # three whole passes, and a part of the fourth


def test_every_epoch_is_drawn_anew_and_the_same_for_a_seed(toy):
    batches = Batches(toy.train, CONFIG)
    first = batches[0][0]
    batches.on_epoch_end()
    second = batches[0][0]
    assert (first != second).any()
    np.testing.assert_array_equal(Batches(toy.train, CONFIG, epoch=1)[0][0], second)


def test_strangers_join_each_batch_with_no_class_of_their_own(toy):
    images, targets = Batches(toy.train, replace(CONFIG, strangers=0.2))[3]
    assert images.shape == (60, 28, 28, 1)
    np.testing.assert_array_equal(targets[:50].max(axis=1), 1)
    np.testing.assert_allclose(targets[50:], 0.1)


def test_redrawn_digits_join_each_batch_with_their_classes(toy):
    images, targets = Batches(toy.train, replace(CONFIG, strangers=0.2, redrawn=0.1))[0]
    assert images.shape == (65, 28, 28, 1)
    np.testing.assert_allclose(targets[50:60], 0.1)
    np.testing.assert_array_equal(np.sort(targets[60:], axis=1)[:, -2:], [[0, 1]] * 5)


def test_accuracy_counts_digits_and_not_strangers():
    metric = DigitAccuracy("accuracy")
    targets = np.array([np.eye(10)[1], np.eye(10)[2], [0.1] * 10])
    metric.update_state(targets, np.eye(10)[[1, 1, 0]])
    assert float(metric.result()) == pytest.approx(0.5)
