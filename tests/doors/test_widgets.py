"""The notebook's pad without a browser: messages in, answers out, and a picture where nothing else shows."""

import base64
import datetime
import io

import numpy as np
import pytest
from PIL import Image

from digitlib import Recognizer
from digitlib.doors import strokes
from digitlib.doors.widgets import EXAMPLE, Pad


@pytest.fixture
def pad(tmp_path):
    return Pad(Recognizer.load(), folder=tmp_path)


def test_strokes_are_answered_at_once(pad):
    pad.canvas.message = {"turn": 1, "strokes": EXAMPLE[:1]}
    assert pad.canvas.answer["text"] == "7" and pad.canvas.answer["turn"] == 1
    pad.canvas.message = {"turn": 2, "strokes": []}
    assert pad.canvas.answer["text"] == "" and pad.canvas.answer["digits"] == []


def test_a_dropped_file_and_a_bad_one_are_answered(pad):
    Image.fromarray(strokes.draw(EXAMPLE)).save(stream := io.BytesIO(), "PNG")
    pad.canvas.message = {"turn": 1, "picture": base64.b64encode(stream.getvalue()).decode(), "name": "a.png"}
    assert pad.canvas.answer["text"] == "72" and pad.canvas.answer["picture"].startswith("data:image")
    pad.canvas.message = {"turn": 2, "picture": base64.b64encode(b"x").decode(), "name": "a.txt"}
    assert pad.canvas.answer["error"].startswith("not an image: a.txt")


def test_an_uploaded_file_is_answered(pad):
    Image.fromarray(strokes.draw(EXAMPLE)).save(stream := io.BytesIO(), "PNG")
    file = {"name": "b.png", "type": "image/png", "size": 1, "content": memoryview(stream.getvalue())}
    pad.upload.set_trait("value", ({**file, "last_modified": datetime.datetime(2026, 1, 1)},))
    assert pad.canvas.answer["text"] == "72" and pad.canvas.answer["name"] == "b.png"


def test_a_correction_is_kept_or_refused_in_words(pad, tmp_path):
    pad.canvas.message = {"turn": 1, "strokes": EXAMPLE}
    pad.truth.value = "seven"
    pad.keep.click()
    assert "in digits" in pad.said.value and not (tmp_path / "labels.csv").exists()
    pad.truth.value = "72"
    pad.keep.click()
    assert "thank you" in pad.said.value and pad.truth.value == ""
    row = (tmp_path / "labels.csv").read_text().splitlines()[1].split(",")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / row[0]))[..., 0], strokes.draw(EXAMPLE))
    assert row[1:] == ["72", "multi", "drawn", "me"]


def test_nothing_to_keep_is_said(pad):
    pad.truth.value = "7"
    pad.keep.click()
    assert "no picture to keep" in pad.said.value


def test_a_picture_stands_in_and_its_words_stay_the_same(pad):
    bundle = pad._repr_mimebundle_()
    assert bundle["text/plain"] == "A drawing pad"
    assert "application/vnd.jupyter.widget-view+json" in bundle
    with Image.open(io.BytesIO(bundle["image/png"])) as drawn:
        assert drawn.width == 700


def test_the_module_opens_by_one_door_that_fits_both():
    assert str(Pad(Recognizer.load()).canvas._esm).count("\nexport ") == 1
