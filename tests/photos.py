"""Photos of filled sheets, as a program takes them: a desk, perspective, light, lens, grain, JPEG."""

import cv2
import numpy as np

from digitlib.data.mnist import Split
from digitlib.doors import sheet

PRINTED = 8  # pixels per mm of the page that is photographed
MARGIN = np.subtract(sheet.PAPERS["a4"], sheet.FIELD) / 2


def printed() -> np.ndarray:
    """The empty A4 sheet as the printer makes it, RGB."""
    figure = sheet.draw("a4")
    figure.set_dpi(25.4 * PRINTED)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()


def filled(page: np.ndarray, split: Split, rng: np.random.Generator) -> np.ndarray:
    """Write a digit of `split` into every box, in pen or pencil, anywhere inside it."""
    page, side = page.copy(), round(14 * PRINTED)
    pen = np.array(((30, 35, 90), (25, 25, 28), (95, 95, 100))[rng.integers(3)])
    for r, row in enumerate(sheet.PROMPTS):
        for c, prompt in enumerate(row):
            image = split.images[rng.choice(np.flatnonzero(split.labels == int(prompt)))]
            large = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC) / 255
            stroke = np.clip((large - 0.4) * 5 + 0.5, 0, 1)[..., None]
            spare = np.array(sheet.BOX) - 14
            corner = MARGIN + sheet.BOXES[r, c] + rng.uniform(0.3, 0.7, 2) * spare
            x, y = np.round(corner * PRINTED).astype(int)
            window = page[y : y + side, x : x + side]
            window[:] = window * (1 - stroke) + pen * stroke
    return page


def taken(
    page: np.ndarray, rng: np.random.Generator, *, megapixels: float, hidden: int | None = None
) -> np.ndarray:
    """Photograph a page.

    Args:
        page: from `filled`.
        rng: decides view, light, blur and grain.
        megapixels: size of the photo.
        hidden: number of the mark that a thumb lies on.

    Returns:
        uint8 array of shape `(n,)`, the bytes of a JPEG.
    """
    width = round(np.sqrt(megapixels * 1e6 * 3 / 4))
    height = round(width * 4 / 3)
    if hidden is not None:
        at = (MARGIN + np.array(sheet.ENDS[hidden]) + sheet.MARK / 2) * PRINTED
        page = cv2.circle(page.copy(), np.round(at).astype(int).tolist(), 9 * PRINTED, (205, 160, 135), -1)
    tall, wide = page.shape[:2]
    edges = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], np.float32)
    scale = min(width / wide, height / tall) * rng.uniform(0.75, 0.92)
    moved = (edges - edges.mean(0)) * scale * rng.uniform(0.92, 1.04, (4, 1))
    moved += rng.uniform(-0.03, 0.03, (4, 2)) * (wide * scale, tall * scale)
    turn = cv2.getRotationMatrix2D((0, 0), rng.uniform(-6, 6), 1)[:, :2]
    moved = (moved @ turn.T + (width / 2, height / 2)).astype(np.float32)
    lens = cv2.getPerspectiveTransform(edges, moved)
    desk = np.array(((120, 85, 60), (60, 60, 64), (190, 180, 165))[rng.integers(3)], float)
    photo = cv2.warpPerspective(
        page, lens, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT,
        borderValue=desk.tolist(),
    )  # fmt: skip
    small = cv2.resize(photo, (width // 4, height // 4)).astype(np.float32)
    across, down = np.meshgrid(np.linspace(-1, 1, small.shape[1]), np.linspace(-1, 1, small.shape[0]))
    towards = rng.uniform(0, 2 * np.pi)
    depth = (across * np.cos(towards) + down * np.sin(towards)) / 3 + 0.5
    light = 1 - rng.uniform(0, 0.55) * np.clip(depth, 0, 1)[..., None]
    light = light * rng.uniform([0.85, 0.85, 0.7], [1, 1, 1])  # daylight to lamp light
    photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.3, 1.2) * width / 1500)
    photo = cv2.multiply(photo, cv2.resize(light.astype(np.float32), (width, height)), dtype=cv2.CV_8U)
    cv2.setRNGSeed(int(rng.integers(2**31)))
    grain = cv2.randn(np.empty(photo.shape[:2], np.int16), 0, float(rng.uniform(1, 6)))
    photo = cv2.add(photo, cv2.merge([grain] * 3), dtype=cv2.CV_8U)
    quality = int(rng.integers(60, 95))
    _, packed = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return packed
