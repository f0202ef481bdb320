"""Tell ink from paper.

Photos have shadows, ruled lines and a desk around the page; drawings may be light on dark.
What comes out is the same for all of them: 1 is ink, 0 is paper.
"""

import cv2
import numpy as np

CHANNEL_RATIO = 3.0  # times the detail of the grey picture that a colour must show to be used instead
FINE_SIDE = 256  # pixels; larger pictures are reduced to this to find thin ink
MOST_WEIGHT = 16  # times the mean deviation; a pixel that deviates more has this weight
WORKING_SIDE = 200  # pixels; longest side at which the paper is estimated
FIT_ALL_BELOW = 1_000  # pixels; in larger pictures the surface is fitted to some of them
DARKEST_PAPER = 0.15  # of white; darker paper counts as this, or noise in the dark would look like ink
WINDOW = 0.22  # of the picture's side; wider than any stroke, narrower than the shadows that matter
LONG_SIDE = 0.75  # of the longest side; counts as the side of a picture that is much longer than wide
LEAST_CONTRAST = 0.03  # to the paper, in [0, 1]; what has less is no stroke
PAPER_SHARE = 0.2  # of a picture that is paper, however tightly the digit was cut out
GRAIN_FACTOR = 8.0  # times the paper's median grain by which a stroke must stand out


def ink_map(pixels: np.ndarray) -> np.ndarray:
    """Tell ink from paper, whatever the light, the colours and the polarity.

    Args:
        pixels: uint8 array of shape `(height, width, 3)`, RGB, or `(height, width)`, grey.

    Returns:
        float32 array of shape `(height, width)`, values in `[0, 1]`: 1 is ink,
        0 is paper, 0.5 the edge of a stroke of ordinary darkness.
    """
    return stretch(flatten(dark_on_light(clearest(pixels))))


def grey(pixels: np.ndarray) -> np.ndarray:
    """Reduce colours to brightness: uint8 array of shape `(height, width)`."""
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def clearest(pixels: np.ndarray) -> np.ndarray:
    """Reduce colours to brightness, or to the one of red, green and blue that shows by far more.

    Red ink on a green of equal brightness vanishes in `grey`.

    Args:
        pixels: uint8 array of shape `(height, width, 3)`, RGB, or `(height, width)`, grey.

    Returns:
        uint8 array of shape `(height, width)`.
    """
    if pixels.ndim == 2:
        return pixels
    small = _reduced(pixels)
    small = cv2.merge([grey(small), *cv2.split(small)])
    fine, broad = (cv2.blur(small, (side, side)) for side in (3, 15))
    detail = cv2.reduce(cv2.absdiff(fine, broad), 0, cv2.REDUCE_MAX).max(axis=(0, 1)).astype(int)
    best = int(np.argmax(detail[1:]))
    return pixels[..., best].copy() if detail[1 + best] > CHANNEL_RATIO * detail[0] else grey(pixels)


def _reduced(pixels: np.ndarray) -> np.ndarray:
    """Reduce a picture until its longest side is `WORKING_SIDE` pixels."""
    factor = min(1.0, WORKING_SIDE / max(pixels.shape[:2]))
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def dark_on_light(brightness: np.ndarray) -> np.ndarray:
    """Invert the picture if its ink is lighter than its paper.

    Ink is thin and ink is rare: what deviates from the median of a narrow window is thin, what
    deviates from that of a wide one is rare. The first finds pencil on a page that lies on
    a desk, and is asked of pictures large enough for that; the second finds the fat strokes of a small
    drawing. The page network is given the picture as it is: it has learned both polarities.

    Args:
        brightness: uint8 array of shape `(height, width)`.

    Returns:
        uint8 array of the same shape, whose ink is darker than its paper.
    """
    lightness_of_ink = _polarity(brightness, 64, 33)
    if max(brightness.shape) > FINE_SIDE:
        lightness_of_ink += 2 * _polarity(brightness, FINE_SIDE, 7)
    return brightness if lightness_of_ink <= 0 else 255 - brightness


def _polarity(brightness: np.ndarray, side: int, window: int) -> float:
    """Whether pixels deviate to the bright (up to 1) or the dark (down to -1) side of a local median."""
    height, width = brightness.shape
    target = tuple(max(3, round(n * side / max(height, width))) for n in (width, height))
    small = cv2.resize(brightness, target, interpolation=cv2.INTER_AREA)
    deviation = small.astype(np.float32) - cv2.medianBlur(small, window)
    size = np.abs(deviation)
    weight = np.minimum(size, MOST_WEIGHT * size.mean())  # or a page's corners on a desk outvote its digits
    return float((deviation * weight).sum() / ((size * weight).sum() + 1e-9))


def flatten(brightness: np.ndarray) -> np.ndarray:
    """Compare with the paper, so that light and shadow vanish.

    The paper under a stroke is what a closing with a window wider than any stroke makes of it.
    A closing follows the edges of shadows but not slopes at the picture's rim; with a smooth
    surface taken off first it follows slopes but not edges. The darker of both is taken for the paper.

    Args:
        brightness: uint8 array of shape `(height, width)`, ink darker than paper.

    Returns:
        float32 array of the same shape, contrast to the paper in `[0, 1]`: 0 is paper, 1 is black ink.
    """
    height, width = brightness.shape
    small = _reduced(brightness).astype(np.float32)
    reach = WINDOW * max(np.sqrt(small.size), LONG_SIDE * max(small.shape))
    followed = _closed(small, reach)
    surface = _smooth_surface(followed)
    paper = np.minimum(followed, surface + _closed(small - surface, reach))
    paper = cv2.resize(cv2.medianBlur(paper, 5), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip((paper - brightness) / np.maximum(paper, DARKEST_PAPER * 255), 0, 1)


def _closed(values: np.ndarray, reach: float) -> np.ndarray:
    """Fill what is darker than its surroundings and narrower than `reach`."""
    side = round(reach) | 1
    return cv2.morphologyEx(values, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))


def _smooth_surface(values: np.ndarray) -> np.ndarray:
    """Fit a quadratic in row and column: light that falls off to one side or to all."""
    height, width = values.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    # Some pixels are enough; a step that divides the width would ask the same few columns in every row.
    step = next(step for step in (7, 11, 13) if width % step) if values.size > FIT_ALL_BELOW else 1
    some = terms[::step]
    weights = np.linalg.solve(some.T @ some, some.T @ values.ravel()[::step].astype(float))
    return (terms @ weights).reshape(height, width).astype(np.float32)


def stretch(contrast: np.ndarray) -> np.ndarray:
    """Scale contrast so that the edge of the strokes lies at 0.5; ink of a blank picture is all 0.

    The edge is where contrast changes most: its mean weighted by squared steepness. Unlike
    Otsu's threshold this does not care how little of the page is ink.

    Args:
        contrast: float32 array of shape `(height, width)`, values in `[0, 1]`, from `flatten`.

    Returns:
        float32 array of the same shape, values in `[0, 1]`, 1 is ink.
    """
    smooth = cv2.GaussianBlur(contrast, (0, 0), 0.8)
    grain = np.abs(contrast - smooth)[::3, ::3]
    paper = float(np.quantile(contrast[::3, ::3], PAPER_SHARE))
    faintest = max(LEAST_CONTRAST, paper + GRAIN_FACTOR * float(np.median(grain)))
    steepness = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(smooth, cv2.CV_32F, 0, 1) ** 2
    edge = max(_edge(smooth, steepness), faintest)
    return np.clip(contrast / (2 * edge), 0, 1)


def _edge(smooth: np.ndarray, steepness: np.ndarray) -> float:
    """Return the contrast at which changes are steepest, in `[0, 1]`."""
    return float((steepness * smooth).sum()) / max(float(steepness.sum()), 1e-9)
