"""Networks have named layers, answer probabilities, and survive their files."""

import keras
import numpy as np
import pytest

from digitlib.errors import DigitlibError
from digitlib.networks.digits import NETWORKS, build, layer_table


@pytest.fixture(scope="module")
def base() -> keras.Model:
    return build("base")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_maps_digits_to_probabilities(name):
    answer = build(name).predict(np.random.default_rng(0).random((3, 28, 28, 1)), verbose=0)
    assert answer.shape == (3, 10)
    np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=1e-5)


def test_the_deep_network_is_made_of_the_classic_parts(base):
    kinds = {layer.kind for layer in layer_table(base)}
    assert {"Conv2D", "MaxPooling2D", "BatchNormalization", "Dense", "Dropout"} <= kinds


def test_parameters_add_up_by_hand(base):
    # weights of each convolution and dense layer, and four numbers per normalised channel
    by_hand = 25 * 1 * 32 + 9 * 32 * 64 + 9 * 64 * 96 + 9 * 96 * 96 + 4 * 4 * 96 * 128 + 128 * 10 + 10
    by_hand += 4 * (32 + 64 + 96 + 96 + 128)
    assert sum(layer.parameters for layer in layer_table(base)) == base.count_params() == by_hand


def test_no_layer_has_an_automatic_name():
    first, second = build("base"), build("base")
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]


def test_an_unknown_network_is_refused_with_the_known_ones():
    with pytest.raises(DigitlibError, match=r"'vgg'.*base"):
        build("vgg")
