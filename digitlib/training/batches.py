"""What a network is shown, batch by batch: augmented digits, and drawn things beside them."""

import numpy as np

from digitlib.config import TrainingConfig
from digitlib.data import drawn
from digitlib.data.augment import augment
from digitlib.data.corruptions import corrupt
from digitlib.data.mnist import Split
from digitlib.networks.digits import keras
from digitlib.pictures.views import as_network_input

POOL = 10_000  # of each drawn kind; drawn once, and every epoch augments some of them anew
ONE_HOT = np.eye(10, dtype=np.float32)


class Batches(keras.utils.PyDataset):
    """Augmented training digits, `epoch_digits` an epoch, drawn anew for every epoch.

    A smaller set is gone through several times, in a new order each time. Order and
    augmentation depend on seed and epoch alone, so that a resumed run sees what it would have seen.
    """

    def __init__(self, split: Split, config: TrainingConfig, *, epoch: int = 0) -> None:
        """Prepare the batches of `epoch`, counted from 0."""
        super().__init__()
        self.split, self.config, self.epoch = split, config, epoch
        rng = np.random.default_rng(config.seed)
        self.pools = []  # what joins each batch: how many, images, targets
        if config.strangers:
            strange = drawn.strangers(POOL, rng, *split)
            self.pools.append(
                (_part(config, config.strangers), strange, np.full((POOL, 10), 0.1, np.float32))
            )
        if config.redrawn:
            redrawn = drawn.digits(POOL, rng, *split)
            self.pools.append((_part(config, config.redrawn), redrawn.images, ONE_HOT[redrawn.labels]))
        self._draw()

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return self.config.steps_per_epoch

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return digits `(batch, 28, 28, 1)` and targets `(batch, 10)`, float32.

        A digit's target is one-hot; a stranger's gives each class a tenth.

        Reference:
            Hendrycks, Mazeika, Dietterich (2019), Deep anomaly detection with outlier exposure,
            arXiv:1812.04606: uniform targets for what is none of the classes.
        """
        parts = [
            (images[index * count : (index + 1) * count], targets[index * count : (index + 1) * count])
            for count, images, targets in self.shown
        ]
        images, targets = (np.concatenate(part) for part in zip(*parts, strict=True))
        return as_network_input(images), targets

    def on_epoch_end(self) -> None:
        """Draw the digits of the next epoch."""
        self.epoch += 1
        self._draw()

    def _draw(self) -> None:
        rng = np.random.default_rng([self.config.seed, self.epoch])
        n, shown = len(self.split.labels), self.config.epoch_digits
        order = np.concatenate([rng.permutation(n) for _ in range(-(-shown // n))])[:shown]
        chosen = [(self.config.batch_size, self.split.images[order], ONE_HOT[self.split.labels[order]])]
        for count, images, targets in self.pools:
            beside = rng.integers(len(images), size=count * len(self))
            chosen.append((count, images[beside], targets[beside]))
        self.shown = []
        for count, images, targets in chosen:
            varied = augment(images, self.config.augmentation, rng)
            self.shown.append((count, corrupt(varied, rng, part=self.config.corrupted), targets))


def _part(config: TrainingConfig, part: float) -> int:
    """Return how many of something join each batch."""
    return max(1, round(part * config.batch_size))


class DigitAccuracy(keras.metrics.CategoricalAccuracy):
    """Accuracy over the digits of a batch alone: a stranger has no right class."""

    def update_state(
        self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor, sample_weight: None = None
    ) -> None:
        """Count rows whose target is a class."""
        super().update_state(y_true, y_pred, keras.ops.max(y_true, axis=-1) > 0.5)
