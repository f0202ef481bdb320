"""All that opens what strangers give, as functions of bytes, and whole files to mutate.

A target may refuse its input with a `DigitlibError`. Everything else that it raises is a bug.
"""

import contextlib
import functools
import gzip
import io
import json
import os
import signal
import tempfile
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from digitlib import Recognizer, files
from digitlib.doors import arrays, pad
from digitlib.errors import DigitlibError
from digitlib.networks import guard
from digitlib.networks.card import NAME, Card, PageCard
from digitlib.pictures import source

FORMATS = (  # that Pillow can also write, and HEIC
    "PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM", "TGA", "PCX", "ICO", "SGI", "JPEG2000", "AVIF",
    "HEIF", "DDS", "DIB", "MSP", "QOI", "XBM", "SPIDER", "MPO", "ICNS",
)  # fmt: skip
SECONDS = 5  # that no input may take


@functools.cache
def _recognizer() -> Recognizer:
    return Recognizer.load()


@functools.cache
def _folder() -> Path:
    """Return a folder for files of one process."""
    return Path(tempfile.mkdtemp(prefix="hard-"))


def picture(data: bytes) -> None:
    """Decode a picture."""
    loaded = source.load(data)
    assert loaded.pixels.dtype == np.uint8 and loaded.pixels.ndim == 3 and loaded.scale >= 1


def reading(data: bytes) -> None:
    """Decode a picture, find its digits and read them."""
    read = _recognizer().read(data)
    height, width = (side * read.scale for side in read.picture.shape[:2])
    for digit in read.digits:
        x, y, w, h = digit.box
        assert 0 <= x <= x + w <= width + 2 and 0 <= y <= y + h <= height + 2, digit.box
        assert 0 <= digit.score <= 1 and abs(digit.probabilities.sum() - 1) < 1e-3
    json.dumps(read.as_dict(), allow_nan=False)


def table(data: bytes) -> None:
    """Open digits that are stored as numbers."""
    endings = {b"PK": ".npz", b"\x93N": ".npy", b"\x1f\x8b": ".idx.gz", b"\0\0": ".idx"}
    path = _folder() / f"digits{endings.get(data[:2], '.csv')}"
    path.write_bytes(data)
    for part in arrays.parts(path):
        assert part.shape[1:] == (28, 28) and part.min() >= 0


def archive(data: bytes) -> None:
    """Look into a .keras file before Keras does."""
    path = _folder() / "network.keras"
    path.write_bytes(data)
    guard.check(path)


def weights(data: bytes) -> None:
    """Look into an HDF5 file before Keras does, apart, since HDF5's own library may crash or hang on it."""
    path = _folder() / "network.h5"
    path.write_bytes(data)
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        try:
            guard.check(path)
        except DigitlibError:
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) != 1, "not a DigitlibError"


def card(data: bytes) -> None:
    """Read the card of either network."""
    (_folder() / NAME).write_bytes(data)
    (PageCard if b'"mix"' in data else Card).read(_folder())


def message(data: bytes) -> None:
    """Answer what a browser sends."""
    try:
        sent = json.loads(data)
    except (ValueError, RecursionError):
        return  # Streamlit and Jupyter refuse it
    if isinstance(sent, dict):
        said, _ = pad.answer_message(_recognizer(), sent)
        json.dumps(said, allow_nan=False)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (picture, reading, table, archive, weights, card, message)
}


def drawn() -> Image.Image:
    """Draw a 7 on 48 x 48 pixels."""
    image = Image.new("L", (48, 48), 255)
    ImageDraw.Draw(image).line([(12, 10), (34, 10), (20, 40)], fill=0, width=4)
    return image


def seeds(target: str) -> list[bytes]:
    """Return whole inputs for a target."""
    return {
        "picture": _pictures, "reading": _pictures, "table": _tables, "archive": _archives,
        "weights": _weights, "card": _cards, "message": _messages,
    }[target]()  # fmt: skip


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Change a file in one to eight places: bytes, half a file, a part that is doubled or gone."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 9)):
        at, length = (int(number) for number in rng.integers(0, len(changed) or 1, 2))
        match rng.integers(0, 6):
            case 0 | 1 | 2:
                changed[at : at + 1] = rng.bytes(1)
            case 3:
                changed[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
            case 4:
                changed[at:at] = changed[at : at + length % 64]
            case _:
                del changed[at : at + length % 64]
    return bytes(changed if rng.random() > 0.1 else changed[: rng.integers(1, len(changed) + 1)])


def _pictures() -> list[bytes]:
    made = []
    for kind in FORMATS:
        for mode in ("L", "RGB", "RGBA", "P", "1", "I;16", "CMYK"):
            with contextlib.suppress(OSError, ValueError, KeyError):  # a format that has no such mode
                drawn().convert(mode).save(stream := io.BytesIO(), kind)
                made.append(stream.getvalue())
    drawn().save(stream := io.BytesIO(), "TIFF", save_all=True, append_images=[drawn()] * 2)
    drawn().save(pdf := io.BytesIO(), "PDF", save_all=True, append_images=[drawn()])
    return [*made, stream.getvalue(), pdf.getvalue()]


def _tables() -> list[bytes]:
    digits = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    np.save(plain := io.BytesIO(), digits)
    np.savez(packed := io.BytesIO(), digits)
    idx = b"\0\0\x08\x03" + np.array(digits.shape, ">u4").tobytes() + digits.tobytes()
    header = ",".join(f"pixel{index}" for index in range(784))
    rows = "\n".join(",".join(map(str, digit.ravel())) for digit in digits)
    return [plain.getvalue(), packed.getvalue(), idx, gzip.compress(idx), f"{header}\n{rows}\n".encode()]


LAYER = {"class_name": "Dense", "module": "keras.layers", "config": {"units": 10}, "registered_name": None}
NETWORK = json.dumps({"class_name": "Functional", "module": "keras", "config": {"layers": [LAYER]}})


def _weights() -> list[bytes]:
    import h5py

    with h5py.File(packed := io.BytesIO(), "w") as root:
        root["layers/dense/vars/0"] = np.zeros((4, 10), np.float32)
        root["layers/dense/vars/1"] = np.zeros(10, np.float32)
    with h5py.File(whole := io.BytesIO(), "w") as root:
        root.attrs["model_config"] = NETWORK
        root.create_dataset("dense/kernel", data=np.zeros((4, 10)), chunks=(2, 5), compression="gzip")
    return [packed.getvalue(), whole.getvalue()]


def _archives() -> list[bytes]:
    made = []
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(stream := io.BytesIO(), "w", packing) as packed:
            packed.writestr("metadata.json", "{}")
            packed.writestr("config.json", NETWORK)
            packed.writestr("model.weights.h5", _weights()[0])
        made.append(stream.getvalue())
    return made


def _cards() -> list[bytes]:
    return [(files.models() / place / NAME).read_bytes() for place in ("", "page")]


def _messages() -> list[bytes]:
    stroke = {"width": 20, "points": [[10, 10], [100, 20], [60, 200]]}
    sent = [{"turn": 1, "strokes": [stroke]}, {"turn": 2, "picture": "iVBORw0KGgo=", "name": "a.png"}]
    return [json.dumps(each).encode() for each in sent]
