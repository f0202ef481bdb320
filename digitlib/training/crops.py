"""Train the crop network on candidates of made pages."""

import logging
import math
from pathlib import Path

import cv2
import numpy as np

from digitlib.logs import no_progress
from digitlib.networks import saved
from digitlib.networks.crops import build
from digitlib.networks.digits import keras
from digitlib.pictures.crops import NONE, SIDE, as_crop_input
from digitlib.pictures.views import warps
from digitlib.training.pages import CLIMB, CLIPNORM
from digitlib.training.recipe import half_precision, one_cycle

log = logging.getLogger(__name__)

BATCH, EPOCHS = 256, 4
MOVED, RESIZED = 2.0, 0.06  # deviations of how far a crop is moved, in pixels, and of the log of its size
LEARNING_RATE, WEIGHT_DECAY, EMA = 0.004, 0.02, 0.998  # one-cycle AdamW, as for the page network


class Crops(keras.utils.PyDataset):
    """Batches of crops, each epoch in a new order, moved and resized a little anew.

    In half of them ink and paper are exchanged.

    Args:
        crops: uint8 array of shape `(n, 48, 48)`.
        boxes: float array `(n, 4)`: what each was cut out around.
        labels: int array `(n,)`: 0 to 9, or -1 for what is no digit.
        seed: decides the order.
    """

    def __init__(self, crops: np.ndarray, boxes: np.ndarray, labels: np.ndarray, seed: int) -> None:
        """Draw the first order."""
        super().__init__()
        self.crops, self.boxes = crops, boxes
        self.labels = np.where(labels < 0, NONE, labels)
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Return how many batches an epoch has."""
        return math.ceil(len(self.order) / BATCH)

    def on_epoch_end(self) -> None:
        """Draw another order, and what is done to each crop."""
        n, none = len(self.labels), np.zeros(len(self.labels))
        self.order = self.rng.permutation(n)
        self.inverted = self.rng.random(n) < 0.5
        sizes = np.exp(self.rng.normal(0, RESIZED, (n, 1)))
        self.warps = warps(none, none, sizes, self.rng.normal(0, MOVED, (n, 2)), (SIDE, SIDE))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs of the network `(b, 48, 48, 2)` and classes `(b,)`."""
        chosen = self.order[BATCH * index : BATCH * (index + 1)]
        taken = as_crop_input(self.crops[chosen], self.boxes[chosen])
        taken[self.inverted[chosen], ..., 0] *= -1
        moved = [
            cv2.warpAffine(one, warp, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
            for one, warp in zip(taken, self.warps[chosen], strict=True)
        ]
        return np.stack(moved), self.labels[chosen]


def train(
    crops: np.ndarray,
    boxes: np.ndarray,
    labels: np.ndarray,
    folder: Path,
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
) -> keras.Model:
    """Train a crop network and write `crops.h5`; goes on where it was stopped after an epoch.

    Args:
        crops: from `series.candidates.look_closer`, as are `boxes` and `labels`.
        boxes: see there.
        labels: see there.
        folder: the run folder.
        epochs: how often each crop is seen.
        seed: decides the initial weights and the order.

    Returns:
        The network, its weights averaged.
    """
    keras.utils.set_random_seed(seed)
    model, batches = build(), Crops(crops, boxes, labels, seed)
    optimizer = one_cycle(
        epochs * len(batches), LEARNING_RATE, climb=CLIMB, weight_decay=WEIGHT_DECAY, ema=EMA,
        clipnorm=CLIPNORM,
    )  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)  # XLA is slow on a CPU
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.BackupAndRestore(folder / "crops")]
    if not no_progress():
        from tqdm.keras import TqdmCallback

        callbacks.append(TqdmCallback(verbose=0))
    with half_precision():
        past = model.fit(batches, epochs=epochs, verbose=0, callbacks=callbacks)
    for name, values in past.history.items():
        log.info("Crops, %s by epoch: %s", name, ", ".join(f"{value:.4f}" for value in values))
    optimizer.finalize_variable_values(model.trainable_variables)
    saved.save(model, folder / "crops.h5")
    return model
