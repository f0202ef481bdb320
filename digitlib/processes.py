"""Processes that work beside this one, and end when it does, however that comes about."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
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
    executor = ProcessPoolExecutor(workers, spawn, _begin, (begin, words))
    with _deaf():
        for _ in range(workers):  # each starts one
            executor.submit(int)
    return executor


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Ignore Ctrl-C for a moment: processes that begin now ignore it from the start."""
    if threading.current_thread() is not threading.main_thread():  # cannot say what is ignored
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin(begin: Callable[..., None], words: tuple[Any, ...]) -> None:
    """Prepare a process; if the one that started it is killed, it would wait for work for ever.

    Ctrl-C is for the one that started it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*words)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
