"""Any picture people have, as one upright uint8 RGB array.

Files come sideways (EXIF), transparent, with palettes, 16 bits deep, as
printers' CMYK, far too large, or broken. This module is the only place that
knows; everything after it sees `(height, width, 3)` uint8.
"""

import contextlib
import io
import warnings
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from digitlib.errors import DigitlibError

with contextlib.suppress(ImportError):  # HEIC, what iPhones save, is read where its library is there
    import pillow_heif

    pillow_heif.register_heif_opener()

MAX_PIXELS = 100_000_000  # width times height; above it a small file may unpack to gigabytes
MAX_SIDE = 1500  # pixels; larger pictures are reduced; a JPEG of 12 megapixels then decodes at half size
MIN_SIDE = 4  # pixels; no digit fits into less
MAX_RATIO = 60  # longest side over shortest; a row of forty digits stays below
DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "F")  # Pillow's names for more than 8 bits a pixel

Source = str | PathLike | bytes | Image.Image | np.ndarray


@dataclass(frozen=True)
class Picture:
    """A picture ready to be read.

    Attributes:
        pixels: uint8 array of shape `(height, width, 3)`, RGB, upright.
        scale: pixels of the original per pixel of `pixels`, at least 1; what is
            found in `pixels` at `x` lies in the upright original at `x * scale`.
        name: what to call it in a message.
    """

    pixels: np.ndarray
    scale: float
    name: str


def load(source: Source) -> Picture:
    """Open a picture, whatever it is stored as.

    Args:
        source: a path, the bytes of a file, a Pillow image, or an array of shape
            `(height, width)` or `(height, width, 1, 3 or 4)`, bool, uint8,
            uint16 or float in `[0, 1]`; the fourth channel is opacity.

    Returns:
        The first frame, upright, at most `MAX_SIDE` pixels on its longest side,
        what was transparent turned into paper.

    Raises:
        DigitlibError: if there is no such file, it is no picture, it is damaged,
            or its size or values make no sense; names the source and the way out.

    Example:
        >>> load(np.zeros((40, 30))).pixels.shape
        (40, 30, 3)
    """
    name = _name(source)
    with _from_array(source, name) if isinstance(source, np.ndarray) else _open(source, name) as image:
        width, height = image.size
        _check_size(width, height, name)
        try:
            image.draft(None, (MAX_SIDE, MAX_SIDE))  # a JPEG can be decoded at 1/2, 1/4 or 1/8 of its size
            upright = _reduced(_to_rgb(ImageOps.exif_transpose(image), name))
        except DigitlibError:
            raise
        except Exception as error:  # decoders of forty formats raise what they like on damaged files
            raise DigitlibError(f"{name} is damaged or cut off ({error}); save or copy it again") from error
    return Picture(np.array(upright), max(width, height) / max(upright.size), name)


def _name(source: Source) -> str:
    """What to call `source` in a message."""
    if isinstance(source, str | PathLike):
        return str(source)
    return {bytes: "the bytes", np.ndarray: "the array"}.get(type(source), "the image")


def _open(source: Source, name: str) -> Image.Image:
    """Open a file without decoding it yet."""
    if isinstance(source, Image.Image):
        return source.copy()
    if isinstance(source, bytes):
        stream, size = io.BytesIO(source), len(source)
    elif isinstance(source, str | PathLike):
        stream, size = _existing_file(Path(source)), Path(source).stat().st_size
    else:
        raise DigitlibError(f"a {type(source).__name__} is no picture; give a path, bytes, image or array")
    if size == 0:
        raise DigitlibError(f"{name} is empty (0 bytes); save or copy it again")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # `_check_size` decides
            return Image.open(stream)
    except UnidentifiedImageError as error:
        heic = " (for HEIC: pip install pillow-heif)" if name.lower().endswith((".heic", ".heif")) else ""
        raise DigitlibError(f"not an image: {name}; save it as PNG or JPEG{heic}") from error
    except Image.DecompressionBombError as error:
        raise DigitlibError(f"{name} is too large ({error}); save it smaller") from error
    except Exception as error:
        raise DigitlibError(f"{name} is damaged or cut off ({error}); save or copy it again") from error


def _existing_file(path: Path) -> Path:
    """Refuse what cannot be opened before Pillow words it less well."""
    try:
        if path.is_dir():
            raise DigitlibError(f"{path} is a folder; give a picture in it")
        path.stat()
    except FileNotFoundError as error:
        raise DigitlibError(f"no such file: {path}") from error
    except OSError as error:
        raise DigitlibError(f"{path} cannot be opened: {error.strerror}") from error
    return path


def _from_array(array: np.ndarray, name: str) -> Image.Image:
    """Bring an array of any accepted depth to 8 bits."""
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4) or 0 in array.shape:
        raise DigitlibError(
            f"an array of shape {array.shape} is no picture; give (height, width[, 1, 3 or 4])"
        )
    if array.dtype == bool:
        array = array * np.uint8(255)
    elif array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    elif np.issubdtype(array.dtype, np.floating):
        if not (array.min() >= 0 and array.max() <= 1):  # NaN fails both
            raise DigitlibError(f"{name} holds values outside [0, 1] or NaN; divide by 255 or clean it")
        array = (array * 255).round().astype(np.uint8)
    elif array.dtype != np.uint8:
        raise DigitlibError(f"{name} is {array.dtype}; give bool, uint8, uint16 or float in [0, 1]")
    return Image.fromarray(
        np.ascontiguousarray(array[..., 0] if array.ndim == 3 and channels == 1 else array)
    )


def _check_size(width: int, height: int, name: str) -> None:
    """Refuse sizes that cannot hold a readable digit or that would fill the memory."""
    if width * height > MAX_PIXELS:
        raise DigitlibError(f"{name} has {width} x {height} pixels, more than {MAX_PIXELS}; save it smaller")
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        raise DigitlibError(f"{name} has {width} x {height} pixels; no digit can be read in that shape")


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    """Decode to 8-bit RGB, transparency replaced by paper."""
    if image.mode in DEEP_MODES:
        deep = np.asarray(image)
        return _from_array(deep if image.mode == "F" else deep.astype(np.uint16), name).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")

    image = image.convert("RGBA")
    opacity = np.asarray(image.getchannel("A"), np.float32)
    brightness = np.average(np.asarray(image.convert("L")), weights=opacity) if opacity.any() else 0
    paper = Image.new("RGBA", image.size, "white" if brightness < 128 else "black")
    return Image.alpha_composite(paper, image).convert("RGB")


def _reduced(image: Image.Image) -> Image.Image:
    """Bring the longest side down to `MAX_SIDE`, in place."""
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR)
    return image
