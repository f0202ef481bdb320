"""What a picture says: the digits found in it, how sure each one is, and how to show them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from digitlib.pictures import frame
from digitlib.pictures.source import Picture
from digitlib.reading import page

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Digit:
    """One candidate in a picture and what the network makes of it.

    Attributes:
        digit: the likeliest class, 0 to 9.
        confidence: its calibrated probability, in `[0, 1]`.
        accepted: whether it counts as a digit.
        score: whether it is a digit at all, in `[0, 1]`, before the threshold.
        box: x, y, width, height in pixels of the picture.
        frame: float32 array of shape `(28, 28)`, what the network saw.
        probabilities: float32 array of shape `(10,)`, calibrated.
    """

    digit: int
    confidence: float
    accepted: bool
    score: float
    box: tuple[int, int, int, int]
    frame: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, repr=False)
class Reading:
    """What a picture says.

    Attributes:
        digits: every candidate in reading order, refused ones included.
        lines: the accepted digits by rows of the page, numbers apart where the writer left a gap, such as
            `("12 05 2024", "285")`.
        rotation: degrees by which the picture was turned counter-clockwise before it was read: 0, 90, 180
            or 270.
        picture: uint8 array of shape `(height, width, 3)`, the picture as it was looked at.
        scale: pixels of the original per pixel of `picture`.
        threshold: score below which a candidate was refused.
        pages: how many the file holds, of which this is one.
    """

    digits: tuple[Digit, ...]
    lines: tuple[str, ...]
    rotation: int
    picture: np.ndarray
    scale: float
    threshold: float
    pages: int = 1

    @classmethod
    def of(
        cls, digits: list[Digit], boxes: np.ndarray, loaded: Picture, threshold: float, rotation: int
    ) -> "Reading":
        """Put candidates in reading order.

        Args:
            digits: in any order.
            boxes: array of shape `(n, 4)`, where they lie after the picture was turned upright.
            loaded: the picture.
            threshold: score below which a candidate was refused.
            rotation: by how much it was turned.
        """
        order = [i for row in page.rows(boxes) for i in row]
        accepted = np.array([i for i in range(len(digits)) if digits[i].accepted], int)
        lines = []
        for row in page.rows(boxes[accepted]):
            parts = page.numbers(row, boxes[accepted])
            lines.append(" ".join("".join(str(digits[accepted[i]].digit) for i in part) for part in parts))
        return cls(
            digits=tuple(digits[i] for i in order),
            lines=tuple(lines),
            rotation=rotation,
            picture=loaded.pixels,
            scale=loaded.scale,
            threshold=threshold,
            pages=loaded.pages,
        )

    @property
    def accepted(self) -> tuple[Digit, ...]:
        """The candidates that count as digits."""
        return tuple(digit for digit in self.digits if digit.accepted)

    @property
    def text(self) -> str:
        """The accepted digits in reading order; empty when nothing in the picture is a digit."""
        return "".join(self.lines).replace(" ", "")

    @property
    def confidence(self) -> float:
        """Calibrated probability that the whole text is right; 0 when there is none."""
        return float(np.prod([digit.confidence for digit in self.accepted])) if self.accepted else 0.0

    @property
    def score(self) -> float:
        """Whether there is a digit at all, in `[0, 1]`, before the threshold."""
        return max((digit.score for digit in self.digits), default=0.0)

    @property
    def reason(self) -> str:
        """Why nothing was read, as a sentence; empty when something was."""
        if self.accepted:
            return ""
        if not self.digits:
            return "not a digit: nothing in it looks like one"
        return f"not a digit: its score of {self.score:.2f} is below {self.threshold:.2f}"

    def __repr__(self) -> str:
        """Say what was read, without the pictures."""
        return f"Reading(text={self.text!r}, confidence={self.confidence:.2f}, score={self.score:.2f})"

    def as_dict(self) -> dict[str, Any]:
        """Return what the command line prints, without the pictures."""
        shown = [
            {"digit": d.digit, "confidence": round(d.confidence, 4), "accepted": d.accepted, "box": [*d.box]}
            for d in self.digits
        ]
        whole = {
            "text": self.text,
            "lines": [*self.lines],
            "rotation": self.rotation,
            "confidence": round(self.confidence, 4),
            "score": round(self.score, 4),
        }
        return whole | ({} if self.accepted else {"reason": self.reason}) | {"digits": shown}

    def show(self) -> "Figure":
        """Draw the picture with its boxes, what the network saw, its ten bars, and a tutorial's view.

        Returns:
            A matplotlib figure.
        """
        from digitlib.measuring import plots

        read = f"Read: {self.text}, confidence {self.confidence:.2f}"
        naive = frame.naive_frame(self.picture)
        finding = self.reason.capitalize() or read
        return plots.reading(self.picture, naive, self.digits, self.scale, finding=finding)

    def _repr_png_(self) -> bytes:
        """Draw the reading where a notebook shows it."""
        from digitlib.measuring import plots

        return plots.png(self.show())
