"""Digits that are stored as numbers are read in every usual file; tables come out as Kaggle wants them."""

import gzip
import json

import numpy as np
import pytest

from digitlib.doors import arrays, cli
from digitlib.errors import DigitlibError

HEADER = ",".join(f"pixel{index}" for index in range(784))


@pytest.fixture(scope="module")
def digits(sample):
    return sample.test.images[:30]


def kaggle(path, images, *, labels=None):
    table = images.reshape(-1, 784) if labels is None else np.column_stack([labels, images.reshape(-1, 784)])
    header = HEADER if labels is None else f"label,{HEADER}"
    np.savetxt(path, table, fmt="%d", delimiter=",", header=header, comments="")


def idx(images) -> bytes:
    return b"\x00\x00\x08\x03" + np.array(images.shape, ">u4").tobytes() + images.tobytes()


WRITERS = {
    "test.csv": kaggle,
    "train.csv": lambda path, images: kaggle(path, images, labels=np.zeros(len(images), int)),
    "digits.npy": lambda path, images: np.save(path, images / 255),
    "flat.npy": lambda path, images: np.save(path, images.reshape(-1, 784)),
    "digits.npz": lambda path, images: np.savez(path, images),
    "t10k-images-idx3-ubyte": lambda path, images: path.write_bytes(idx(images)),
    "t10k-images-idx3-ubyte.gz": lambda path, images: path.write_bytes(gzip.compress(idx(images))),
    "mine.idx": lambda path, images: path.write_bytes(idx(images)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_each_kind_of_file_gives_the_same_digits(name, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "PART", 7)
    WRITERS[name](tmp_path / name, digits)
    assert arrays.is_table(str(tmp_path / name))
    parts = list(arrays.parts(tmp_path / name))
    assert max(map(len, parts)) == 7
    whole = np.concatenate(parts)
    np.testing.assert_allclose(whole / whole.max() * 255, digits, atol=1e-3)


def test_one_digit_is_a_file_too(digits, tmp_path):
    np.save(tmp_path / "one.npy", digits[0])
    assert [part.shape for part in arrays.parts(tmp_path / "one.npy")] == [(1, 28, 28)]


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("a.csv", lambda path: path.write_text("a,b\n1,2\n"), "has no column pixel0"),
        (
            "a.csv",
            lambda path: path.write_text(f"{HEADER}\n{','.join(['300'] * 784)}\n"),
            r"not in \[0, 300\]",
        ),
        ("a.csv", lambda path: path.write_text(f"{HEADER}\n"), "it holds no digits"),
        ("a.npy", lambda path: np.save(path, np.zeros((0, 28, 28))), "it holds no digits"),
        ("a.npy", lambda path: np.save(path, np.float64(1)), r"not \(\)"),
        ("a.npy", lambda path: np.save(path, np.zeros((3, 5))), r"not \(3, 5\)"),
        ("a.npy", lambda path: np.save(path, np.array([{}], object), allow_pickle=True), "or is damaged"),
        (
            "a.npz",
            lambda path: np.savez(path, a=np.zeros(3), b=np.zeros(3)),
            "holds a, b: save the digits alone",
        ),
        ("a.idx", lambda path: path.write_bytes(b"text"), "its head is not of an IDX file"),
        ("a.idx", lambda path: path.write_bytes(idx(np.zeros((9, 28, 28), np.uint8))[:-1]), "or is damaged"),
        ("a.idx.gz", lambda path: path.write_bytes(b"no gzip"), "or is damaged"),
        ("gone.npy", lambda path: None, "no such file"),
    ],
)
def test_what_holds_no_digits_is_refused_by_name(name, write, message, tmp_path):
    write(tmp_path / name)
    with pytest.raises(DigitlibError, match=message) as refused:
        list(arrays.parts(tmp_path / name))
    assert name in str(refused.value)


def test_a_csv_may_hold_floats(digits, tmp_path):
    rows = "\n".join(",".join(f"{value / 255:.6f}" for value in digit.ravel()) for digit in digits)
    (tmp_path / "floats.csv").write_text(f"{HEADER}\n{rows}\n")
    (read,) = arrays.parts(tmp_path / "floats.csv")
    np.testing.assert_allclose(read, digits / 255, atol=1e-5)


def test_kaggles_table_becomes_a_submission(digits, recognizer, tmp_path, capsys):
    kaggle(tmp_path / "test.csv", digits)
    table = tmp_path / "submission.csv"
    assert cli.main(["predict", str(tmp_path / "test.csv"), "--output", str(table)]) == 0
    lines = table.read_text().splitlines()
    expected = recognizer.probabilities(digits).argmax(axis=1)
    assert lines[0] == "ImageId,Label"
    assert lines[1:] == [f"{number},{label}" for number, label in enumerate(expected, start=1)]
    assert "30 digits" in capsys.readouterr().out


def test_digits_are_printed_or_written_with_their_confidence(digits, tmp_path, capsys):
    np.save(tmp_path / "digits.npy", digits[:2])
    assert cli.main(["predict", str(tmp_path / "digits.npy"), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["number"] for row in rows] == [1, 2] and 0 < rows[0]["confidence"] <= 1
    table = tmp_path / "digits.jsonl"
    assert cli.main(["predict", str(tmp_path / "digits.npy"), "--output", str(table)]) == 0
    assert [json.loads(line) for line in table.read_text().splitlines()] == rows
    capsys.readouterr()
    assert cli.main(["predict", str(tmp_path / "digits.npy")]) == 0
    assert f"digits.npy, digit 1: {rows[0]['label']} (confidence" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.png"], "a.png is a picture"),
        (["--single"], "--single is for pictures"),
        (["--show", "drawn"], "--show is for pictures"),
        (["--output", "a.xlsx"], "its name must end in .csv or .jsonl"),
        (["--output", "digits.npy"], "digits.npy is to be read: name another file"),
    ],
)
def test_a_wrong_request_writes_nothing(digits, words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.save("digits.npy", digits[:2])
    assert cli.main(["predict", "digits.npy", *words]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["digits.npy"]


def test_a_file_that_ends_badly_leaves_no_table(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "PART", 10)
    kaggle(tmp_path / "test.csv", digits)
    with (tmp_path / "test.csv").open("a") as file:
        file.write("no,numbers\n")
    assert cli.main(["predict", str(tmp_path / "test.csv"), "--output", str(tmp_path / "out.csv")]) == 2
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["digits.npz", "t10k-images-idx3-ubyte.gz"])
def test_a_file_that_unpacks_to_too_much_is_refused(name, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "MOST", 20_000)
    WRITERS[name](tmp_path / name, digits)
    with pytest.raises(DigitlibError, match="more than 20,000 bytes"):
        list(arrays.parts(tmp_path / name))
