"""How fast the doors answer: the drawing pad, twenty visitors at once, and a film.

python benchmarks/doors.py pad      from pen-up to the new answer, in Python and as a browser sees it
python benchmarks/doors.py crowd    twenty visitors at once on the page: errors, time, memory
python benchmarks/doors.py film     a film of moving paper: frames a second, share of frames read rightly
"""

import argparse
import contextlib
import itertools
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import synthetic
from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

from digitlib import Recognizer
from digitlib.data import mnist
from digitlib.doors import camera
from digitlib.doors.pad import answer_message
from digitlib.logs import quiet

ANSWERS = 20  # of which the median is taken
VISITORS, TURNS = 20, 3
SIZE, RATE = (640, 480), 25
PAGES = ("40721", "93586", "12345")  # the film shows each for ten seconds


def still(text: str, recognizer: Recognizer) -> np.ndarray:
    """Write the first page that is clearly read while it lies still; the film is about motion."""
    split = mnist.load(mnist.SAMPLE).train
    how = synthetic.Paper(size=84, lines="squared", noise=0)
    pages = (synthetic.write(text, split, np.random.default_rng(seed), how) for seed in range(20))
    readings = ((page, recognizer.read(page)) for page in pages)
    return next(p for p, r in readings if r.text == text and min(d.score for d in r.digits) > 0.9)[..., ::-1]


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


ONE, SEVEN = [[80, 60], [80, 215]], [[45, 70], [130, 64], [85, 210]]
TWO = [[45, 95], [70, 64], [110, 66], [122, 100], [95, 150], [38, 206], [135, 204]]
PEN = {"1": ONE, "2": TWO, "7": SEVEN}


def written(text: str) -> list[dict]:
    """Return the strokes of up to three digits, side by side on the pad."""
    shifted = [[[x + 185 * i, y] for x, y in PEN[digit]] for i, digit in enumerate(text)]
    return [{"width": 14, "points": points} for points in shifted]


@contextlib.contextmanager
def served() -> Iterator[tuple[str, int]]:
    """Serve the page on a free port; give its address without scheme, and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    words = [sys.executable, "-m", "digitlib.doors.cli", "app", "--port", place.split(":")[1]]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(240):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://{place}/_stcore/health", timeout=5).close()
                    break
                time.sleep(0.25)
            yield place, server.pid
        finally:
            server.terminate()


def pad() -> None:
    """Print how long an answer takes: to a message in Python, and from pen-up in a browser."""
    recognizer, message = Recognizer.load(), {"turn": 1, "strokes": written("7")}
    taken = []
    for _ in range(ANSWERS + 1):  # the first is not counted
        started = time.perf_counter()
        answer_message(recognizer, message)
        taken.append(1000 * (time.perf_counter() - started))
    print(f"pen-up to answer, server side: {statistics.median(taken[1:]):.0f} ms (median of {ANSWERS})")
    with served() as (place, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://{place}")
        area = page.get_by_role("application").bounding_box()
        page.locator(".pad").evaluate(WATCH)
        for _ in range(ANSWERS + 1):
            points = [
                [area["x"] + x * area["width"] / 560, area["y"] + y * area["width"] / 560] for x, y in SEVEN
            ]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=8)
            page.wait_for_timeout(300)  # so that nothing is under way when the pen is lifted
            page.mouse.up()
            page.wait_for_timeout(600)
            page.get_by_role("button", name="Clear").click()
            page.wait_for_timeout(300)
        taken = page.evaluate("window.taken")[1:]
        print(f"pen-up to answer, in the browser: {statistics.median(taken):.0f} ms (median of {len(taken)})")
        browser.close()


WATCH = """(pad) => { window.taken = []; let lifted = null;
  pad.querySelector('canvas').addEventListener('pointerup', () => { lifted = performance.now(); }, true);
  new MutationObserver(() => { if (lifted !== null && pad.dataset.sent === pad.dataset.answered) {
    window.taken.push(performance.now() - lifted); lifted = null; } }).observe(pad, {attributes: true}); }"""


class Visitor:
    """A visitor who speaks Streamlit's protocol: draws digits one by one and waits for each answer."""

    def __init__(self, place: str) -> None:
        """Open the page."""
        self.line = connect(
            f"ws://{place}/_stcore/stream", max_size=None, subprotocols=["streamlit"], legacy=True
        )
        self.line.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        self.pad, self.fragment, _ = self.answer()

    def answer(self, turn: int | None = None) -> tuple[str, str, dict]:
        """Wait for the pad's answer to a turn; return the pad's name, its fragment's and the answer."""
        while True:
            message = ForwardMsg.FromString(self.line.recv(timeout=60))
            element = message.delta.new_element
            if element.WhichOneof("type") == "bidi_component":
                said = json.loads(element.bidi_component.json)["answer"]
                if said["turn"] == turn:
                    return element.bidi_component.id, message.delta.fragment_id, said

    def draw(self, text: str) -> list[tuple[float, bool]]:
        """Draw digit after digit; return for each how many seconds it took and whether it was read."""
        results = []
        for turn in range(1, len(text) + 1):
            state = WidgetState(id=self.pad, json_value=json.dumps(
                {"message": {"turn": turn, "strokes": written(text[:turn])}}))  # fmt: skip
            wanted = ClientState(widget_states={"widgets": [state]}, fragment_id=self.fragment)
            started = time.perf_counter()
            self.line.send(BackMsg(rerun_script=wanted).SerializeToString())
            said = self.answer(turn)[2]
            results.append((time.perf_counter() - started, said.get("text") == text[:turn]))
        return results


def crowd() -> None:
    """Let twenty visitors draw at the same time, each other digits; print errors, time and memory."""
    texts = ["".join(digits) for digits in itertools.product("172", repeat=TURNS)][:VISITORS]
    with served() as (place, pid), ThreadPoolExecutor(VISITORS) as pool:
        visitors = list(pool.map(Visitor, [place] * VISITORS))
        answers = [one for results in pool.map(Visitor.draw, visitors, texts) for one in results]
        memory = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]
        for visitor in visitors:
            visitor.line.close()
    foreign = sum(not own for _, own in answers)
    median, slowest = (1000 * f(seconds for seconds, _ in answers) for f in (statistics.median, max))
    print(
        f"{VISITORS} visitors at once: {len(answers)} answers, {foreign} not of one's own drawing,", end=" "
    )
    print(f"median {median:.0f} ms, slowest {slowest:.0f} ms, peak memory {int(memory) / 1024:.0f} MB")


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
