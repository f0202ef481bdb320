"""Processes that work beside this one, and end when it does, however that comes about."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def pool(workers: int, begin: Callable[..., None], *words: Any) -> ProcessPoolExecutor:
    """Start processes that are handed work.

    Args:
        workers: how many.
        begin: called once in each, with `words`.
        words: whatever can be pickled.
    """
    spawn = multiprocessing.get_context("spawn")  # a fork of a process with threads may never wake up
    return ProcessPoolExecutor(workers, spawn, _begin, (begin, words))


def _begin(begin: Callable[..., None], words: tuple[Any, ...]) -> None:
    """Prepare a process; if the one that started it is killed, it would wait for work for ever."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*words)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
