"""How fast the doors answer: the drawing pad, twenty visitors at once, and a film.

python benchmarks/doors.py pad      from pen-up to the new answer, in Python and as a browser sees it
python benchmarks/doors.py crowd    twenty visitors at once on the page: errors, time, memory
python benchmarks/doors.py film     a film of moving paper: frames a second, share of frames read rightly
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import synthetic

from digitlib import Recognizer, camera, data
from digitlib.quiet import quiet

SIZE, RATE = (640, 480), 25
PAGES = ("40721", "93586", "12345")  # the film shows each for ten seconds


def still(text: str, recognizer: Recognizer) -> np.ndarray:
    """Write the first page of these digits that is read rightly while it lies still."""
    split = data.load(data.SAMPLE).train
    how = synthetic.Paper(size=84, lines="squared", noise=0)
    pages = (synthetic.write(text, split, np.random.default_rng(seed), how) for seed in range(20))
    return next(page for page in pages if recognizer.read(page).text == text)[..., ::-1]


def write_film(path: Path, recognizer: Recognizer, seconds: int = 10) -> list[str]:
    """Film pages that wander, turn and come closer in a trembling hand, in light that changes, with grain.

    Returns:
        What each frame says.
    """
    rng, truth = np.random.default_rng(0), [text for text in PAGES for _ in range(seconds * RATE)]
    with quiet():
        film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), RATE, SIZE)
    papers = {text: still(text, recognizer) for text in PAGES}
    for t, text in zip(np.arange(len(truth)) / RATE, truth, strict=True):
        height, width = papers[text].shape[:2]
        move = np.array([30 * np.sin(0.9 * t), 110 * np.sin(0.6 * t + 2)]) + rng.normal(0, 0.7, 2)
        turn, scale = 6 * np.sin(0.7 * t), 1 + 0.12 * np.sin(0.5 * t + 1)
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
        matrix[:, 2] += move + np.array(SIZE) / 2 - np.array([width, height]) / 2
        seen = cv2.warpAffine(papers[text], matrix, SIZE, borderMode=cv2.BORDER_REPLICATE)
        light = 1 - 0.25 * (0.5 + 0.5 * np.sin(0.4 * t)) * np.linspace(0, 1, SIZE[0])[None, :, None]
        film.write(np.clip(seen * light + rng.normal(0, 3, seen.shape), 0, 255).astype(np.uint8))
    film.release()
    return truth


def film() -> None:
    """Print frames a second and the share of frames read rightly."""
    recognizer = Recognizer.load()
    with tempfile.TemporaryDirectory() as folder:
        made, lines = Path(folder) / "made.webm", Path(folder) / "out.jsonl"
        truth = write_film(made, recognizer)
        for name, extra in {"read": {}, "read and written": {"output": Path(folder) / "out.webm"}}.items():
            started = time.perf_counter()
            frames = camera.watch(str(made), recognizer, window=False, lines=lines, **extra)
            seconds = time.perf_counter() - started
            texts = [json.loads(line)["text"] for line in lines.read_text().splitlines()]
            right = sum(map(str.__eq__, texts, truth)) / len(truth)
            print(f"film, {name}: {frames} frames, {frames / seconds:.1f} a second, {right:.1%} right")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["pad", "crowd", "film"], nargs="+")
    for what in parser.parse_args().what:
        globals()[what]()


if __name__ == "__main__":
    main()
