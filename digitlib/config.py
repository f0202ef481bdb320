"""What can vary in a run, as frozen dataclasses that check themselves and round-trip through JSON."""

import dataclasses
import inspect
import json
import re
from dataclasses import dataclass, field
from typing import Any

from digitlib.errors import DigitlibError


def _from(low: float, high: float, default: float) -> Any:
    """Declare a setting with its bounds; it is a whole number where its default is one."""
    return field(default=default, metadata={"bounds": (low, high)})


def _check(settings: Any) -> None:
    """Raise unless every setting that has bounds is a number within them."""
    for declared in dataclasses.fields(settings):
        if bounds := declared.metadata.get("bounds"):
            value, whole = getattr(settings, declared.name), isinstance(declared.default, int)
            kind = int if whole else int | float
            if isinstance(value, bool) or not isinstance(value, kind) or not bounds[0] <= value <= bounds[1]:
                wanted = f"a {'whole ' * whole}number from {bounds[0]:.10g} to {bounds[1]:.10g}"
                raise DigitlibError(f"{declared.name} must be {wanted}, got {value!r}")


@dataclass(frozen=True)
class Augmentation:
    """How far a training digit may be changed; every change is drawn anew for every digit and epoch.

    Zero switches a change off. What each one does is in `digitlib.data.augment`.

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

    rotation: float = _from(0, 45, 10.0)
    shift: float = _from(0, 8, 1.5)
    zoom: float = _from(0, 0.5, 0.1)
    shear: float = _from(0, 45, 8.0)
    elastic: float = _from(0, 5, 0.0)
    stroke: float = _from(0, 2, 0.0)
    noise: float = _from(0, 1, 0.0)

    def __post_init__(self) -> None:
        """Refuse what would make nonsense of a digit."""
        _check(self)


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides what a training run computes, apart from the digits.

    Attributes:
        network: a name from `digitlib.networks.digits.NETWORKS`.
        epochs: how many times `epoch_digits` digits are shown.
        epoch_digits: digits shown in one epoch, however many the training set holds: a smaller one is
            gone through several times, so that the optimiser makes as many steps.
        batch_size: digits per optimiser step.
        learning_rate: the highest rate of the one-cycle schedule.
        weight_decay: decoupled weight decay (AdamW).
        ema: momentum of the moving average of the weights that is validated and kept instead of the last
            weights; zero keeps these.
        label_smoothing: part of the target spread over the wrong classes, in [0, 1).
        strangers: how many drawn things that are no digits join each batch, as a part of its digits;
            the network learns to give them no class. Zero leaves them out.
        redrawn: how many digits that are drawn and framed like pictures join each batch, as a part of
            its digits, some in forms that MNIST lacks, such as a 1 with flag and foot.
        corrupted: part of the digits and strangers that `digitlib.data.corruptions` degrades.
        weights: of a pre-trained network (`networks.pretrained`): "imagenet" or a weight file; empty: drawn
            anew.
        frozen: whether the body of a pre-trained network keeps its weights.
        start: name of a finished run under `runs` whose weights the training starts from, or "shipped" for
            the network that ships; empty: drawn anew.
        keep: part of the start's weights in the mean of both that is kept at the end, in `[0, 1]`.
        patience: epochs without a better validation loss before training stops early.
        seed: decides initial weights, order and augmentation.
        augmentation: how training digits are varied.

    Raises:
        DigitlibError: if a value cannot be trained with, naming it.
    """

    network: str = "base"
    epochs: int = _from(1, 10_000, 3)
    epoch_digits: int = _from(1, 10_000_000, 55_000)
    batch_size: int = _from(1, 10_000_000, 128)
    learning_rate: float = _from(1e-7, 1, 0.004)
    weight_decay: float = _from(0, 1, 0.01)
    ema: float = _from(0, 0.99999, 0.0)
    label_smoothing: float = _from(0, 0.5, 0.0)
    strangers: float = _from(0, 1, 0.0)
    redrawn: float = _from(0, 1, 0.0)
    corrupted: float = _from(0, 1, 0.0)
    weights: str = ""
    frozen: bool = False
    start: str = ""
    keep: float = _from(0, 1, 0.0)
    patience: int = _from(1, 10_000, 10)
    seed: int = _from(0, 2**32 - 1, 0)
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with."""
        _check(self)
        if self.batch_size > self.epoch_digits:
            raise DigitlibError(
                f"batch_size must be at most epoch_digits, {self.epoch_digits}, got {self.batch_size}"
            )
        if self.keep and not self.start:
            raise DigitlibError("keep needs a start: name the run whose weights are kept in part")
        if not isinstance(self.start, str) or "/" in self.start or self.start.startswith("."):
            raise DigitlibError(f"start must be the name of a run under runs/, got {self.start!r}")

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


@dataclass(frozen=True)
class PageConfig:
    """Everything that decides what a training of the page network computes, apart from the digits.

    Attributes:
        steps: optimiser steps, each on one batch.
        small: pictures in a batch of small ones, 128 x 128 pixels.
        large: pictures in a batch of pages, 320 x 320 pixels; the two kinds alternate.
        learning_rate: the highest rate of the one-cycle schedule.
        weight_decay: decoupled weight decay (AdamW).
        ema: momentum of the moving average of the weights, which is what is kept.
        seed: decides initial weights and pages.
        start: weight file that the training starts from; empty: drawn anew.
        keep: part of the start's weights in the mean of both that is kept at the end, in `[0, 1]`.

    Raises:
        DigitlibError: if a value cannot be trained with, naming it.
    """

    steps: int = _from(1, 10_000_000, 8000)
    small: int = _from(1, 10_000, 160)
    large: int = _from(1, 10_000, 26)
    learning_rate: float = _from(1e-7, 1, 0.004)
    weight_decay: float = _from(0, 1, 0.02)
    ema: float = _from(0, 0.99999, 0.998)
    seed: int = _from(0, 2**32 - 1, 0)
    start: str = ""
    keep: float = _from(0, 1, 0.0)

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with."""
        _check(self)
        if self.keep and not self.start:
            raise DigitlibError("keep needs a start: name the file whose weights are kept in part")


def described(settings: type) -> dict[str, str]:
    """Return what the docstring of a class of settings says of each, by name; {} without docstrings.

    Example:
        >>> described(PageConfig)["steps"]
        'optimiser steps, each on one batch'
    """
    attributes = (inspect.getdoc(settings) or "").partition("Attributes:\n")[2].partition("\n\n")[0]
    said = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", attributes, re.MULTILINE)
    return {name: " ".join(text.split()).rstrip(".") for name, text in said}


def test_name(name: str) -> str:
    """Return how the test digits of a data set are called; those of the sample are none of MNIST's."""
    return "MNIST test set" if name == "MNIST" else f"held-out part of the {name}"


def profile(name: str) -> TrainingConfig:
    """Return a profile's settings.

    Raises:
        DigitlibError: if no profile has this name.
    """
    if name not in PROFILES:
        raise DigitlibError(f"no profile is called {name!r}: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


_STRANGERS_PENS = Augmentation(rotation=12, shift=2, zoom=0.15, shear=12, elastic=1.0, stroke=1.0, noise=0.05)
# What notebooks and commands run by default; the long version; a short one to follow it, on cleaner digits,
# for rough ones cost a network some accuracy on clean ones: these two made the network that ships. The last
# is for accuracy on clean digits alone, which `benchmarks/accuracy.py` measures.
_FULL = TrainingConfig(
    epochs=45,
    learning_rate=0.003,
    weight_decay=0.02,
    strangers=0.25,
    redrawn=0.2,
    corrupted=0.45,
    augmentation=_STRANGERS_PENS,
)
PROFILES = {
    "quick": TrainingConfig(
        network="small",
        epoch_digits=40_000,
        batch_size=256,
        learning_rate=0.009,
        weight_decay=0.05,
        augmentation=Augmentation(rotation=7, shift=1.0, zoom=0.08, shear=6),
    ),
    "full": _FULL,
    "polish": dataclasses.replace(
        _FULL, start="full", keep=0.5, epochs=3, learning_rate=0.001, corrupted=0.1
    ),
    "clean": TrainingConfig(
        epochs=20,
        batch_size=256,
        learning_rate=0.006,
        weight_decay=0.02,
        ema=0.99,
        label_smoothing=0.05,
        augmentation=Augmentation(rotation=12, shift=2, zoom=0.12, shear=12, elastic=0.7, stroke=0.5),
    ),
}
