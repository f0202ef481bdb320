"""Make a finished run the network that ships; nothing else ever changes `models/`.

python benchmarks/ship.py RUN      the name of a run under runs/: of a digit or of a page network
"""

import json
import sys
from pathlib import Path

from digitlib.errors import DigitlibError
from digitlib.files import copy, models, run_folder
from digitlib.networks.card import NAME as CARD
from digitlib.networks.card import Card, PageCard


def ship(run: Path) -> Path:
    """Copy what the card of a run names, checked, and the card last.

    Args:
        run: a finished run folder.

    Returns:
        The folder of the network that ships.

    Raises:
        DigitlibError: if the run is not finished, was not on all of MNIST, or a file of it was altered.
    """
    of_pages = "architecture" not in json.loads((run / CARD).read_text()) if (run / CARD).is_file() else False
    card, home = (PageCard.read(run), models() / "page") if of_pages else (Card.read(run), models())
    if card.data != "MNIST":
        raise DigitlibError(f"a network that ships is trained on full MNIST, not on the {card.data}")
    for name in card.sha256:
        card.check(run / name)
    for name in (*card.sha256, CARD):
        copy(run / name, home / name)
    return home


if __name__ == "__main__":
    try:
        print(f"shipped: {ship(run_folder(sys.argv[1]))}")
    except DigitlibError as error:
        sys.exit(f"error: {error}")
