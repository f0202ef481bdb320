"""The benchmark of robustness counts rightly where no network is needed to know what is right."""

import numpy as np
import pytest
import robustness

from digitlib.errors import DigitlibError


class Parrot:
    """Answers with the class that the first pixel of a digit holds."""

    @staticmethod
    def probabilities(images):
        return np.eye(10)[images[:, 0, 0]]


def stored(folder, said, labels):
    """Lay down one corruption as MNIST-C does; the first pixel of a digit says what is read."""
    folder.mkdir()
    images = np.zeros((len(said), 28, 28, 1), np.uint8)
    images[:, 0, 0, 0] = said
    np.save(folder / "test_images.npy", images)
    np.save(folder / "test_labels.npy", np.array(labels, np.uint8))


def test_mnist_c_is_the_mean_of_its_corruptions_without_the_identity(tmp_path):
    stored(tmp_path / "fog", [1, 2, 3, 4], [1, 2, 3, 5])
    stored(tmp_path / "zigzag", [7, 7, 7, 7], [7, 7, 1, 1])
    stored(tmp_path / "identity", [1, 2, 3, 4], [1, 2, 3, 4])
    assert robustness.mnist_c(Parrot(), tmp_path) == {
        "n": 4,
        "accuracy": 0.625,
        "kinds": {"fog": 0.75, "identity": 1.0, "zigzag": 0.5},
    }


def test_a_folder_without_mnist_c_is_named(tmp_path):
    with pytest.raises(DigitlibError, match=f"{tmp_path.name} holds no KIND.*unpack mnist_c.zip"):
        robustness.mnist_c(Parrot(), tmp_path)


def test_a_perfect_reader_is_right_as_often_as_it_is_sure():
    sure = np.full((10_000, 10), 0.02 / 9)
    sure[np.arange(10_000), np.arange(10_000) % 10] = 0.98
    low, high = robustness.perfect(sure)
    assert 0 < low < high < 3 * np.sqrt(0.98 * 0.02 / 10_000)  # three standard errors of an accuracy
    assert robustness.perfect(np.eye(10)[np.arange(100) % 10]) == [0.0, 0.0]
