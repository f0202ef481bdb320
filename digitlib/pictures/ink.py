"""Tell ink from paper.

Photos have shadows, ruled lines and a desk around the page; drawings may be light on dark.
What comes out is the same for all of them: 1 is ink, 0 is paper.
"""

import cv2
import numpy as np

COLOURFUL = 3.0  # times the strongest detail of the grey picture that a colour must show to be used instead
OUTLIER = 16  # mean deviations; what deviates more counts no more
COARSE = 200  # pixels; longest side at which the paper is estimated
FEW = 1_000  # pixels, of which a surface is fitted to every one
DARKEST = 0.15  # of white; paper darker than this is taken for this, or noise in the dark would count
REACH = 0.22  # of the picture's side; no stroke is wider, no shadow that matters is narrower
OBLONG = 0.75  # of the longest side; the side of a picture that is much longer than wide, as a cut-out 1 is
FAINTEST = 0.03  # contrast to the paper below which nothing is a stroke
PAPER = 0.2  # of a picture is surely paper, however tightly the digit was cut out
GRAIN = 8.0  # median deviations of the paper's grain that a stroke must stand out


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

    Red ink on a green of equal brightness is nothing to `grey`.

    Args:
        pixels: uint8 array of shape `(height, width, 3)`, RGB, or `(height, width)`, grey.

    Returns:
        uint8 array of shape `(height, width)`.
    """
    if pixels.ndim == 2:
        return pixels
    small = _coarse(pixels)
    small = cv2.merge([grey(small), *cv2.split(small)])
    fine, broad = (cv2.blur(small, (side, side)) for side in (3, 15))
    detail = cv2.reduce(cv2.absdiff(fine, broad), 0, cv2.REDUCE_MAX).max(axis=(0, 1)).astype(int)
    best = int(np.argmax(detail[1:]))
    return pixels[..., best].copy() if detail[1 + best] > COLOURFUL * detail[0] else grey(pixels)


def _coarse(pixels: np.ndarray) -> np.ndarray:
    """Reduce a picture until its longest side is `COARSE` pixels."""
    factor = min(1.0, COARSE / max(pixels.shape[:2]))
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def dark_on_light(brightness: np.ndarray) -> np.ndarray:
    """Invert the picture if its ink is lighter than its paper.

    Ink is thin and ink is rare: what deviates from the median of a narrow window is thin, what
    deviates from that of a wide one is rare. The first finds pencil on a page that lies on
    a desk, the second the fat strokes of a small drawing; together they hardly ever fail.

    Args:
        brightness: uint8 array of shape `(height, width)`.

    Returns:
        uint8 array of the same shape, whose ink is darker than its paper.
    """
    lean = 2 * _lean(brightness, 256, 7) + _lean(brightness, 64, 33)
    return brightness if lean <= 0 else 255 - brightness


def _lean(brightness: np.ndarray, side: int, window: int) -> float:
    """Whether pixels deviate to the bright (up to 1) or the dark (down to -1) side of a local median."""
    height, width = brightness.shape
    size = tuple(max(3, round(n * side / max(height, width))) for n in (width, height))
    small = cv2.resize(brightness, size, interpolation=cv2.INTER_AREA)
    deviation = small.astype(np.float32) - cv2.medianBlur(small, window)
    size = np.abs(deviation)
    weight = np.minimum(size, OUTLIER * size.mean())  # or the corners of a page on a desk outvote its digits
    return float((deviation * weight).sum() / ((size * weight).sum() + 1e-9))


def flatten(brightness: np.ndarray) -> np.ndarray:
    """Compare with the paper, so that light and shadow vanish.

    The paper under a stroke is what a closing with a window wider than any stroke makes of it.
    A closing follows the edges of shadows but not slopes at the picture's rim; with a smooth
    surface taken off first it follows slopes but not edges. Ink stands out from both.

    Args:
        brightness: uint8 array of shape `(height, width)`, ink darker than paper.

    Returns:
        float32 array of the same shape, contrast to the paper in `[0, 1]`: 0 is paper, 1 is black ink.
    """
    height, width = brightness.shape
    small = _coarse(brightness).astype(np.float32)
    reach = REACH * max(np.sqrt(small.size), OBLONG * max(small.shape))
    followed = _closed(small, reach)
    surface = _smooth_surface(followed)
    paper = np.minimum(followed, surface + _closed(small - surface, reach))
    paper = cv2.resize(cv2.medianBlur(paper, 5), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip((paper - brightness) / np.maximum(paper, DARKEST * 255), 0, 1)


def _closed(values: np.ndarray, reach: float) -> np.ndarray:
    """Fill what is darker than its surroundings and narrower than `reach`."""
    side = round(reach) | 1
    return cv2.morphologyEx(values, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))


def _smooth_surface(values: np.ndarray) -> np.ndarray:
    """Fit a quadratic in row and column: light that falls off to one side or to all."""
    height, width = values.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    # Not every pixel is asked; a step that divides the width would ask the same few columns in every row.
    step = next(step for step in (7, 11, 13) if width % step) if values.size > FEW else 1
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
    paper = float(np.quantile(contrast[::3, ::3], PAPER))
    faintest = max(FAINTEST, paper + GRAIN * float(np.median(grain)))
    steepness = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(smooth, cv2.CV_32F, 0, 1) ** 2
    edge = max(_edge(smooth, steepness), faintest)
    return np.clip(contrast / (2 * edge), 0, 1)


def _edge(smooth: np.ndarray, steepness: np.ndarray) -> float:
    """Return the contrast at which changes are steepest, in `[0, 1]`."""
    return float((steepness * smooth).sum()) / max(float(steepness.sum()), 1e-9)
