"""A knob that is moved draws anew; without widgets the figure for the first values stands there."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from digitlib.doors.knobs import Knobs


@pytest.fixture
def asked():
    return []


@pytest.fixture
def knobs(asked):
    def draw(**values):
        asked.append(values)
        figure, axes = plt.subplots(figsize=(2, 1))
        axes.imshow(np.full((2, 2), values["shade"]), vmin=0, vmax=1, cmap="gray")
        return figure

    return Knobs(draw, shade=(0.0, 1.0, 0.5), count=(1, 5, 2))


def test_it_is_drawn_once_with_the_first_values_and_again_with_others(knobs, asked):
    before = knobs.picture.value
    knobs.sliders["shade"].value = 1.0
    knobs.sliders["count"].value = 4
    assert asked == [{"shade": 0.5, "count": 2}, {"shade": 1.0, "count": 2}, {"shade": 1.0, "count": 4}]
    assert knobs.picture.value != before


def test_whole_numbers_stay_whole_and_ends_are_kept(knobs):
    count, shade = knobs.sliders["count"], knobs.sliders["shade"]
    assert isinstance(count.value, int) and (count.min, count.max) == (1, 5)
    shade.value = 7.0
    assert shade.value == 1.0


def test_a_picture_stands_in_and_no_figure_is_left_open(knobs):
    bundle = knobs._repr_mimebundle_()
    assert type(bundle["image/png"]) is bytes  # a memoryview would not become base64
    assert Image.open(io.BytesIO(bundle["image/png"])).format == "PNG"
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == "Knobs: shade, count"
    assert not plt.get_fignums()
