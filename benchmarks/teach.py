"""How much twenty pictures of a hand help the network that ships, on hands that a program simulates.

python benchmarks/teach.py [--styles N] [--seeds N] [--record]

A hand is a change that is the same for every digit: slanted, turned and narrow, or bent. Twenty
validation digits, two of each class, are drawn large, changed and framed like pictures; the network is taught
by what `digitlib train --teach` runs; then it reads the test digits in that hand and as they are.
Nothing is chosen here: the settings are those of `digitlib.training.teach`. A bend is no linear map, so
the last hand shows where the method ends.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from digitlib import Recognizer, files
from digitlib.data import mnist
from digitlib.data.mnist import Split
from digitlib.pictures.frame import to_mnist_frame
from digitlib.training import fit, teach

RECORD = Path(__file__).with_suffix(".json")
SIDE = 112  # pixels; side of the page a digit is drawn on
Change = Callable[[np.ndarray], np.ndarray]


def linear(matrix: list[list[float]]) -> Change:
    """Map a page about its middle."""
    middle = np.full(2, (SIDE - 1) / 2)
    whole = np.column_stack([matrix, middle - np.array(matrix) @ middle])
    return lambda page: cv2.warpAffine(page, whole, (SIDE, SIDE))


def bent(page: np.ndarray) -> np.ndarray:
    """Bend a page, its upper and lower end to the right."""
    rows, columns = np.indices(page.shape, dtype=np.float32)
    return cv2.remap(page, columns - 16 * ((rows - SIDE / 2) / (SIDE / 2)) ** 2, rows, cv2.INTER_LINEAR)


TURN = np.deg2rad(20)
HANDS: dict[str, Change] = {
    "slanted 45 degrees": linear([[1, -1], [0, 1]]),
    "slanted 30 degrees": linear([[1, -np.tan(np.deg2rad(30))], [0, 1]]),
    "turned 20 degrees and narrow": linear(
        [[0.6 * np.cos(TURN), -np.sin(TURN)], [0.6 * np.sin(TURN), np.cos(TURN)]]
    ),
    "bent": bent,
}


def written(images: np.ndarray, change: Change) -> np.ndarray:
    """Draw digits large with a firm edge, change them, and frame them: uint8 `(n, 28, 28)`."""
    framed = []
    for image in images:
        page = np.pad(cv2.resize(image, (88, 88), interpolation=cv2.INTER_CUBIC), 12) / np.float32(255)
        framed.append(to_mnist_frame(change(np.clip((page - 0.45) * 6 + 0.5, 0, 1))))
    return (np.stack(framed) * 255).round().astype(np.uint8)


def two_of_each(split: Split, seed: int) -> Split:
    """Draw twenty digits, two of each class."""
    rng = np.random.default_rng(seed)
    chosen = [rng.choice(np.flatnonzero(split.labels == digit), 2, replace=False) for digit in range(10)]
    return Split(split.images[np.concatenate(chosen)], split.labels[np.concatenate(chosen)])


def errors(recognizer: Recognizer, images: np.ndarray, labels: np.ndarray) -> int:
    """Count what is read wrongly."""
    return int((recognizer.probabilities(images).argmax(axis=1) != labels).sum())


def main() -> None:
    """Teach every hand with every seed, print, and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--styles", type=int, default=len(HANDS), help="how many of the hands")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RECORD.name}")
    arguments = parser.parse_args()
    digits, shipped = mnist.load(), Recognizer.load()
    test = digits.test
    plain = int((shipped.probabilities(test.images).argmax(axis=1) != test.labels).sum())
    rows = []
    for name, change in list(HANDS.items())[: arguments.styles]:
        exam = written(test.images, change)
        before = errors(shipped, exam, test.labels)
        for seed in range(arguments.seeds):
            pupils = two_of_each(digits.validation, seed)
            own = Split(written(pupils.images, change), pupils.labels)
            settings = teach.of_the_same_data(replace(teach.SETTINGS, seed=seed), digits)
            folder = files.root() / "runs" / "teach" / f"{name.replace(' ', '-')}-{seed}"
            card = fit.train_anew(settings, teach.lesson(own, digits, seed=seed), folder)
            rows.append(
                {
                    "hand": name, "seed": seed, "n": len(test.labels), "wrong_before": before,
                    "wrong_after": errors(Recognizer.load(folder), exam, test.labels),
                    "plain_wrong_before": plain,
                    "plain_wrong_after": len(test.labels) - int(card.metrics["test"]["correct"]),
                }
            )  # fmt: skip
            print(json.dumps(rows[-1]), flush=True)
    if arguments.record:
        files.write_text(RECORD, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
