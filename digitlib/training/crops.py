"""Train the crop network on candidates of made pages."""

import logging
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from digitlib.networks import saved
from digitlib.networks.crops import build
from digitlib.networks.digits import keras
from digitlib.pictures.crops import NONE, RIM, as_crop_input, moved
from digitlib.training.callbacks import KeepWeights
from digitlib.training.pages import CLIMB, CLIPNORM
from digitlib.training.recipe import half_precision, one_cycle, progress_bars

log = logging.getLogger(__name__)

BATCH, EPOCHS = 256, 4
CHECKPOINT = "crops.weights.h5"
LEARNING_RATE, WEIGHT_DECAY, EMA = 0.004, 0.02, 0.998  # one-cycle AdamW, as for the page network


class Crops(keras.utils.PyDataset):
    """Batches of crops, each epoch in a new order, moved by up to `RIM` pixels anew.

    In half of them ink and paper are exchanged.

    Args:
        rows: by name, arrays of n rows: `crop`, uint8 `(n, 56, 56)`, with a rim; `far`, uint8
            `(n, 48, 48)`; `box` `(n, 4)`: what each was cut out around; `zoom` `(n, 1)`: how much larger than
            usual; `label`: 0 to 9, or -1 for what is no digit; `weight`: how much it counts.
        seed: decides the order.
    """

    def __init__(self, rows: Mapping[str, np.ndarray], seed: int) -> None:
        """Draw the first order."""
        super().__init__()
        self.crops, self.far, self.boxes, self.zooms = (rows[name] for name in ("crop", "far", "box", "zoom"))
        self.labels = np.where(rows["label"] < 0, NONE, rows["label"])
        self.weights = rows["weight"] / rows["weight"].mean()
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Return how many batches an epoch has."""
        return math.ceil(len(self.order) / BATCH)

    def on_epoch_end(self) -> None:
        """Draw another order, and what is done to each crop."""
        n = len(self.labels)
        self.order = self.rng.permutation(n)
        self.inverted = self.rng.random(n) < 0.5
        self.moved = self.rng.integers(-RIM, RIM + 1, (n, 2))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return inputs of the network `(b, 48, 48, 3)`, classes `(b,)`, and what each counts, `(b,)`."""
        chosen = self.order[BATCH * index : BATCH * (index + 1)]
        moves = self.moved[chosen]
        taken = as_crop_input(
            moved(self.crops[chosen], moves), self.far[chosen], self.boxes[chosen],
            zooms=self.zooms[chosen], moves=moves,
        )  # fmt: skip
        taken[self.inverted[chosen]] *= (-1, 1, -1)
        return taken, self.labels[chosen], self.weights[chosen]


def train(
    rows: Mapping[str, np.ndarray],
    folder: Path,
    *,
    start: Path | None = None,
    epochs: int = EPOCHS,
    seed: int = 0,
) -> keras.Model:
    """Train a crop network and write `crops.h5`; goes on where it was stopped after an epoch.

    Args:
        rows: see `Crops`.
        folder: the run folder.
        start: a trained crop network, `.h5`, from whose weights it goes on, at half the rate.
        epochs: how often each crop is seen.
        seed: decides the initial weights and the order.

    Returns:
        The network, its weights averaged.
    """
    keras.utils.set_random_seed(seed)
    model, batches = build(), Crops(rows, seed)
    if start:
        model.load_weights(start)
    rate = LEARNING_RATE / 2 if start else LEARNING_RATE
    optimizer = one_cycle(
        epochs * len(batches), rate, climb=CLIMB, weight_decay=WEIGHT_DECAY, ema=EMA,
        clipnorm=CLIPNORM,
    )  # fmt: skip
    optimizer.build(model.trainable_variables)  # here, or TensorFlow traces the training step twice
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, weighted_metrics=["accuracy"], jit_compile=False)  # XLA is slow on a CPU
    kept = folder / CHECKPOINT
    if kept.is_file():
        model.load_weights(kept)
    begun = int(optimizer.iterations) // len(batches)
    for _ in range(begun):
        batches.on_epoch_end()  # on to the order in which it was stopped
    with half_precision():
        past = model.fit(
            batches, initial_epoch=begun, epochs=epochs, shuffle=False, verbose=0,
            callbacks=[KeepWeights(kept), *progress_bars()],
        )  # fmt: skip
    for name, values in past.history.items():
        log.info("Crops, %s by epoch: %s", name, ", ".join(f"{value:.4f}" for value in values))
    optimizer.finalize_variable_values(model.trainable_variables)
    saved.save(model, folder / "crops.h5")
    kept.unlink(missing_ok=True)
    return model
