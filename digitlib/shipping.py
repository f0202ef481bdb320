"""Put a finished network into the folder of the one that ships; nothing else ever changes it."""

from pathlib import Path

from digitlib.card import NAME as CARD
from digitlib.card import Card
from digitlib.errors import DigitlibError
from digitlib.files import copy, models


def require_full(data: str) -> None:
    """Raise a DigitlibError unless the data set of this name is all of MNIST."""
    if data != "MNIST":
        raise DigitlibError(
            f"a network that ships is trained on full MNIST, not on the {data}: "
            "set DIGITLIB_DATA to an mnist.npz"
        )


def ship(run: Path) -> Path:
    """Copy what the card of a run names, checked, and the card last.

    Args:
        run: a finished run folder.

    Returns:
        The folder of the network that ships.

    Raises:
        DigitlibError: if the run is not finished, was not on all of MNIST, or a file of it was altered.
    """
    card = Card.read(run)
    require_full(card.data)
    for name in card.sha256:
        card.check(run / name)
    for name in (*card.sha256, CARD):
        copy(run / name, models() / name)
    return models()
