"""Which of the reader's rules earn their place: each is switched off, and what is then read differently?

    python benchmarks/rules.py [FOLDER] [--n 20] [--record]

FOLDER holds one's own pictures as for own_pictures.py. The conditions are those of conditions.py, composed of
validation digits. A rule stays where reading without it loses more than it gains.
"""

import argparse
import json
import platform
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import conditions
import numpy as np
import own_pictures

from digitlib import Recognizer
from digitlib.data import mnist
from digitlib.pictures import frame, ink
from digitlib.reading import boxes, page, recognizer

RECORD = Path(__file__).with_suffix(".json")
NEVER = float("inf")
OFF: dict[str, tuple[object, str, object]] = {  # what is put where to switch a rule off
    "a first look from afar": (page, "LOOKS", page.LOOKS[1:]),
    "finer looks at small writing": (page, "LOOKS", page.LOOKS[:2]),
    "pictures of small digits are enlarged": (page, "SMALL_ENLARGED", 1),
    "a look is believed about some sizes only": (page, "SEEN_SIZES", (0, NEVER)),
    "a digit is read once": (recognizer, "once", lambda scores, boxes, answers: scores),
    "boxes with one middle are of one digit": (boxes, "SAME_MIDDLE", 0.0),
    "pages are turned upright": (page, "TURNED_SHARE", NEVER),
    "pages askew are straightened": (page, "ASKEW", NEVER),
    "rows may slant": (page, "_slope", lambda middles, chained: 0.0),
    "few digits among many other things are doubted": (recognizer, "TEXT_SIZE", NEVER),
    "candidates are looked at in three places": (recognizer, "MOVES", recognizer.MOVES[:1]),
    "the colour that shows most is looked at": (ink, "clearest", ink.grey),
    "all ink where a single digit is not found": (recognizer, "whole_frame", lambda grey: None),
    "ink that reaches into a box is left out": (frame, "INSIDE", 0.0),
    "hair lines are thickened": (frame, "_visible", lambda digit: digit),
    "strokes get MNIST's width": (frame, "_even", lambda digit: digit),
}

Pictures = list[tuple[object, str, bool]]  # what is read, what it says, whether it is said to be one digit


def of_folder(folder: Path) -> Pictures:
    """Return one's own pictures, those of one digit once told so and once not."""
    rows = own_pictures.rows(folder)
    plain = [(own_pictures.place(folder, row), row["label"].replace("none", "")) for row in rows]
    return [(*pair, False) for pair in plain] + [
        (*pair, True) for pair, row in zip(plain, rows, strict=True) if row["kind"] == "single"
    ]


def of_conditions(n: int) -> Pictures:
    """Compose `n` pictures of every condition, of validation digits."""
    split = mnist.load().validation
    return [(*pair, False) for name in conditions.CONDITIONS for pair in conditions.pictures(name, n, split)]


def right(reader: Recognizer, pictures: Pictures) -> np.ndarray:
    """Say of each picture whether it is read exactly."""
    return np.array([reader.read(source, single=single).text == text for source, text, single in pictures])


def without(rule: str, work: Callable[[], np.ndarray]) -> np.ndarray:
    """Do something while a rule is switched off."""
    with mock.patch.object(*OFF[rule]):
        return work()


def main() -> None:
    """Switch off one rule after the other and print what is lost and won without it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="own pictures with labels.csv")
    parser.add_argument("--n", type=int, default=20, help="pictures of each condition")
    parser.add_argument("--record", action="store_true", help="write rules.json")
    arguments = parser.parse_args()
    reader = Recognizer.load()
    sets = {"conditions": of_conditions(arguments.n)}
    if arguments.folder:
        sets["own pictures"] = of_folder(arguments.folder)
    table: dict[str, dict[str, dict[str, int]]] = {rule: {} for rule in OFF}
    for name, pictures in sets.items():
        with_all = right(reader, pictures)
        print(f"{name}: {with_all.sum()} of {len(pictures)} with all rules", flush=True)
        for rule in OFF:
            alone = without(rule, lambda: right(reader, pictures))  # noqa: B023
            lost, won = int((with_all & ~alone).sum()), int((alone & ~with_all).sum())
            table[rule][name] = {"lost": lost, "won": won, "of": len(pictures)}
            print(f"  without: {rule:50s} {lost:4d} lost, {won:4d} won", flush=True)
    if arguments.record:
        about = {"machine": platform.processor() or platform.machine(), "rules": table}
        RECORD.write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
