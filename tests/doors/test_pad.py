"""What the doors answer: the same through each, in words where a picture is bad, and kept when corrected."""

import base64
import importlib.util
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import synthetic
from PIL import Image

from digitlib import Recognizer
from digitlib.doors import cli, strokes
from digitlib.doors.pad import answer, answer_message, keep, safe_name
from digitlib.doors.widgets import EXAMPLE, Pad
from digitlib.errors import DigitlibError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load()


def png(pixels: np.ndarray) -> bytes:
    Image.fromarray(pixels).save(stream := io.BytesIO(), "PNG")
    return stream.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that promises 30,000 x 30,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    whole = png(np.zeros((5, 5), np.uint8))
    return whole[:8] + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + whole[33:]


@pytest.mark.slow
def test_fifty_pictures_read_the_same_through_every_door(recognizer, sample, tmp_path, capsys):
    rng, pad = np.random.default_rng(6), Pad(recognizer)
    paths = [tmp_path / f"{i:02d}.png" for i in range(50)]
    for path in paths:
        text = "".join(map(str, rng.integers(0, 10, rng.integers(1, 5))))
        how = synthetic.Paper(size=int(rng.integers(50, 90)), shadow=rng.uniform(0, 0.4))
        path.write_bytes(png(synthetic.write(text, sample.train, rng, how)))
    assert cli.main(["predict", "--json", *map(str, paths)]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({row["text"] for row in printed}) > 40
    for path, row in zip(paths, printed, strict=True):
        assert row.pop("path") == str(path)
        by_page = answer(recognizer, path.read_bytes(), path.name)
        by_pad = pad.read(path.read_bytes(), path.name)
        assert recognizer.read(path).as_dict() == row == stripped(by_page) == stripped(by_pad)


def stripped(said: dict) -> dict:
    """An answer without what only a browser needs."""
    digits = [{k: d[k] for k in ("digit", "confidence", "accepted", "box")} for d in said["digits"]]
    names = ("text", "lines", "rotation", "confidence", "score", "reason")
    return {key: said[key] for key in names if key in said} | {"digits": digits}


def test_that_more_pages_are_there_is_said(recognizer):
    blank = Image.new("L", (60, 60), 255)
    blank.save(packed := io.BytesIO(), "TIFF", save_all=True, append_images=[blank])
    assert answer(recognizer, packed.getvalue(), "scan.tiff")["name"] == "scan.tiff, page 1 of 2"


def test_a_drawing_is_read_as_its_picture_is(recognizer):
    said, source = answer_message(recognizer, {"turn": 3, "strokes": EXAMPLE})
    assert said["text"] == "72" and said["turn"] == 3
    np.testing.assert_array_equal(source, strokes.draw(EXAMPLE))
    assert stripped(said) == recognizer.read(source).as_dict()
    assert (said["width"], said["height"]) == (560, 280) and "picture" not in said


def test_an_answer_survives_json_and_shows_what_the_network_saw(recognizer):
    said = json.loads(json.dumps(answer(recognizer, strokes.draw(EXAMPLE), "mine.png")))
    seen = recognizer.read(strokes.draw(EXAMPLE)).digits[0]
    frame = np.frombuffer(base64.b64decode(said["digits"][0]["frame"]), np.uint8).reshape(28, 28)
    np.testing.assert_allclose(frame / 255, seen.frame, atol=1 / 255)
    np.testing.assert_allclose(said["digits"][0]["probabilities"], seen.probabilities, atol=1e-4)
    shown = Image.open(io.BytesIO(base64.b64decode(said["picture"].removeprefix("data:image/jpeg;base64,"))))
    assert shown.size == (560, 280)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"<svg onload='alert(1)'/>", "a.svg", "not an image: a.svg; save it as PNG or JPEG"),
        (b"", "../../etc/passwd", "passwd is empty"),
        (b"x", "<img src=x onerror=alert(1)>.png", "not an image: img src_x onerror_alert(1)_.png"),
        (b"x", "..\\..\\=cmd|'-C calc'!A0.png", "not an image: cmd__-C calc__A0.png"),
        (bomb(), "bomb.png", "bomb.png"),
        (png(np.full((30, 30), 9, np.uint8))[:60], "cut.png", "cut.png is damaged or cut off"),
    ],
    ids=["svg", "path", "html", "formula", "bomb", "cut"],
)
def test_a_hostile_upload_is_one_harmless_sentence(recognizer, content, name, message):
    said = answer(recognizer, content, name)
    assert set(said) == {"name", "error"}
    assert message in said["error"] and not set("<>|") & set(said["error"]) and "\n" not in said["error"]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"picture": "%%%"}, "empty"),
        ({"picture": base64.b64encode(b"no picture").decode(), "name": "x"}, "not an image: x"),
        ({"picture": 7}, ""),
        ({"strokes": [{"points": 1}]}, "no strokes"),
    ],
    ids=["no base64", "no picture", "a number", "no strokes"],
)
def test_a_broken_message_is_answered_with_a_sentence(recognizer, message, error):
    said, _ = answer_message(recognizer, message | {"turn": 1})
    assert error in said["error"] and said["turn"] == 1


def test_an_empty_pad_reads_nothing(recognizer):
    said, _ = answer_message(recognizer, {})
    assert said["text"] == "" and said["digits"] == []


@pytest.mark.parametrize("name", ["", "...", "a" * 300, "/", "=1+1", "übung 7.png"])
def test_a_name_is_always_fit_for_use(name):
    safe = safe_name(name)
    assert len(safe) <= 80 and not set('/\\<>"&=') & set(safe) and not safe.startswith((".", "-", "="))


def test_corrections_are_kept_as_the_benchmark_reads_them(recognizer, seven, tmp_path):
    file = importlib.util.spec_from_file_location("own", ROOT / "benchmarks" / "own_pictures.py")
    own = importlib.util.module_from_spec(file)
    file.loader.exec_module(own)
    drawing = (235 - 200 * np.pad(np.kron(seven, np.ones((3, 3))), 40)).astype(np.uint8)
    paths = [
        keep(drawing, " 7 ", tmp_path),
        keep(png(drawing), "71", tmp_path),
        keep(drawing, "None", tmp_path),
    ]
    reads = own.read_folder(tmp_path, recognizer)
    assert [read.row["file"] for read in reads] == [path.name for path in paths]
    assert [(r.row["label"], r.row["kind"], r.row["medium"]) for r in reads] == [
        ("7", "single", "drawn"),
        ("71", "multi", "picture"),
        ("none", "none", "drawn"),
    ]
    assert [read.text for read in reads] == ["7", "7", "7"]
    assert own.measure(reads)["singles_read"]["right"] == 1


def test_a_table_that_an_editor_left_open_loses_no_row(tmp_path):
    (tmp_path / "labels.csv").write_text("file,label,kind,medium,writer\na.png,3,single,drawn,me")
    path = keep(np.zeros((9, 9), np.uint8), "7", tmp_path)
    lines = (tmp_path / "labels.csv").read_text().splitlines()
    assert lines[1:] == ["a.png,3,single,drawn,me", f"{path.name},7,single,drawn,me"]
    (tmp_path / "file").touch()
    with pytest.raises(DigitlibError, match="file cannot be written"):
        keep(np.zeros((9, 9), np.uint8), "7", tmp_path / "file")


def test_what_is_kept_tells_nothing_of_the_camera(tmp_path):
    image = Image.new("RGB", (40, 40), "white")
    exif = image.getexif()
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 0.0)}  # where it was taken
    image.save(stream := io.BytesIO(), "JPEG", exif=exif)
    with Image.open(keep(stream.getvalue(), "none", tmp_path)) as kept:
        assert not dict(kept.getexif()) and not kept.info


@pytest.mark.parametrize("label", ["", "seven", "7,8", "../7", "\uff17"])
def test_a_label_is_digits_or_none(label, tmp_path):
    with pytest.raises(DigitlibError, match="in digits"):
        keep(np.zeros((9, 9)), label, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_table_in_another_encoding_is_one_sentence_and_stays(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_bytes("file,label,kind,medium,writer\na.png,7,single,drawn,Jürgen\n".encode("latin-1"))
    before = table.read_bytes()
    with pytest.raises(DigitlibError, match="save it as CSV UTF-8"):
        keep(np.zeros((9, 9), np.uint8), "7", tmp_path)
    assert table.read_bytes() == before
