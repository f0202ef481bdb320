"""Scans of many pages in a PDF, drawn by PDFium; needs the package pypdfium2."""

import io
import threading
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from digitlib.errors import DigitlibError

_lock = threading.Lock()  # PDFium must not be called by two threads at once


def here() -> bool:
    """Tell whether PDFs can be opened."""
    return find_spec("pypdfium2") is not None


def is_pdf(stream: io.BytesIO | Path) -> bool:
    """Tell by how it begins whether a file is a PDF."""
    begins = b"%PDF-"
    if isinstance(stream, io.BytesIO):
        return stream.getbuffer()[: len(begins)] == begins
    with stream.open("rb") as file:
        return file.read(len(begins)) == begins


def count(stream: io.BytesIO | Path) -> int:
    """Count the pages of a PDF."""
    with _lock, closing(_document(stream)) as document:
        return len(document)


def draw(stream: io.BytesIO | Path, page: int, longest: int) -> tuple[Image.Image, int]:
    """Draw a page of a PDF, so many pixels on its longest side; also return how many pages it has.

    Args:
        stream: what holds the PDF.
        page: counted from 0; of one that is not there, the last one is drawn.
        longest: in pixels.
    """
    with _lock, closing(_document(stream)) as document:
        count = len(document)
        with closing(document[min(page, count - 1)]) as drawn:
            return drawn.render(scale=longest / max(drawn.get_size())).to_pil(), count


def _document(stream: io.BytesIO | Path) -> Any:
    """Open a PDF."""
    if not here():
        raise DigitlibError("reading a PDF needs a package: pip install 'digitlib[pdf]'")
    import pypdfium2

    return pypdfium2.PdfDocument(stream)
