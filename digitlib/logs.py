"""The log of a run, beside what it makes."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from digitlib.errors import DigitlibError

log = logging.getLogger("digitlib")


@contextlib.contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Write what is logged meanwhile to `run.log` in a run folder, too."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / "run.log", encoding="utf-8")
    except OSError as error:
        raise DigitlibError(f"{folder} cannot be written: {error.strerror}; name another folder") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(min(log.level or logging.INFO, logging.INFO))
    try:
        yield
    except BaseException as error:
        log.info("Ended early: %s", error or type(error).__name__)
        raise
    finally:
        log.removeHandler(handler)
        handler.close()
