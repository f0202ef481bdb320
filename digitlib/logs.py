"""The log of a run, beside what it makes."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from digitlib.files import writing

log = logging.getLogger("digitlib")
log.setLevel(logging.INFO)  # whoever shows or writes it may ask for less


@contextlib.contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Write what is logged meanwhile to `run.log` in a run folder, too, as far as the disk has room."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / "run.log", encoding="utf-8")
    handler.handleError = lambda record: log.removeHandler(handler)  # a full disk: others say so, too
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        with contextlib.suppress(OSError):  # what is left in its buffer has no place either
            handler.close()
