"""What the words of a command line mean: files, folders, patterns, standard input, addresses elsewhere."""

import functools
import glob
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from digitlib.errors import DigitlibError
from digitlib.pictures import source

STANDARD_INPUT = "-"


def expand(words: Iterable[str]) -> list[str]:
    """List the files that are meant: each once, in the order given, those of a folder by name.

    Args:
        words: files, folders (with all folders inside), and patterns such as `scans/**/*.png`; also at
            addresses that fsspec knows, such as `s3://bucket/scans`.

    Raises:
        DigitlibError: if a folder holds no picture or a pattern matches nothing.
    """
    found: dict[str, None] = {}
    for word in words:
        if not word:
            raise DigitlibError("an empty name is no picture: name a file or a folder")
        if is_remote(word):
            names = _expand_remote(word)
        elif os.path.isdir(word):
            names = sorted(str(path) for path in Path(word).rglob("*") if _looks_like_a_picture(path, word))
            if not names:
                raise DigitlibError(f"{word} holds no pictures: name another folder, or files")
        elif glob.has_magic(word) and not os.path.exists(word):
            names = sorted(name for name in glob.glob(word, recursive=True) if os.path.isfile(name))
            if not names:
                raise DigitlibError(f"no file matches {word}")
        else:
            names = [word]
        found |= dict.fromkeys(names)
    return list(found)


def is_remote(word: str) -> bool:
    """Tell whether a word is an address that fsspec is to open."""
    return "://" in word and not os.path.exists(word)


def _expand_remote(word: str) -> list[str]:
    """List the files that an address, a folder of addresses or a pattern of them means."""
    fs, path = _place(word)
    with _opening(word):
        if glob.has_magic(path):
            names = fs.glob(path)
        elif not fs.isdir(path):
            return [word]
        else:
            names = [name for name in fs.find(path) if Path(name).suffix.lower() in source.suffixes()]
    if not names:
        raise DigitlibError(f"no pictures at {word}")
    _, chain, archive = word.partition("::")  # such as zip://scans/*.png::s3://bucket/scans.zip
    return [f"{fs.unstrip_protocol(name)}{chain}{archive}" for name in sorted(names)]


def suffix(name: str) -> str:
    """Return the suffix of a file, in small letters; of an address, without what is asked of its server."""
    if is_remote(name):
        name = name.partition("::")[0].partition("?")[0]
    return Path(name).suffix.lower()


def _place(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it."""
    try:
        import fsspec
    except ImportError as error:
        raise DigitlibError(f"{address} needs a package: pip install 'digitlib[remote]'") from error
    with _opening(address):
        return fsspec.core.url_to_fs(address)


@contextmanager
def _opening(address: str) -> Iterator[None]:
    """Turn what a file system raises, which may be anything, into one sentence."""
    try:
        yield
    except Exception as error:
        raise DigitlibError(f"{address} cannot be opened: {type(error).__name__}: {error}") from error


@functools.lru_cache(maxsize=1)
def _whole(stream: BinaryIO) -> bytes:
    """Read a stream that can be read only once: its pages are counted first, and read then."""
    return stream.read()


def given(path: str, base: str = "") -> str | bytes:
    """Return what is to be read: the path of a local file, or what standard input or an address holds.

    Args:
        path: a path, an address, or `-`.
        base: the folder that a relative path starts from; empty: that of this process.
    """
    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise DigitlibError("standard input is closed: name a file")
        return _whole(sys.stdin.buffer)
    if is_remote(path):
        return _fetched(path)
    path = os.path.join(base, path)
    return _from_pipe(path) if is_pipe(path) else path


def is_pipe(path: str) -> bool:
    """Tell whether a path is a named pipe, which can be read only once, and by one process."""
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):  # whoever opens it says what is wrong
        return False


@functools.lru_cache(maxsize=1)
def _fetched(address: str) -> bytes:
    """Get a file from elsewhere, once for all of its pages."""
    fs, place = _place(address)
    with _opening(address):
        return fs.cat_file(place)


@functools.lru_cache(maxsize=1)
def _from_pipe(path: str) -> bytes:
    """Read a named pipe, which can be read only once, as that of `predict <(command)`."""
    return Path(path).read_bytes()


def _looks_like_a_picture(path: Path, folder: str) -> bool:
    """Tell by its name whether a file in a folder is meant."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() in source.suffixes() and os.path.isfile(path) and not hidden
