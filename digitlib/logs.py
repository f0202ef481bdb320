"""The log of a run, beside what it makes."""

import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from digitlib.files import writing

log = logging.getLogger("digitlib")


class _LogFile(logging.FileHandler):
    """A log that says once, in a sentence, that it cannot be written."""

    def handleError(self, record: logging.LogRecord) -> None:
        log.removeHandler(self)
        log.warning("%s cannot be written: %s", self.baseFilename, sys.exc_info()[1])

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what is left in its buffer has no place either
            super().close()


@contextlib.contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Write what is logged meanwhile to `run.log` in a run folder, too."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(folder / "run.log", encoding="utf-8")
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
