"""The crop network: eleven answers for a crop, and the 8-bit twin that ships gives the same."""

import numpy as np
import pytest

from digitlib import files
from digitlib.networks import crops
from digitlib.networks.digits import keras
from digitlib.networks.lite import LiteModel


def test_it_answers_ten_digits_and_none():
    network = crops.build()
    assert network.count_params() < 2_000_000
    assert network(np.zeros((3, 48, 48, 3), np.float32)).shape == (3, 11)


@pytest.mark.parametrize("channel", [0, 1, 2], ids=["close", "asked about", "from afar"])
def test_it_hears_everything_that_it_is_shown(channel):
    shown = np.random.default_rng(0).normal(0, 1, (2, 48, 48, 3)).astype(np.float32)
    blind = shown.copy()
    blind[..., channel] = 0
    network = crops.build()
    assert np.abs(np.asarray(network(shown)) - np.asarray(network(blind))).max() > 0.01


def test_the_8_bit_twin_that_ships_says_what_the_network_says():
    folder = files.models() / "page"
    exact = keras.saving.load_model(folder / "crops.h5", compile=False)
    twin = LiteModel(folder / "crops.tflite")
    shown = np.random.default_rng(0).normal(0, 1, (4, 48, 48, 3)).astype(np.float32)
    said, ours = np.asarray(exact(shown)), twin(shown)
    assert np.abs(said - ours).max() == pytest.approx(0, abs=0.5)
    assert np.ptp(said, axis=1).min() > 1
