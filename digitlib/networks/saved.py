"""Networks on disk: HDF5 or Keras' own format, and LiteRT; needs Keras.

`python -m digitlib.networks.saved x.h5 x.tflite` writes the LiteRT twin of a Keras file in a process of its
own, so that whoever only reads pictures never loads Keras.
"""

import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from digitlib.errors import DigitlibError
from digitlib.files import whole_file
from digitlib.logs import quiet
from digitlib.networks import guard
from digitlib.networks.digits import keras

MOST_MEMORY = 4_000_000_000  # bytes that a network of unknown origin may take while it is converted


def save(model: keras.Model, path: Path) -> None:
    """Save a network without its optimiser, whole or not at all; the suffix is `.h5` or `.keras`."""
    with whole_file(path) as aside, quiet():
        model.save(aside, include_optimizer=False)


def load(path: Path) -> keras.Model:
    """Load a network for use, running no code that the file might carry.

    Raises:
        DigitlibError: if the file is refused by `networks.guard`, is no Keras network, or does not answer
            ten classes for a digit.
    """
    guard.check(path)
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras lets KeyError, ValueError, OSError, TypeError and more through
        raise DigitlibError(f"{path} is not a network that Keras {keras.__version__} can open") from error
    shapes = model.input_shape, model.output_shape
    if shapes != ((None, 28, 28, 1), (None, 10)):
        raise DigitlibError(f"{path} maps {shapes[0]} to {shapes[1]}, not digits (n, 28, 28, 1) to (n, 10)")
    return model


def before_softmax(model: keras.Model) -> keras.Model:
    """Return a network that `build` has made without its last layer: from digits to logits `(n, 10)`."""
    return keras.Model(model.inputs, model.get_layer("logits").output)


def export(model: keras.Model, path: Path) -> None:
    """Write the LiteRT twin of a network, whole or not at all.

    Args:
        model: what to write; from `before_softmax` where logits are wanted.
        path: a file ending in `.tflite`.
    """
    with whole_file(path) as aside, quiet():
        model.export(aside, format="litert", verbose=False)


def export_onnx(model: keras.Model, path: Path) -> None:
    """Write a network as ONNX, for runtimes in other languages, whole or not at all.

    Raises:
        DigitlibError: if the packages for it are missing.
    """
    try:
        import onnx  # noqa: F401 - what Keras needs for it
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise DigitlibError("writing ONNX needs packages: pip install 'digitlib[onnx]'") from error
    model([np.zeros((1, 28, 28, 1), np.float32)])  # Keras asks that it was called once
    with whole_file(path) as aside, quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf2onnx is older than numpy 2
        model.export(aside, format="onnx", verbose=False)


def export_int8(model: keras.Model, path: Path, shown: np.ndarray | None = None) -> None:
    """Write a network as LiteRT that computes with numbers of 8 bits, whole or not at all.

    Input and output stay float32.

    Args:
        model: what to write.
        path: a file ending in `.tflite`.
        shown: float32 array of some hundred inputs, `(n, h, w, 1)`, by which the ranges of all activations
            are settled; without it each is measured when the network runs, which takes pictures of any size.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder, quiet():
        model.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if shown is not None:
            converter.representative_dataset = lambda: ([one[None]] for one in shown)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        content = converter.convert()
    with whole_file(path) as aside:
        aside.write_bytes(content)


def _limit_memory() -> None:
    """Let this process ask for no more than `MOST_MEMORY`, where the system can see to that."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    except (ImportError, OSError, ValueError):  # as on Windows
        pass


if __name__ == "__main__":
    _limit_memory()
    try:
        export(load(Path(sys.argv[1])), Path(sys.argv[2]))
    except DigitlibError as error:
        sys.exit(f"error: {error}")
