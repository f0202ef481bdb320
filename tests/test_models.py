"""Networks have named layers, answer probabilities, and survive their files."""

import keras
import numpy as np
import pytest

from digitlib import models
from digitlib.errors import DigitlibError
from digitlib.numerics import softmax


@pytest.fixture(scope="module")
def base() -> keras.Model:
    return models.build("base")


@pytest.mark.parametrize("name", models.NETWORKS)
def test_every_network_maps_digits_to_probabilities(name):
    answer = models.build(name).predict(np.random.default_rng(0).random((3, 28, 28, 1)), verbose=0)
    assert answer.shape == (3, 10)
    np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=1e-5)


def test_the_deep_network_is_made_of_the_classic_parts(base):
    kinds = {layer.kind for layer in models.layer_table(base)}
    assert {"Conv2D", "MaxPooling2D", "BatchNormalization", "Dense", "Dropout"} <= kinds


def test_parameters_add_up_by_hand(base):
    # weights of each convolution and dense layer, and four numbers per normalised channel
    by_hand = 25 * 1 * 32 + 9 * 32 * 64 + 9 * 64 * 96 + 9 * 96 * 96 + 4 * 4 * 96 * 128 + 128 * 10 + 10
    by_hand += 4 * (32 + 64 + 96 + 96 + 128)
    assert sum(layer.parameters for layer in models.layer_table(base)) == base.count_params() == by_hand


def test_no_layer_has_an_automatic_name():
    first, second = models.build("base"), models.build("base")
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]


def test_an_unknown_network_is_refused_with_the_known_ones():
    with pytest.raises(DigitlibError, match=r"'vgg'.*base"):
        models.build("vgg")


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_a_saved_network_answers_the_same_and_opens_in_plain_keras(base, tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    models.save(base, path)
    digits = np.random.default_rng(0).random((5, 28, 28, 1))
    expected = base.predict(digits, verbose=0)
    for opened in (models.load(path), keras.saving.load_model(path)):
        np.testing.assert_array_equal(opened.predict(digits, verbose=0), expected)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize(
    "content", [b"", b"no model", b"\x89HDF\r\n\x1a\n" + bytes(100)], ids=["empty", "text", "head"]
)
def test_a_file_that_is_no_model_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(content)
    with pytest.raises(DigitlibError, match="is not a network"):
        models.load(path)


def test_a_network_for_something_else_is_refused(tmp_path):
    other = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    other.save(tmp_path / "other.keras")
    with pytest.raises(DigitlibError, match=r"\(None, 32, 32, 3\)"):
        models.load(tmp_path / "other.keras")


def test_code_hidden_in_a_file_is_not_run(tmp_path):
    evil = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Lambda(lambda x: x),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )
    evil.save(tmp_path / "evil.keras")
    with pytest.raises(DigitlibError, match="is not a network"):
        models.load(tmp_path / "evil.keras")


def test_before_softmax_are_the_logits():
    network = models.build("tiny")
    digits = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    logits = models.before_softmax(network).predict(digits, verbose=0)
    np.testing.assert_allclose(softmax(logits), network.predict(digits, verbose=0), atol=1e-5)
    assert np.abs(logits.sum(axis=1) - 1).min() > 1e-3
