"""Any picture people have, as one upright uint8 RGB array.

Files come sideways (EXIF), transparent, with palettes, 16 bits deep, as
printers' CMYK, far too large, or broken. This module is the only place that
knows; everything after it sees `(height, width, 3)` uint8.
"""

import contextlib
import io
import warnings
from dataclasses import dataclass
from functools import cache
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from digitlib.errors import DigitlibError
from digitlib.pictures import scans
from digitlib.pictures.views import DARKEST

with contextlib.suppress(ImportError):  # HEIC, what iPhones save, is read where its library is there
    import pillow_heif

    pillow_heif.register_heif_opener()

MOST_MEMORY = 500_000_000  # bytes that opening may take; a small file may unpack to gigabytes
MEMORY = {"WEBP": 16, "JPEG2000": 25, "AVIF": 10, "HEIF": 10}  # bytes a pixel while opening, as measured,
OTHERWISE = 5.5  # and for all other formats
UNWANTED = ("EPS", "WMF", "MPEG", "BUFR", "GRIB", "HDF5")  # formats that need other programs
MAX_SIDE = 2000  # pixels; larger pictures are reduced; a JPEG of 12 megapixels then decodes at half size
BAND = 256  # rows of a reduced picture that are made at a time
MIN_SIDE = 4  # pixels; no digit fits into less
MAX_RATIO = 60  # longest side over shortest; a row of forty digits stays below
DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "F")  # Pillow's names for more than 8 bits a pixel
DEPTHS = (8, 12, 16, 32)  # bits that whole numbers may really use, whatever they are stored in
PAGE = 0.5  # of their rectangle; opaque pixels that fill more are a page, not strokes

PAGED = ("TIFF", "GIF")  # formats whose frames are pages; those of a phone's JPEG (MPO) are previews
PAGED_SUFFIXES = (".tif", ".tiff", ".gif", ".pdf", "")  # without one, a file may be any of these

Source = str | PathLike | bytes | BinaryIO | Image.Image | np.ndarray


@dataclass(frozen=True)
class Picture:
    """A picture ready to be read.

    Attributes:
        pixels: uint8 array of shape `(height, width, 3)`, RGB, upright.
        scale: pixels of the original per pixel of `pixels`, at least 1; what is found in `pixels` at `x`
            lies in the upright original at `x * scale`.
        name: what to call it in a message.
        pages: how many the file holds; this is one of them.
    """

    pixels: np.ndarray
    scale: float
    name: str
    pages: int = 1


@cache
def suffixes() -> set[str]:
    """Return the suffixes of files that can be opened, in small letters, such as `.png`."""
    Image.init()  # loads forty modules, which a picture of a usual format does without
    wanted = Image.OPEN.keys() - UNWANTED
    pdf = {".pdf"} if scans.here() else set()
    return {suffix for suffix, kind in Image.registered_extensions().items() if kind in wanted} | pdf


def count_pages(source: Source) -> int:
    """Count the pages of a TIFF, GIF or PDF; everything else has one, and so has what cannot be opened.

    Files that are named otherwise are not opened. A file that is opened already would be read to its end.
    """
    if isinstance(source, str | PathLike) and Path(source).suffix.lower() not in PAGED_SUFFIXES:
        return 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(source, str | PathLike | bytes) and scans.is_pdf(stream := _stream(source, "")):
                return scans.count(stream)
            image, pages = _opened(source, "")
            image.close()
            return pages
    except Exception:  # reading it will say what is wrong
        return 1


def _pages(image: Image.Image) -> int:
    """Count the pages of an opened picture."""
    return getattr(image, "n_frames", 1) if image.format in PAGED else 1


def load(source: Source, *, page: int = 0, name: str = "") -> Picture:
    """Open a picture, whatever it is stored as.

    Args:
        source: a path, the bytes of a file, a file opened to read bytes, a Pillow image, or an array of
            shape `(height, width)` or `(height, width, 1, 3 or 4)`: bool, whole numbers from 0,
            floats in `[0, 1]` or up to 255; the fourth channel is opacity.
        page: which page of a TIFF, GIF or PDF, counted from 0. That of a PDF is drawn `MAX_SIDE` pixels long.
        name: what to call it in a message; by default its path, or what it is.

    Returns:
        The page, upright, at most `MAX_SIDE` pixels on its longest side,
        what was transparent turned into paper.

    Raises:
        DigitlibError: if there is no such file, it is no picture, it is damaged,
            or its size or values make no sense; names the source and the way out.

    Example:
        >>> load(np.zeros((80, 60))).pixels.shape
        (80, 60, 3)
    """
    name = name or (str(source) if isinstance(source, str | PathLike) else f"the {type(source).__name__}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large sizes, which `_check_size` judges, and of odd metadata
            decoded, size, pages = _decoded(source, name, page)
    except DigitlibError:
        raise
    except MemoryError as error:
        raise DigitlibError(f"{name} needs more memory than there is; save it smaller") from error
    except Exception as error:  # decoders of forty formats raise what they like on damaged files
        raise DigitlibError(_in_words(error, name)) from error
    upright = _resized(_to_rgb(decoded, name))
    return Picture(np.array(upright), max(size) / max(upright.size), name, pages)


def _decoded(source: Source, name: str, page: int) -> tuple[Image.Image, tuple[int, int], int]:
    """Decode a picture, upright; also return its size as it is stored, and how many pages the file has."""
    image, pages = _opened(source, name, page)
    with image:
        if not 0 <= page < pages:
            raise DigitlibError(f"{name} has no page {page + 1}: it has {pages}")
        if page and image.format:  # a page of a PDF is drawn, and has no format
            image.seek(page)
        width, height = image.size
        _check_size(width, height, image.format, name)
        image.draft(None, (MAX_SIDE, MAX_SIDE))  # a JPEG can be decoded at 1/2, 1/4 or 1/8 of its size
        image.load()
        if image.width > width or image.height > height:
            raise DigitlibError(f"{name} is damaged: it holds {image.size}, but says {(width, height)}")
        image = _reduced(image)
        with contextlib.suppress(Exception):  # of broken EXIF
            image = ImageOps.exif_transpose(image)
        return image, (width, height), pages


def _reduced(image: Image.Image) -> Image.Image:
    """Average pixels of a large picture, band by band, before anything makes a copy of it."""
    factor = max(image.size) // MAX_SIDE
    if factor < 2:
        return image
    mode, (width, height) = _averaged_in(image), image.size
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, BAND * factor):
        band = image.crop((0, top, width, min(height, top + BAND * factor)))
        small.paste(band.convert(mode).reduce(factor), (0, top // factor))
    small.info = {name: said for name, said in image.info.items() if name != "transparency"}
    return small


def _averaged_in(image: Image.Image) -> str:
    """Say in which mode pixels can be averaged: not by palette, black or white, or 16 bits."""
    if image.mode in DEEP_MODES:
        return "F" if image.mode == "F" else "I"
    if image.has_transparency_data:
        return "RGBA"
    return {"1": "L", "P": "RGB", "PA": "RGBA"}.get(image.mode, image.mode)


def _in_words(error: Exception, name: str) -> str:
    """Say what Python or Pillow found wrong with a picture, and the way out."""
    if isinstance(error, UnidentifiedImageError):
        apple = name.lower().endswith((".heic", ".heif"))
        package = " (for HEIC: pip install 'digitlib[heic]')" if apple else ""
        return f"not an image: {name}; save it as PNG or JPEG{package}"
    if isinstance(error, Image.DecompressionBombError):
        return f"{name} is too large ({error}); save it smaller"
    if isinstance(error, FileNotFoundError):
        return f"no such file: {name}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name} cannot be opened: {error.strerror}"
    return f"{name} is damaged or cut off ({error}); save or copy it again"


def _opened(source: Source, name: str, page: int = 0) -> tuple[Image.Image, int]:
    """Open a picture, not decoded yet, or draw a page of a PDF; also return how many pages there are."""
    if isinstance(source, np.ndarray):
        return _from_array(source, name), 1
    if isinstance(source, Image.Image):
        return source.copy(), 1
    stream = _stream(source, name)
    if scans.is_pdf(stream):
        return scans.draw(stream, page, MAX_SIDE)
    image = Image.open(stream)
    try:
        if image.format in UNWANTED:
            raise UnidentifiedImageError
        return image, _pages(image)
    except BaseException:  # of a damaged directory of pages, too
        image.close()
        raise


def _stream(source: Source, name: str) -> io.BytesIO | Path:
    """Return what holds a file's bytes, which are some."""
    if isinstance(source, io.TextIOBase):
        raise DigitlibError(f"{name} was opened as text: open it with 'rb'")
    if not isinstance(source, str | PathLike | bytes) and hasattr(source, "read"):
        source = source.read()
    if isinstance(source, bytes):
        stream: io.BytesIO | Path = io.BytesIO(source)
        size = len(source)
    elif isinstance(source, str | PathLike):
        stream = path = Path(source)
        if path.is_dir():
            raise DigitlibError(f"{name} is a folder; give a picture in it")
        size = path.stat().st_size
    else:
        raise DigitlibError(f"a {type(source).__name__} is no picture; give a path, bytes, image or array")
    if size == 0:
        raise DigitlibError(f"{name} is empty (0 bytes); save or copy it again")
    return stream


def _from_array(array: np.ndarray, name: str) -> Image.Image:
    """Bring an array of any accepted depth to 8 bits."""
    if array.ndim < 2 or array.shape[2:] not in ((), (1,), (3,), (4,)) or 0 in array.shape:
        raise DigitlibError(f"no picture has the shape {array.shape}; give (height, width[, 1, 3 or 4])")
    kind = array.dtype.kind
    if kind in "iu" and array.min() >= 0 and array.max() < 2 ** DEPTHS[-1]:
        depth = next(bits for bits in DEPTHS if array.max() < 2**bits)
        array = array >> (depth - 8)
    elif kind in "bf" and array.min() >= 0 and (array.max() <= 1 or DARKEST < array.max() <= 255):
        array = (array * (255 if array.max() <= 1 else 1)).round()
    else:  # NaN ends here, too
        wanted = "bool, whole numbers from 0, or floats in [0, 1] without NaN"
        raise DigitlibError(f"{name} holds {array.dtype} values that are no brightness; give {wanted}")
    array = array.astype(np.uint8)
    return Image.fromarray(array[..., 0] if array.shape[2:] == (1,) else array)


def _check_size(width: int, height: int, kind: str | None, name: str) -> None:
    """Refuse sizes that cannot hold a readable digit or that would fill the memory."""
    most = int(MOST_MEMORY / MEMORY.get(kind or "", OTHERWISE))
    if width * height > most:
        what = f"{width} x {height} pixels, and a {kind or 'picture'} may have {most:,}"
        raise DigitlibError(f"{name} has {what}; save it smaller")
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        raise DigitlibError(f"{name} has {width} x {height} pixels; no digit can be read in that shape")


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    """Decode to 8-bit RGB, transparency replaced by paper."""
    if image.mode in DEEP_MODES:
        return _from_array(np.asarray(image), name).convert("RGB")
    if image.mode == "La":  # Pillow converts it to LA alone
        image = image.convert("LA")
    if not image.has_transparency_data:
        return image.convert("RGB")

    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, _paper(np.asarray(image)[::3, ::3]))
    return Image.alpha_composite(paper, image).convert("RGB")


def _paper(pixels: np.ndarray) -> tuple[int, ...]:
    """Choose what shows through an RGBA picture: a page goes on, strokes get what they stand out from."""
    opaque = pixels[..., 3] >= 128
    if not opaque.any():
        return (255, 255, 255)
    brightness = pixels[opaque][:, :3].mean(axis=1)
    rows, columns = (np.flatnonzero(opaque.any(axis)) for axis in (1, 0))
    if opaque.sum() > PAGE * np.ptp(rows) * np.ptp(columns) and brightness.std() > 8:
        return tuple(np.median(pixels[opaque][:, :3], axis=0).astype(int).tolist())
    return (255, 255, 255) if brightness.mean() < 128 else (0, 0, 0)


def _resized(image: Image.Image) -> Image.Image:
    """Reduce the longest side to `MAX_SIDE`."""
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR)
    return image
