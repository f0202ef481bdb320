"""Fit one network under one config and seed, and leave a complete run folder.

A folder under training holds `checkpoint.weights.h5` and `history.json`, from which
it can be resumed after any crash; a finished one holds `card.json` and all that it names.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from digitlib.config import TrainingConfig
from digitlib.data import drawn
from digitlib.data.augment import augment
from digitlib.data.mnist import Digits, Split, take
from digitlib.errors import DigitlibError
from digitlib.files import alone, sha256, start_folder, whole_file, write_text
from digitlib.measuring import evaluation
from digitlib.networks import confidence, pretrained, saved
from digitlib.networks.card import NAME as CARD
from digitlib.networks.card import PREDICTIONS, Card, versions
from digitlib.networks.confidence import softmax
from digitlib.networks.digits import NETWORKS, build, keras
from digitlib.pictures.views import as_network_input, over_views
from digitlib.training.batches import Batches, DigitAccuracy
from digitlib.training.callbacks import BEST, CHECKPOINT, around
from digitlib.training.recipe import keep_part, one_cycle, progress_bars

log = logging.getLogger(__name__)

WARM_UP_SHARE = 0.25  # part of all steps in which the one-cycle rate climbs
FILES = ("model.h5", "model.tflite", PREDICTIONS)  # whose checksums stand on the card
# Refusal is fitted to so many digits, to drawn ones, and to twice as many drawn strangers.
REFUSAL_DIGITS, REFUSAL_DRAWN = 3_000, 1_000
VERSIONS = ("digitlib", "keras", "tensorflow", "numpy", "opencv-python")


def train(
    config: TrainingConfig,
    digits: Digits,
    folder: Path,
    *,
    resume: bool = False,
    tensorboard: bool = False,
) -> Card:
    """Train a network, keep its best epoch, measure it, and save it in three forms.

    The epoch with the lowest validation loss is kept; the test digits are read once, at the end.
    After every epoch the state is on disk, so that Ctrl-C or a crash loses one epoch at most.

    Args:
        config: all settings, the seed among them.
        digits: what to train on, choose on and be scored on.
        folder: the run folder, made where it is missing.
        resume: go on after the last finished epoch of `folder`, under the settings found there.
        tensorboard: write logs for TensorBoard into `folder`; needs the package tensorboard.

    Returns:
        The card of the finished network.

    Raises:
        DigitlibError: if the folder is in use, holds another run, or cannot be written.
    """
    if tensorboard and not find_spec("tensorboard"):
        raise DigitlibError("logs for TensorBoard need a package: pip install 'digitlib[tensorboard]'")
    if config.start and not resume:
        start_file(config)  # fails now if anything is wrong with it, before a folder is made
    started = _started(config, digits)
    with alone(folder):
        return _run(config, digits, started, folder, resume=resume, tensorboard=tensorboard)


def train_anew(config: TrainingConfig, digits: Digits, folder: Path) -> Card:
    """Train a network that takes the place of the one in a folder, if there is one.

    Until it is done it has a folder of its own inside that one: the old network stays whole, and a stopped
    training goes on when the same one is started again. Arguments, result and errors are those of `train`.
    """
    if config.start:
        start_file(config)  # fails now if anything is wrong with it, before a folder is made
    started = _started(config, digits)
    digest = hashlib.sha256(json.dumps(started).encode()).hexdigest()
    work = folder / f"unfinished-{digest[:8]}"
    with alone(folder):
        if not (work / CARD).is_file():  # else it was stopped while its files were put in place
            _run(config, digits, started, work, resume=(work / "config.json").is_file())
        card = Card.read(work)
        for name in ("config.json", "history.json", *FILES, CARD):
            if (work / name).is_file():
                os.replace(work / name, folder / name)
        shutil.rmtree(work)
        return card


def _run(
    config: TrainingConfig,
    digits: Digits,
    started: dict[str, Any],
    folder: Path,
    *,
    resume: bool,
    tensorboard: bool = False,
) -> Card:
    """Train in a folder that nobody else writes to; `started` is from `_started`."""
    _prepare(started, folder, resume=resume)
    model = compiled(config)
    log.info("Model built and compiled with BatchNormalization.")
    history = _fit(model, config, digits, folder, tensorboard=tensorboard)
    log.info("Model training completed.")
    return _finish(model, config, digits, folder, history)


def _started(config: TrainingConfig, digits: Digits) -> dict[str, Any]:
    """Return what decides a training, as `config.json` keeps it: settings, and which digits."""
    shown = hashlib.sha256(digits.train.images.tobytes() + digits.train.labels.tobytes()).hexdigest()
    return {"training": json.loads(config.to_json()), "data": digits.name, "train": shown[:16]}


def settings_of(folder: Path) -> TrainingConfig:
    """Read the settings that a run folder was started with.

    Raises:
        DigitlibError: if no training was started there.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise DigitlibError(f"nothing to resume in {folder}: it holds no config.json")
    try:
        training = json.loads(path.read_text(encoding="utf-8"))["training"]
    except (KeyError, ValueError) as error:
        raise DigitlibError(f"nothing to resume in {folder}: its config.json is not of a training") from error
    return TrainingConfig.from_json(json.dumps(training))


def _prepare(started: dict[str, Any], folder: Path, *, resume: bool) -> None:
    """Refuse a folder that holds another run; otherwise note the settings in it."""
    path = folder / "config.json"
    (folder / "aside" / BEST).unlink(missing_ok=True)  # may be half a file after a kill
    if resume:
        settings_of(folder)  # says so where there is nothing to resume
        if (folder / CARD).is_file():
            raise DigitlibError(f"nothing to resume in {folder}: its training has ended")
        found = json.loads(path.read_text(encoding="utf-8"))
        was, now = ({**run["training"], "data": run["data"]} for run in (found, started))
        if found.get("train") != started["train"] and was["data"] == now["data"]:
            raise DigitlibError(f"{folder} was started with other training digits: give the same --teach")
        for name in now:
            if was.get(name) != now[name]:
                raise DigitlibError(
                    f"{folder} was started with other settings: {name} was {was.get(name)}, not {now[name]}"
                )
    elif path.is_file():
        raise DigitlibError(f"{folder} already holds a run: resume it or name another")
    else:
        write_text(path, json.dumps(started, indent=2))


def compiled(config: TrainingConfig) -> keras.Model:
    """Build a network, drawn anew or from its start, and give it the one-cycle AdamW recipe.

    Args:
        config: all settings; the seed is set for everything that follows.

    Reference:
        Smith, Topin (2018), Super-convergence, arXiv:1708.07120; Loshchilov, Hutter (2019), Decoupled
        weight decay regularization, arXiv:1711.05101.
    """
    keras.utils.set_random_seed(config.seed)
    model = _untrained(config)
    if config.start:
        model.set_weights(saved.load(start_file(config)).get_weights())
    steps = config.epochs * config.steps_per_epoch
    optimizer = one_cycle(
        steps, config.learning_rate, climb=WARM_UP_SHARE, weight_decay=config.weight_decay, ema=config.ema,
        end=0.0005,
    )  # fmt: skip
    optimizer.build(model.trainable_variables)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    # XLA makes these small networks 4 to 6 times slower on a CPU; "auto" would switch it on.
    model.compile(optimizer, loss, metrics=[DigitAccuracy("accuracy")], jit_compile=False)
    return model


def require(network: str) -> None:
    """Raise a DigitlibError unless a network has this name."""
    names = (*NETWORKS, pretrained.RESNET)
    if network not in names:
        raise DigitlibError(f"no network is called {network!r}: choose one of {', '.join(names)}")


def _untrained(config: TrainingConfig) -> keras.Model:
    """Build the network that a config names."""
    if config.network == pretrained.RESNET:
        return pretrained.resnet("" if config.start else config.weights, frozen=config.frozen)
    return build(config.network)


def start_file(config: TrainingConfig) -> Path:
    """Return the file that a training starts from, checked against its card.

    Raises:
        DigitlibError: if there is none, it was altered, or it is of another network.
    """
    path = start_folder(config.start) / "model.h5"
    card = Card.read(path.parent)
    card.check(path)
    if card.architecture != config.network:
        raise DigitlibError(f"{path} is a network {card.architecture!r}: add --network {card.architecture}")
    return path


def _fit(
    model: keras.Model, config: TrainingConfig, digits: Digits, folder: Path, *, tensorboard: bool
) -> list[dict[str, float]]:
    """Train from the last finished epoch on and load the best weights; return one row per epoch."""
    history: list[dict[str, float]] = []
    if (folder / CHECKPOINT).is_file():
        model.load_weights(folder / CHECKPOINT)
        finished = int(model.optimizer.iterations) // config.steps_per_epoch
        history = json.loads((folder / "history.json").read_text(encoding="utf-8"))[:finished]
        log.info("Resumed after epoch %d of %d.", finished, config.epochs)
    callbacks = around(config, folder, history) + progress_bars(epochs=True)
    if tensorboard:
        callbacks.append(keras.callbacks.TensorBoard(folder / "tensorboard"))

    validation = as_network_input(digits.validation.images), np.eye(10)[digits.validation.labels]
    if len(history) < config.epochs and not callbacks[0].would_stop:
        model.fit(
            Batches(digits.train, config, epoch=len(history)),
            initial_epoch=len(history), epochs=config.epochs, shuffle=False, verbose=0,
            validation_data=validation, validation_batch_size=500, callbacks=callbacks,
        )  # fmt: skip
    model.load_weights(folder / BEST)
    if config.keep:
        keep_part(model, saved.load(start_file(config)).get_weights(), config.keep)
    return history


def _refusal(logits_of: Callable, config: TrainingConfig, split: Split) -> tuple[tuple[float, float], float]:
    """Fit refusal to validation digits, as they are and as hands and pens vary them, and to strangers."""
    rng = np.random.default_rng(config.seed)
    part = take(split, min(REFUSAL_DIGITS, len(split.labels)))
    some = Split(*(array[:REFUSAL_DRAWN] for array in part))
    varied = augment(some.images, config.augmentation, rng)
    seen = [part.images, varied, drawn.digits(REFUSAL_DRAWN, rng, *part).images]
    return confidence.fit(
        logits_of(np.concatenate(seen)),
        logits_of(drawn.strangers(2 * REFUSAL_DRAWN, rng, *part)),
    )


def _finish(
    model: keras.Model, config: TrainingConfig, digits: Digits, folder: Path, history: list[dict[str, float]]
) -> Card:
    """Calibrate and fit refusal on validation digits, score the test digits once, save everything."""
    twin = saved.before_softmax(model)

    def logits_of(images: np.ndarray) -> np.ndarray:
        return over_views(lambda digits: twin.predict(digits, batch_size=500, verbose=0), images)

    line, threshold = _refusal(logits_of, config, digits.validation)
    validation, test = (softmax(logits_of(split.images)) for split in (digits.validation, digits.test))
    temperature = evaluation.fit_temperature(digits.validation.labels, validation)

    with whole_file(folder / PREDICTIONS) as aside:
        np.savez(aside, probabilities=test.astype(np.float32), labels=digits.test.labels)
    saved.save(model, folder / "model.h5")
    saved.export(twin, folder / "model.tflite")
    card = Card(
        architecture=config.network,
        parameters=model.count_params(),
        config=json.loads(config.to_json()),
        data=digits.name,
        epoch=1 + int(np.argmin([row["val_loss"] for row in history])),
        metrics={
            "validation": evaluation.summary(digits.validation.labels, validation),
            "test": evaluation.summary(digits.test.labels, test),
        },
        temperature=round(temperature, 4),
        refusal=line,
        threshold=round(threshold, 4),
        versions=versions(*VERSIONS),
        sha256={name: sha256(folder / name) for name in FILES},
    )
    card.write(folder)
    for leftover in (CHECKPOINT, BEST):
        (folder / leftover).unlink()
    shutil.rmtree(folder / "aside", ignore_errors=True)  # where ModelCheckpoint wrote
    return card
