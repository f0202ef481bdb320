"""What a door answers to a picture, as plain data for a browser; and keeping what was read wrongly.

Notebook and web page both show exactly this. Nothing here knows Streamlit or Jupyter.
"""

import base64
import io
import re
import time
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from filelock import FileLock
from PIL import Image

from digitlib import files
from digitlib.doors import strokes
from digitlib.errors import DigitlibError
from digitlib.pictures.source import Source
from digitlib.pictures.source import load as load_picture
from digitlib.reading.recognizer import Recognizer

COLUMNS = ("file", "label", "kind", "medium", "writer")  # as benchmarks/own_pictures.py reads labels.csv


def answer(recognizer: Recognizer, source: Source, name: str = "", *, show: bool = True) -> dict[str, Any]:
    """Read a picture and say everything about it in values that JSON knows; a bad picture is an answer, too.

    Args:
        recognizer: the network.
        source: what `Recognizer.read` takes.
        name: what the user calls the picture.
        show: whether the picture itself comes along, as a data URL under `picture`.

    Returns:
        `name` and either `error`, one sentence, or what the command line prints, and beyond it the
        picture's `width` and `height` in pixels, and for each digit its `probabilities` and its
        `frame`, 28 x 28 bytes in base64.
    """
    called = safe_name(name) or "the picture"
    try:
        reading = recognizer.read(source, name=called)
    except DigitlibError as error:
        return {"name": called, "error": str(error)}
    height, width = (round(side * reading.scale) for side in reading.picture.shape[:2])
    if reading.pages > 1:
        called += f", page 1 of {reading.pages}"
    said = {"name": called, "width": width, "height": height} | reading.as_dict()
    if show:
        Image.fromarray(reading.picture).save(packed := io.BytesIO(), "JPEG", quality=85)
        said["picture"] = f"data:image/jpeg;base64,{base64.b64encode(packed.getvalue()).decode()}"
    for shown, digit in zip(said["digits"], reading.digits, strict=True):
        shown["probabilities"] = np.round(digit.probabilities.astype(float), 4).tolist()
        shown["frame"] = base64.b64encode((255 * digit.frame).astype(np.uint8).tobytes()).decode()
    return said


def answer_message(recognizer: Recognizer, message: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Answer what `pad.js` sends: a drawing, or a picture that was pasted or dropped.

    Args:
        recognizer: the network.
        message: `turn`, and `strokes` or `picture` (base64) and `name`.

    Returns:
        The answer with the message's `turn`, and the picture, as array or bytes, or None. A drawing
        does not come back as a picture: the pad has it.
    """
    turn = {"turn": message.get("turn")}
    try:
        if "picture" in message:
            packed = base64.b64decode(message["picture"])
            return answer(recognizer, packed, str(message.get("name"))) | turn, packed
        drawing = strokes.draw(message.get("strokes", ()))
        return answer(recognizer, drawing, "drawing", show=False) | turn, drawing
    except (DigitlibError, ValueError, TypeError) as error:
        return {"error": str(error)} | turn, None


def safe_name(name: str) -> str:
    """Return the last part of a file name without anything that HTML, a sheet or a path could obey.

    Example:
        >>> safe_name("../../<b>=my seven.png")
        'b__my seven.png'
    """
    return re.sub(r"[^\w .()-]", "_", PurePath(name.replace("\\", "/")).name)[-80:].lstrip(" .-_")


def keep(source: Source, label: str, folder: Path | None = None) -> Path:
    """Keep a picture with what it really says, for `benchmarks/own_pictures.py FOLDER` to measure later.

    Args:
        source: the picture; stored as PNG, with nothing that a camera wrote beside it.
        label: its digits in reading order, or "none".
        folder: where; by default `data/own`, which git ignores.

    Returns:
        The PNG's path; a line about it is in `labels.csv` beside it.

    Raises:
        DigitlibError: if the label or the picture makes no sense.
    """
    label, folder = label.strip().lower(), folder or files.root() / "data" / "own"
    if not re.fullmatch("[0-9]{1,40}|none", label):
        raise DigitlibError("say what it is in digits, such as 7 or 1285, or none where there is no digit")
    image = Image.fromarray(load_picture(source).pixels)
    table = folder / "labels.csv"
    with files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock").acquire()
    with lock:
        try:
            listed = table.read_text(encoding="utf-8") if table.exists() else ",".join(COLUMNS)
        except UnicodeDecodeError as error:
            raise DigitlibError(f"{table} is not in UTF-8: save it as CSV UTF-8") from error
        listed = listed.rstrip("\n") + "\n"  # an editor may have left the last line open
        path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{len(listed.splitlines()):05d}.png"
        with files.whole_file(path) as aside:
            image.save(aside)
        kind = "none" if label == "none" else "single" if len(label) == 1 else "multi"
        medium = "drawn" if isinstance(source, np.ndarray) else "picture"
        files.write_text(table, f"{listed}{path.name},{label},{kind},{medium},me\n")
    return path
