"""Export a digit network for other programs, and measure every export before it is believed.

ONNX keeps the numbers as they are; LiteRT with 8 bits is a quarter of the size, and rounds.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from digitlib.data import mnist
from digitlib.errors import DigitlibError
from digitlib.files import sha256, whole_file, write_text
from digitlib.logs import no_progress
from digitlib.networks import saved
from digitlib.networks.card import Card
from digitlib.networks.confidence import softmax
from digitlib.networks.lite import LiteModel
from digitlib.pictures.views import as_network_input

if TYPE_CHECKING:
    from digitlib.networks.digits import keras

NAME = "exports.json"
SHOWN = 500  # validation digits that show the 8-bit export which values occur
PART = 100  # digits that are asked for at once, but where the time of one is measured
TIMED = 300  # single digits

Network = Callable[[np.ndarray], np.ndarray]


def export(folder: Path, out: Path, source: str | None = None) -> dict[str, dict[str, Any]]:
    """Export a network in every format.

    Args:
        folder: of a finished run, or `models/`.
        out: folder for `model.onnx`, `model-int8.tflite` and `exports.json`.
        source: of the digits that it is measured on, as for `data.mnist.settle`.

    Returns:
        What `exports.json` holds beside the digits' name, `data`: by file, `bytes`, `sha256`, and on the
        test digits, each seen in one view: `n`, `accuracy`, `changed` answers and `largest_difference` of a
        probability from `model.tflite`; and for one digit the median and 95th percentile of its time,
        `p50_ms` and `p95_ms`, on this machine.

    Raises:
        DigitlibError: if the folder holds no finished network, packages are missing, or an answer of the
            ONNX export differs.
    """
    card, digits = Card.read(folder), mnist.load(source)
    card.check(folder / "model.tflite")
    model = saved.before_softmax(saved.load(folder / "model.h5"))
    with whole_file(out / "model.onnx") as onnx, whole_file(out / "model-int8.tflite") as int8:
        said = _exported(model, onnx, int8, folder / "model.tflite", card, digits)
        write_text(out / NAME, json.dumps({"data": digits.test_name} | said, indent=1) + "\n")
    return said


def _exported(
    model: "keras.Model", onnx: Path, int8: Path, shipped: Path, card: Card, digits: mnist.Digits
) -> dict[str, dict[str, Any]]:
    """Export to two files and measure them beside what ships; see `export`."""
    saved.export_onnx(model, onnx)
    saved.export_int8(model, int8, as_network_input(digits.validation.images[:SHOWN]))

    lite = LiteModel(shipped)
    truth = probabilities(lite, digits.test.images, card.temperature)
    said = {"model.tflite": measured(lite, truth, truth, digits.test)}
    for path, network in ((onnx, onnx_network(onnx)), (int8, LiteModel(int8))):
        answers = probabilities(network, digits.test.images, card.temperature)
        said[path.name] = measured(network, answers, truth, digits.test)
    for path in (shipped, onnx, int8):
        said[path.name] |= {"bytes": path.stat().st_size, "sha256": sha256(path)}
    if changed := said[onnx.name]["changed"]:
        raise DigitlibError(f"nothing is exported: {changed} answers of {onnx.name} differ from {shipped}")
    return said


def onnx_network(path: Path) -> Network:
    """Open an ONNX file with ONNX Runtime, on two processors as LiteRT."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    return lambda digits: session.run(None, {entry: digits})[0]


def probabilities(network: Network, images: np.ndarray, temperature: float) -> np.ndarray:
    """Ask a network about digits in one view: float32 `(n, 10)`, calibrated."""
    parts = tqdm(range(0, len(images), PART), desc="digits", leave=False, disable=no_progress())
    logits = [network(as_network_input(images[start : start + PART])) for start in parts]
    return softmax(np.concatenate(logits), temperature)


def measured(network: Network, answers: np.ndarray, truth: np.ndarray, test: mnist.Split) -> dict[str, Any]:
    """Compare an export's answers with those of the network, and time it on single digits."""
    taken = []
    for image in test.images[:TIMED]:
        started = time.perf_counter()
        network(as_network_input(image[None]))
        taken.append(1000 * (time.perf_counter() - started))
    return {
        "n": len(test.labels),
        "accuracy": round(float((answers.argmax(axis=1) == test.labels).mean()), 4),
        "changed": int((answers.argmax(axis=1) != truth.argmax(axis=1)).sum()),
        "largest_difference": float(f"{np.abs(answers - truth).max():.2g}"),
        "p50_ms": round(float(np.percentile(taken, 50)), 3),
        "p95_ms": round(float(np.percentile(taken, 95)), 3),
    }
