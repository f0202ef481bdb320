"""The page network: small, convolutional from end to end, and its loss wants what it should."""

import numpy as np
import pytest
from PIL import Image

from digitlib import files
from digitlib.networks import pages
from digitlib.networks.digits import keras
from digitlib.networks.lite import LiteModel
from digitlib.pictures.views import normalised


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return pages.build()


def test_it_answers_at_every_fourth_pixel_of_a_picture_of_any_size(network):
    assert network.count_params() <= 1_000_000
    for height, width in [(64, 96), (128, 128)]:
        assert network(np.zeros((2, height, width, 1), np.float32)).shape == (2, height // 4, width // 4, 19)


def test_the_8_bit_twin_that_ships_says_what_the_network_says():
    exact = keras.saving.load_model(files.models() / "page" / "model.h5", compile=False)
    twin = LiteModel(files.models() / "page" / "model.tflite")
    with Image.open(files.root() / "data" / "samples" / "year_2026.jpg") as picture:
        grey = np.asarray(picture.convert("L").resize((320, 128)))
    seen = normalised(grey)[None]
    said, ours = np.asarray(exact(seen)), twin(seen)
    hot = said[..., 0] > 0
    assert hot.sum() >= 4
    assert np.abs(said - ours)[hot].max() < 1
    assert (said[hot][:, 9:].argmax(axis=1) == ours[hot][:, 9:].argmax(axis=1)).all()


def truth() -> np.ndarray:
    """One upright 7 in the middle of 8 x 8 places."""
    wanted = np.zeros((1, 8, 8, 8), np.float32)
    wanted[..., 1] = 1
    wanted[0, 4, 4] = [1, 1, 1, 0.2, -0.1, 0.5, 0.7, 4 * 7]
    return wanted


def perfect() -> np.ndarray:
    answer = np.full((1, 8, 8, 19), -20.0, np.float32)
    answer[0, 4, 4, 0] = 20
    answer[0, 4, 4, 1:5] = [0.2, -0.1, 0.5, 0.7]
    answer[0, 4, 4, 5], answer[0, 4, 4, 9 + 7] = 20, 20
    return answer


def test_the_right_answer_costs_nothing():
    assert float(pages.loss(truth(), perfect())) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("place", "channel", "value"),
    [((4, 4), 0, -3), ((1, 1), 0, 3), ((4, 4), 1, 1.2), ((4, 4), 3, 2), ((4, 4), 6, 25), ((4, 4), 12, 25)],
    ids=["missed", "false", "off", "too large", "turned", "another digit"],
)
def test_each_mistake_costs_something(place, channel, value):
    answer = perfect()
    answer[(0, *place, channel)] = value
    assert float(pages.loss(truth(), answer)) > 0.1


def test_where_nobody_can_tell_no_answer_counts():
    wanted, answer = truth(), perfect()
    answer[0, 1, 1, 0] = 5
    assert float(pages.loss(wanted, answer)) > 1
    wanted[0, 1, 1, 1] = 0
    assert float(pages.loss(wanted, answer)) == pytest.approx(0, abs=1e-4)


def test_which_digit_a_turned_one_is_nobody_asks():
    wanted, answer = truth(), perfect()
    wanted[0, 4, 4, 7] = 4 * 7 + 2
    answer[0, 4, 4, 5], answer[0, 4, 4, 7], answer[0, 4, 4, 9 + 3] = -20, 20, 30
    assert float(pages.loss(wanted, answer)) == pytest.approx(0, abs=1e-4)
