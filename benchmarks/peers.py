"""The same pictures to digitlib and to RapidOCR, which anybody can install: pip install 'digitlib[peers]'.

    python benchmarks/peers.py [--n 60] [--record]

RapidOCR is asked in two ways: told that the picture is one line (it then only reads), and with its own
detection of text, whose boxes are put in reading order. Of its answer the digits are kept.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import conditions
import numpy as np

from digitlib import Recognizer
from digitlib.data import mnist

HERE = Path(__file__).parent
Reader = Callable[[np.ndarray], str]


def digits_of(text: str) -> str:
    """Keep the digits of a text."""
    return "".join(c for c in text if c in "0123456789")


def rapidocr() -> dict[str, Reader]:
    """Return both ways of asking RapidOCR."""
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def told(picture: np.ndarray) -> str:
        answer = engine(picture, use_det=False, use_cls=False, use_rec=True)
        return digits_of("".join(answer.txts or ()))

    def detecting(picture: np.ndarray) -> str:
        answer = engine(picture, use_det=True, use_cls=False, use_rec=True)  # it keeps what it was told last
        if answer.boxes is None:
            return ""
        boxes = np.array([[*np.min(box, axis=0), *np.ptp(box, axis=0)] for box in answer.boxes])
        from digitlib.reading.page import rows

        return "".join(digits_of(answer.txts[i]) for row in rows(boxes) for i in row)

    return {"RapidOCR, told one line": told, "RapidOCR, own detection": detecting}


def main() -> None:
    """Measure all readers side by side."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=60, help="pictures of each condition")
    parser.add_argument("--only", nargs="*", default=list(conditions.CONDITIONS), help="conditions")
    parser.add_argument("--record", action="store_true", help="write peers.json")
    arguments = parser.parse_args()
    recognizer, test = Recognizer.load(), mnist.load().test
    readers: dict[str, Reader] = {"digitlib": lambda picture: recognizer.read(picture).text, **rapidocr()}
    table: dict[str, dict[str, dict]] = {}
    for name in arguments.only:
        table[name] = {}
        for who, read in readers.items():
            right, seconds = 0, []
            for picture, text in conditions.pictures(name, arguments.n, test):
                rgb = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
                start = time.perf_counter()
                right += read(rgb) == text
                seconds.append(time.perf_counter() - start)
            table[name][who] = {
                "right": right,
                "n": arguments.n,
                "ms": round(1000 * statistics.median(seconds), 1),
            }
        print(
            f"{name:32s}",
            *(f"{row['right'] / row['n']:6.1%} {row['ms']:6.1f} ms" for row in table[name].values()),
            flush=True,
        )
    for who in readers:
        print(f"{who}: mean {np.mean([row[who]['right'] / row[who]['n'] for row in table.values()]):.1%}")
    if arguments.record:
        about = {"machine": platform.processor() or platform.machine(), "rapidocr": version("rapidocr")}
        (HERE / "peers.json").write_text(json.dumps(about | {"conditions": table}, indent=1) + "\n")


if __name__ == "__main__":
    main()
