"""What is timed is real: pictures, tables, calls in turns."""

import csv

import numpy as np
import pytest
import reading
from PIL import Image


@pytest.fixture
def folder(tmp_path, sample, monkeypatch):
    monkeypatch.setattr(reading.mnist, "load", lambda *_: sample)
    reading.write_pictures(tmp_path / "pictures", 3)
    return tmp_path / "pictures"


def test_the_folder_holds_dark_digits_on_white(folder, sample):
    written = [np.asarray(Image.open(path)) for path in sorted(folder.iterdir())]
    assert np.array_equal(written, 255 - sample.test.images[:3])


def test_the_table_that_is_timed_holds_every_picture(folder, tmp_path):
    taken, megabytes = reading.tabulated(folder, tmp_path / "table.csv", 1)
    with (tmp_path / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 and not any(row["error"] for row in rows)
    assert taken > 0 and megabytes > 20


def test_every_size_is_a_picture_of_its_size():
    sizes = {name: Image.open(reading.io.BytesIO(file)).size for name, file in reading.pictures().items()}
    assert sizes["icon, 28 x 28"] == (28, 28) and sizes["photo, 12 megapixels"] == (4000, 3000)


def test_calls_are_timed_in_turns_and_the_first_round_is_not_counted():
    called = []
    ways = {name: lambda name=name: called.append(name) for name in "ab"}
    assert set(reading.in_turns(ways, 2)) == {"a", "b"} and called == list("ababab")
