"""Around the epochs of a training: its state is kept, its weights are averaged, its patience ends."""

import json
import logging
import os
from pathlib import Path

from digitlib.config import TrainingConfig
from digitlib.files import whole_file, write_text
from digitlib.networks.digits import keras

log = logging.getLogger(__name__)

CHECKPOINT, BEST = "checkpoint.weights.h5", "best.weights.h5"


def around(
    config: TrainingConfig, folder: Path, history: list[dict[str, float]]
) -> list[keras.callbacks.Callback]:
    """Return what a training needs, in the order in which it must be called; the first is its `Patience`.

    Args:
        config: the settings; `patience` and `ema` are used here.
        folder: the run folder.
        history: one row per epoch that was finished before; rows are added to it.
    """
    losses = [row["val_loss"] for row in history]
    best = keras.callbacks.ModelCheckpoint(
        folder / "aside" / BEST, "val_loss", save_best_only=True, save_weights_only=True,
        initial_value_threshold=min(losses, default=None),
    )  # fmt: skip
    if not config.ema:
        return [Patience(config, losses), best, KeepState(folder, history)]
    average = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    # A checkpoint holds the weights themselves: with their average a resumed training would go on from that.
    back = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: average.on_epoch_begin(epoch))
    return [Patience(config, losses), average, best, back, KeepState(folder, history)]


class KeepWeights(keras.callbacks.Callback):
    """Keep weights and optimiser, whole or not at all, after every epoch."""

    def __init__(self, path: Path) -> None:
        """Write into a file, `.weights.h5`."""
        super().__init__()
        self.path = path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Put them on disk."""
        with whole_file(self.path) as whole:
            self.model.save_weights(whole)


class KeepState(KeepWeights):
    """Write history, then checkpoint, after every epoch; publish what ModelCheckpoint wrote aside."""

    def __init__(self, folder: Path, history: list[dict[str, float]]) -> None:
        """Write into a run folder, and add to its history of the epochs before."""
        super().__init__(folder / CHECKPOINT)
        self.folder, self.history = folder, history

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Let Dropout draw what it would have drawn without a stop."""
        for layer in self.model.layers:  # a checkpoint does not hold where Dropout's random numbers were
            if isinstance(layer, keras.layers.Dropout):
                state = layer.seed_generator.state
                state.assign([int(state[0]), epoch * 2**32])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Put everything on disk."""
        aside = self.folder / "aside" / BEST
        if aside.exists():  # ModelCheckpoint writes in place: half a file would be left by a kill
            os.replace(aside, self.folder / BEST)
        reached = {name: round(float(value), 6) for name, value in (logs or {}).items()}
        self.history.append({"epoch": epoch + 1} | reached)
        write_text(self.folder / "history.json", json.dumps(self.history, indent=1))
        super().on_epoch_end(epoch, logs)
        log.info(
            "Epoch %d: %s", epoch + 1, ", ".join(f"{name} {value:.4f}" for name, value in reached.items())
        )


class Patience(keras.callbacks.EarlyStopping):
    """EarlyStopping that remembers, when resumed, what the epochs before had reached."""

    def __init__(self, config: TrainingConfig, losses: list[float]) -> None:
        """Take the validation losses of the epochs before."""
        # While the one-cycle rate is high the validation loss jumps; only the second half may stop the run.
        super().__init__("val_loss", patience=config.patience, start_from_epoch=config.epochs // 2)
        self.losses = losses

    @property
    def would_stop(self) -> bool:
        """Whether the epochs before had already run out of patience."""
        losses = self.losses[self.start_from_epoch :]
        return bool(losses) and losses[::-1].index(min(losses)) >= self.patience

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Go through the epochs before."""
        super().on_train_begin(logs)
        for epoch, loss in enumerate(self.losses):
            self.on_epoch_end(epoch, {"val_loss": loss})
