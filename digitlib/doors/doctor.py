"""Say what is installed, which data and model would be used, and what is wrong."""

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

from digitlib import files
from digitlib.data import mnist
from digitlib.errors import in_words
from digitlib.series import pipeline

OK, LEFT_OUT, WRONG = "ok", "left out", "WRONG"
EXTRAS = {  # by package
    "tensorflow": "train", "papermill": "notebooks", "streamlit": "app", "distributed": "cluster",
    "pillow-heif": "heic", "tensorboard": "tensorboard", "nbval": "dev",
}  # fmt: skip


def examine() -> Iterator[tuple[str, str]]:
    """Yield one finding after the other; nothing is downloaded or changed.

    Yields:
        `OK`, `LEFT_OUT` (what a plain installation does without) or `WRONG`; and what was found, with
        what to do where it is not fine.
    """
    yield OK, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield _found(WRONG, _reading)
    for package, extra in EXTRAS.items():
        try:
            yield OK, f"{package} {version(package)}"
        except PackageNotFoundError:
            yield LEFT_OUT, f"{package} is not installed: pip install 'digitlib[{extra}]'"
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


def _data() -> str:
    cache = files.root() / "data" / "mnist.npz"
    named = mnist.named_source() or (cache if cache.is_file() else None)
    if not named:
        return f"data: none yet; MNIST will be downloaded from {mnist.URL} when it is needed"
    return f"data: {mnist.load(str(named)).name} from {named}"
