"""A LiteRT file: array in, array out, for any batch, and for pictures of any size."""

import threading

import numpy as np
import pytest

from digitlib import files
from digitlib.errors import DigitlibError
from digitlib.networks.lite import KEPT, LiteModel


@pytest.fixture(scope="module")
def digits() -> LiteModel:
    return LiteModel(files.models() / "model.tflite")


def test_any_number_of_digits_gives_as_many_answers(digits):
    assert (digits.input_shape, digits.output_shape) == ((28, 28, 1), (10,))
    batch = np.random.default_rng(0).random((9, 28, 28, 1), np.float32)
    together = digits(batch)
    one_by_one = np.concatenate([digits(batch[i : i + 1]) for i in range(9)])
    np.testing.assert_allclose(together, one_by_one, atol=1e-4)


def test_pictures_of_any_size_go_and_few_interpreters_are_kept():
    pages = LiteModel(files.models() / "page" / "model.tflite")
    for height, width in [(64, 64), (128, 96), (64, 64), (320, 320), (96, 128), (128, 128), (64, 160)]:
        assert pages(np.zeros((1, height, width, 1), np.float32)).shape == (1, height // 4, width // 4, 19)
    assert len(pages._kept) == KEPT


def test_threads_do_not_mix_their_answers(digits):
    batches = [np.full((n, 28, 28, 1), n / 9, np.float32) for n in range(1, 9)]
    expected, said = [digits(batch) for batch in batches], [None] * 8
    threads = [threading.Thread(target=lambda i=i: said.__setitem__(i, digits(batches[i]))) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(said, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "x.tflite").write_bytes(b"no model at all")
    with pytest.raises(DigitlibError, match="not a LiteRT model"):
        LiteModel(tmp_path / "x.tflite")


@pytest.mark.parametrize("threads", ["abc", "", "0"])
def test_a_wrong_number_of_threads_is_not_said_to_be_a_wrong_file(threads, monkeypatch):
    monkeypatch.setenv("DIGITLIB_THREADS", threads)
    with pytest.raises(DigitlibError, match="DIGITLIB_THREADS must be a whole number from 1"):
        LiteModel(files.models() / "model.tflite")


def test_a_network_for_one_item_is_asked_item_by_item(digits):
    batch = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    expected, narrow = digits(batch), LiteModel(digits.path)
    narrow._one_by_one = True  # as the signature of a file says whose batch is fixed
    np.testing.assert_allclose(narrow(batch), expected, atol=1e-4)
    assert [made_for for _, made_for in narrow._kept.values()] == [(1, 28, 28, 1)]
