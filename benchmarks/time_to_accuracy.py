"""How long our quick recipe takes to its accuracy, beside two well-known examples on the same machine.

python benchmarks/time_to_accuracy.py [--seeds 3] [--record]

Trains one after the other, so that nothing competes: the quick profile (several seeds, with the examples
between them, because a machine has slow minutes); the recipe of the Keras example "Simple MNIST convnet"
(34,826 parameters, Adam, batches of 128, 15 epochs); and that of the PyTorch example "mnist" (1,199,882
parameters, Adadelta, batches of 64, 14 epochs), of which two epochs are timed and the rest multiplied. Both
were written anew from their descriptions. Seconds are those of the fit: augmentation and validation
included, loading and scoring the test digits not.
PyTorch is asked for only here: pip install torch; without it that row is left out, and this is said.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from accuracy import processor

from digitlib import files
from digitlib.config import PROFILES
from digitlib.data import mnist
from digitlib.data.mnist import Split
from digitlib.networks.digits import keras, layers
from digitlib.pictures.views import as_network_input
from digitlib.training.batches import Batches
from digitlib.training.fit import compiled

RECORD = Path(__file__).with_suffix(".json")
KERAS_EPOCHS, TORCH_EPOCHS, TORCH_TIMED = 15, 14, 2
Answer = Callable[[np.ndarray], np.ndarray]  # float digits (n, 28, 28, 1) to classes (n,)


def ours(digits: mnist.Digits, seed: int) -> tuple[float, Answer]:
    """Train the quick profile; return the seconds of the fit and what answers."""
    config = replace(PROFILES["quick"], seed=seed)
    started = time.perf_counter()
    model = compiled(config)
    validation = as_network_input(digits.validation.images), np.eye(10)[digits.validation.labels]
    model.fit(
        Batches(digits.train, config), epochs=config.epochs, shuffle=False, verbose=0,
        validation_data=validation, validation_batch_size=500,
    )  # fmt: skip
    return time.perf_counter() - started, _keras_answer(model)


def keras_example(train: Split) -> tuple[float, Answer]:
    """Train the Keras example's network for its fifteen epochs, a tenth of the digits held out."""
    keras.utils.set_random_seed(0)
    started = time.perf_counter()
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    # Without XLA, as ours: it makes networks of this size several times slower on a CPU.
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    model.fit(
        as_network_input(train.images), np.eye(10)[train.labels],
        batch_size=128, epochs=KERAS_EPOCHS, validation_split=0.1, verbose=0,
    )  # fmt: skip
    return time.perf_counter() - started, _keras_answer(model)


def torch_example(train: Split) -> float:
    """Train the PyTorch example's network for two epochs and return the seconds of fourteen."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(0)
    images = (as_network_input(train.images).transpose(0, 3, 1, 2) - 0.1307) / 0.3081
    batches = DataLoader(
        TensorDataset(torch.from_numpy(images), torch.from_numpy(train.labels).long()), 64, shuffle=True
    )
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    )  # fmt: skip
    optimizer, loss = torch.optim.Adadelta(model.parameters(), 1.0), nn.CrossEntropyLoss()
    started = time.perf_counter()
    for _ in range(TORCH_TIMED):
        for pictures, labels in batches:
            optimizer.zero_grad()
            loss(model(pictures), labels).backward()
            optimizer.step()
    return (time.perf_counter() - started) * TORCH_EPOCHS / TORCH_TIMED


def _keras_answer(model: keras.Model) -> Answer:
    return lambda images: model.predict(images, batch_size=500, verbose=0).argmax(axis=1)


def main() -> None:
    """Train everything, print seconds, accuracies and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RECORD.name}")
    arguments = parser.parse_args()
    digits = mnist.load()
    if digits.is_sample:
        raise SystemExit("error: these figures are about full MNIST: set DIGITLIB_DATA to an mnist.npz")
    test = as_network_input(digits.test.images)

    def reached(answer: Answer) -> float:
        return float((answer(test) == digits.test.labels).mean())

    figures = {"machine": {"cpu": processor(), "cores": os.cpu_count(), "keras": keras.__version__}}
    seconds, accuracies = [], []
    for seed in range(arguments.seeds):
        took, answer = ours(digits, seed)
        seconds.append(round(took, 1))
        accuracies.append(reached(answer))
        print(f"digitlib quick, seed {seed}: {took:.1f} s, {accuracies[-1]:.2%}", flush=True)
        if seed == 0:
            took, answer = keras_example(digits.development)
            figures["keras example"] = {"seconds": round(took, 1), "accuracy": reached(answer)}
        elif seed == 1 and find_spec("torch"):
            took = torch_example(digits.development)
            figures["machine"]["torch"] = version("torch")
            figures["pytorch example"] = {"seconds": round(took, 1), "epochs_timed": TORCH_TIMED}
    mine = statistics.mean(seconds)
    for name in figures.keys() - {"machine"}:
        figures[name]["ratio"] = round(figures[name]["seconds"] / mine, 1)
    figures["digitlib quick"] = {
        "seconds": round(mine, 1), "of_each": seconds,
        "accuracy": round(statistics.mean(accuracies), 5), "accuracies": accuracies,
    }  # fmt: skip
    if "pytorch example" not in figures:
        print("PyTorch's example is left out: it needs pip install torch, and two seeds or more")
    print(json.dumps(figures, indent=1))
    if arguments.record:
        files.write_text(RECORD, json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
