"""Kill programs at random moments; see that nothing is half, lost or doubled when they go on: `make kill`.

python tests/hard/kill.py [--times N] [--seed S]

Each program first runs undisturbed. Then it is started anew and killed (SIGKILL, at a moment drawn over the
time that it took; sometimes the program alone, sometimes all its processes), every file that it left is
opened, it goes on as its messages advise, and the outcome is compared with the undisturbed one.
"""

import argparse
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image

from digitlib import files
from digitlib.data import mnist
from digitlib.networks.card import Card

DIGITLIB = [sys.executable, "-m", "digitlib.doors.cli"]
CAN_BE_HALF = (".unfinished", ".lock")  # journals, which are cut to their last whole line, and empty locks


@dataclass(frozen=True)
class Program:
    """One that is killed.

    Attributes:
        begin: its command line, for a folder of its own.
        go_on: the one that goes on.
        outcome: what it leaves at the end, to be compared.
        share: of all kills.
    """

    begin: Callable[[Path], list[str]]
    go_on: Callable[[Path], list[str]]
    outcome: Callable[[Path], Any]
    share: float


def pictures(folder: Path, count: int = 60) -> Path:
    """Write digits of MNIST as small pictures, if they are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    images = mnist.load(mnist.SAMPLE).test.images[:count]
    for index, digit in enumerate(images):
        with files.whole_file(folder / f"{index:03d}.png") as aside:
            Image.fromarray(255 - digit).save(aside)
    return folder


def _read(folder: Path) -> list[str]:
    source = pictures(folder.parent / "hard-pictures")
    table = folder / "table.jsonl"
    return [*DIGITLIB, "predict", str(source), "--output", str(table), "--workers", "2"]


def _rows(folder: Path) -> list[Any]:
    rows = [json.loads(line) for line in (folder / "table.jsonl").read_text().splitlines()]
    assert not list(folder.glob("*.unfinished"))
    return rows


def _train(folder: Path) -> list[str]:
    settings = "--network tiny --epochs 3 --epoch_digits 1500 --patience 9 --log-level error"
    return [*DIGITLIB, "train", "--name", folder.name, *settings.split()]


def _history(folder: Path) -> list[Any]:
    card = Card.read(folder)
    for name in card.sha256:
        card.check(folder / name)
    history = json.loads((folder / "history.json").read_text())
    return [{key: row[key] for key in ("epoch", "loss")} for row in history]


PAGES = """
import sys, pathlib
from digitlib.training import pages
if __name__ == "__main__":
    resume = pathlib.Path(sys.argv[1], "config.json").is_file()
    config = pages.PageConfig(steps=12, small=4, large=1)
    pages.train(config, pathlib.Path(sys.argv[1]), source="sample", resume=resume, every=2, workers=1)
"""


def _train_pages(folder: Path) -> list[str]:
    """Train a page network without the calibration that follows, which takes minutes."""
    script = folder.parent / "hard-pages.py"  # a file, since the processes of its pool import it
    files.write_text(script, PAGES)
    return [sys.executable, str(script), str(folder)]


def _losses(folder: Path) -> list[float]:
    return json.loads((folder / "history.json").read_text())


def _sweep(folder: Path) -> list[str]:
    path = folder.parent / "hard-small.ipynb"
    if not path.exists():
        _small_notebook(path)
    return [*DIGITLIB, "sweep", str(path), "-g", "seed=0,1,2,3", "--name", folder.name]


def _small_notebook(path: Path) -> None:
    """Write a notebook whose runs take a moment."""
    import nbformat

    cells = [
        nbformat.v4.new_code_cell(text)
        for text in ("seed: int = 0  # n\nrun: str = ''  # n", "import time\ntime.sleep(0.5)\nprint(seed)")
    ]
    cells[0].metadata.tags = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


def _points(folder: Path) -> list[str]:
    printed = []
    for point in sorted(folder.glob("seed=*")):
        cells = json.loads((point / "hard-small.ipynb").read_text())["cells"]
        printed += [text for output in cells[-1]["outputs"] for text in output["text"]]
    with (folder / "table.csv").open(newline="") as table:
        return [*printed, *(row["seed"] for row in csv.DictReader(table))]


PROGRAMS = {
    "reading": Program(_read, lambda folder: [*_read(folder), "--resume"], _rows, 0.4),
    "training": Program(_train, lambda folder: [*DIGITLIB, "train", "--resume", folder.name], _history, 0.24),
    "page training": Program(_train_pages, _train_pages, _losses, 0.16),
    "notebooks": Program(_sweep, _sweep, _points, 0.2),
}


def run(words: list[str], *, kill_after: float | None = None, group: bool = True) -> tuple[int, str, float]:
    """Run a command, and kill it after so many seconds.

    Returns:
        Its exit status, what it said on standard error, and the seconds that it took.
    """
    started, said = time.monotonic(), ""
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            said = process.communicate(timeout=kill_after)[1]
        except subprocess.TimeoutExpired:
            if group:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
                assert not _alive(process.pid), "its processes outlive it"
    return process.returncode, said, time.monotonic() - started


def _alive(group: int) -> bool:
    """Tell whether a process of a group, but for its killed leader, still runs after ten seconds."""
    for _ in range(100):
        time.sleep(0.1)
        if not any(_runs_in(path, group) for path in Path("/proc").glob("[0-9]*/stat")):
            return False
    return True


def _runs_in(path: Path, group: int) -> bool:
    """Tell whether a process is one of a group, and is no zombie."""
    try:
        state = path.read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return False
    return int(state[2]) == group and state[0] != "Z"


def whole(folder: Path) -> None:
    """Open every file that was left; a file under its own name must be whole."""
    for path in folder.rglob("*"):
        if path.is_dir() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # hidden ones are being written
        match path.suffix:
            case ".json" | ".ipynb":
                json.loads(path.read_text())
            case ".jsonl":
                [json.loads(line) for line in path.read_text().splitlines()]
            case ".h5":
                h5py.File(path, "r").close()
            case ".npz":
                np.load(path).close()
            case ".png":
                Image.open(path).verify()
            case suffix:
                assert suffix in (*CAN_BE_HALF, ".csv", ".log", ".tflite", ".md", ".html"), path


def same(found: Any, expected: Any) -> None:
    """See that an outcome is the undisturbed one."""
    assert found == expected, f"{found}\nis not\n{expected}"


def attempt(program: Program, folder: Path, expected: Any, after: float, *, group: bool) -> bool:
    """Kill once; return whether it really was killed before all was done."""
    shutil.rmtree(folder, ignore_errors=True)
    status, _, _ = run(program.begin(folder), kill_after=after, group=group)
    if folder.exists():
        whole(folder)
    if status == 0:
        return False
    status, said, _ = run(program.go_on(folder))
    if status and "is whole" in said:  # it was killed while it ended, all was done
        same(program.outcome(folder), expected)
        return False
    if status:  # it was killed before there was anything to go on with
        assert "nothing to resume" in said or "no finished epoch" in said, said
        shutil.rmtree(folder, ignore_errors=True)
        status, said, _ = run(program.begin(folder))
    assert status == 0, said
    whole(folder)
    same(program.outcome(folder), expected)
    return True


def kill(name: str, times: int, rng: np.random.Generator, folder: Path) -> int:
    """Kill a program so many times before its end.

    Args:
        name: of the program.
        times: how often it is killed; a start that ends before its moment does not count.
        rng: draws the moments.
        folder: for its run, under `runs`.
    """
    program = PROGRAMS[name]
    shutil.rmtree(folder, ignore_errors=True)
    status, said, seconds = run(program.begin(folder))
    assert status == 0, said
    expected = program.outcome(folder)
    killed = 0
    while killed < times:
        killed += attempt(program, folder, expected, rng.uniform(0.1, seconds), group=rng.random() < 0.6)
        print(f"{name}: killed and recovered {killed}", flush=True)
    shutil.rmtree(folder)
    return killed


def main() -> None:
    """Kill every program its share of times."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=PROGRAMS)
    arguments = parser.parse_args()
    os.environ["DIGITLIB_DATA"] = mnist.SAMPLE
    rng = np.random.default_rng(arguments.seed)
    killed = 0
    for name in [arguments.only] if arguments.only else PROGRAMS:
        times = arguments.times if arguments.only else round(arguments.times * PROGRAMS[name].share)
        killed += kill(name, times, rng, files.run_folder(f"hard-{name.replace(' ', '-')}"))
    print(f"{killed} of {killed} recovered, nothing lost or doubled")


if __name__ == "__main__":
    main()
