"""Say what is installed, which data and model would be used, and what is wrong."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from digitlib import files
from digitlib.data import mnist
from digitlib.errors import DigitlibError, in_words
from digitlib.series import pipeline

OK, LEFT_OUT, WRONG = "ok", "left out", "WRONG"
OLDEST, NEWEST = (3, 11), (3, 13)  # of Python, that it is tested with
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
EXTRAS = {  # by package
    "tensorflow": "train", "papermill": "notebooks", "streamlit": "app", "distributed": "cluster",
    "pillow-heif": "heic", "pypdfium2": "pdf", "pyarrow": "parquet", "fsspec": "remote", "onnx": "onnx",
    "tensorboard": "tensorboard", "nbval": "dev",
}  # fmt: skip


def examine() -> Iterator[tuple[str, str]]:
    """Yield one finding after the other; nothing is downloaded or changed.

    Yields:
        `OK`, `LEFT_OUT` (what a plain installation does without) or `WRONG`; and what was found, with
        what to do where it is not fine.
    """
    version_here = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST:
        yield WRONG, f"{version_here}: digitlib needs {'.'.join(map(str, OLDEST))} or later"
    elif sys.version_info[:2] > NEWEST:
        yield LEFT_OUT, f"{version_here}: digitlib is tested up to {'.'.join(map(str, NEWEST))}"
    else:
        yield OK, version_here
    yield _found(WRONG, _reading)
    for package, extra in EXTRAS.items():
        try:
            yield OK, f"{package} {version(package)}"
        except PackageNotFoundError:
            yield LEFT_OUT, f"{package} is not installed: pip install 'digitlib[{extra}]'"
    yield _found(WRONG, _place)
    yield _found(LEFT_OUT, _kernel)
    yield _found(LEFT_OUT, _browser)
    yield _found(LEFT_OUT, lambda: f"{len(pipeline.notebooks())} notebooks in {files.root()}")
    yield _found(WRONG, _data)


def _found(otherwise: str, check: Callable[[], str]) -> tuple[str, str]:
    """Return what a check says, or the verdict `otherwise` with its error in a sentence."""
    try:
        return OK, check()
    except Exception as error:
        return otherwise, in_words(error)[1]


def _reading() -> str:
    """Open the network as `digitlib predict` does."""
    from digitlib.reading.recognizer import Recognizer

    card = Recognizer.load().card
    assert card, "the network that ships has a card"
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "ai-edge-litert"))
    accuracy = f"{card.metrics['test']['accuracy']:.2%} on the {card.test_name}"
    return f"pictures can be read: {card.architecture} in {files.models()}, {accuracy}; {packages}"


def _place() -> str:
    """Find out whether runs can be written."""
    place = files.root() / "runs"
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise DigitlibError(f"{place} cannot be written: free it, or work in a folder of your own")
    return f"runs go to {place}"


def _kernel() -> str:
    """Find the kernel of notebooks, which is of this very Python."""
    described = Path(sys.prefix, "share", "jupyter", "kernels", pipeline.KERNEL, "kernel.json")
    if not described.is_file():
        raise DigitlibError("no kernel for notebooks: pip install --force-reinstall ipykernel")
    return f"kernel {pipeline.KERNEL} for notebooks"


def _browser() -> str:
    """Find the browser of the tests."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise DigitlibError("no browser, which only tests need: sudo apt-get install -y chromium")
    return f"browser for tests: {found}"


def _data() -> str:
    cache = files.root() / "data" / "mnist.npz"
    named = mnist.named_source() or (cache if cache.is_file() else None)
    if not named:
        return f"data: none yet; MNIST will be downloaded from {mnist.URL} when it is needed"
    return f"data: {mnist.load(str(named)).name} from {named}"
