"""How well are digits told from what is no digit, of kinds that no network was trained on?

    python benchmarks/strangers.py [--n 200] [--networks FOLDER]

Letters, things, icons and symbols that are held out for calibration (`digitlib.data.drawings`) are drawn
plainly, one a picture, and so are validation digits: how many are refused, how many digits are read, and how
well scores part the two (AUROC: the probability that a digit's is higher). It may choose: nothing in it is a
test digit, or a picture of a user.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from digitlib.data import drawings, mnist, pages, pens
from digitlib.data.writing import DRAWN_HELD_OUT
from digitlib.files import models
from digitlib.networks.card import Card
from digitlib.reading.recognizer import Recognizer

SIDE = 160  # pixels of a drawing
MARGIN = 30  # pixels around it


def kinds() -> dict[str, list[list[drawings.Drawing]]]:
    """Return what is held out: for each sort, the kinds of it, and drawings of each."""
    return {
        "letters": [drawings.letters()[letter] for letter in DRAWN_HELD_OUT],
        "things": drawings.things(held_out=True),
        "icons": drawings.icons(held_out=True),
        "symbols": drawings.symbols(held_out=True),
    }


def drawn(sort: str, n: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw n of a sort, of each kind about as many: uint8 `(220, 220)`, dark on white."""
    of_sort = kinds()[sort]
    for i in range(n):
        kind = of_sort[i % len(of_sort)]
        page = np.full((SIDE + 2 * MARGIN,) * 2, 255, np.uint8)
        lines = [MARGIN + line * (SIDE / drawings.EXTENT) for line in kind[rng.integers(len(kind))]]
        ends = [np.round(16 * line).astype(np.int32) for line in lines]
        cv2.polylines(page, ends, False, 0, int(rng.integers(3, 12)), cv2.LINE_AA, 4)
        yield page


def digits(split: mnist.Split, n: int, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Write n digits with pens as wide: which one, and uint8 `(h, w)`, dark on white."""
    by_class = pages.by_class(split.images, split.labels)
    for i in range(n):
        hand = pens.Hand("pen", width=rng.uniform(3, 12) / SIDE, slant=0, aspect=1, unsteady=0.2, firm=3)
        ink, _, _ = pens.draw(pens.digit(hand, i % 10, by_class, rng), SIDE, hand, rng)
        yield str(i % 10), np.pad(255 - 255 * ink, MARGIN, constant_values=255).astype(np.uint8)


def measure(recognizer: Recognizer, n: int, split: mnist.Split) -> dict[str, float]:
    """Return the share refused of each sort, that of digits that are read rightly, and the AUROC."""
    rng, told, scores = np.random.default_rng(0), {}, []
    for sort in kinds():
        readings = [recognizer.read(picture) for picture in drawn(sort, n, rng)]
        told[sort] = float(np.mean([not reading.accepted for reading in readings]))
        scores += [reading.score for reading in readings]
    answers = [(text, recognizer.read(picture)) for text, picture in digits(split, n, rng)]
    told["digits"] = float(np.mean([reading.text == text for text, reading in answers]))
    own = np.array([reading.score for _, reading in answers])[:, None]
    told["AUROC"] = float(np.mean((own > scores) + 0.5 * (own == scores)))
    return told


def main() -> None:
    """Measure the networks that ship, or others."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=200, help="pictures of each sort, and digits")
    parser.add_argument("--networks", type=Path, help="folder of page and crop network; those that ship")
    arguments = parser.parse_args()
    shipped = models()
    pages_of = arguments.networks or shipped / "page"
    recognizer = Recognizer(shipped / "model.tflite", Card.read(shipped), pages=pages_of)
    for name, value in measure(recognizer, arguments.n, mnist.load().validation).items():
        said = "" if name == "AUROC" else "  read rightly" if name == "digits" else "  refused"
        print(f"{name:8s} {value:.4f}{said}")


if __name__ == "__main__":
    main()
