"""The log of a run, beside what it makes."""

import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from digitlib.files import writing

log = logging.getLogger("digitlib")
log.setLevel(logging.INFO)  # whoever shows or writes it may ask for less


@contextlib.contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Write what is logged meanwhile to `run.log` in a run folder, too; a full disk is one warning."""

    def give_up(record: logging.LogRecord) -> None:
        log.removeHandler(handler)
        log.warning("%s cannot be written: %s", handler.baseFilename, sys.exc_info()[1])

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / "run.log", encoding="utf-8")
    handler.handleError = give_up
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    try:
        yield
    except BaseException as error:
        log.info("Ended early: %s", error or type(error).__name__)
        raise
    finally:
        log.removeHandler(handler)
        with contextlib.suppress(OSError):  # what is left in its buffer has no place either
            handler.close()
