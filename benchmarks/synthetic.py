"""Pages that look photographed, written with MNIST digits: for tests, benchmarks and examples.

`python benchmarks/synthetic.py FOLDER` writes the handful of pictures that lie in
`data/samples`. They are made from MNIST and so under CC BY-SA 3.0, as MNIST is.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from digitlib.data.mnist import Split, load
from digitlib.files import whole_file

PITCH = 10  # pixels between ruled lines, per 28 pixels of a digit's field; a digit spans about two


@dataclass(frozen=True)
class Paper:
    """How a page looks; the defaults are dark blue ink on plain white paper in good light.

    Attributes:
        paper: its colour, RGB, 0 to 255.
        ink: the pen's colour.
        lines: "none", "ruled" or "squared".
        size: side of a digit's field on the page, in pixels; the digit fills 20 / 28 of it.
        gap: paper between the fields of neighbours, as a part of `size`; below 0 they close up.
        shadow: how much darker the darkest corner is, in `[0, 1]`.
        tilt: how far the corners are moved by perspective, as a part of the page's side.
        blur: standard deviation of the blur, in pixels.
        noise: standard deviation of the grain, 0 to 255.
        quality: of the JPEG compression, 1 to 100.
    """

    paper: tuple[int, int, int] = (245, 244, 238)
    ink: tuple[int, int, int] = (30, 35, 90)
    lines: str = "none"
    size: int = 96
    gap: float = 0.1
    shadow: float = 0.0
    tilt: float = 0.0
    blur: float = 0.6
    noise: float = 2.0
    quality: int = 85


def write(text: str, split: Split, rng: np.random.Generator, how: Paper | None = None) -> np.ndarray:
    """Write digits on a page and photograph it.

    Args:
        text: digits, rows separated by spaces: "123 45".
        split: where handwritten digits are drawn from.
        rng: which of them, where exactly, and how light, lens and grain fall out.
        how: paper, pen and camera.

    Returns:
        uint8 array of shape `(height, width, 3)`, RGB.
    """
    how = how or Paper()
    rows, size = text.split(), how.size
    height = round((len(rows) * 1.15 + 0.8) * size)
    width = round((max(map(len, rows)) * (1 + how.gap) + 0.8 - min(how.gap, 0)) * size)
    ink = np.zeros((height, width))
    for r, row in enumerate(rows):
        for c, character in enumerate(row):
            chosen = rng.choice(np.flatnonzero(split.labels == int(character)))
            digit = cv2.resize(split.images[chosen], (size, size), interpolation=cv2.INTER_CUBIC) / 255
            jitter = rng.integers(-size // 20, size // 20 + 1, 2)
            y, x = (0.4 + 1.15 * r, 0.4 + (1 + how.gap) * c) * np.array(size) + jitter
            window = np.s_[round(y) : round(y) + size, round(x) : round(x) + size]
            ink[window] = np.maximum(ink[window], np.clip(digit, 0, 1))
    # a pen leaves an even stroke with a soft edge, not MNIST's enlarged pixels
    pen = np.clip((cv2.GaussianBlur(ink, (0, 0), size / 60) - 0.25) * 3, 0, 1)[..., None]

    page = _ruled(np.full((height, width, 3), how.paper, float), how)
    page = page * (1 - pen) + np.array(how.ink) * pen
    return _photographed(page, rng, how)


def _ruled(page: np.ndarray, how: Paper) -> np.ndarray:
    """Print the lines of a school book."""
    step = max(4, round(PITCH * how.size / 28))
    colour = np.array((150, 175, 215))
    if how.lines in ("ruled", "squared"):
        page[step // 2 :: step] = page[step // 2 :: step] * 0.4 + colour * 0.6
    if how.lines == "squared":
        page[:, step // 2 :: step] = page[:, step // 2 :: step] * 0.4 + colour * 0.6
    return page


def _photographed(page: np.ndarray, rng: np.random.Generator, how: Paper) -> np.ndarray:
    """Add perspective, a shadow from one corner, blur, grain and JPEG."""
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-how.tilt, how.tilt, (4, 2)) * (width, height)
    lens = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    page = cv2.warpPerspective(page, lens, (width, height), borderMode=cv2.BORDER_REPLICATE)

    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    direction = rng.uniform(0, 2 * np.pi)
    depth = (across * np.cos(direction) + down * np.sin(direction)) / 2 + 0.5
    page = page * (1 - how.shadow * np.clip(depth, 0, 1)[..., None])

    if how.blur:
        page = cv2.GaussianBlur(page, (0, 0), how.blur)
    page = np.clip(page + rng.normal(0, how.noise, page.shape), 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, how.quality])
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1].copy()


SAMPLES = {
    "plain": ("7", Paper()),
    "shadow": ("4", Paper(shadow=0.6, ink=(60, 60, 66), noise=5)),
    "faint": ("9", Paper(paper=(214, 205, 190), ink=(150, 144, 138), shadow=0.3, noise=4)),
    "chalk": ("8", Paper(paper=(38, 60, 48), ink=(225, 228, 220), noise=6, blur=1.0)),
    "squared": ("2", Paper(lines="squared", shadow=0.25)),
    "year": ("2026", Paper(lines="squared", shadow=0.25, tilt=0.03)),
    "rows": ("31415 92653 58979", Paper(lines="ruled", size=72, shadow=0.3, tilt=0.02)),
    "board": ("805", Paper(paper=(38, 60, 48), ink=(225, 228, 220), noise=6, blur=1.0)),
}


def write_samples(folder: Path, split: Split) -> None:
    """Write the pictures of `SAMPLES` as JPEG files, named after their condition and digits."""
    for i, (name, (text, how)) in enumerate(SAMPLES.items()):
        picture = Image.fromarray(write(text, split, np.random.default_rng(i), how))
        with whole_file(folder / f"{name}_{text.replace(' ', '-')}.jpg") as aside:
            picture.save(aside, quality=90)


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]), load().validation)
