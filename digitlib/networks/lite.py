"""Run a LiteRT file: array in, array out. No Keras, no TensorFlow."""

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from digitlib import files
from digitlib.errors import DigitlibError
from digitlib.logs import quiet
from digitlib.networks import guard

log = logging.getLogger(__name__)

THREADS = "DIGITLIB_THREADS"  # environment variable: processors that one network may use, by default 2
KEPT = 4  # interpreters for pictures of different sizes that are kept; one costs some 15 ms to make


def on_one_processor() -> None:
    """Let this process read on one processor, in OpenCV, too: others work beside it."""
    import cv2

    cv2.setNumThreads(1)
    os.environ.setdefault(THREADS, "1")


class LiteModel:
    """A network in a LiteRT file; safe to share between threads.

    Attributes:
        path: the file.
        input_shape: of its input, without the batch; -1 where any size goes.
        output_shape: of its output, likewise.
    """

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            DigitlibError: if it is no LiteRT model with one float input and one float output.
        """
        self.path = path
        self._lock = threading.Lock()
        # By shape of an item: the interpreter, and the shape of the batch that it is made for.
        self._kept: dict[tuple[int, ...], tuple] = {}
        self._spare = first = self._made()  # looked at here, and run at the first call
        ends = first.get_input_details() + first.get_output_details()
        if len(ends) != 2 or any(end["dtype"] != np.float32 for end in ends):
            raise DigitlibError(f"{path} is a LiteRT model, but not one from float arrays to float arrays")
        self.input_shape, self.output_shape = (tuple(end["shape_signature"][1:].tolist()) for end in ends)
        self._one_by_one = ends[0]["shape_signature"][0] == 1  # as some converters leave it

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Run the network on a float32 array, the batch first; the answer is a float32 array."""
        if self._one_by_one and len(batch) > 1:
            return np.concatenate([self(item[None]) for item in batch])
        with self._lock:
            # An interpreter that ran on pictures of one size cannot be resized to another: one for each.
            interpreter, made_for = self._kept.pop(batch.shape[1:], (None, None))
            if interpreter is None:
                interpreter, self._spare = self._spare or self._made(), None
            entry = interpreter.get_input_details()[0]["index"]
            if made_for != batch.shape:
                with quiet():  # it says that it runs on a CPU
                    interpreter.resize_tensor_input(entry, batch.shape)
                    interpreter.allocate_tensors()
            self._kept[batch.shape[1:]] = interpreter, batch.shape
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
            interpreter.set_tensor(entry, batch)
            interpreter.invoke()
            return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    def _made(self) -> Any:
        """Make an interpreter."""
        from ai_edge_litert.interpreter import Interpreter

        threads = os.environ.get(THREADS, "2")
        if not threads.isdecimal() or int(threads) < 1:
            raise DigitlibError(f"{THREADS} must be a whole number from 1, got {threads!r}")
        try:
            with quiet():
                return Interpreter(str(self.path), num_threads=int(threads))
        except (ValueError, RuntimeError) as error:
            raise DigitlibError(f"{self.path} is not a LiteRT model") from error


def converted(path: Path) -> Path:
    """Return the LiteRT twin of a Keras file that has none, from the user's cache after the first time.

    TensorFlow is needed for it, in a process of its own.

    Raises:
        DigitlibError: if the file is refused by `networks.guard`, or cannot be converted.
    """
    import platformdirs

    twin = platformdirs.user_cache_path("digitlib") / f"{files.sha256(path)}.tflite"
    if not twin.is_file():
        guard.check_apart(path)
        log.info("Converting %s to LiteRT once; it needs TensorFlow and takes some seconds.", path)
        command = [sys.executable, "-m", "digitlib.networks.saved", str(path), str(twin)]
        # In a process of its own, so that Keras is not imported here.
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            said = done.stderr.strip().splitlines()
            if done.returncode < 0 or not said:  # killed, as by a lack of memory
                raise DigitlibError(f"{path} could not be converted: it takes too much memory, or is damaged")
            raise DigitlibError(said[-1].removeprefix("error: "))
    return twin
