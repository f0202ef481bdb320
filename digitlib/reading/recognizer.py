"""Picture in, reading out: frame, network, calibrated confidence, and refusal.

Runs on LiteRT; TensorFlow is needed only to convert a Keras file that has no LiteRT
twin, once.
"""

import logging
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from digitlib import files
from digitlib.errors import DigitlibError
from digitlib.logs import quiet
from digitlib.networks import confidence
from digitlib.networks.card import NAME as CARD
from digitlib.networks.card import Card
from digitlib.networks.confidence import softmax
from digitlib.pictures import frame
from digitlib.pictures.source import load as load_picture
from digitlib.pictures.views import as_network_input, over_views
from digitlib.reading import page
from digitlib.reading.result import Digit, Reading

log = logging.getLogger(__name__)

BATCH = 100  # digits that LiteRT is given at once, in seven views each, which bounds memory
CROWD = 4  # things in a picture from which on they bear witness for each other
MAJORITY = 0.6  # of them that must look like digits, or none is believed
FOREIGN_THRESHOLD = 0.5  # softmax confidence below which a network that has no card is not believed


class Recognizer:
    """A trained network with all that stands before and behind it; safe to share between threads."""

    def __init__(self, path: Path, card: Card | None = None) -> None:
        """Open a LiteRT file; use `Recognizer.load` for everything else.

        Args:
            path: the `.tflite` file.
            card: what is known of it; without one, probabilities are left as they are, and softmax
                confidence has to tell strangers.
        """
        from ai_edge_litert.interpreter import Interpreter

        self.card = card
        self.temperature = card.temperature if card else 1.0
        self.threshold = card.threshold if card else FOREIGN_THRESHOLD
        self._lock = threading.Lock()
        try:
            with quiet():
                self._interpreter = Interpreter(str(path), num_threads=2)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise DigitlibError(f"{path} is not a LiteRT model") from error
        ends = self._interpreter.get_input_details() + self._interpreter.get_output_details()
        kinds = [(*end["shape"][1:], end["dtype"]) for end in ends]
        if kinds != [(28, 28, 1, np.float32), (10, np.float32)]:
            raise DigitlibError(
                f"{path} is a LiteRT model, but not one from float digits (n, 28, 28, 1) to ten classes"
            )

    @classmethod
    def load(cls, path: str | Path | None = None) -> "Recognizer":
        """Load a network for reading.

        Args:
            path: a `.tflite`, `.h5` or `.keras` file, or a run folder; by default the network that ships.

        Raises:
            DigitlibError: if the file is missing, is not the one its card describes, or is no such model.
        """
        found = Path(os.path.expanduser(path)) if path is not None else files.models()
        if found.is_dir():
            Card.read(found)  # says what is missing
            found = found / "model.tflite"
        if not found.exists() or found.suffix not in {".tflite", ".h5", ".keras"}:
            raise DigitlibError(f"no model at {found}: name a .tflite, .h5 or .keras file or a run folder")
        if not (found.parent / CARD).is_file() or found.name not in (card := Card.read(found.parent)).sha256:
            return cls(found if found.suffix == ".tflite" else _converted(found))
        twin = found.with_name("model.tflite")
        for file in {found, twin}:
            card.check(file)
        return cls(twin, card)

    def read(self, source: Any, *, single: bool = False) -> Reading:
        """Read the digits in a picture.

        Args:
            source: path, bytes, PIL image or array; see `digitlib.pictures.source.load`.
            single: the picture holds one digit: do not cut it up, and answer even below the threshold.

        Returns:
            All candidates with their confidence and score. A blank picture has none.

        Raises:
            DigitlibError: if the source is no picture.
        """
        loaded = load_picture(source)
        boxes = page.find_digits(loaded.pixels, single=single, judge=self._plausibility)
        if not boxes:
            return Reading((), loaded.pixels, loaded.scale, self.threshold)
        frames = np.stack([frame.to_mnist_frame(box.ink) for box in boxes])
        logits = self.look_at(frames)
        probabilities = softmax(logits, self.temperature)
        scores = self._in_company(self._scores(logits), [box.height for box in boxes])
        digits = tuple(
            Digit(
                digit=int(row.argmax()),
                confidence=float(row.max()),
                accepted=bool(single or score >= self.threshold),
                score=float(score),
                box=tuple(round(side * loaded.scale) for side in (box.x, box.y, box.width, box.height)),
                frame=framed,
                probabilities=row,
            )
            for box, framed, row, score in zip(boxes, frames, probabilities, scores, strict=True)
        )
        return Reading(digits, loaded.pixels, loaded.scale, self.threshold)

    def _plausibility(self, frames: np.ndarray) -> np.ndarray:
        """Judge frames `(n, 28, 28)` where the page reader cannot tell one digit from two."""
        return self._scores(self.look_at(frames))

    def _scores(self, logits: np.ndarray) -> np.ndarray:
        """Say from logits `(n, 10)` whether things are digits at all, in `[0, 1]`."""
        if self.card is None:
            return softmax(logits, self.temperature).max(axis=1)
        return confidence.score(logits, *self.card.refusal)

    def _in_company(self, scores: np.ndarray, heights: list[int]) -> np.ndarray:
        """Doubt what looks like a digit among many things that do not: an O and an L in a word."""
        large = np.asarray(heights) >= np.median(heights) / 2
        believed = float((scores[large] >= self.threshold).mean())
        crowd = large.sum() >= CROWD and believed < MAJORITY
        return scores * believed * self.threshold if crowd else scores

    def probabilities(self, images: np.ndarray, *, views: bool = True) -> np.ndarray:
        """Return calibrated probabilities of digits that are in the MNIST frame already.

        Args:
            images: array of shape `(n, 28, 28)`, uint8 with 255 as ink, or floats in `[0, 1]`.
            views: as for `look_at`; the calibration is of answers with views.

        Returns:
            float32 array of shape `(n, 10)`, rows sum to 1.
        """
        return softmax(self.look_at(images, views=views), self.temperature)

    def look_at(self, images: np.ndarray, *, views: bool = True) -> np.ndarray:
        """Ask the network about each digit as it is and in six other views.

        Args:
            images: array of shape `(n, 28, 28)`, as for `probabilities`.
            views: False asks about each digit as it is only, as is usual elsewhere.

        Returns:
            Mean logits of the views, `(n, 10)`, float32; where a network that has no card answers
            probabilities, their logarithms. See `augment.over_views`.
        """
        ask = partial(over_views, self._run) if views else lambda part: self._run(as_network_input(part))
        parts = [ask(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
        return np.concatenate([np.empty((0, 10), np.float32), *parts])

    def _run(self, digits: np.ndarray) -> np.ndarray:
        """Run the network on one batch of shape `(n, 28, 28, 1)`."""
        with self._lock:
            entry = self._interpreter.get_input_details()[0]
            if len(digits) != entry["shape"][0]:
                self._interpreter.resize_tensor_input(entry["index"], digits.shape)
                self._interpreter.allocate_tensors()
            self._interpreter.set_tensor(entry["index"], digits)
            self._interpreter.invoke()
            answers = self._interpreter.get_tensor(self._interpreter.get_output_details()[0]["index"])
        if self.card is None and np.allclose(answers.sum(axis=1), 1, atol=1e-3):
            return np.log(np.maximum(answers, np.finfo(np.float32).tiny))
        return answers


def _converted(path: Path) -> Path:
    """Return the LiteRT twin of a Keras file that has none, from the user's cache after the first time."""
    import platformdirs

    twin = platformdirs.user_cache_path("digitlib") / f"{files.sha256(path)}.tflite"
    if not twin.is_file():
        log.info("Converting %s to LiteRT once; it needs TensorFlow and takes some seconds.", path)
        # In a process of its own: Keras never enters this one.
        command = [sys.executable, "-m", "digitlib.networks.saved", str(path), str(twin)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["it could not be converted"]
            raise DigitlibError(said[-1].removeprefix("error: "))
    return twin
