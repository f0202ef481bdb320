"""Untrained networks by name, layers named.

Everything here uses Keras 3's backend-neutral layers. A network takes float32
digits of shape `(n, 28, 28, 1)` in `[0, 1]` and answers `(n, 10)` probabilities;
the recognizer reads its layer `logits`, and transfer goes on from its layer `features`.
"""

import os
import platform
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from digitlib.errors import DigitlibError
from digitlib.logs import quiet

# TensorFlow reads these when it is imported. It keeps the memory of one step for the next, where asking the
# system for it again took up to half of a training's time; and convolves with oneDNN also on processors
# without VNNI, where by default it does not and a step takes up to 1.7 times as long.
os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
if platform.machine() in ("x86_64", "AMD64"):
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

try:
    with quiet():
        import keras
        from keras import layers
except ImportError as error:
    raise DigitlibError(f"training needs {error.name}: pip install 'digitlib[train]'") from error

# BatchNormalization's running means forget faster than by default (0.99): in a short one-cycle training
# the default still carries the first steps' statistics when the training ends.
MOMENTUM = 0.9


class Layer(NamedTuple):
    """One row of the table that explains a network.

    Attributes:
        name: the layer's name.
        kind: its class, such as "Conv2D".
        shape: shape of its output for one digit.
        parameters: numbers that it holds, trained or not.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


def build(name: str) -> keras.Model:
    """Build an untrained network.

    Args:
        name: a key of `NETWORKS`.

    Returns:
        A functional model from `(n, 28, 28, 1)` to `(n, 10)` probabilities, with freshly drawn weights.

    Raises:
        DigitlibError: if no network has this name.
    """
    if name not in NETWORKS:
        raise DigitlibError(f"no network is called {name!r}: choose one of {', '.join(NETWORKS)}")
    return classifier(NETWORKS[name], name)


def classifier(features: Callable[[keras.KerasTensor], keras.KerasTensor], name: str) -> keras.Model:
    """Put input, ten logits and probabilities round what finds the features of a digit."""
    digit = keras.Input((28, 28, 1), name="digit")
    logits = layers.Dense(10, name="logits")(features(digit))
    return keras.Model(digit, layers.Softmax(name="probabilities")(logits), name=name)


def layer_table(model: keras.Model) -> list[Layer]:
    """Return one row per layer, in the order that a digit passes them."""
    return [
        Layer(layer.name, type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in model.layers
    ]


def _convolution(
    x: keras.KerasTensor, filters: int, size: int, name: str, strides: int = 1, pool: int = 1
) -> keras.KerasTensor:
    """Convolve, pool where asked to, normalise, rectify: the brick that all networks are made of."""
    x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False, name=f"conv_{name}")(x)
    if pool > 1:  # before the other two, which then have a quarter of the work
        x = layers.MaxPooling2D(pool, name=f"pool_{name}")(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, name=f"norm_{name}")(x)
    return layers.ReLU(name=f"relu_{name}")(x)


def _features(x: keras.KerasTensor, units: int, name: str, *, dropout: float) -> keras.KerasTensor:
    """Gather what was found all over the picture into a row of numbers, with Dropout before and after."""
    x = layers.Dropout(dropout, name=f"dropout_{name}")(layers.Flatten(name="flatten")(x))
    x = layers.Dense(units, use_bias=False, name="dense")(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, name="norm_dense")(x)
    return layers.Dropout(dropout, name="dropout_features")(layers.ReLU(name="features")(x))


def _deep(digit: keras.KerasTensor, edges: int, strokes: int, parts: int, units: int) -> keras.KerasTensor:
    """Four convolutions and a dense layer; the first one halves the picture, which saves most of the time."""
    x = _convolution(digit, edges, 5, "edges", strides=2)
    x = _convolution(x, strokes, 3, "strokes")
    x = layers.MaxPooling2D(name="pool_strokes")(x)
    x = _convolution(x, parts, 3, "parts")
    x = _convolution(x, parts, 3, "shapes")
    x = layers.MaxPooling2D(padding="same", name="pool_shapes")(x)
    return _features(x, units, "shapes", dropout=0.3)


def _small(digit: keras.KerasTensor) -> keras.KerasTensor:
    """Three convolutions, of which two see a quarter of the places: an eighth of the work of `base`."""
    x = _convolution(digit, 24, 5, "edges", strides=2, pool=2)
    x = _convolution(x, 48, 3, "strokes")
    x = _convolution(x, 88, 3, "parts", strides=2)
    return _features(x, 32, "parts", dropout=0.1)


def _tiny(digit: keras.KerasTensor) -> keras.KerasTensor:
    """Five narrow convolutions and no dense layer but the last: under 10,000 numbers."""
    x = _convolution(digit, 8, 3, "edges")
    x = _convolution(x, 16, 3, "strokes", strides=2)
    x = _convolution(x, 16, 3, "corners")
    x = _convolution(x, 20, 3, "parts", strides=2)
    x = _convolution(x, 12, 3, "shapes")
    # No Dropout: what is this narrow has nothing to spare.
    return layers.Flatten(name="features")(layers.MaxPooling2D(3, name="pool_shapes")(x))


NETWORKS: dict[str, Callable[[keras.KerasTensor], keras.KerasTensor]] = {
    "tiny": _tiny,
    "small": _small,
    "base": partial(_deep, edges=32, strokes=64, parts=96, units=128),  # the network that ships
    "large": partial(_deep, edges=48, strokes=96, parts=128, units=256),  # twice the work
}
