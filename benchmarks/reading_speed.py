"""How long one picture takes, after loading, beside the tutorial's way (decode, resize, ask); and the memory.

python benchmarks/reading_speed.py [REPETITIONS]

The pictures are made here: a drawing of 400 x 400 pixels with one digit, a page of twenty digits, and a
photo of 12 megapixels (4000 x 3000, JPEG) with six.
"""

import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import synthetic
from PIL import Image

from digitlib import Recognizer
from digitlib.data import mnist
from digitlib.pictures import frame


def pictures() -> dict[str, bytes]:
    """Make the three pictures, as files in memory."""
    split = mnist.load(mnist.SAMPLE).train
    photo = synthetic.Paper(size=560, lines="ruled", shadow=0.3, noise=6)
    made = {
        "drawing, 400 x 400": (synthetic.write("7", split, _rng()), (400, 400), "PNG"),
        "page of 20 digits": (synthetic.write("31415 92653 58979 32384", split, _rng()), None, "JPEG"),
        "photo, 12 megapixels": (synthetic.write("314 159", split, _rng(), photo), (4000, 3000), "JPEG"),
    }
    return {name: _file(*how) for name, how in made.items()}


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _file(pixels: np.ndarray, size: tuple[int, int] | None, kind: str) -> bytes:
    image = Image.fromarray(pixels)
    stream = io.BytesIO()
    (image.resize(size) if size else image).save(stream, kind)
    return stream.getvalue()


def milliseconds(call: Callable[[], object], repetitions: int) -> float:
    """Return the median time of a call, in ms."""
    taken = []
    for _ in range(repetitions):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def main() -> None:
    """Time each picture in both ways, in turns."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    recognizer = Recognizer.load()

    def tutorial(file: bytes) -> np.ndarray:
        pixels = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
        return recognizer.probabilities(frame.naive_frame(pixels)[None], views=False)

    with ProcessPoolExecutor(1, get_context("spawn")) as aside:  # or their making would count as memory
        made = aside.submit(pictures).result()
    print(f"{'picture':22s} digits     ours ms   tutorial's ms   ratio   (median of {repetitions})")
    for name, file in made.items():
        found = len(recognizer.read(file).digits)  # the first reading is not timed
        ours = milliseconds(lambda file=file: recognizer.read(file), repetitions)
        theirs = milliseconds(lambda file=file: tutorial(file), repetitions)
        print(f"{name:22s} {found:6d} {ours:11.1f} {theirs:15.1f} {ours / theirs:7.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
