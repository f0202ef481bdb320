"""What can vary in a run, as frozen dataclasses that check themselves and round-trip through JSON."""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from digitlib.errors import DigitlibError


@dataclass(frozen=True)
class Augmentation:
    """How far a training digit may be changed; every change is drawn anew for every digit and epoch.

    Zero switches a change off. What each one does is in `digitlib.augment`.

    Attributes:
        rotation: largest turn, in degrees, either way.
        shift: largest displacement along each axis, in pixels.
        zoom: largest relative change of size along each axis, 0.1 is ±10 %.
        shear: largest slant, in degrees, either way.
        elastic: largest local displacement, in pixels.
        stroke: largest change of stroke width, in pixels, thinner or thicker.
        noise: largest standard deviation of additive noise, as a part of full ink.

    Raises:
        DigitlibError: if a value is negative or so large that digits stop being digits.
    """

    rotation: float = 10.0
    shift: float = 1.5
    zoom: float = 0.1
    shear: float = 8.0
    elastic: float = 0.0
    stroke: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what would make nonsense of a digit."""
        limits = {"rotation": 45, "shift": 8, "zoom": 0.5, "shear": 45, "elastic": 5, "stroke": 2, "noise": 1}
        for name, limit in limits.items():
            _require_number(name, getattr(self, name), low=0, high=limit)


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides what a training run computes, apart from the digits.

    Attributes:
        network: a name from `digitlib.models.NETWORKS`.
        epochs: how many times `epoch_digits` digits are shown.
        epoch_digits: digits shown in one epoch, however many the training set holds: a smaller one is
            gone through several times, so that the optimiser makes as many steps.
        batch_size: digits per optimiser step.
        learning_rate: the highest rate of the one-cycle schedule.
        weight_decay: decoupled weight decay (AdamW).
        label_smoothing: part of the target spread over the wrong classes, in [0, 1).
        strangers: how many drawn things that are no digits join each batch, as a part of its digits;
            the network learns to give them no class. Zero leaves them out.
        redrawn: how many digits that are drawn and framed like pictures join each batch, as a part of
            its digits, some in forms that MNIST lacks, such as a 1 with flag and foot.
        corrupted: part of the digits and strangers that `digitlib.corruptions` degrades.
        start: name of a finished run under `runs` whose weights the training starts from; empty: drawn
            anew.
        keep: part of the start's weights in the mean of both that is kept at the end, in `[0, 1]`.
        patience: epochs without a better validation loss before training stops early.
        seed: decides initial weights, order and augmentation.
        augmentation: how training digits are varied.

    Raises:
        DigitlibError: if a value cannot be trained with, naming it.
    """

    network: str = "base"
    epochs: int = 3
    epoch_digits: int = 55_000
    batch_size: int = 128
    learning_rate: float = 0.004
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    strangers: float = 0.0
    redrawn: float = 0.0
    corrupted: float = 0.0
    start: str = ""
    keep: float = 0.0
    patience: int = 10
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with."""
        _require_whole("epochs", self.epochs, low=1, high=10_000)
        _require_whole("epoch_digits", self.epoch_digits, low=1, high=10_000_000)
        _require_whole("batch_size", self.batch_size, low=1, high=self.epoch_digits)
        _require_whole("patience", self.patience, low=1, high=10_000)
        _require_whole("seed", self.seed, low=0, high=2**32 - 1)
        _require_number("learning_rate", self.learning_rate, low=1e-7, high=1)
        _require_number("weight_decay", self.weight_decay, low=0, high=1)
        _require_number("label_smoothing", self.label_smoothing, low=0, high=0.5)
        _require_number("strangers", self.strangers, low=0, high=1)
        _require_number("redrawn", self.redrawn, low=0, high=1)
        if self.keep and not self.start:
            raise DigitlibError("keep needs a start: name the run whose weights are kept in part")
        if not isinstance(self.start, str) or "/" in self.start or self.start.startswith("."):
            raise DigitlibError(f"start must be the name of a run under runs/, got {self.start!r}")
        _require_number("keep", self.keep, low=0, high=1)
        _require_number("corrupted", self.corrupted, low=0, high=1)

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps in one epoch, the last one on a smaller batch."""
        return -(-self.epoch_digits // self.batch_size)

    def to_json(self) -> str:
        """Return the settings as indented JSON that `from_json` reads back."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "TrainingConfig":
        """Read settings back.

        Args:
            text: what `to_json` wrote.

        Raises:
            DigitlibError: if the text is no JSON object or holds a setting that is not known.

        Example:
            >>> TrainingConfig.from_json(TrainingConfig(epochs=7).to_json()).epochs
            7
        """
        try:
            values = json.loads(text)
            return cls(**{**values, "augmentation": Augmentation(**values.get("augmentation", {}))})
        except (json.JSONDecodeError, TypeError, AttributeError) as error:
            raise DigitlibError(f"these training settings cannot be read: {error}") from error


def _require_whole(name: str, value: Any, *, low: int, high: int) -> None:
    """Raise unless `value` is an int in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise DigitlibError(f"{name} must be a whole number from {low} to {high}, got {value!r}")


def _require_number(name: str, value: Any, *, low: float, high: float) -> None:
    """Raise unless `value` is a number in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise DigitlibError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")


_STRANGERS_PENS = Augmentation(rotation=12, shift=2, zoom=0.15, shear=12, elastic=1.0, stroke=1.0, noise=0.05)
# What notebooks and commands run by default; the long version; and a short one to follow it, on cleaner
# digits, for rough ones cost a network some accuracy on clean ones. The last two made the network that ships.
PROFILES = {
    "quick": TrainingConfig(network="small"),
    "full": TrainingConfig(
        epochs=45,
        learning_rate=0.003,
        weight_decay=0.02,
        strangers=0.25,
        redrawn=0.2,
        corrupted=0.45,
        augmentation=_STRANGERS_PENS,
    ),
    "polish": TrainingConfig(
        start="full",
        keep=0.5,
        epochs=3,
        learning_rate=0.001,
        weight_decay=0.02,
        strangers=0.25,
        redrawn=0.2,
        corrupted=0.1,
        augmentation=_STRANGERS_PENS,
    ),
}
