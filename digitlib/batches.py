"""What a network is shown, batch by batch: augmented digits, and strangers beside them."""

import numpy as np

from digitlib import strangers
from digitlib.augment import augment
from digitlib.config import TrainingConfig
from digitlib.data import Split, as_network_input
from digitlib.models import keras

POOL = 12_000  # strangers drawn once; every epoch augments some of them anew


class Batches(keras.utils.PyDataset):
    """Augmented training digits, `epoch_digits` an epoch, drawn anew for every epoch.

    A smaller set is gone through several times, in a new order each time. Order and
    augmentation depend on seed and epoch alone, so that a resumed run sees what it would have seen.
    """

    def __init__(self, split: Split, config: TrainingConfig, *, epoch: int = 0) -> None:
        """Prepare the batches of `epoch`, counted from 0."""
        super().__init__()
        self.split, self.config, self.epoch = split, config, epoch
        self.beside = round(config.strangers * config.batch_size)  # strangers in a batch
        if self.beside:
            self.pool = strangers.draw(POOL, np.random.default_rng(config.seed), *split)
        self._draw()

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return self.config.steps_per_epoch

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return digits `(batch, 28, 28, 1)` and targets `(batch, 10)`, float32, strangers last.

        A digit's target is one-hot; a stranger's gives each class a tenth.

        Reference:
            Hendrycks, Mazeika, Dietterich (2019), Deep anomaly detection with outlier exposure,
            arXiv:1812.04606: uniform targets for what is none of the classes.
        """
        part = slice(index * self.config.batch_size, (index + 1) * self.config.batch_size)
        images, targets = self.images[part], np.eye(10, dtype=np.float32)[self.labels[part]]
        if self.beside:
            images = np.concatenate([images, self.strangers[index * self.beside : (index + 1) * self.beside]])
            targets = np.concatenate([targets, np.full((self.beside, 10), 0.1, np.float32)])
        return as_network_input(images), targets

    def on_epoch_end(self) -> None:
        """Draw the digits of the next epoch."""
        self.epoch += 1
        self._draw()

    def _draw(self) -> None:
        rng = np.random.default_rng([self.config.seed, self.epoch])
        n, shown = len(self.split.labels), self.config.epoch_digits
        order = np.concatenate([rng.permutation(n) for _ in range(-(-shown // n))])[:shown]
        self.images = augment(self.split.images[order], self.config.augmentation, rng)
        self.labels = self.split.labels[order]
        if self.beside:
            chosen = rng.integers(len(self.pool), size=self.beside * len(self))
            self.strangers = augment(self.pool[chosen], self.config.augmentation, rng)


class DigitAccuracy(keras.metrics.CategoricalAccuracy):
    """Accuracy over the digits of a batch alone: a stranger has no right class."""

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        """Count rows whose target is a class."""
        super().update_state(y_true, y_pred, keras.ops.max(y_true, axis=-1) > 0.5)
