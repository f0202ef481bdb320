"""Cut a candidate out of a picture, closely and from further away, always equally large."""

import cv2
import numpy as np

from digitlib.pictures.views import normalised

SIDE = 48  # pixels of a crop
RIM = 4  # pixels around it that crops have besides, so that they can be moved
MOVES = ((0, 0), (3, 3), (-3, -3))  # pixels right and down: how else a candidate could have been cut out
CHANNELS = 3  # of what the crop network takes, see `as_crop_input`
NONE = 10  # the crop network's class of what is no digit
AROUND = 1.5  # times the longest side of a candidate's box: the side of the square that is cut out
FAR = 3  # times as far away as usual: how each candidate is seen a second time


def crop(grey: np.ndarray, box: np.ndarray, *, rim: int = 0, zoom: float = 1.0) -> np.ndarray:
    """Cut out the square around a box; beyond the picture's rim its last pixels go on.

    Args:
        grey: uint8 array of shape `(height, width)`.
        box: x, y, width, height, in pixels; its middle lies in the picture, or near it.
        rim: pixels of the crop that are added on all sides.
        zoom: how many times as large as usual the candidate is in the crop.

    Returns:
        uint8 array of shape `(48 + 2 * rim, 48 + 2 * rim)`.
    """
    pixels = SIDE + 2 * rim
    side = max(3, round(AROUND / zoom * max(box[2:]) * pixels / SIDE))
    low = np.round(box[:2] + box[2:] / 2 - side / 2).astype(int)
    limit = np.array(grey.shape[::-1])
    start, end = np.clip(low, 0, limit - 1), np.clip(low + side, 1, limit)
    part = grey[start[1] : max(end[1], start[1] + 1), start[0] : max(end[0], start[0] + 1)]
    left, top = np.clip(start - low, 0, side - 1)
    right, bottom = side - left - part.shape[1], side - top - part.shape[0]
    whole = cv2.copyMakeBorder(part, top, max(bottom, 0), left, max(right, 0), cv2.BORDER_REPLICATE)
    method = cv2.INTER_AREA if side > pixels else cv2.INTER_CUBIC
    return cv2.resize(whole, (pixels, pixels), interpolation=method)


def crops(
    grey: np.ndarray, boxes: np.ndarray, *, rim: int = 0, zooms: np.ndarray | None = None
) -> np.ndarray:
    """Cut out the squares around boxes `(n, 4)`, with zooms `(n, 1)` if given; see `crop`.

    Returns:
        uint8 array of shape `(n, 48 + 2 * rim, 48 + 2 * rim)`.
    """
    zooms = np.ones((len(boxes), 1)) if zooms is None else zooms
    cut = [crop(grey, box, rim=rim, zoom=zoom) for box, (zoom,) in zip(boxes, zooms, strict=True)]
    return np.array(cut, np.uint8).reshape(-1, SIDE + 2 * rim, SIDE + 2 * rim)


def from_far(grey: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Cut out squares `FAR` times as large around boxes `(n, 4)`: uint8 array of shape `(n, 48, 48)`."""
    return crops(grey, boxes, zooms=np.full((len(boxes), 1), 1 / FAR))


def moved(wide: np.ndarray, moves: np.ndarray | tuple[int, int]) -> np.ndarray:
    """Move candidates inside their crops.

    Args:
        wide: uint8 array of shape `(n, 56, 56)`, crops with a rim of `RIM`.
        moves: whole numbers, `(n, 2)` or a pair for all: pixels to the right and down, at most `RIM` each.

    Returns:
        uint8 array of shape `(n, 48, 48)`.
    """
    left, top = (RIM - np.broadcast_to(moves, (len(wide), 2))).T
    windows = np.lib.stride_tricks.sliding_window_view(wide, (SIDE, SIDE), axis=(1, 2))
    return windows[np.arange(len(wide)), top, left]


def as_crop_input(
    close: np.ndarray,
    far: np.ndarray,
    boxes: np.ndarray,
    *,
    zooms: np.ndarray | float = 1.0,
    moves: np.ndarray | tuple[float, float] = (0, 0),
) -> np.ndarray:
    """Convert crops to what the crop network takes: two pictures, and which part of the first is asked about.

    Args:
        close: uint8 array of shape `(n, 48, 48)`, from `crops`.
        far: the same from further away, from `from_far`.
        boxes: float array of shape `(n, 4)`: the boxes that they were cut out around.
        zooms: `(n, 1)`, those of the crops.
        moves: `(n, 2)`: how far the candidate has been moved out of the middle, x and y, in pixels.

    Returns:
        float32 array of shape `(n, 48, 48, 3)`: grey, brought to mean 0 and deviation 1; 1 inside the box;
        grey from further away, brought to the same.
    """
    longest = np.maximum(boxes[:, 2:].max(axis=1, keepdims=True), 1e-6)
    half = boxes[:, 2:] / longest * zooms * SIDE / AROUND / 2
    middles = np.broadcast_to(np.asarray(moves) + SIDE / 2, half.shape)
    away = np.abs(np.arange(SIDE) + 0.5 - middles[..., None])  # of each column and row, from the middle
    across, down = (away < half[..., None]).transpose(1, 0, 2)
    inside = (down[:, :, None] & across[:, None, :]).astype(np.float32)
    return np.concatenate([normalised(close), inside[..., None], normalised(far)], axis=3)
