"""What the tests of made pages share."""

import numpy as np
import pytest

from digitlib.data import pages
from digitlib.data.mnist import Digits


@pytest.fixture(scope="module")
def images(sample: Digits) -> list[np.ndarray]:
    """For each digit the images of the sample's training part."""
    return pages.by_class(*sample.train)
