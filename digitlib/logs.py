"""The log of a run, beside what it makes; and quiet where libraries chatter."""

import contextlib
import logging
import os
import sys
import threading
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
    handler.handleError = give_up  # type: ignore[method-assign]  # as logging's own documentation does
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    try:
        yield
    except BaseException as error:
        log.info("Ended early: %s", str(error) or type(error).__name__)
        raise
    finally:
        log.removeHandler(handler)
        with contextlib.suppress(OSError):  # what is left in its buffer has no place either
            handler.close()


_lock = threading.RLock()  # two threads at once would put the descriptor back in the wrong order


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what is written to file descriptor 2 or logged as a warning meanwhile; errors still rise.

    A notebook shows what is logged in spite of the descriptor, because its `sys.stderr` is no file.
    """
    with _lock:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        disabled = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            with _silent() if sys.stderr else contextlib.nullcontext():
                yield
        finally:
            logging.disable(disabled)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Swallow what is written to file descriptor 2, standard error's, meanwhile."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def no_progress() -> bool:
    """Tell whether bars of progress are unwanted."""
    return os.environ.get("DIGITLIB_PROGRESS") == "0"
