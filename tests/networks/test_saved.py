"""Networks on disk."""

import keras
import numpy as np
import pytest

from digitlib.errors import DigitlibError
from digitlib.networks import saved
from digitlib.networks.confidence import softmax
from digitlib.networks.digits import build


@pytest.fixture(scope="module")
def base() -> keras.Model:
    return build("base")


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_a_saved_network_answers_the_same_and_opens_in_plain_keras(base, tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    saved.save(base, path)
    digits = np.random.default_rng(0).random((5, 28, 28, 1))
    expected = base.predict(digits, verbose=0)
    for opened in (saved.load(path), keras.saving.load_model(path)):
        np.testing.assert_array_equal(opened.predict(digits, verbose=0), expected)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize(
    "content", [b"", b"no model", b"\x89HDF\r\n\x1a\n" + bytes(100)], ids=["empty", "text", "head"]
)
def test_a_file_that_is_no_model_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(content)
    with pytest.raises(DigitlibError, match="is refused: it is no"):
        saved.load(path)


def test_a_network_for_something_else_is_refused(tmp_path):
    other = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    other.save(tmp_path / "other.keras")
    with pytest.raises(DigitlibError, match=r"\(None, 32, 32, 3\)"):
        saved.load(tmp_path / "other.keras")


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
    with pytest.raises(DigitlibError, match="a Lambda layer, which runs code"):
        saved.load(tmp_path / "evil.keras")


def test_before_softmax_are_the_logits():
    network = build("tiny")
    digits = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    logits = saved.before_softmax(network).predict(digits, verbose=0)
    np.testing.assert_allclose(softmax(logits), network.predict(digits, verbose=0), atol=1e-5)
    assert np.abs(logits.sum(axis=1) - 1).min() > 1e-3
