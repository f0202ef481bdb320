"""Read digits that are cut out already: tables of 28 x 28 pixels, as MNIST, Kaggle and NumPy store them.

They are in the frame of MNIST, bright ink on black, and go to the digit network alone.

Reference:
    IDX: the format of MNIST's files (LeCun, Cortes, Burges). CSV: `test.csv` and `train.csv` of Kaggle's
    competition "Digit Recognizer", a digit a row, columns pixel0 to pixel783, and its submissions.
"""

import gzip
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from digitlib.errors import DigitlibError
from digitlib.files import whole_file
from digitlib.logs import no_progress
from digitlib.pictures.views import as_frames
from digitlib.reading.recognizer import Recognizer

PART = 1000  # digits that are held and read at once
PIXELS = 28 * 28
IDX = re.compile(r"idx3-ubyte(\.gz)?$|\.idx(\.gz)?$")
IDX_BEGINS = b"\x00\x00\x08\x03"  # bytes, three dimensions
MOST = 1_000_000_000  # bytes that a file may unpack to


def is_table(name: str) -> bool:
    """Tell by its name whether a file holds digits as numbers."""
    return bool(IDX.search(name)) or Path(name).suffix.lower() in (".csv", ".npy", ".npz")


def parts(path: Path) -> Iterator[np.ndarray]:
    """Read a file of digits, some at a time.

    Args:
        path: `.npy`, `.npz` of one array, a CSV with columns pixel0 to pixel783, or IDX, also packed (`.gz`).

    Yields:
        Arrays of shape `(n, 28, 28)`, see `pictures.views.as_frames`.

    Raises:
        DigitlibError: if the file holds no such digits.
    """
    try:
        part = None
        for part in map(as_frames, _from_csv(path) if path.suffix.lower() == ".csv" else _from_whole(path)):
            yield part
        if part is None:
            raise DigitlibError("it holds no digits")
    except DigitlibError as error:
        raise DigitlibError(f"{path}: {error}") from error
    except FileNotFoundError as error:
        raise DigitlibError(f"no such file: {path}") from error
    except Exception as error:  # numpy, pandas and gzip raise what they like on damaged files
        raise DigitlibError(f"{path} holds no digits of 28 x 28 pixels, or is damaged ({error})") from error


def _from_whole(path: Path) -> Iterator[np.ndarray]:
    """Read a file that is not read line by line."""
    whole = _from_idx(path) if IDX.search(path.name) else _from_numpy(path)
    if whole.ndim < 3 and whole.shape[1:] != (PIXELS,):
        whole = as_frames(whole)  # one digit, or none
    for start in range(0, len(whole), PART):
        yield np.asarray(whole[start : start + PART])


def _from_csv(path: Path) -> Iterator[np.ndarray]:
    """Read a CSV by its header."""
    import pandas as pd

    names = [f"pixel{index}" for index in range(PIXELS)]
    header = pd.read_csv(path, nrows=0).columns
    if missing := [name for name in names if name not in header]:
        raise DigitlibError(
            f"it has no column {missing[0]}: give a CSV with a digit a row, pixel0 to pixel783"
        )
    with pd.read_csv(path, usecols=names, chunksize=PART) as rows:
        for part in rows:
            if len(part):
                yield part[names].to_numpy()


def _from_idx(path: Path) -> np.ndarray:
    """Read an IDX file."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise DigitlibError(f"it holds more than {MOST:,} bytes: save the digits as .npy")
    shape = tuple(int(side) for side in np.frombuffer(content[4:16], ">u4"))
    if not content.startswith(IDX_BEGINS) or shape[1:] != (28, 28):
        raise DigitlibError("its head is not of an IDX file of digits, 28 x 28 bytes each")
    return np.frombuffer(content, np.uint8, offset=16).reshape(shape)


def _from_numpy(path: Path) -> np.ndarray:
    """Read a .npy file, or a .npz file of one array; never by pickle."""
    if path.suffix.lower() == ".npy":
        return np.load(path, mmap_mode="r", allow_pickle=False)
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        if sum(member.file_size for member in archive.zip.infolist()) > MOST:
            raise DigitlibError(f"it unpacks to more than {MOST:,} bytes: save the digits as .npy")
        if len(archive.files) != 1:
            raise DigitlibError(f"it holds {', '.join(archive.files)}: save the digits alone")
        return archive[archive.files[0]]


def read(paths: Iterable[Path], recognizer: Recognizer) -> Iterator[dict[str, Any]]:
    """Read every digit of some files, with a progress bar.

    Yields:
        `path`, `number` of the digit in its file from 1, `label`, `confidence`.
    """
    from tqdm import tqdm

    with tqdm(desc="digits", unit="digit", disable=no_progress()) as bar:
        for path in paths:
            number = itertools.count(1)
            for part in parts(path):
                for row in recognizer.probabilities(part):
                    confidence = round(float(row.max()), 4)
                    said = {"number": next(number), "label": int(row.argmax()), "confidence": confidence}
                    yield {"path": str(path)} | said
                bar.update(len(part))


def write(rows: Iterable[dict[str, Any]], table: Path) -> int:
    """Write a table, whole or not at all.

    Args:
        rows: from `read`.
        table: `.csv` gets the columns ImageId and Label, as Kaggle asks for; `.jsonl` everything.

    Returns:
        How many digits it holds.

    Raises:
        DigitlibError: if it has another suffix or cannot be written.
    """
    if table.suffix not in (".csv", ".jsonl"):
        raise DigitlibError(
            f"no table of digits can be written to {table}: its name must end in .csv or .jsonl"
        )
    count, as_kaggle = 0, table.suffix == ".csv"
    with whole_file(table) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        if as_kaggle:
            file.write("ImageId,Label\n")
        for count, row in enumerate(rows, start=1):
            file.write(f"{count},{row['label']}\n" if as_kaggle else json.dumps(row) + "\n")
    return count
