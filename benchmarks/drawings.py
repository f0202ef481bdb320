"""Take letters and things that people drew out of two free collections, for `digitlib/data/drawings.npz`.

git clone https://github.com/brendenlake/omniglot     at 057f034
git clone https://github.com/borismus/exupery         at 5ab788c; its docs/sketches: Google's Quick, Draw!
python benchmarks/drawings.py OMNIGLOT EXUPERY

What could pass for somebody's digit is left out: letters and kinds of things chosen by eye, and sketches that
the game itself did not recognize.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import cv2
import numpy as np

from digitlib.data.drawings import EXTENT, FILE, Drawing
from digitlib.files import whole_file

ALPHABETS = {  # of Omniglot: its letters in order, `.` for those that look like a digit
    "Greek": "αβγ.ε.ηθ.κλμνξ.πρ.τυφχψω",
    "Latin": "a.cdef.h..k.mn.p.r.tuvwx..",
    "Japanese_(katakana)": "ア.ウエオカキ.コサシスセソタチツテトナニヌネ..ヒ."
    "ヘホマミムメモヤユヨ...レロ.ヰ..ン",
    "Korean": "ㅏㅐㅑㅒㅓㅔㅕㅖㅗ.ㅙ.ㅛㅜㅝㅞㅟㅠㅡㅢ...ㄴㄷㄸ.ㅁㅂㅃㅅㅆ.ㅈㅉㅊ.ㅌㅍㅎ",
    "Sanskrit": "कखगघ.चछजझञट...णतथदधनपफबभमयरलवशषसह....ऋॠऌए.",
    "Balinese": "ᬅᬆ...ᬊᬋᬌᬍᬎᬏᬐ..ᬓᬔᬕᬖᬗᬘᬙᬚᬛᬜ",
    "Tagalog": "ᜀᜁ..ᜄᜅ.ᜇᜈᜉᜊᜋᜌ.ᜎ.ᜐ",
    "Early_Aramaic": "......𐡆𐡇𐡈.....𐡎..𐡑𐡒.𐡔𐡕",
}
LIKE_DIGITS = """
baseball, baseball bat, basketball, blueberry, boomerang, bracelet, circle, clarinet, golf club,
hexagon, hockey stick, hourglass, knife, leg, lightning, line, matches, moon, nail, octagon,
paintbrush, paper clip, peanut, pear, peas, pencil, potato, rain, screwdriver, snake, snowman,
spoon, square, squiggle, string bean, sword, triangle, zigzag
"""
CLOSE = 2.5  # how far a stroke may leave the way that was drawn, of EXTENT


def simplified(strokes: list[np.ndarray]) -> Drawing:
    """Scale strokes, `(n, 2)` each, to `EXTENT` and keep the points that matter (Douglas, Peucker 1973)."""
    every = np.concatenate(strokes)
    scale = EXTENT / np.ptp(every, axis=0).max()
    scaled = [((stroke - every.min(axis=0)) * scale).astype(np.float32) for stroke in strokes]
    kept = [cv2.approxPolyDP(stroke[:, None], CLOSE, False)[:, 0] for stroke in scaled]
    return [np.round(stroke).astype(np.uint8) for stroke in kept]


def omniglot(folder: Path) -> Iterator[tuple[str, Drawing]]:
    """Yield each letter that is wanted, and its strokes, of a clone of Omniglot."""
    for part in (1, 2):
        with ZipFile(folder / "python" / f"strokes_background_small{part}.zip") as packed:
            for name in sorted(packed.namelist()):
                top, *rest = name.split("/")
                if not name.endswith(".txt") or top.startswith("__"):
                    continue
                letter = ALPHABETS[rest[0]][int(rest[1].removeprefix("character")) - 1]
                if letter != "." and not (part == 2 and rest[0] in ("Greek", "Latin")):  # they are in both
                    yield letter, simplified(_strokes(packed.read(name).decode()))


def _strokes(text: str) -> list[np.ndarray]:
    """Read Omniglot's way of writing strokes down: x, -y and time, a line each."""
    parts = text.removeprefix("START").split("BREAK")
    read = [[line.split(",")[:2] for line in part.split()] for part in parts if part.strip()]
    return [np.array(points, float) * (1, -1) for points in read]


def quick_draw(folder: Path) -> Iterator[tuple[str, Drawing]]:
    """Yield each thing that is wanted, and its strokes, of a clone that holds sketches of Quick, Draw!"""
    left_out = LIKE_DIGITS.replace("\n", " ").strip().split(", ")
    for path in sorted((folder / "docs" / "sketches").glob("*.ndjson")):
        if path.stem not in left_out:
            for sketch in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                if sketch["recognized"]:
                    yield path.stem, simplified([np.array(way[:2], float).T for way in sketch["drawing"]])


def write(drawn: list[tuple[str, Drawing]], path: Path) -> None:
    """Write drawings, those of a kind one after the other, as `digitlib.data.drawings` reads them."""
    kinds, counts = np.unique([kind for kind, _ in drawn], return_counts=True)
    drawings = [drawing for _, drawing in sorted(drawn, key=lambda pair: pair[0])]
    strokes = [stroke for drawing in drawings for stroke in drawing]
    with whole_file(path) as part:
        np.savez_compressed(
            part,
            kinds=kinds,
            drawings_of_kind=counts.astype(np.int32),
            strokes_of_drawing=np.array([len(drawing) for drawing in drawings], np.int32),
            points_of_stroke=np.array([len(stroke) for stroke in strokes], np.int32),
            points=np.concatenate(strokes),
        )


if __name__ == "__main__":
    clones = [Path(folder) for folder in sys.argv[1:3]]
    taken = [*omniglot(clones[0]), *quick_draw(clones[1])]
    write(taken, FILE)
    print(f"{len(taken):,} drawings of {len({kind for kind, _ in taken})} kinds: {FILE}")
