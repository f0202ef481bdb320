"""How well pictures that people really took and drew are read, beside the tutorial's way.

python benchmarks/own_pictures.py FOLDER [--model PATH] [--steady] [--sheets OUT] [--record]
python benchmarks/own_pictures.py --fetch FOLDER

FOLDER holds pictures and a `labels.csv` with the columns file, label (digits in reading order,
or "none"), kind (single, multi, none), medium and writer. The pictures that we develop with cannot be
copied here (most state no licence); own_pictures.csv says where each one lives, and --fetch gets them
by git from there.
"""

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from sklearn.metrics import roc_auc_score

from digitlib import Recognizer, files
from digitlib.errors import DigitlibError
from digitlib.measuring import plots
from digitlib.pictures import frame, source

LIST = Path(__file__).with_suffix(".csv")
RECORD = Path(__file__).with_suffix(".json")
UNREADABLE = "?"


class Read(NamedTuple):
    """One picture read our way, told nothing and told that it is one digit, and beside that as tutorials do.

    `naive` is what the tutorial's network reads in the tutorial's frame, `network_alone` what ours reads
    there, and `frame_alone` what the tutorial's network reads in our frame.
    All are `UNREADABLE` where the file could not be opened, which is never right, and all but `text` where
    the picture does not show one digit.
    """

    row: dict[str, str]
    text: str
    confidence: float
    score: float
    told: str
    naive: str
    network_alone: str
    frame_alone: str
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the text is the label, which is empty for what is no digit."""
        return self.text == self.row["label"].replace("none", "")


def read_folder(folder: Path, recognizer: Recognizer, tutorial: Recognizer | None = None) -> list[Read]:
    """Read every picture of a folder in all ways; the tutorial's way may have a network of its own."""
    return [_read(place(folder, row), row, recognizer, tutorial or recognizer) for row in rows(folder)]


def rows(folder: Path) -> list[dict[str, str]]:
    """Return what `labels.csv` says of every picture.

    Raises:
        DigitlibError: if there is none, or it says nothing.
    """
    table = folder / "labels.csv"
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            if listed := list(csv.DictReader(file)):
                return listed
    except OSError as error:
        raise DigitlibError(
            f"{table} cannot be read: {error.strerror}; name a folder of labelled pictures"
        ) from error
    raise DigitlibError(f"{table} names no picture: give it a row for each")


def place(folder: Path, row: dict[str, str]) -> Path:
    """Return where a picture lies: in the folder itself, or under `images`."""
    beside = folder / row["file"]
    return beside if beside.exists() else folder / "images" / row["file"]


def _read(path: Path, row: dict[str, str], recognizer: Recognizer, tutorial: Recognizer) -> Read:
    started = time.perf_counter()
    none = UNREADABLE
    try:
        reading = recognizer.read(path)
    except DigitlibError as error:
        print(f"error: {error}", file=sys.stderr)
        return Read(row, none, 0.0, 0.0, none, none, none, none, time.perf_counter() - started)
    seconds = time.perf_counter() - started
    mine = row, reading.text, reading.confidence, reading.score
    if row["kind"] != "single":  # the other ways are for one digit
        return Read(*mine, none, none, none, none, seconds)
    told = recognizer.read(path, single=True).text
    framed = frame.naive_frame(source.load(path).pixels)[None]
    naive, alone = (str(one.look_at(framed, views=False)[0].argmax()) for one in (tutorial, recognizer))
    ours = told if tutorial is recognizer else tutorial.read(path, single=True).text
    return Read(*mine, told, naive, alone, ours, seconds)


def over_writers(reads: list[Read], right: Callable[[Read], bool], rng: np.random.Generator) -> tuple:
    """Return the mean over people of each one's mean, and its 95 % interval by resampling people."""
    people = defaultdict(list)
    for read in reads:
        people[read.row["writer"]].append(right(read))
    means = np.array([np.mean(answers) for answers in people.values()])
    drawn = rng.choice(means, (2000, len(means))).mean(axis=1)
    return float(means.mean()), *np.quantile(drawn, [0.025, 0.975]).tolist()


def edits(text: str, truth: str) -> int:
    """Count insertions, deletions and substitutions between two strings (Levenshtein 1966)."""
    row = list(range(len(truth) + 1))
    for i, character in enumerate(text, 1):
        previous, row[0] = row[0], i
        for j, expected in enumerate(truth, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (character != expected))
    return row[-1]


def measure(reads: list[Read]) -> dict[str, Any]:
    """Compute every figure that is printed."""
    kinds = {kind: [r for r in reads if r.row["kind"] == kind] for kind in ("single", "multi", "none")}
    singles, pages, strangers = kinds.values()
    figures: dict[str, Any] = {"pictures": len(reads), "people": len({r.row["writer"] for r in reads})}
    ways = {
        "read": lambda r: r.right,
        "told": lambda r: r.told == r.row["label"],
        "tutorial": lambda r: r.naive == r.row["label"],
        "network_alone": lambda r: r.network_alone == r.row["label"],
        "frame_alone": lambda r: r.frame_alone == r.row["label"],
    }
    for way, right in ways.items() if singles else ():
        mean, low, high = over_writers(singles, right, np.random.default_rng(0))
        figures[f"singles_{way}"] = {
            "right": sum(map(right, singles)), "n": len(singles),
            "over_people": round(mean, 4), "low": round(low, 4), "high": round(high, 4),
        }  # fmt: skip
        for medium in sorted({r.row["medium"] for r in singles}):
            mine = [r for r in singles if r.row["medium"] == medium]
            figures[f"singles_{way}"][medium] = [sum(map(right, mine)), len(mine)]
    if singles:
        ranked = sorted(singles, key=lambda r: r.confidence)
        wrong = [i for i, r in enumerate(ranked) if r.text and not r.right]
        figures["singles_refused"] = sum(not r.text for r in singles)
        figures["surest_error_at"] = round((max(wrong) + 1) / len(ranked), 4) if wrong else 0.0
    if pages:
        wrong_characters = sum(edits(r.text, r.row["label"]) for r in pages)
        characters = sum(len(r.row["label"]) for r in pages)
        figures["pages"] = {
            "exact": sum(r.right for r in pages), "n": len(pages),
            "character_error_rate": round(wrong_characters / characters, 4),
        }  # fmt: skip
    if strangers:
        is_digit = [r.row["kind"] != "none" for r in reads]
        figures["strangers"] = {
            "refused": sum(r.right for r in strangers), "n": len(strangers),
        }  # fmt: skip
        if any(is_digit):
            figures["strangers"]["auroc"] = round(roc_auc_score(is_digit, [r.score for r in reads]), 4)
    figures["median_ms"] = round(1000 * float(np.median([r.seconds for r in reads])), 1)
    figures["slowest_ms"] = round(1000 * max(r.seconds for r in reads), 1)
    return figures


def changes() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return the harmless changes under which an answer should stay, each from RGB to RGB."""

    def turn(degrees: float) -> Callable[[np.ndarray], np.ndarray]:
        def turned(pixels: np.ndarray) -> np.ndarray:
            height, width = pixels.shape[:2]
            matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
            return cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)

        return turned

    def jpeg(pixels: np.ndarray) -> np.ndarray:
        _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 40])
        return cv2.imdecode(packed, cv2.IMREAD_COLOR)

    def margin(pixels: np.ndarray) -> np.ndarray:
        y, x = (round(side / 10) for side in pixels.shape[:2])
        return cv2.copyMakeBorder(pixels, y, y, x, x, cv2.BORDER_REPLICATE)

    return {
        "turned 5 degrees left": turn(5),
        "turned 5 degrees right": turn(-5),
        "half size": lambda p: cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        "double size": lambda p: cv2.resize(p, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR),
        "JPEG quality 40": jpeg,
        "20 % darker": lambda p: np.clip(p * 0.8, 0, 255).astype(np.uint8),
        "20 % brighter": lambda p: np.clip(p * 1.2, 0, 255).astype(np.uint8),
        "inverted": lambda p: 255 - p,
        "10 % margin": margin,
        "slight blur": lambda p: cv2.GaussianBlur(p, (0, 0), max(0.5, max(p.shape) / 1000)),
    }


def steady(folder: Path, reads: list[Read], recognizer: Recognizer) -> dict[str, int]:
    """Count, for each harmless change, how many answers it changes."""
    changed = dict.fromkeys(changes(), 0)
    for read in (read for read in reads if read.text != UNREADABLE):
        pixels = source.load(place(folder, read.row)).pixels
        for name, change in changes().items():
            try:
                changed[name] += recognizer.read(change(pixels)).text != read.text
            except DigitlibError:
                changed[name] += 1
    return changed


def sheets(folder: Path, reads: list[Read], recognizer: Recognizer, out: Path) -> list[Path]:
    """Draw every failure, told that it is one digit or not, with what the network saw; return the paths."""
    plots.use_style()
    paths = []
    for read in (read for read in reads if read.text != UNREADABLE):
        file, label = Path(read.row["file"]), read.row["label"]
        failed = {False: not read.right, True: read.row["kind"] == "single" and read.told != label}
        for single in (single for single, wrong in failed.items() if wrong):
            figure = recognizer.read(place(folder, read.row), single=single).show()
            text = read.told if single else read.text
            figure.suptitle(
                f"{file} is {label}, read as {text or 'nothing'}" + single * ", told that it is one"
            )
            paths.append(out / f"{file.stem}{single * '-single'}.png")
            with files.whole_file(paths[-1]) as aside:
                figure.savefig(aside)
            plots.plt.close(figure)
    return paths


def fetch(folder: Path, host: str = "https://github.com/", listing: Path = LIST) -> int:
    """Get the listed pictures that are missing by git from where they live; return how many are there now.

    Raises:
        DigitlibError: if there is none, as without a network; `labels.csv` is left as it was.
    """
    with listing.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for repo, commit in sorted({(row["repo"], row["commit"]) for row in rows}):
        wanted = [row for row in rows if (row["repo"], row["commit"]) == (repo, commit)]
        missing = [row for row in wanted if not _is_there(folder, row)]
        if missing:
            _fetch(folder, missing, f"{host}{repo}", commit)
        print(f"{repo}: {sum(_is_there(folder, row) for row in wanted)} of {len(wanted)}")
    had = [row for row in rows if _is_there(folder, row)]
    if not had:
        raise DigitlibError(f"no picture could be fetched from {host}: is there a network?")
    with files.whole_file(folder / "labels.csv") as aside, aside.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(had)
    return len(had)


def _is_there(folder: Path, row: dict[str, str]) -> bool:
    path = folder / row["file"]
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]


def _fetch(folder: Path, rows: list[dict[str, str]], address: str, commit: str) -> None:
    """Fetch one commit and write those of its files that are the listed ones; never ask for a password."""
    silent = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    with tempfile.TemporaryDirectory() as clone:
        git = ["git", "-C", clone]
        subprocess.run([*git, "init", "--quiet"], check=True)
        fetched = subprocess.run([*git, "fetch", "--quiet", "--depth", "1", address, commit], env=silent)
        for row in rows if fetched.returncode == 0 else ():
            shown = subprocess.run([*git, "show", f"{commit}:{row['path']}"], capture_output=True)
            if hashlib.sha256(shown.stdout).hexdigest() == row["sha256"]:
                with files.whole_file(folder / row["file"]) as aside:
                    aside.write_bytes(shown.stdout)


def main() -> int:
    """Measure a folder, or fetch one; errors are one sentence."""
    try:
        return _main()
    except DigitlibError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fetch", action="store_true", help="get the listed pictures into FOLDER")
    parser.add_argument("--model", help="a model file or run folder; by default the one that ships")
    parser.add_argument("--tutorial", metavar="MODEL", help="the network that the tutorial's way asks")
    parser.add_argument("--steady", action="store_true", help="count answers that harmless changes change")
    parser.add_argument("--sheets", type=Path, metavar="OUT", help="write a picture of each failure there")
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RECORD.name}")
    arguments = parser.parse_args()
    if arguments.fetch:
        print(f"{fetch(arguments.folder)} pictures in {arguments.folder}")
        return 0
    recognizer = Recognizer.load(arguments.model)
    tutorial = Recognizer.load(arguments.tutorial) if arguments.tutorial else recognizer
    reads = read_folder(arguments.folder, recognizer, tutorial)
    figures = measure(reads)
    if arguments.tutorial:
        figures["tutorial_network"] = round(tutorial.card.metrics["test"]["accuracy"], 4)
    if arguments.steady:
        figures["changed_by"] = steady(arguments.folder, reads, recognizer)
        figures["changed"] = round(sum(figures["changed_by"].values()) / len(reads) / len(changes()), 4)
    print(json.dumps(figures, indent=1))
    if arguments.sheets:
        drawn = sheets(arguments.folder, reads, recognizer, arguments.sheets)
        print(f"{len(drawn)} failures in {arguments.sheets}")
    if arguments.record:
        files.write_text(RECORD, json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
