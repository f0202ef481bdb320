"""Characters drawn with a pen, for tests that need a page: no font, so the same on every machine."""

import cv2
import numpy as np


def arc(x: float, y: float, across: float, down: float, start: float, end: float) -> list[tuple]:
    """Points on an ellipse; 0 degrees is right, 90 is down."""
    angles = np.deg2rad(np.linspace(start, end, 40))
    return list(zip(x + across * np.cos(angles), y + down * np.sin(angles), strict=True))


STROKES = {  # x to the right, y down, both in parts of the height
    "0": [arc(0.3, 0.5, 0.3, 0.5, 0, 360)],
    "1": [[(0.1, 0.2), (0.35, 0), (0.35, 1)]],
    "2": [[*arc(0.3, 0.28, 0.28, 0.28, 180, 400), (0, 1), (0.6, 1)]],
    "3": [arc(0.27, 0.25, 0.27, 0.25, 200, 450), arc(0.27, 0.74, 0.3, 0.26, 270, 520)],
    "4": [[(0.45, 1), (0.45, 0), (0, 0.7), (0.6, 0.7)]],
    "5": [[(0.55, 0), (0.1, 0), (0.06, 0.44)], arc(0.27, 0.68, 0.3, 0.32, 230, 500)],
    "6": [[(0.5, 0.02), (0.2, 0.3), (0.02, 0.65)], arc(0.3, 0.7, 0.28, 0.3, 0, 360)],
    "7": [[(0, 0), (0.6, 0), (0.22, 1)]],
    "8": [arc(0.3, 0.26, 0.24, 0.26, 0, 360), arc(0.3, 0.75, 0.29, 0.25, 0, 360)],
    "9": [arc(0.3, 0.3, 0.27, 0.3, 0, 360), [(0.57, 0.3), (0.5, 1)]],
    "W": [[(0, 0), (0.22, 1), (0.44, 0.3), (0.66, 1), (0.88, 0)]],
}


def write(
    page: np.ndarray, text: str, x: int, y: int, *, size: float = 3, pen: int = 5, ink: int = 50
) -> None:
    """Write one character with its lower left corner at (x, y); size 3 is 66 pixels high."""
    height = 22 * size
    for stroke in STROKES[text]:
        points = 16 * (np.array(stroke) * height + (x, y - height))  # in sixteenths of a pixel
        cv2.polylines(page, [points.round().astype(np.int32)], False, ink, pen, cv2.LINE_AA, 4)
