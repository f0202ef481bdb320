"""Where things lie, and how a file appears whole or not at all."""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from digitlib.errors import DigitlibError

PACKAGE = Path(__file__).parent
SHIPPED = "shipped"  # what the network that ships is called where a training may start from it


def root() -> Path:
    """Return the folder that holds `data`, `runs` and `figures`.

    In a checkout that is its top; an installed package works in the current folder.
    """
    checkout = PACKAGE.parent
    return checkout if (checkout / "notebooks").is_dir() else Path.cwd()


def run_folder(name: str) -> Path:
    """Return the folder of a run, which need not be there yet.

    Raises:
        DigitlibError: if the name is not one plain word.
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise DigitlibError(f"a run's name is one word without slashes, got {name!r}")
    return root() / "runs" / name


def models() -> Path:
    """Return the folder of the network that ships, in a checkout or inside the wheel."""
    inside_wheel = PACKAGE / "_models"
    return inside_wheel if inside_wheel.is_dir() else PACKAGE.parent / "models"


def start_folder(name: str) -> Path:
    """Return the folder of the network that a training starts from: of a run, or of the one that ships."""
    return models() if name == SHIPPED else run_folder(name)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says about a place that cannot be written into one sentence.

    Raises:
        DigitlibError: naming the path and the reason.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        if isinstance(error, FileExistsError) and Path(error.filename).is_file():
            reason = f"{'it' if error.filename == str(path) else error.filename} is a file, no folder"
        raise DigitlibError(f"{path} cannot be written: {reason}; free or name another folder") from error


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to, and rename it to `path` once everything is written.

    Whoever reads `path` sees the old file or the new one, never half of one; a crash or an
    error, or writing nothing at all, leaves the old one as it was. The folder is made where
    it is missing.

    Args:
        path: where the file shall end up.

    Yields:
        A path in the same folder with the same suffix.

    Raises:
        DigitlibError: if the folder or the file cannot be written, with the reason.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with whole_file(Path(folder) / "a.txt") as aside:
        ...         _ = aside.write_text("whole")
        ...     (Path(folder) / "a.txt").read_text()
        'whole'
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():  # says now, and not after a long training, that no file can be put there
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "it is a device or a pipe, no file")
        real = Path(os.path.realpath(path))  # a link stays a link
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=real.parent) as folder:
            aside = Path(folder) / path.name
            yield aside
            if aside.exists():
                os.replace(aside, real)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make a run folder where it is missing, and keep other trainings out of it.

    Raises:
        DigitlibError: if another training writes to it, or it cannot be made.
    """
    from filelock import FileLock, Timeout

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(folder / ".lock").acquire(timeout=0)
        except Timeout as error:
            raise DigitlibError(f"another training writes to {folder}: wait or name another") from error
        with lock:
            yield


def copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    with whole_file(target) as aside:
        shutil.copyfile(source, aside)


def write_text(path: Path, text: str) -> None:
    """Write a small text file, whole or not at all."""
    with whole_file(path) as aside:
        aside.write_text(text, encoding="utf-8")


def printable(text: str) -> str:
    """Return a text that UTF-8 can write: a file's name may hold bytes that are no text."""
    return text.encode("utf-8", "backslashreplace").decode()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
