"""A ResNet that knows photographs."""

import numpy as np
import pytest

from digitlib.errors import DigitlibError
from digitlib.networks import pretrained
from digitlib.networks.digits import keras
from digitlib.pictures.views import as_network_input


def test_a_weight_file_is_loaded_into_the_resnet_and_digits_pass(tmp_path, monkeypatch, toy):
    keras.utils.set_random_seed(1)
    made = keras.applications.ResNet50V2(
        include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg"
    )
    made.save_weights(tmp_path / "made.weights.h5")
    network = pretrained.resnet(str(tmp_path / "made.weights.h5"), frozen=True)
    body = next(layer for layer in network.layers if isinstance(layer, keras.Model))
    for mine, theirs in zip(body.get_weights(), made.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == 2048 * 10 + 10
    assert network.get_layer("dropout_features").rate == 0.3  # as in the networks of `models`
    listening = keras.Model(network.inputs, network.get_layer("features").output)
    features = listening.predict(as_network_input(toy.test.images[:2]), verbose=0)
    expected = made.predict(
        2 * np.repeat(keras.ops.image.resize(as_network_input(toy.test.images[:2]), (32, 32)), 3, -1) - 1,
        verbose=0,
    )
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4)


def test_weights_that_cannot_be_had_are_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(DigitlibError, match=r"no weight file at .*gone\.h5"):
        pretrained.resnet(str(tmp_path / "gone.h5"), frozen=True)

    def refused(**_):
        raise Exception("URL fetch failure on https://...")

    monkeypatch.setattr(keras.applications, "ResNet50V2", refused)
    with pytest.raises(DigitlibError, match=r"imagenet of ResNet50V2 cannot be had .*name the file"):
        pretrained.resnet("imagenet", frozen=True)
