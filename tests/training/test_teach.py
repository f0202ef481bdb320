"""Teaching a hand: twenty pictures tell how it slants, and training digits are written like it."""

import csv

import cv2
import numpy as np
import pytest

from digitlib.config import TrainingConfig
from digitlib.data.mnist import Digits, Split, take
from digitlib.errors import DigitlibError
from digitlib.training import teach

SLANT = np.array([[1, np.tan(np.deg2rad(30)), 0], [0, 1, 0]])
NARROW = np.array([[1.5, 0.0, 0], [0.2, 1.0, 0]])


def own(sample: Digits, hand: np.ndarray, seed: int) -> Split:
    pupils = take(sample.test, 20, seed=seed)
    written = teach.write(pupils.images, hand, np.random.default_rng(seed), how_far=(1, 1))
    return Split(written, pupils.labels)


def shape(matrix: np.ndarray) -> np.ndarray:
    """What is left of a map when size does not count, for frames take it away."""
    return matrix[:, :2] / np.sqrt(abs(np.linalg.det(matrix[:, :2])))


@pytest.mark.parametrize(
    "hand", [SLANT, SLANT * [[1, -1, 1], [1, 1, 1]], NARROW], ids=["right", "left", "narrow"]
)
def test_twenty_digits_tell_how_a_hand_writes(sample, hand):
    found = [shape(teach.hand(own(sample, hand, seed), sample.train)) for seed in range(3)]
    before = np.abs(np.eye(2) - shape(hand)).max()
    assert all(np.abs(matrix - shape(hand)).max() < 0.7 * before for matrix in found), found


def test_the_usual_hand_needs_no_map(sample):
    found = teach.hand(own(sample, np.eye(2, 3), 0), sample.train)
    assert np.abs(shape(found) - np.eye(2)).max() < 0.2


def test_digits_are_written_as_strongly_as_is_asked(sample):
    images = sample.test.images[:5]
    still = teach.write(images, SLANT, np.random.default_rng(0), how_far=(0, 0))
    half, full = (teach.write(images, SLANT, np.random.default_rng(0), how_far=(f, f)) for f in (0.5, 1))
    assert still.dtype == np.uint8 and still.shape == images.shape

    def lean(image):
        moments = cv2.moments(image)
        return moments["mu11"] / moments["mu02"]

    leans = [[lean(image) for image in batch] for batch in (still, half, full)]
    assert all(a > b > c for a, b, c in zip(*leans, strict=True))


def test_a_lesson_holds_digits_as_they_are_written_ones_and_the_own(sample, monkeypatch):
    monkeypatch.setattr(teach, "WRITTEN", 30)
    mine = own(sample, SLANT, 0)
    lesson = teach.lesson(mine, sample)
    assert len(lesson.train.labels) == len(lesson.train.images) == 60 + 30 + 20 * teach.REPEATS
    assert lesson.validation is sample.validation and lesson.test is sample.test
    assert (lesson.train.images[-20:] == mine.images).all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])  # the latter is what Excel saves
def test_a_folder_of_labelled_digits_is_read(tmp_path, seven, encoding):
    ink = np.pad(np.kron(seven, np.ones((3, 3))), 30)
    rows = []
    for number in range(12):
        cv2.imwrite(str(tmp_path / f"{number}.png"), 235 - 200 * ink)
        rows.append({"file": f"{number}.png", "label": "7" if number < 11 else "none"})
    with (tmp_path / "labels.csv").open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, ["file", "label"])
        writer.writeheader()
        writer.writerows(rows)
    read = teach.load(tmp_path)
    assert read.images.shape == (11, 28, 28) and read.images.max() > 200 and set(read.labels) == {7}


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "no labels.csv"), ("a,label\n1,2\n", "columns file and label"), ("file,label\n", "ten")],
)
def test_a_folder_that_will_not_do_says_why(tmp_path, text, message):
    if text:
        (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DigitlibError, match=message):
        teach.load(tmp_path)


def test_the_network_that_ships_is_not_taught_with_the_sample(sample):
    with pytest.raises(DigitlibError, match="knows MNIST, and the digits at hand are the 5k sample"):
        teach.of_the_same_data(teach.SETTINGS, sample)
    config = teach.of_the_same_data(teach.SETTINGS, Digits("MNIST", *[sample.test] * 3))
    assert isinstance(config, TrainingConfig) and config.network == "base"


def test_a_picture_without_a_digit_is_named(tmp_path):
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((30, 30), 255, np.uint8))
    (tmp_path / "labels.csv").write_text("file,label\n" + 10 * "blank.png,7\n")
    with pytest.raises(DigitlibError, match=r"blank\.png: "):
        teach.load(tmp_path)
