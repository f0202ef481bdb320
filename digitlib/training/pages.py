"""Train the page network on made pages; can be stopped and resumed at any time.

Pages are made in processes of their own while the network learns. Batch number i is always the same pages,
whatever was stopped before, so that a resumed training sees what it would have seen.
"""

import json
import logging
import math
import os
from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path

import numpy as np

from digitlib import processes
from digitlib.config import PageConfig
from digitlib.data import mnist, pages
from digitlib.data.writing import UNREADABLE
from digitlib.errors import DigitlibError
from digitlib.files import alone, write_text
from digitlib.networks import saved
from digitlib.networks.digits import keras
from digitlib.networks.pages import build, loss
from digitlib.pictures.views import STRIDE, UNIT, normalised
from digitlib.training.callbacks import CHECKPOINT, KeepWeights
from digitlib.training.recipe import half_precision, keep_part, one_cycle, progress_bars

log = logging.getLogger(__name__)

CLIMB, CLIPNORM = 0.1, 5.0  # part of all steps in which the rate climbs; largest norm of a gradient
FIRST_LARGE = 1  # batches alternate: small pictures, pages
CONFIG = "config.json"


def targets(page: pages.Page) -> np.ndarray:
    """Say what the page network shall answer on a made page.

    Returns:
        float16 array of shape `(side / 4, side / 4, 8)`; see `networks.pages.loss`.
    """
    side = page.picture.shape[0] // STRIDE
    truth = np.zeros((side, side, 8), np.float32)
    truth[..., 1] = 1
    rows, columns = np.indices((side, side), dtype=np.float32)
    for (x, y, width, height), label in zip(page.boxes / STRIDE, page.labels, strict=True):
        if label == UNREADABLE:  # nobody can say whether there is a digit: answers there do not count
            low = np.maximum([int(y), int(x)], 0)
            truth[low[0] : int(y + height) + 1, low[1] : int(x + width) + 1, 1] = 0
        if label < 0:
            continue
        middle = np.array([x + width / 2, y + height / 2])
        column, row = np.clip(np.floor(middle), 0, side - 1)
        spread = np.maximum(np.array([width, height]) / 9, 0.6)
        heat = np.exp(-(((columns - column) / spread[0]) ** 2 + ((rows - row) / spread[1]) ** 2) / 2)
        mine = heat > np.maximum(truth[..., 0], 0.5)
        truth[..., 0] = np.maximum(truth[..., 0], heat)
        truth[mine, 1] = 1
        truth[mine, 2] = heat[mine]
        truth[mine, 3] = middle[0] - columns[mine] - 0.5
        truth[mine, 4] = middle[1] - rows[mine] - 0.5
        truth[mine, 5:7] = np.log(np.maximum([width, height], 0.5) * STRIDE / UNIT)
        truth[mine, 7] = 4 * label + page.turn
    return truth.astype(np.float16)


_digits: list[np.ndarray] = []  # of a process that makes pages


def _begin(source: str) -> None:
    """Prepare a process that makes pages."""
    import cv2

    cv2.setNumThreads(1)
    _digits[:] = pages.by_class(*mnist.load(source).train)


def batch(config: PageConfig, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Make one batch: normalised pictures `(n, side, side, 1)` and targets, float16."""
    side, count, shots = (320, config.large, 3) if index % 2 == FIRST_LARGE else (128, config.small, 2)
    rng = np.random.default_rng([config.seed, index])
    made: list[pages.Page] = []
    while len(made) < count:
        made += pages.shots(side, _digits, rng, shots)
    pictures = normalised(np.stack([page.picture for page in made[:count]]))
    return pictures.astype(np.float16), np.stack([targets(page) for page in made[:count]])


def batches(
    config: PageConfig, source: str, first: int, workers: int
) -> Generator[tuple[np.ndarray, np.ndarray]]:
    """Yield the batches from `first` on, made ahead by `workers` processes, or by this one if they are 0."""
    if workers == 0:
        _begin(source)
        yield from (batch(config, index) for index in range(first, config.steps))
        return
    with processes.pool(workers, _begin, source) as pool:
        ahead: list[Future[tuple[np.ndarray, np.ndarray]]] = []
        for index in range(first, config.steps):
            while len(ahead) < 3 * workers and index + len(ahead) < config.steps:
                ahead.append(pool.submit(batch, config, index + len(ahead)))
            yield ahead.pop(0).result()


class _Keep(KeepWeights):
    """Keep the state of the training, whole or not at all, after every epoch; log and note its loss."""

    def __init__(self, folder: Path, history: list[float]) -> None:
        super().__init__(folder / CHECKPOINT)
        self.folder, self.history = folder, history

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write history, then weights and optimiser."""
        self.history.append(round(float((logs or {})["loss"]), 5))
        write_text(self.folder / "history.json", json.dumps(self.history))
        super().on_epoch_end(epoch, logs)
        log.info("Step %d: loss %.4f", int(self.model.optimizer.iterations), self.history[-1])


def compiled(config: PageConfig) -> keras.Model:
    """Build the page network and give it the one-cycle AdamW recipe."""
    keras.utils.set_random_seed(config.seed)
    model = build()
    if config.start:
        try:
            model.load_weights(config.start)
        except (OSError, ValueError) as error:
            raise DigitlibError(f"{config.start} holds no weights of a page network") from error
    optimizer = one_cycle(
        config.steps, config.learning_rate, climb=CLIMB, weight_decay=config.weight_decay, ema=config.ema,
        clipnorm=CLIPNORM,
    )  # fmt: skip
    optimizer.build(model.trainable_variables)
    # XLA helps on an accelerator alone; on a CPU it makes convolutions slower.
    model.compile(optimizer, loss, jit_compile=keras.config.backend() == "jax")
    return model


def settings_of(folder: Path) -> PageConfig:
    """Return the settings of a training in a run folder.

    Raises:
        DigitlibError: if it holds none.
    """
    try:
        return PageConfig(**json.loads((folder / CONFIG).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DigitlibError(f"nothing to resume in {folder}: it holds no training of pages") from error


def train(
    config: PageConfig,
    folder: Path,
    *,
    source: str | None = None,
    resume: bool = False,
    every: int = 100,
    workers: int | None = None,
) -> keras.Model:
    """Train the page network and write `model.h5`; `series.calibrate.finish` exports and calibrates it.

    Args:
        config: all settings; on resuming those of the folder are taken instead.
        folder: the run folder, made where it is missing.
        source: of the digits, see `data.mnist.settle`.
        resume: go on from the last checkpoint in the folder.
        every: most steps between two checkpoints; as many as divide all steps evenly.
        workers: processes that make pages, 0 for none but this; by default as many as there are processors.

    Returns:
        The trained network, its weights averaged.

    Raises:
        DigitlibError: if the folder is in use, holds another run or nothing to resume.
    """
    noted = folder / CONFIG
    if resume:
        config = settings_of(folder)
    source = mnist.settle(source)
    model = compiled(config)  # fails now if anything is wrong with its start, before a folder is made
    with alone(folder):
        if not resume and noted.is_file():
            raise DigitlibError(f"{folder} already holds a run: resume it or name another")
        write_text(noted, json.dumps(asdict(config), indent=1))
        first = model.get_weights()
        history: list[float] = []
        if (folder / CHECKPOINT).is_file():
            model.load_weights(folder / CHECKPOINT)
            history = json.loads((folder / "history.json").read_text(encoding="utf-8"))
        begun = int(model.optimizer.iterations)
        every = math.gcd(config.steps, every)
        del history[begun // every :]  # written, but killed before the weights were
        workers = (os.cpu_count() or 1) if workers is None else workers
        _fit(model, config, folder, history, begun, source, every, workers)
        model.optimizer.finalize_variable_values(model.trainable_variables)
        if config.keep:
            keep_part(model, first, config.keep)
        saved.save(model, folder / "model.h5")
        return model


def _fit(
    model: keras.Model, config: PageConfig, folder: Path, history: list[float], begun: int, source: str,
    every: int, workers: int,
) -> None:  # fmt: skip
    """Train from step `begun` on, a checkpoint every so many steps."""
    callbacks = [_Keep(folder, history), *progress_bars()]
    epochs = (config.steps - begun) // every
    stream = batches(config, source, begun, workers)
    try:
        # One fit for all: each one would end by putting the averaged weights into the network.
        if epochs:
            with half_precision():
                model.fit(
                    stream, steps_per_epoch=every, epochs=epochs, shuffle=False, verbose=0,
                    callbacks=callbacks,
                )  # fmt: skip
    finally:
        stream.close()
