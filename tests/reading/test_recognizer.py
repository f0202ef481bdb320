"""Pictures in, readings out, with the network that ships; no TensorFlow on the way."""

import io
import json
import shutil

import cv2
import numpy as np
import pytest
import synthetic
from PIL import Image
from strokes import write

from digitlib import Recognizer, files
from digitlib.errors import DigitlibError
from digitlib.networks.card import Card
from digitlib.pictures.views import views
from digitlib.reading.page import find_upright


@pytest.fixture
def paper(sample):
    """Write digits of the sample, four times as large, dark on light grey paper with a shadow."""

    def write(*labels: int, seed: int = 0) -> np.ndarray:
        rng = np.random.default_rng(seed)
        height, width = 220, 60 + 130 * len(labels)
        page = np.linspace(235, 190, width)[None, :] + rng.normal(0, 2, (height, width))
        for i, label in enumerate(labels):
            digit = sample.train.images[rng.choice(np.flatnonzero(sample.train.labels == label))]
            large = cv2.resize(digit, (112, 112), interpolation=cv2.INTER_CUBIC) / 255
            page[50:162, 40 + 130 * i : 152 + 130 * i] *= 1 - 0.7 * large
        return np.clip(page, 0, 255).astype(np.uint8)

    return write


def test_digits_on_paper_are_read_without_being_told_that_each_is_one(recognizer, paper):
    readings = {
        (digit, seed): recognizer.read(paper(digit, seed=seed)) for digit in range(10) for seed in range(5)
    }
    right = [reading for (digit, _), reading in readings.items() if reading.text == str(digit)]
    assert len(right) >= 48  # of 50; of the digits that are written here, one in a hundred is refused
    assert all(len(reading.digits) == 1 for reading in right)
    assert np.mean([reading.confidence for reading in right]) > 0.95
    assert all(reading.score >= recognizer.threshold for reading in right)


def test_a_row_is_read_in_order_with_a_box_for_each(recognizer, paper):
    reading = recognizer.read(paper(1, 2, 8, 5))
    assert reading.text == "1285"
    lefts = [digit.box[0] for digit in reading.digits]
    assert lefts == sorted(lefts)
    for i, digit in enumerate(reading.digits):
        x, y, width, height = digit.box
        assert 40 + 130 * i - 6 <= x and x + width <= 152 + 130 * i + 6
        assert 44 <= y and y + height <= 168


def test_digits_that_touch_are_told_apart(recognizer, sample):
    texts = ["6025", "2571", "3842", "9463", "5078", "1904", "8371", "4620"]
    how = synthetic.Paper(gap=-0.45, noise=0)
    pages = [synthetic.write(t, sample.train, np.random.default_rng(i), how) for i, t in enumerate(texts)]
    assert sum(recognizer.read(pixels).text == t for pixels, t in zip(pages, texts, strict=True)) >= 6


def test_squares_and_boxes_are_no_digits(recognizer, paper):
    squared, boxed = paper(7, 3, 2), paper(5, 6, 0)
    squared[::24] = squared[:, ::24] = 150
    for left in (36, 166, 296):
        cv2.rectangle(boxed, (left, 44), (left + 122, 168), 90, 3)
    assert [recognizer.read(page).text for page in (squared, boxed)] == ["732", "560"]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_is_read_upright_and_its_boxes_lie_on_it_as_it_came(recognizer, paper, quarters):
    page = np.vstack([paper(3, 4, 5, 7, 2), paper(4, 2, 7, 3, 5)])
    turned = np.ascontiguousarray(np.rot90(page, quarters))
    reading = recognizer.read(turned)
    assert reading.rotation == 360 - 90 * quarters and reading.text == "3457242735"
    x, y, width, height = reading.digits[0].box
    first = np.zeros(page.shape, bool)
    first[50:162, 40:152] = True
    assert np.rot90(first, quarters)[y + height // 2, x + width // 2]


@pytest.mark.parametrize(("angle", "quarters"), [(-17, 0), (17, 0), (17, 1)])
def test_a_page_askew_is_read_straightened_and_its_boxes_lie_on_it_as_it_came(
    recognizer, paper, angle, quarters
):
    page = np.pad(paper(3, 4, 5, 7, 2), ((120, 120), (0, 0)), mode="edge")
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    askew = cv2.warpAffine(page, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    came = np.ascontiguousarray(np.rot90(askew, quarters))
    seen = find_upright(came, recognizer.page_network)
    assert seen.quarters == quarters and seen.grey.shape > askew.shape
    reading = recognizer.read(came)
    assert reading.text == "34572" and reading.rotation == -90 * quarters % 360
    for i, digit in enumerate(reading.digits):
        x, y = turn @ (96 + 130 * i, 226, 1)
        if quarters:
            x, y = y, width - x
        left, top, wide, high = digit.box
        assert abs(left + wide / 2 - x) < 25 and abs(top + high / 2 - y) < 25
        assert 60 < max(wide, high) < 110


def test_lines_and_numbers_are_told_apart(recognizer, paper):
    page = np.vstack([np.hstack([paper(1, 2), np.full((220, 120), 190, np.uint8), paper(3, 4)]),
                      np.pad(paper(5, 6, 7), ((0, 0), (0, 310)), mode="edge")])  # fmt: skip
    reading = recognizer.read(page)
    assert reading.lines == ("12 34", "567") and reading.text == "1234567"


def test_letters_among_digits_are_not_read(recognizer):
    words = np.full((120, 520), 235, np.uint8)
    for i, character in enumerate("W1W0W"):
        write(words, character, 20 + 100 * i, 92, pen=6)
    reading = recognizer.read(words)
    assert reading.text in ("", "10", "1", "0") and len(reading.digits) >= 1


def test_the_parts_of_a_reading_fit_together(recognizer, paper):
    reading = recognizer.read(paper(3, 4))
    assert reading.confidence == pytest.approx(np.prod([digit.confidence for digit in reading.digits]))
    assert reading.score == max(digit.score for digit in reading.digits)
    for digit in reading.digits:
        assert digit.frame.shape == (28, 28) and digit.probabilities.shape == (10,)
        assert digit.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert digit.digit == digit.probabilities.argmax()
        assert digit.confidence == pytest.approx(digit.probabilities.max())
        assert digit.accepted == (digit.score >= reading.threshold)


def test_path_bytes_image_and_array_give_the_same_reading(recognizer, paper, tmp_path):
    page = paper(6)
    Image.fromarray(page).save(tmp_path / "six.png")
    sources = [
        tmp_path / "six.png",
        str(tmp_path / "six.png"),
        (tmp_path / "six.png").read_bytes(),
        Image.fromarray(page),
        page,
    ]
    readings = [recognizer.read(source).as_dict() for source in sources]
    assert all(reading == readings[0] for reading in readings)
    assert readings[0]["text"] == "6"


def test_boxes_count_in_pixels_of_the_original(recognizer, paper):
    small, large = paper(2), cv2.resize(paper(2), None, fx=12, fy=12)
    ratio = np.array(recognizer.read(large).digits[0].box) / recognizer.read(small).digits[0].box
    np.testing.assert_allclose(ratio, 12, rtol=0.1)


def test_the_crop_network_is_asked_about_each_candidate_in_several_places(recognizer, paper, monkeypatch):
    picture = paper(7)
    places = find_upright(picture, recognizer.page_network).places
    seen = []

    def middle(taken: np.ndarray) -> np.ndarray:
        """Answer where the box lies in the crop."""
        seen.append(taken)
        rows, columns = (np.flatnonzero(taken[0, ..., 1].any(axis=axis)).mean() for axis in (1, 0))
        return np.tile(np.float32([rows, columns, *9 * [0]]), (len(taken), 1))

    monkeypatch.setattr(recognizer, "crop_network", middle)
    said = recognizer.look_closer(picture, places.take([0]))
    assert [round(float(answer)) for answer in said[0, :2]] == [24, 24]  # the mean: the middle of 48 pixels
    assert len(seen) > 1
    ink = [np.argwhere(taken[0, ..., 0] < -1).mean(axis=0) for taken in seen]
    boxes = [np.argwhere(taken[0, ..., 1] > 0).mean(axis=0) for taken in seen]
    assert len({tuple(box) for box in boxes}) == len(seen)
    for dark, box in zip(ink, boxes, strict=True):  # ink and mark move together
        np.testing.assert_allclose(dark - box, ink[0] - boxes[0], atol=0.7)


def test_a_blank_page_has_no_digits_and_says_so(recognizer):
    for single in (False, True):
        reading = recognizer.read(np.full((100, 100), 230, np.uint8), single=single)
        assert (reading.text, reading.digits, reading.confidence, reading.score) == ("", (), 0.0, 0.0)
        assert "looks like one" in reading.reason and "reason" in reading.as_dict()


def test_a_stranger_is_refused_with_its_score_but_read_when_called_a_single_digit(recognizer):
    page = np.full((120, 120), 235, np.uint8)
    write(page, "W", 28, 92, size=3, pen=7, ink=30)
    reading = recognizer.read(page)
    assert reading.text == ""
    assert 0 < reading.score < recognizer.threshold
    assert "score" in reading.reason
    assert len(recognizer.read(page, single=True).text) == 1


def test_a_reading_is_json_and_draws_itself(recognizer, paper):
    reading = recognizer.read(paper(1, 2))
    assert json.loads(json.dumps(reading.as_dict()))["digits"][1]["digit"] == 2
    with Image.open(io.BytesIO(reading._repr_png_())) as drawn:
        assert drawn.width == 700
    assert "Read: 12" in reading.show()._suptitle.get_text()
    assert "looks like one" in recognizer.read(np.full((50, 50), 9, np.uint8)).show()._suptitle.get_text()


@pytest.mark.parametrize("shape", [(80, 12), (60, 14), (1500, 152)], ids=str)
def test_a_one_cut_out_tightly_is_read(recognizer, shape):
    strip = np.full(shape, 235, np.uint8)
    height, width = shape
    cv2.line(strip, (width // 2, height // 8), (width // 2, height * 7 // 8), 40, max(1, width // 5))
    assert recognizer.read(strip, single=True).text == "1"


def test_probabilities_take_bytes_and_floats_and_any_number(recognizer, sample):
    images = sample.train.images[:1203]
    as_bytes = recognizer.probabilities(images)
    assert as_bytes.shape == (1203, 10) and as_bytes.dtype == np.float32
    np.testing.assert_allclose(recognizer.probabilities(images[:3] / 255), as_bytes[:3], atol=1e-5)
    assert recognizer.probabilities(images[:0]).shape == (0, 10)


def test_the_answer_is_the_mean_of_what_is_said_without_views(recognizer, sample):
    images = sample.train.images[:203] / np.float32(255)
    itself, *others = (recognizer.look_at(view, views=False) for view in views(images))
    np.testing.assert_allclose(recognizer.look_at(images), (itself + np.mean(others, 0)) / 2, atol=1e-3)
    assert np.abs(recognizer.look_at(images) - itself).max() > 0.1


def test_the_shipped_export_gives_the_ten_thousand_answers_of_the_card(recognizer, mnist):
    labels, probabilities = recognizer.card.predictions(files.models())
    np.testing.assert_array_equal(labels, mnist.test.labels)
    answers = recognizer.probabilities(mnist.test.images)
    np.testing.assert_array_equal(answers.argmax(axis=1), probabilities.argmax(axis=1))
    assert (answers.argmax(axis=1) == labels).mean() >= 0.995
    assert (files.models() / "model.h5").stat().st_size < 2_000_000


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(files.models(), tmp_path / "copy")


@pytest.mark.parametrize("name", ["", "model.tflite", "model.h5"])
def test_a_folder_and_each_of_its_files_open_the_same_network(copy, name, recognizer, sample):
    opened = Recognizer.load(copy / name)
    images = sample.train.images[:5]
    np.testing.assert_array_equal(opened.probabilities(images), recognizer.probabilities(images))
    assert opened.threshold == recognizer.threshold


def test_a_twin_without_its_card_gives_the_same_answers(copy, recognizer, sample, caplog):
    (copy / "card.json").unlink()
    with caplog.at_level("WARNING"):
        alone, images = Recognizer.load(copy / "model.tflite"), sample.train.images[:50]
    np.testing.assert_array_equal(alone.look_at(images), recognizer.look_at(images))
    (warning,) = caplog.messages
    assert "has no card" in warning


def test_a_damaged_twin_without_its_card_is_said_to_make_no_sense(copy, caplog):
    (copy / "card.json").unlink()
    content = bytearray((copy / "model.tflite").read_bytes())
    for start in range(100_000, 1_300_000, 40_000):  # weights, and not what describes the layers
        content[start : start + 4_000] = (
            np.random.default_rng(start).normal(size=1_000).astype("<f4").tobytes()
        )
    (copy / "model.tflite").write_bytes(content)
    with caplog.at_level("WARNING"):
        Recognizer.load(copy / "model.tflite")
    assert any(
        "of ten printed digits: it is damaged, or reads none" in message for message in caplog.messages
    )


@pytest.mark.parametrize("name", ["model.tflite", "model.h5"])
def test_an_altered_file_is_refused_before_it_is_opened(copy, name):
    with (copy / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(DigitlibError, match=rf"{name} is not the file"):
        Recognizer.load(copy / name)


def test_a_keras_file_without_a_twin_is_converted_once(
    copy, recognizer, sample, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: tmp_path / "cache")
    alone = tmp_path / "alone.h5"
    shutil.copyfile(copy / "model.h5", alone)
    with caplog.at_level("INFO"):
        first, second = Recognizer.load(alone), Recognizer.load(alone)
    assert sum("Converting" in message for message in caplog.messages) == 1
    images = sample.train.images[:50]
    answers = first.probabilities(images)
    np.testing.assert_array_equal(answers, second.probabilities(images))
    np.testing.assert_array_equal(answers.argmax(1), recognizer.probabilities(images).argmax(1))
    assert first.read(np.full((50, 50), 9, np.uint8)).text == ""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.h5", None, "no model at"),
        ("notes.txt", b"text", "no model at"),
        ("text.tflite", b"text", "is not a LiteRT model"),
        ("text.h5", b"text", "is refused: it is no whole HDF5 file"),
    ],
)
def test_what_is_no_model_is_refused_by_name(tmp_path, name, content, message, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: tmp_path / "cache")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DigitlibError, match=message):
        Recognizer.load(tmp_path / name)
    assert not (tmp_path / "cache").exists()


class Foreign:
    """A LiteRT interpreter of a network that somebody else has made."""

    ends = ((1, 28, 28, 1), np.float32), [((1, 10), np.float32)]

    def __init__(self, *_, **__):
        pass

    def allocate_tensors(self):
        pass

    def get_input_details(self):
        shape, kind = self.ends[0]
        return [{"index": 0, "shape_signature": np.array(shape), "dtype": kind}]

    def get_output_details(self):
        return [
            {"index": 1, "shape_signature": np.array(shape), "dtype": kind} for shape, kind in self.ends[1]
        ]

    def resize_tensor_input(self, _, shape):
        self.batch = shape[0]

    set_tensor = invoke = lambda *_: None

    def get_tensor(self, _):
        return np.zeros((self.batch, 10), np.float32)


DIGITS, CLASSES = ((1, 28, 28, 1), np.float32), ((1, 10), np.float32)


@pytest.mark.parametrize(
    ("ends", "fits"),
    [
        ((DIGITS, [CLASSES]), True),
        ((DIGITS, [((1, 64), np.float32), CLASSES]), False),
        ((((1, 32, 32, 3), np.float32), [CLASSES]), False),
        ((((1, 28, 28, 1), np.uint8), [CLASSES]), False),
        ((DIGITS, [((1, 26), np.float32)]), False),
        ((DIGITS, [((1, 10), np.uint8)]), False),
        ((DIGITS, [((1, 7, 7, 10), np.float32)]), False),
        ((DIGITS, [CLASSES, CLASSES, CLASSES]), False),
    ],
)
def test_a_foreign_network_must_go_from_digits_to_ten_classes(monkeypatch, tmp_path, ends, fits):
    monkeypatch.setattr("ai_edge_litert.interpreter.Interpreter", Foreign)
    monkeypatch.setattr(Foreign, "ends", ends)
    (tmp_path / "foreign.tflite").write_bytes(b"x")
    if fits:
        Recognizer.load(tmp_path / "foreign.tflite")
    else:
        with pytest.raises(DigitlibError, match=r"foreign\.tflite is a LiteRT model, but not one from"):
            Recognizer.load(tmp_path / "foreign.tflite")


def test_an_unfinished_run_is_no_model(tmp_path):
    with pytest.raises(DigitlibError, match="no finished network"):
        Recognizer.load(tmp_path)


def test_the_card_that_ships_tells_its_origin():
    card = Card.read(files.models())
    assert card.data == "MNIST" and card.metrics["test"]["n"] == 10_000
    assert card.parameters > 0 and 0 < card.threshold < 1


def test_many_pictures_are_read_in_order_and_every_page(recognizer, paper, tmp_path):
    pages = [Image.fromarray(paper(digit)) for digit in (3, 5)]
    pages[0].save(tmp_path / "scan.tiff", save_all=True, append_images=pages[1:])
    with (tmp_path / "scan.tiff").open("rb") as file:
        blank = np.full((60, 60), 255, np.uint8)
        read = list(recognizer.read_many([pages[1], file, str(tmp_path / "scan.tiff"), blank]))
    alone = [recognizer.read(page).text for page in pages]
    assert [reading.text for reading in read] == [alone[1], *alone, *alone, ""]
    assert [reading.pages for reading in read] == [1, 2, 2, 2, 2, 1]
    assert [reading.pages for reading in recognizer.read_many(str(tmp_path / "scan.tiff"))] == [2, 2]
    many = recognizer.read_many([pages[0], tmp_path / "gone.png"])
    next(many)
    with pytest.raises(DigitlibError, match=r"gone\.png"):
        next(many)
