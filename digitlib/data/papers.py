"""Paper, light and camera: what happens to ink between the pen and the picture."""

from functools import cache

import cv2
import numpy as np

TILE = 512  # pixels; side of the grain that papers are cut from


@cache
def _grain() -> np.ndarray:
    """Make grain once: float32 of shape `(TILE, TILE)`, mean 0, deviation 1."""
    return np.random.default_rng(0).standard_normal((TILE, TILE), np.float32)


def grain(shape: tuple[int, int], rng: np.random.Generator, *, coarse: float = 0.0) -> np.ndarray:
    """Cut grain for a page.

    Args:
        shape: height and width, in pixels.
        rng: where the random numbers come from.
        coarse: how many pixels a grain is wide; zero is one pixel.

    Returns:
        float32 of that shape, mean about 0, deviation about 1.
    """
    factor = max(1.0, coarse)
    height, width = (min(TILE, int(np.ceil(n / factor)) + 1) for n in shape)
    y, x = rng.integers(0, TILE - height + 1), rng.integers(0, TILE - width + 1)
    part = _grain()[y : y + height, x : x + width]
    if rng.random() < 0.5:
        part = part[::-1]
    return (
        part[: shape[0], : shape[1]]
        if factor == 1 and part.shape >= shape
        else cv2.resize(part, shape[::-1], interpolation=cv2.INTER_LINEAR)
    )


def _clouds(shape: tuple[int, int], rng: np.random.Generator, cells: int) -> np.ndarray:
    """Make a smooth random surface: float32 of that shape, in `[0, 1]`."""
    rough = rng.random((cells, cells), np.float32)
    return np.clip(cv2.resize(rough, shape[::-1], interpolation=cv2.INTER_CUBIC), 0, 1)


def paper(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Make a sheet under its light, without ink: float32 of that shape, 0 is black, 1 is white."""
    if rng.random() < 0.28:  # a screen, a scan, a drawing program
        return np.full(shape, rng.choice([1.0, 1.0, rng.uniform(0.75, 1)]), np.float32)
    page = np.full(shape, rng.uniform(0.45, 1.0), np.float32)
    page += grain(shape, rng, coarse=rng.uniform(0, 4)) * np.float32(rng.uniform(0, 0.025))
    kind = rng.random(5)
    if kind[0] < 0.15:
        page *= 1 - np.float32(rng.uniform(0.05, 0.2)) * _clouds(shape, rng, int(rng.integers(4, 24)))
    if kind[1] < 0.1:
        _crease(page, rng)
    if kind[2] < 0.1:
        _stains(page, rng)
    if kind[3] < 0.75:
        page *= 1 - np.float32(rng.uniform(0.05, 0.65)) * _clouds(shape, rng, int(rng.integers(2, 4)))
    if kind[4] < 0.3:
        _shadow(page, rng)
    if rng.random() < 0.08:
        _flash(page, rng)
    return page


def _crease(page: np.ndarray, rng: np.random.Generator) -> None:
    """Fold the page once or twice and open it again."""
    height, width = page.shape
    for _ in range(int(rng.integers(1, 3))):
        across = rng.random() < 0.5
        start = (0, rng.uniform(0, height)) if across else (rng.uniform(0, width), 0)
        end = (width, rng.uniform(0, height)) if across else (rng.uniform(0, width), height)
        for step, strength in ((0, -0.25), (rng.uniform(1, 3), 0.2)):
            line: np.ndarray = np.zeros(page.shape, np.uint8)
            first, last = (tuple(int(n + step) for n in point) for point in (start, end))
            cv2.line(line, first, last, 255, max(1, round(rng.uniform(0.5, 2.5))), cv2.LINE_AA)
            page += line * np.float32(strength * rng.uniform(0.3, 1) / 255)


def _stains(page: np.ndarray, rng: np.random.Generator) -> None:
    """Leave a spot or the ring of a cup."""
    for _ in range(int(rng.integers(1, 4))):
        spot = np.zeros(page.shape, np.uint8)
        centre = tuple(int(rng.uniform(0, n)) for n in page.shape[::-1])
        axes = tuple(int(n) for n in rng.uniform(0.02, 0.25, 2) * min(page.shape) + 1)
        cv2.ellipse(
            spot, centre, axes, rng.uniform(0, 180), 0, 360, 255, int(rng.choice([-1, 2, 4])), cv2.LINE_AA
        )
        page *= 1 - cv2.blur(spot, (5, 5)) * np.float32(rng.uniform(0.03, 0.3) / 255)


def _shadow(page: np.ndarray, rng: np.random.Generator) -> None:
    """Let the shadow of a hand, a phone, a window frame or a blind fall on the page."""
    height, width = page.shape
    mask: np.ndarray = np.zeros(page.shape, np.uint8)
    if rng.random() < 0.12:
        y, x = np.ogrid[:height, :width]
        along = x * np.cos(turn := rng.uniform(0, np.pi)) + y * np.sin(turn)
        mask[(along // (max(page.shape) * rng.uniform(0.04, 0.2))) % 2 > 0] = 255
    else:
        points = rng.uniform(-0.4, 1.4, (int(rng.integers(3, 6)), 2)) * (width, height)
        cv2.fillPoly(mask, [points.astype(np.int32)], 255)
    soft = rng.uniform(0.3, 12) * width / 320
    mask = cv2.GaussianBlur(mask, (0, 0), soft)
    page *= 1 - mask * np.float32(rng.uniform(0.1, 0.65) / 255)


def _flash(page: np.ndarray, rng: np.random.Generator) -> None:
    """Let a lamp or a flash be reflected."""
    height, width = page.shape
    y, x = np.ogrid[:height, :width]
    centre, size = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0.1, 0.5) * width
    bright = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * size**2)).astype(np.float32)
    page += bright * np.float32(rng.uniform(0.1, 0.6))


def show_through(pen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Let what is written on the back of a page be seen, as if that were the front mirrored.

    Args:
        pen: float32 of shape `(height, width)`, in `[0, 1]`, ink on the front.
        rng: where the random numbers come from.

    Returns:
        Ink of the same shape, soft and pale.
    """
    moved = tuple(int(rng.integers(side)) for side in pen.shape)
    back = np.roll(pen[:, ::-1], moved, axis=(0, 1))
    soft = cv2.GaussianBlur(back, (0, 0), max(pen.shape) * rng.uniform(0.002, 0.015))
    return soft * np.float32(rng.uniform(0.05, 0.4))


def desk(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Make what lies around a page: float32 of its shape."""
    ground: np.ndarray = np.full(page.shape, rng.uniform(0.02, 0.9), np.float32)
    stripes = cv2.resize(grain((1, page.shape[1]), rng, coarse=rng.uniform(1, 12)), page.shape[::-1])
    kind = rng.random()
    if kind < 0.5:
        ground += np.float32(rng.uniform(0.01, 0.08)) * (stripes if kind < 0.25 else stripes[::-1])
        if rng.random() < 0.5:
            ground = cv2.resize(np.ascontiguousarray(ground.T), page.shape[::-1])
    ground += grain(page.shape, rng, coarse=rng.uniform(0, 8)) * np.float32(rng.uniform(0, 0.08))
    return ground * (1 - 0.4 * _clouds(page.shape, rng, 3))


def photograph(picture: np.ndarray, digit: float, contrast: float, rng: np.random.Generator) -> np.ndarray:
    """Take a picture of a page: blur, low resolution, noise, sharpening, exposure, JPEG.

    Args:
        picture: float32 of shape `(height, width)`, in `[0, 1]`.
        digit: height of a typical digit in it, in pixels, which blur and resolution stay in proportion to.
        contrast: of ink and paper, which noise stays in proportion to.
        rng: where the random numbers come from.

    Returns:
        uint8 of the same shape.
    """
    kind = rng.random(7)
    shape = picture.shape[::-1]
    if kind[6] < 0.05:  # a scanner or a drawing program that knows two colours
        middle = (float(picture.min()) + float(picture.max())) / 2
        picture = (picture > middle).astype(np.float32)
        kind[:5] = np.maximum(kind[:5], [0, 0.6 * (kind[0] < 0.5), 1, 0.5, 1])
    if kind[0] < 0.4:
        sigma = digit * rng.uniform(0.005, 0.07)
        if sigma > 0.25:
            picture = cv2.GaussianBlur(picture, (0, 0), sigma)
    elif kind[0] < 0.46:
        length = max(2, int(digit * rng.uniform(0.03, 0.2)))
        kernel = np.zeros((length, length), np.float32)
        cv2.line(kernel, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), 1.0)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    if kind[1] < 0.3:
        factor = min(1.0, rng.uniform(11, 30) / max(digit, 1))
        if factor < 0.9:
            small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            back = [cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST][
                int(rng.choice(3, p=[0.4, 0.5, 0.1]))
            ]
            picture = cv2.resize(small, shape, interpolation=back)
    if kind[2] < 0.15:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.5)
        picture = picture + np.float32(rng.uniform(0.3, 1.5)) * (picture - soft)
    low, high = (0.0, 1.0) if kind[3] < 0.5 else (rng.uniform(0, 0.3), rng.uniform(0.6, 1.1))
    picture = low + np.clip(picture, 0, 1.2) * np.float32(high - low)
    if kind[3] < 0.25:
        picture = np.clip(picture, 0, 1) ** np.float32(np.exp(rng.uniform(-0.5, 0.5)))
    if kind[4] < 0.4:
        strength = np.float32(
            min(np.exp(rng.uniform(np.log(0.004), np.log(0.09))), 0.3 * contrast * (high - low))
        )
        picture = picture + strength * grain(picture.shape, rng, coarse=rng.choice([0, 0, 1.5, 2.5]))
    eight = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    if kind[5] < 0.35:
        _, packed = cv2.imencode(".jpg", eight, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(12, 95))])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE))
    return eight
