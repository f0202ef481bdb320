"""Whatever array or message is given, there is what was promised or one sentence (hypothesis)."""

import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from digitlib.doors import pad
from digitlib.errors import DigitlibError
from digitlib.pictures import source, views

SHAPES = some.lists(some.integers(0, 40), max_size=4).map(tuple)
ANY = SHAPES.flatmap(lambda shape: arrays.arrays(arrays.scalar_dtypes(), shape))
JSON = some.recursive(
    some.none() | some.booleans() | some.floats() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
bounded = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@bounded
@given(ANY)
def test_any_array_is_a_picture_or_refused(array):
    try:
        pixels = source.load(array).pixels
    except DigitlibError as error:
        assert "\n" not in str(error)
    else:
        assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
        assert pixels.shape[:2] == array.shape[:2]


DIGITS = some.sampled_from([(2, 28, 28), (3, 784), (1, 28, 28, 1), (28, 28), (1, 1, 28, 28)])


@bounded
@given(ANY | DIGITS.flatmap(lambda shape: arrays.arrays(arrays.scalar_dtypes(), shape)))
def test_any_array_is_digits_in_the_frame_or_refused(array):
    try:
        frames = views.as_frames(array)
    except DigitlibError as error:
        assert "\n" not in str(error)
    else:
        assert frames.shape[1:] == (28, 28) and frames.dtype in (np.uint8, np.float32, np.float64)


@bounded
@given(some.dictionaries(some.sampled_from(["turn", "strokes", "picture", "name"]), JSON))
def test_any_message_of_a_browser_is_answered(recognizer, message):
    said, _ = pad.answer_message(recognizer, message)
    assert "error" in said or "text" in said
    json.dumps(said | {"turn": 0}, allow_nan=False)
