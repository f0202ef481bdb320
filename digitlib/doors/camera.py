"""Read digits in moving pictures, smoothed over time: from a camera or a film, into a window or files."""

import contextlib
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np

from digitlib import files
from digitlib.errors import DigitlibError
from digitlib.logs import log, quiet
from digitlib.reading.recognizer import Recognizer
from digitlib.reading.result import Digit, Reading

CODECS = {".webm": "VP80", ".mp4": "mp4v"}
NEWEST_WEIGHT = 0.4  # weight of the newest frame in running means
FRAMES_MISSING = 5  # frames that a digit may be missing before it is gone
FRAMES_TO_SHOW = 3  # frames in which a digit must be seen before it is shown
DROP_FACTOR = 0.5  # of the threshold; what is shown is dropped only when its score falls below this
SAME_WITHIN = 0.5  # of a digit's size; what has moved less since the last frame is the same digit
BLUE, WHITE = (228, 111, 47), (255, 255, 255)  # BGR


class Track:
    """One digit followed from frame to frame.

    Attributes:
        box: running mean of x, y, width and height, in pixels.
        probabilities: running mean, float array of shape `(10,)`.
        score: running mean of whether it is a digit at all.
        seen: frames in which it was there.
        missing: frames since it was last there.
        shown: whether it is drawn.
    """

    def __init__(self, digit: Digit) -> None:
        """Start with what one frame says."""
        self.box = np.array(digit.box, float)
        self.probabilities, self.score = digit.probabilities, digit.score
        self.seen, self.missing, self.shown = 0, 0, False

    def is_near(self, digit: Digit) -> bool:
        """Tell whether what another frame shows may be the same digit."""
        x, y, width, height = digit.box - self.box
        return bool(np.hypot(x + width / 2, y + height / 2) < SAME_WITHIN * max(digit.box[2:]))

    def update(self, digit: Digit) -> None:
        """Let the newest frame count in the running means."""
        self.box += NEWEST_WEIGHT * (digit.box - self.box)
        self.probabilities = self.probabilities + NEWEST_WEIGHT * (digit.probabilities - self.probabilities)
        self.score += NEWEST_WEIGHT * (digit.score - self.score)
        self.seen, self.missing = self.seen + 1, 0


def follow(tracks: list[Track], reading: Reading) -> list[Track]:
    """Take in the reading of the next frame.

    Args:
        tracks: what was in sight until now.
        reading: of the next frame.

    Returns:
        What is in sight now, in reading order; what is missing for some frames keeps its place.
    """
    order = list(tracks)
    for track in tracks:
        track.missing += 1
    place = 0
    for digit in reading.digits:
        track = next((t for t in tracks if t.missing and t.is_near(digit)), None) or Track(digit)
        if track not in order:
            order.insert(place, track)
        track.update(digit)
        place = order.index(track) + 1
    return [track for track in order if track.missing <= FRAMES_MISSING]


def mark(frame: np.ndarray, shown: list[Track]) -> dict[str, object]:
    """Draw a box round each digit and its number above, into the frame; return the same as plain values."""
    said = []
    for track in shown:
        x, y, width, height = box = track.box.round().astype(int).tolist()
        digit, confidence = int(track.probabilities.argmax()), round(float(track.probabilities.max()), 4)
        said.append({"digit": digit, "confidence": confidence, "box": box})
        cv2.rectangle(frame, (x, y), (x + width, y + height), BLUE, 2)
        cv2.rectangle(frame, (x - 1, y - 30), (x + 25, y), BLUE, -1)
        cv2.putText(frame, str(digit), (x + 3, y - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.9, WHITE, 2, cv2.LINE_AA)
    return {"text": "".join(str(one["digit"]) for one in said), "digits": said}


def opened(source: str) -> cv2.VideoCapture:
    """Open a camera by its number, or a film by its path or address.

    Raises:
        DigitlibError: if there is no such camera or film.
    """
    with quiet(), contextlib.suppress(OverflowError, cv2.error):
        capture = cv2.VideoCapture()
        capture.open(int(source) if source.isdecimal() else source)
    if not capture.isOpened():
        raise DigitlibError(f"no camera or film {source}: connect or name one, --source NUMBER, FILE or URL")
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # of a camera the newest frame, not older ones that wait
    return capture


def written(path: Path, like: cv2.VideoCapture) -> cv2.VideoWriter:
    """Begin a film as large and as fast as another.

    Raises:
        DigitlibError: if the name does not end as a film's that can be written.
    """
    if path.suffix not in CODECS:
        raise DigitlibError(f"{path.name} is no name for a film: let it end in {' or '.join(CODECS)}")
    size = [int(like.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)]
    with quiet():
        code = cv2.VideoWriter.fourcc(*CODECS[path.suffix])
        film = cv2.VideoWriter(str(path), code, like.get(cv2.CAP_PROP_FPS) or 25, size)
    if not film.isOpened():
        raise DigitlibError(f"{path.name} cannot be written: OpenCV has no {CODECS[path.suffix]} here")
    return film


def _finished(film: cv2.VideoWriter, path: Path, frames: int) -> None:
    """Close a film, and see whether all frames arrived: OpenCV does not say that a disk is full."""
    film.release()
    with quiet():
        capture = cv2.VideoCapture(str(path))
        arrived = sum(1 for _ in iter(capture.grab, False))
    if arrived < frames:
        raise DigitlibError(f"only {arrived} of {frames} frames could be written: free some space")


def _save(frame: np.ndarray, path: Path) -> None:
    """Save a picture; where that cannot be, it is said and the film goes on."""
    try:
        with files.whole_file(path) as picture:
            cv2.imwrite(str(picture), frame)
    except DigitlibError as error:
        log.warning("not saved: %s", error)


def watch(
    source: str, recognizer: Recognizer, window: bool, output: Path | None = None, lines: Path | None = None
) -> int:
    """Read a camera or a film until it ends, `q` or Ctrl-C; `s` saves the picture that is shown.

    Args:
        source: a camera's number, a path or an address.
        recognizer: what reads each frame.
        window: whether to show what is seen.
        output: a `.webm` or `.mp4` film to write.
        lines: a file for one JSON object per frame: its number, the text, and each digit.

    Returns:
        How many frames were read.

    Raises:
        DigitlibError: if there is no such source, it gives no picture or would be overwritten, there is no
            screen for the window, or the film cannot be written.
    """
    if window and sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        raise DigitlibError("there is no screen for a window: add --headless, with --output or --json FILE")
    if os.path.realpath(source) in [os.path.realpath(path) for path in (output, lines) if path]:
        raise DigitlibError(f"{source} is the film that is read: name another file to write")
    tracks: list[Track] = []
    capture, number, key = opened(source), 0, -1
    with contextlib.ExitStack() as stack:
        stack.callback(capture.release)
        if window:
            stack.callback(cv2.destroyAllWindows)
        film, table, kept = None, None, 0
        if output:
            aside = stack.enter_context(files.whole_file(output))
            film = written(aside, capture)
        if lines:
            unfinished = stack.enter_context(files.whole_file(lines))
            table = stack.enter_context(unfinished.open("w", encoding="utf-8"))
        with contextlib.suppress(KeyboardInterrupt):  # what there is until then is kept
            while key != ord("q") and (frame := capture.read()[1]) is not None:
                reading = recognizer.read(frame[..., ::-1])
                number += 1
                tracks = follow(tracks, reading)
                for track in tracks:
                    enough = reading.threshold * (DROP_FACTOR if track.shown else 1)
                    track.shown = track.seen >= FRAMES_TO_SHOW and track.score >= enough
                said = mark(frame, [track for track in tracks if track.shown])
                if table:
                    print(json.dumps({"frame": number} | said), file=table)
                if film:
                    film.write(frame)
                    kept += 1
                if window:
                    cv2.imshow("digitlib: q quits, s saves", frame)
                    key = cv2.waitKey(1) & 255
                if key == ord("s"):
                    _save(frame, files.root() / "figures" / f"webcam-{number:06d}.png")
        if not number:
            raise DigitlibError(f"{source} gives no picture: name another camera or film with --source")
        if film:
            _finished(film, aside, kept)
    return number
