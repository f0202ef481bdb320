"""Read a picture: the page network finds candidates, three networks read them, the doubtful are refused.

Runs on LiteRT.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from os import PathLike
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from digitlib import files
from digitlib.errors import DigitlibError
from digitlib.networks.card import NAME as CARD
from digitlib.networks.card import Card, PageCard
from digitlib.networks.confidence import softmax
from digitlib.networks.lite import LiteModel, converted
from digitlib.pictures import frame, ink
from digitlib.pictures.crops import MOVES, NONE, RIM, as_crop_input, crops, from_far, moved
from digitlib.pictures.source import Source, count_pages
from digitlib.pictures.source import load as load_picture
from digitlib.pictures.views import as_frames, as_network_input, over_views
from digitlib.reading import judge
from digitlib.reading.boxes import once
from digitlib.reading.page import Places, Upright, find, find_upright
from digitlib.reading.result import Digit, Reading

log = logging.getLogger(__name__)

BATCH = 100  # digits that LiteRT is given at once, in seven views each, which bounds memory
LEAST_PLAUSIBLE = -3.0  # plausibility, see `Places`, below which a candidate is not judged
LEAST_SHOWN = 0.1  # score; candidates below are left out of a reading, except where none is better
LEAST_PRINTED = 5  # of ten printed digits that a network of unknown origin must read
TEXT_SIZE = 8  # candidates above LEAST_SHOWN from which on a picture may be a written text
DIGITS_IN_TEXT = 0.35  # share of them that is accepted where it is none; below, all are refused


class Recognizer:
    """Trained networks, from a picture to a reading; safe to share between threads.

    Attributes:
        card: of the digit network; None where it has none.
        file: of the digit network, `.tflite`.
        page_card: of the page and the crop network.
        page_network: finds the candidates.
        crop_network: looks closer at each.
        threshold: score below which a candidate is refused.
    """

    def __init__(self, path: Path, card: Card | None = None, pages: Path | None = None) -> None:
        """Open a digit network's LiteRT file; use `Recognizer.load` for everything else.

        Args:
            path: the `.tflite` file.
            card: what is known of it; without one, its probabilities are left as they are.
            pages: folder of the page network; by default of the one that ships.
        """
        self.card, self.file = card, path
        self.temperature = card.temperature if card else 1.0
        self._digits = LiteModel(path)
        if (self._digits.input_shape, self._digits.output_shape) != ((28, 28, 1), (10,)):
            raise DigitlibError(
                f"{path} is a LiteRT model, but not one from float digits (n, 28, 28, 1) to ten classes"
            )
        folder = pages or files.models() / "page"
        self.page_card = PageCard.read(folder)
        for name in ("model.tflite", "crops.tflite", judge.NAME):
            self.page_card.check(folder / name)
        self.threshold = self.page_card.threshold
        self.page_network = LiteModel(folder / "model.tflite")
        self.crop_network = LiteModel(folder / "crops.tflite")
        self._judge = judge.Judge.read(folder / judge.NAME)

    @classmethod
    def load(cls, path: str | Path | None = None) -> "Recognizer":
        """Load the networks for reading.

        Args:
            path: of the digit network: a `.tflite`, `.h5` or `.keras` file, or a run folder; by default the
                one that ships. The page network is always the one that ships.

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
            log.warning("%s has no card: nothing says where it comes from or how far to believe it", found)
            alone = cls(found if found.suffix == ".tflite" else converted(found))
            right = int((alone.look_at(printed()).argmax(axis=1) == np.arange(10)).sum())
            if right < LEAST_PRINTED:
                log.warning("%s reads %d of ten printed digits: it is damaged, or reads none", found, right)
            return alone
        twin = found.with_name("model.tflite")
        for file in {found, twin}:
            card.check(file)
        return cls(twin, card)

    def read(self, source: Source, *, single: bool = False, page: int = 0, name: str = "") -> Reading:
        """Read the digits in a picture.

        Args:
            source: path, bytes, PIL image or array; see `digitlib.pictures.source.load`.
            single: the picture holds one digit: answer for the likeliest, even below the threshold.
            page: which page of a file that has several, counted from 0.
            name: what to call the source in an error; by default its path, or what it is.

        Returns:
            All candidates with their confidence and score. A blank picture has none.

        Raises:
            DigitlibError: if the source is no picture.
        """
        loaded = load_picture(source, page=page, name=name)
        grey = ink.clearest(loaded.pixels)
        size = grey.shape[::-1]
        if single:
            seen = Upright(grey, find(grey, self.page_network))
        else:
            seen = find_upright(grey, self.page_network)
        places = seen.places.take(seen.places.plausibility() > LEAST_PLAUSIBLE)
        if single:  # the likeliest
            places = places.take(places.plausibility().argsort()[-1:])
        boxes = places.boxes
        frames, logits, scores = self.judge(seen.grey, places)
        if single and not len(places) and (whole := whole_frame(grey)) is not None:
            frames, logits, scores = whole[None], self.look_at(whole[None]) / self.temperature, np.zeros(1)
            boxes = np.array([[0.0, 0.0, *size]])
        shown = scores >= min(LEAST_SHOWN, scores.max(initial=0))
        probabilities = softmax(logits).astype(np.float32)
        digits = [
            Digit(
                digit=int(probabilities[i].argmax()),
                confidence=float(probabilities[i].max()),
                accepted=bool(single or scores[i] >= self.threshold),
                score=float(scores[i]),
                box=_as_it_came(boxes[i], seen.back, size, loaded.scale),
                frame=frames[i],
                probabilities=probabilities[i],
            )
            for i in np.flatnonzero(shown)
        ]
        return Reading.of(digits, boxes[shown], loaded, self.threshold, rotation=90 * (-seen.quarters % 4))

    def read_many(self, sources: Iterable[Source], *, single: bool = False) -> Iterator[Reading]:
        """Read pictures one after the other, every page of those that have several.

        Args:
            sources: of any kinds that `read` takes; asked for one by one, so that there may be very many. A
                Pillow image is the page at which it stands.
            single: each holds one digit.

        Yields:
            A reading for each page, in order; `Reading.pages` says how many its file has.

        Raises:
            DigitlibError: at the first source that is no picture. `digitlib predict --output` goes on.
        """
        for source in [sources] if isinstance(sources, str | PathLike | bytes | Image.Image) else sources:
            if hasattr(source, "read") and not isinstance(source, Image.Image):
                source = source.read()
            for page in range(count_pages(source)):
                yield self.read(source, single=single, page=page)

    def judge(self, grey: np.ndarray, places: Places) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Look at candidates more closely, and ask all networks about them.

        The digit network sees each one in the frame of MNIST, the crop network with what stands around it.

        Args:
            grey: uint8 array of shape `(height, width)`.
            places: all candidates in it: each one is judged beside the others.

        Returns:
            Frames `(n, 28, 28)`, calibrated logits `(n, 10)`, and scores `(n,)` in `[0, 1]` that say whether
            each one is a digit at all.
        """
        frames = self.frames(grey, places)
        in_frame = self.look_at(frames, views=False)  # beside the others, other views say nothing more
        closer = self.look_closer(grey, places)
        said = np.stack([places.digits, in_frame, closer[:, :NONE]], axis=2)
        logits = said @ np.array(self.page_card.mix)
        scores = self._judge.scores(judge.features(places, in_frame, closer))
        scores = once(scores, places.boxes, logits.argmax(axis=1))
        return frames, logits, without_text(scores, self.threshold)

    def frames(self, grey: np.ndarray, places: Places) -> np.ndarray:
        """Put candidates into the frame of MNIST: float32 `(n, 28, 28)`."""
        one_by_one = [framed(grey, box) for box in places.boxes]
        return np.array(one_by_one, np.float32).reshape(-1, frame.FIELD, frame.FIELD)

    def look_closer(self, grey: np.ndarray, places: Places) -> np.ndarray:
        """Ask the crop network about candidates, each as it is and a little moved to both sides.

        What it says of all three together depends less on where the box happens to lie.

        Returns:
            Mean logits of the ten digits and of none, `(n, 11)`.
        """
        boxes = places.boxes
        wide, far = crops(grey, boxes, rim=RIM), from_far(grey, boxes)
        ways = (as_crop_input(moved(wide, move), far, boxes, moves=move) for move in MOVES)
        return np.mean([_in_parts(self.crop_network, way, NONE + 1) for way in ways], axis=0)

    def probabilities(self, images: np.ndarray, *, views: bool = True) -> np.ndarray:
        """Return calibrated probabilities of digits that are in the MNIST frame already.

        Args:
            images: array of shape `(n, 28, 28)`, uint8 with 255 as ink, or floats in `[0, 1]`; or another of
                the shapes and ranges that `pictures.views.as_frames` takes.
            views: as for `look_at`; the calibration is of answers with views.

        Returns:
            float32 array of shape `(n, 10)`, rows sum to 1.

        Raises:
            DigitlibError: if these are no digits in the MNIST frame.
        """
        return softmax(self.look_at(as_frames(images), views=views), self.temperature)

    def look_at(self, images: np.ndarray, *, views: bool = True) -> np.ndarray:
        """Ask the digit network about each digit as it is and in six other views.

        Args:
            images: array of shape `(n, 28, 28)`, as for `probabilities`.
            views: False asks about each digit as it is only, as is usual elsewhere.

        Returns:
            Mean logits of the views, `(n, 10)`, float32; where a network that has no card answers
            probabilities, their logarithms. See `pictures.views.over_views`.
        """
        ask = partial(over_views, self._run) if views else lambda part: self._run(as_network_input(part))
        return _in_parts(ask, images, 10)

    def _run(self, digits: np.ndarray) -> np.ndarray:
        """Run the digit network on one batch of shape `(n, 28, 28, 1)`."""
        answers = self._digits(digits)
        if self.card is None and np.allclose(answers.sum(axis=1), 1, atol=1e-3):
            return np.log(np.maximum(answers, np.finfo(np.float32).tiny))
        return answers


def _in_parts(ask: Callable[[np.ndarray], np.ndarray], inputs: np.ndarray, answers: int) -> np.ndarray:
    """Ask a network about at most `BATCH` inputs at once: float32 `(n, answers)`."""
    parts = [ask(inputs[i : i + BATCH]) for i in range(0, len(inputs), BATCH)]
    return np.concatenate([np.empty((0, answers), np.float32), *parts])


def printed() -> np.ndarray:
    """Return the digits 0 to 9 in print, in the frame of MNIST: float32 `(10, 28, 28)`."""
    digits = []
    for digit in range(10):
        paper = np.full((80, 80), 255, np.uint8)
        cv2.putText(paper, str(digit), (15, 65), cv2.FONT_HERSHEY_SIMPLEX, 2.2, 0, 4, cv2.LINE_AA)
        digits.append(frame.frame(paper))
    return np.array(digits)


def framed(grey: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Put what a box holds into the frame of MNIST.

    Args:
        grey: uint8 array of shape `(height, width)`.
        box: x, y, width, height, in pixels.

    Returns:
        float32 array of shape `(28, 28)`, values in `[0, 1]`, 1 is ink; all 0 where nothing stands out.
    """
    x, y, width, height = box
    around, side = frame.CONTEXT * max(width, height), max(width, height)
    left, top = (max(0, int(np.floor(start - around))) for start in (x, y))
    part = grey[top : int(y + height + around) + 1, left : int(x + width + around) + 1]
    if min(part.shape) < 3:
        return np.zeros((frame.FIELD, frame.FIELD), np.float32)
    factor = min(1.0, frame.LONGEST_BOX / side)
    if factor < 1:
        part = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    inside = np.array([x - left, y - top, width, height]) * factor
    return frame.from_box(ink.ink_map(part), inside)


def without_text(scores: np.ndarray, threshold: float) -> np.ndarray:
    """Lower the scores of a picture in which few of many candidates look like digits.

    That is a written text, and its few digits are an o or an l.

    Args:
        scores: of all candidates of a picture, `(n,)`.
        threshold: from which on one is accepted.

    Returns:
        The scores; those of a text below the threshold.
    """
    shown = scores[scores > LEAST_SHOWN]
    if len(shown) < TEXT_SIZE:
        return scores
    accepted = float((shown >= threshold).mean())
    return scores * accepted * threshold if accepted < DIGITS_IN_TEXT else scores


def whole_frame(grey: np.ndarray) -> np.ndarray | None:
    """Put all ink of a picture into the frame, where the page network saw no digit; None if it is blank."""
    try:
        return frame.frame(grey)
    except DigitlibError:
        return None


def _as_it_came(
    box: np.ndarray, back: np.ndarray, size: tuple[int, ...], scale: float
) -> tuple[int, int, int, int]:
    """Return where a box lies in the picture as it came: x, y, width, height in pixels of the original.

    Args:
        box: in the picture that was read; where that was rotated, the ellipse in it is what is boxed anew.
        back: from there to the picture before it was turned, see `reading.page.Upright`.
        size: width and height of that.
        scale: pixels of the original for one of its pixels.
    """
    middle = back[:, :2] @ (box[:2] + box[2:] / 2) + back[:, 2]
    half = np.sqrt(back[:, :2] ** 2 @ (box[2:] / 2) ** 2)
    low, high = np.clip(middle - half, 0, size), np.clip(middle + half, 0, size)
    x, y, width, height = (round(float(side) * scale) for side in (*low, *(high - low)))
    return x, y, width, height
