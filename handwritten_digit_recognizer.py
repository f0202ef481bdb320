"""The classic program: train a digit network on MNIST, or read one digit in a picture.

python handwritten_digit_recognizer.py --mode train --epochs 50 --batch_size 128
python handwritten_digit_recognizer.py --mode predict --image_path x.png
"""

import argparse
import logging
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must be told so, in words
    sys.exit("error: this program needs Python 3.11 or later, because Keras 3.15 does")

try:
    from digitlib.doors import cli
    from digitlib.errors import DigitlibError
except ImportError as missing:
    sys.exit(
        f"error: {missing.name} is missing: pip install -r requirements.lock && pip install --no-deps -e ."
    )

log = logging.getLogger("digitlib.classic")


def main() -> int:
    """Parse the classic flags and do what they ask; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mode", choices=["train", "predict"], required=True)
    parser.add_argument("--epochs", type=int, default=50, help="passes over the training digits at most")
    parser.add_argument("--batch_size", type=int, default=128)
    parser.add_argument(
        "--model_path", help="train: where the .h5 goes (runs/classic/model.h5); predict: a model"
    )
    parser.add_argument("--image_path", help="the picture to read")
    parser.add_argument("--data", help="an mnist.npz; else DIGITLIB_DATA, cache, download, 5k sample")
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    arguments = parser.parse_args()
    return cli.guarded(lambda: {"train": train, "predict": predict}[arguments.mode](arguments), arguments)


def train(arguments: argparse.Namespace) -> int:
    """Train, save, score on the test digits, and draw the three pictures."""
    from pathlib import Path

    from digitlib import files
    from digitlib.config import TrainingConfig
    from digitlib.data import mnist
    from digitlib.logs import logged
    from digitlib.series import report

    config = TrainingConfig(epochs=arguments.epochs, batch_size=arguments.batch_size)
    target = Path(arguments.model_path or files.root() / "runs" / "classic" / "model.h5")
    if target.suffix not in {".h5", ".keras"}:
        raise DigitlibError(f"--model_path {target}: a network is saved as .h5 or .keras")
    with files.whole_file(target):
        pass  # says now, and not after the training, that it cannot be written
    digits = mnist.load(arguments.data)
    shapes = [(len(split.labels), 28, 28, 1) for split in (digits.development, digits.test)]
    log.info("Loaded %s dataset: Train %s, Test %s", digits.name, *shapes)

    folder = files.root() / "runs" / "classic"
    with logged(folder):
        from digitlib.networks import saved
        from digitlib.training import fit

        card = fit.train_anew(config, digits, folder)
        if target.resolve() != (folder / "model.h5").resolve():
            if target.suffix == ".keras":
                saved.save(saved.load(folder / "model.h5"), target)
            else:
                files.copy(folder / "model.h5", target)
        log.info("Saved the model to %s", target)
        report.draw(folder, files.root() / "figures")
    test = card.metrics["test"]
    note = "" if digits.name == "MNIST" else f" ({digits.test_name})"
    print(f"Test Accuracy: {test['accuracy']:.4f}, Test Loss: {test['loss']:.4f}{note}")
    return cli.FINE


def predict(arguments: argparse.Namespace) -> int:
    """Read one digit; without --model_path with the network trained last, or else the one that ships."""
    from digitlib import files
    from digitlib.reading.recognizer import Recognizer

    if not arguments.image_path:
        raise DigitlibError("--mode predict needs --image_path")
    own = files.root() / "runs" / "classic"
    path = arguments.model_path or (own if (own / "card.json").is_file() else files.models())
    log.info("Reading with the model in %s", path)
    reading = Recognizer.load(path).read(arguments.image_path, single=True)
    if not reading.text:
        raise DigitlibError(f"{arguments.image_path}: {reading.reason}")
    print(f"Prediction: {reading.text} (Confidence: {reading.confidence:.2f})")
    return cli.FINE


if __name__ == "__main__":
    sys.exit(main())
