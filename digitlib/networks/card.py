"""The card beside a saved network: what it is, where it comes from and what was measured on it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from digitlib.config import test_name
from digitlib.errors import DigitlibError
from digitlib.files import sha256, write_text

NAME = "card.json"
PREDICTIONS = "predictions.npz"


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python and of packages."""
    import platform
    from importlib.metadata import version

    return {"python": platform.python_version()} | {name: version(name) for name in packages}


class _Described:
    """What every card can do."""

    sha256: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write `card.json` into a folder."""
        write_text(folder / NAME, json.dumps(vars(self), indent=2) + "\n")

    def check(self, path: Path) -> None:
        """Raise unless a file is the very one that the card describes.

        Raises:
            DigitlibError: if the file is missing or its SHA-256 is another.
        """
        if not path.is_file():
            raise DigitlibError(f"no model file at {path}")
        if sha256(path) != self.sha256.get(path.name):
            raise DigitlibError(f"{path} is not the file that its card describes: train or copy it anew")


@dataclass(frozen=True)
class Card(_Described):
    """What a reader of a network must know, as it lies in `card.json`.

    Attributes:
        architecture: the network's name in `digitlib.networks.digits.NETWORKS`.
        parameters: how many numbers it holds.
        config: the settings of its training, as in `TrainingConfig`.
        data: name of the data set it was trained on, "MNIST" or "5k sample".
        epoch: the epoch that was kept, counted from 1, chosen on the validation loss.
        metrics: by set ("validation", "test"): n, correct, accuracy, loss (nats, uncalibrated) and the like,
            of the answers over seven views, see `digitlib.pictures.views.over_views`.
        temperature: what logits are divided by for calibrated probabilities, fitted on validation.
        refusal: slope and offset of the score that tells digits from strangers, see `networks.confidence`.
        threshold: score below which a frame is refused where this network is asked alone, as in notebook 05;
            fitted on validation digits by `networks.confidence.fit`. The reader uses that of `PageCard`.
        versions: of Python and the packages that made it.
        sha256: of the files that belong to it, by file name.
    """

    architecture: str
    parameters: int
    config: dict[str, Any]
    data: str
    epoch: int
    metrics: dict[str, dict[str, float]]
    temperature: float
    refusal: tuple[float, float]
    threshold: float
    versions: dict[str, str]
    sha256: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Card":
        """Read `card.json` from a folder.

        Raises:
            DigitlibError: if there is none, or it is no card.
        """
        values = _read_json(folder)
        card = _made(cls, values, folder / NAME)
        if card.temperature <= 0:
            raise DigitlibError(
                f"{folder / NAME} is not the card of a network: its temperature cannot be {card.temperature}"
            )
        return card

    @property
    def test_name(self) -> str:
        """How titles and sentences must call the digits behind the metrics under "test"."""
        return test_name(self.data)

    def predictions(self, folder: Path) -> tuple[np.ndarray, np.ndarray]:
        """Read the network's answers on its test digits.

        Returns:
            Labels, uint8 of shape `(n,)`, and uncalibrated probabilities, float32 of shape `(n, 10)`.

        Raises:
            DigitlibError: if the file is missing or was altered.
        """
        self.check(folder / PREDICTIONS)
        with np.load(folder / PREDICTIONS, allow_pickle=False) as arrays:
            return arrays["labels"], arrays["probabilities"]


@dataclass(frozen=True)
class PageCard(_Described):
    """What a reader of a page network must know, as it lies in `card.json` beside it.

    Attributes:
        parameters: how many numbers the page network and the crop network hold.
        config: all training settings, the seed among them.
        data: where the digits on its pages come from, "MNIST" or "5k sample".
        metrics: on made pages of validation digits, by measure.
        mix: what the class logits of page, digit and crop network are multiplied by before they are added;
            the sum is calibrated.
        threshold: score of `reading.judge` below which the reader refuses a candidate.
        versions: of Python and the packages that made it.
        sha256: of the files that belong to it, by file name.
    """

    parameters: int
    config: dict[str, Any]
    data: str
    metrics: dict[str, float]
    mix: tuple[float, float, float]
    threshold: float
    versions: dict[str, str]
    sha256: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> "PageCard":
        """Read `card.json` from a folder; errors as of `Card.read`."""
        values = _read_json(folder)
        return _made(cls, values, folder / NAME)


Described = TypeVar("Described", bound=_Described)
LARGEST = 1e9  # no number on a card that is used in reading is larger


def _made(kind: type[Described], values: Any, path: Path) -> Described:
    """Make a card of what a file holds.

    Raises:
        DigitlibError: if a field is missing, of another type, not finite or absurdly large; names it.
    """
    wanted = get_type_hints(kind)
    if not isinstance(values, dict) or values.keys() != wanted.keys():
        odd = sorted(wanted.keys() ^ values.keys()) if isinstance(values, dict) else [type(values).__name__]
        raise DigitlibError(f"{path} is not the card of a network: {', '.join(odd)} missing or unknown")
    for name, value in values.items():
        if not _fits(value, wanted[name]):
            shown = repr(value)[:60]
            raise DigitlibError(f"{path} is not the card of a network: its {name} cannot be {shown}")
    return kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})


def _fits(value: Any, kind: Any) -> bool:
    """Tell whether what JSON holds can be of a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin is tuple:
        whole = isinstance(value, list) and len(value) == len(inner)
        return whole and all(_fits(each, inner[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(each, inner[1]) for each in value.values())
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _read_json(folder: Path) -> dict[str, Any]:
    """Read what `card.json` in a folder holds."""
    path = folder / NAME
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DigitlibError(f"no {NAME} in {folder}: it holds no finished network") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DigitlibError(f"{path} is not the card of a network: {error}") from error
