"""How fast pictures are read, beside Keras and beside what tutorials do; every ratio comes from one run.

python benchmarks/reading.py start     whole processes, from the command to the answer
python benchmarks/reading.py sizes     one picture, by its size, and the memory that it takes
python benchmarks/reading.py batches   digits that are in the frame of MNIST already
python benchmarks/reading.py files     a folder into a table, by one process and by two; --n 2000 pictures

Run it while nothing else runs. RapidOCR stands beside where it is installed (the extra `peers`).
"""

import argparse
import importlib.util
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import synthetic
from PIL import Image

from digitlib import Recognizer, files
from digitlib.data import mnist
from digitlib.pictures import frame
from digitlib.pictures.views import as_network_input

PICTURE = files.root() / "data" / "samples" / "plain_7.jpg"
DIGITLIB = [sys.executable, "-m", "digitlib.doors.cli"]
TUTORIAL = f"""
import cv2, keras
model = keras.saving.load_model({str(files.models() / "model.h5")!r}, compile=False)
picture = 255 - cv2.resize(cv2.imread({str(PICTURE)!r}, 0), (28, 28))
print(model.predict(picture[None, ..., None] / 255, verbose=0).argmax())
"""
COMMANDS = {
    "python alone": [sys.executable, "-c", "pass"],
    "import digitlib": [sys.executable, "-c", "import digitlib"],
    "digitlib --help": [*DIGITLIB, "--help"],
    "digitlib predict": [*DIGITLIB, "predict", str(PICTURE)],
    "the tutorial's way": [sys.executable, "-c", TUTORIAL],
}
MANY = 100_000_000  # pictures; how long they would take is worked out
LOOPED = 200  # pictures that the tutorial's loop reads; its rate is the same for more


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def in_turns(ways: dict[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """Time calls in turns, so that a slow moment of the machine hits all of them.

    Returns:
        For each the median of its seconds; the first round is not counted.
    """
    taken = [[seconds(call) for call in ways.values()] for _ in range(repetitions + 1)]
    return dict(zip(ways, np.median(taken[1:], axis=0).tolist(), strict=True))


def start(repetitions: int) -> None:
    """Time whole processes."""
    middle = in_turns({name: partial(run, command) for name, command in COMMANDS.items()}, repetitions)
    slowest = middle["the tutorial's way"]
    print(f"{'whole process':20s} median s   of the tutorial's way   (n = {repetitions})")
    for name, taken in middle.items():
        print(f"{name:20s} {taken:8.3f}   {taken / slowest:6.1%}")


def run(command: list[str]) -> None:
    """Run a command to its end."""
    subprocess.run(command, check=True, capture_output=True)


def pictures() -> dict[str, bytes]:
    """Make pictures of several sizes, as files in memory."""
    split = mnist.load(mnist.SAMPLE).train
    photo = synthetic.Paper(size=560, lines="ruled", shadow=0.3, noise=6)
    made = {
        "icon, 28 x 28": (255 - split.images[0], None, "PNG"),
        "drawing, 400 x 400": (synthetic.write("7", split, np.random.default_rng(0)), (400, 400), "PNG"),
        "page of 20 digits": (
            synthetic.write("31415 92653 58979 32384", split, np.random.default_rng(0)),
            None,
            "JPEG",
        ),
        "photo, 12 megapixels": (
            synthetic.write("314 159", split, np.random.default_rng(0), photo),
            (4000, 3000),
            "JPEG",
        ),
    }
    return {name: as_file(*how) for name, how in made.items()}


def as_file(pixels: np.ndarray, size: tuple[int, int] | None, kind: str) -> bytes:
    """Store pixels as a PNG or JPEG file, resized if a size is given."""
    image, stream = Image.fromarray(pixels), io.BytesIO()
    (image.resize(size) if size else image).save(stream, kind)
    return stream.getvalue()


def sizes(repetitions: int) -> None:
    """Time one picture of each size in every way, in turns; print the peak memory."""
    recognizer = Recognizer.load()

    def tutorial(file: bytes) -> np.ndarray:
        pixels = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
        return recognizer.probabilities(frame.naive_frame(pixels)[None], views=False)

    ways: dict[str, Callable[[bytes], object]] = {"digitlib": recognizer.read, "tutorial": tutorial}
    with ProcessPoolExecutor(1, get_context("spawn")) as aside:  # or their making would count as memory
        made = aside.submit(pictures).result()
    for file in made.values():
        recognizer.read(file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if importlib.util.find_spec("rapidocr"):
        from rapidocr import RapidOCR

        engine = RapidOCR()
        ways["RapidOCR"] = lambda file: engine(cv2.imdecode(np.frombuffer(file, np.uint8), 1))
    print(f"{'median ms':22s}" + "".join(f"{way:>12s}" for way in ways) + f"   (n = {repetitions})")
    for name, file in made.items():
        middle = in_turns({way: partial(read, file) for way, read in ways.items()}, repetitions)
        print(f"{name:22s}" + "".join(f"{1000 * taken:12.1f}" for taken in middle.values()))
    print(f"peak memory of digitlib: {peak:.0f} MB")


def batches(repetitions: int) -> None:
    """Print how many framed digits are read in a second, beside `keras.Model.predict`."""
    import keras

    recognizer, images = Recognizer.load(), mnist.load().test.images
    model = keras.saving.load_model(files.models() / "model.h5", compile=False)
    ways = {
        "digitlib, one view": lambda: recognizer.probabilities(images, views=False),
        "digitlib, seven views": lambda: recognizer.probabilities(images),
        "Keras, batches of 32": lambda: model.predict(as_network_input(images), verbose=0),
        "Keras, batches of 500": lambda: model.predict(as_network_input(images), batch_size=500, verbose=0),
    }
    middle = in_turns(ways, repetitions)
    print(f"{'framed digits':22s} a second   of Keras' predict   (n = {repetitions} x {len(images):,})")
    for way, taken in middle.items():
        print(f"{way:22s} {len(images) / taken:8,.0f}   {middle['Keras, batches of 32'] / taken:6.2f}")


def write_pictures(folder: Path, n: int) -> list[Path]:
    """Write n small pictures of one digit each, PNG, black on white; return their paths."""
    images = mnist.load().test.images
    folder.mkdir(parents=True)
    paths = [folder / f"{i:06d}.png" for i in range(n)]
    for i, path in enumerate(paths):
        cv2.imwrite(str(path), 255 - images[i % len(images)])
    return paths


def tabulated(folder: Path, table: Path, workers: int) -> tuple[float, float]:
    """Read a folder into a table with the command; return seconds, and MB of the largest process so far."""
    words = ["predict", str(folder), "--output", str(table), "--workers", str(workers)]
    taken = seconds(lambda: run([*DIGITLIB, *words]))
    return taken, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def looped(paths: list[Path]) -> float:
    """Read pictures as tutorials do, one after the other; return seconds, without those of the first."""
    import keras

    model = keras.saving.load_model(files.models() / "model.h5", compile=False)

    def read(path: Path) -> int:
        picture = 255 - cv2.resize(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), (28, 28))
        return int(model.predict(picture[None, ..., None] / 255, verbose=0).argmax())

    read(paths[0])
    return seconds(lambda: [read(path) for path in paths])


def folder_to_table(n: int) -> None:
    """Print how many files are read in a second, and what `MANY` would take."""
    with tempfile.TemporaryDirectory() as place:
        paths = write_pictures(Path(place, "pictures"), n)
        rates = {}
        for workers in (1, 2):
            taken, memory = tabulated(paths[0].parent, Path(place, f"{workers}.csv"), workers)
            rates[f"digitlib, {workers} process{'es' * (workers > 1)}"] = n / taken, memory
        rates["tutorial's loop"] = min(n, LOOPED) / looped(paths[:LOOPED]), None
    slowest = rates["tutorial's loop"][0]
    print(f"{n:,} files of 28 x 28 {'':4s} a second   of the loop   largest process   days for {MANY:,}")
    for name, (rate, memory) in rates.items():
        size = f"{memory:6.0f} MB" if memory else 9 * " "
        print(f"{name:23s} {rate:9.1f}   {rate / slowest:9.2f}   {size:>15s}   {MANY / rate / 86400:9.1f}")


PARTS = {"start": start, "sizes": sizes, "batches": batches, "files": folder_to_table}


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=PARTS, nargs="+")
    parser.add_argument("--n", type=int, default=2000, help="files in the folder")
    parser.add_argument("--repetitions", type=int, default=7)
    arguments = parser.parse_args()
    for what in arguments.what:
        PARTS[what](arguments.n if what == "files" else arguments.repetitions)


if __name__ == "__main__":
    main()
