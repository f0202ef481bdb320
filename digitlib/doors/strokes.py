"""What a pen drew on the pad, as a picture: strokes in, pixels out."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from digitlib.errors import DigitlibError

SIZE = (560, 280)  # width and height of the pad, in its own pixels, however large it is shown
PAPER, INK = 255, 27
MOST_POINTS, WIDEST = 20_000, 100  # of all strokes, and of a pen in pixels: more would take seconds


def draw(strokes: Sequence[Mapping[str, Any]], size: tuple[int, int] = SIZE) -> np.ndarray:
    """Draw strokes in dark ink on white paper.

    Args:
        strokes: each has `points`, a list of at least one (x, y) in pixels from the upper left corner,
            and `width`, the pen's in pixels, at most 100.
        size: width and height of the paper, in pixels; what lies outside is cut off.

    Returns:
        uint8 array of shape `(height, width)`, 255 where nothing was drawn.

    Raises:
        DigitlibError: if the strokes are not of that form, or have more than 20,000 points.

    Example:
        >>> int(draw([{"width": 3, "points": [[4, 5]]}], (10, 10))[5, 4])
        27
    """
    picture = np.full(size[::-1], PAPER, np.uint8)
    try:
        if sum(len(stroke["points"]) for stroke in strokes) > MOST_POINTS:
            raise DigitlibError(f"these strokes have more than {MOST_POINTS:,} points: draw less")
        for stroke in strokes:
            points = np.array(stroke["points"], float).reshape(-1, 2)
            points = np.vstack([points, points[-1]])  # a dot has two ends, too
            points = points.clip(-max(size), 2 * max(size))
            sixteenths = (16 * points).round().astype(np.int32)
            if (width := int(stroke["width"])) > WIDEST:
                raise ValueError("no pen is so wide")
            cv2.polylines(picture, [sixteenths], False, INK, width, cv2.LINE_AA, 4)
    except DigitlibError:
        raise
    except (TypeError, LookupError, ValueError, OverflowError, cv2.error) as error:
        raise DigitlibError("these are no strokes: each needs a width and points [[x, y], ...]") from error
    return picture
