"""Put a finished network into the folder of the one that ships; nothing else ever changes it."""

import shutil
from pathlib import Path

from digitlib.card import NAME as CARD
from digitlib.card import Card
from digitlib.files import models, whole_file


def ship(run: Path) -> Path:
    """Copy what the card of a run names, checked, and the card last.

    Args:
        run: a finished run folder.

    Returns:
        The folder of the network that ships.

    Raises:
        DigitlibError: if the run is not finished or a file of it was altered.
    """
    card = Card.read(run)
    for name in card.sha256:
        card.check(run / name)
    for name in (*card.sha256, CARD):
        with whole_file(models() / name) as aside:
            shutil.copyfile(run / name, aside)
    return models()
