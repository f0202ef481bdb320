"""A sheet to print, write digits on and photograph, and what a photo of it says about its writer.

Four marks in the corners tell where the sheet lies in the photo, so every box can be
cut out and its digit is known: the prompt printed over it.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from digitlib.doors.pad import COLUMNS
from digitlib.errors import DigitlibError
from digitlib.files import printable, whole_file
from digitlib.measuring import plots
from digitlib.pictures import ink
from digitlib.pictures.source import Source
from digitlib.pictures.source import load as load_picture
from digitlib.reading.recognizer import Recognizer
from digitlib.reading.result import Digit

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # width and height in mm
PROMPTS = ("3170592846", "8624013975", "5093768142", "7416280359", "0958341627", "2781956403")
# Everything below is in mm, counted from the upper left corner of the field that the marks span.
FIELD = (180.0, 255.0)  # the same on both papers, so a photo need not tell which one it shows
MARK = 16.0  # side of a corner mark
TEXTS = (  # height, size in points, words
    (8.0, 22, "One digit in each box"),
    (23.0, 10, "Write the small digit above a box into the box, as you always write it, with a dark pen."),
    (28.0, 10, "Photograph the whole sheet from above: flat, sharp, all four black marks in the picture."),
    (247.0, 10, "digitlib score photo.jpg\nsays how well your hand is read"),
)
BOX, INSIDE = (16.0, 22.0), 0.8  # size of a box, and how far inside its printed line it is cut out
BOXES = {(row, column): (1.0 + 18 * column, 39.0 + 33 * row) for row in range(6) for column in range(10)}
ENDS = [(x, y) for y in (0, FIELD[1] - MARK) for x in (0, FIELD[0] - MARK)]  # upper left corners of the marks
CORNERS = ("upper left", "upper right", "lower left", "lower right")  # in the order of the marks' numbers
MARKS = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
FINE = 6  # pixels per mm of the straightened sheet
EMPTY = 0.1  # contrast to the paper that the darkest hundredth of a box must exceed


class Answer(NamedTuple):
    """One box that was written in.

    Attributes:
        row: counted from 1 at the top.
        column: counted from 1 at the left.
        prompt: the digit that was asked for.
        pixels: uint8 array of shape `(height, width, 3)`, RGB, the inside of the box.
        digit: what was read.
    """

    row: int
    column: int
    prompt: int
    pixels: np.ndarray
    digit: Digit


def draw(paper: str = "a4") -> Figure:
    """Draw the sheet at its size on paper.

    Args:
        paper: "a4" or "letter".

    Raises:
        KeyError: if there is no such paper.
    """
    across, down = PAPERS[paper]
    figure = plt.figure(figsize=(across / 25.4, down / 25.4))
    figure.set_layout_engine("none")  # the style's would move things that have their place on paper
    ax = figure.add_axes((0, 0, 1, 1))
    for number, (x, y) in enumerate(ENDS):
        pattern = np.kron(cv2.aruco.generateImageMarker(MARKS, number, 6), np.ones((40, 40)))
        ax.imshow(pattern, cmap="gray", extent=(x, x + MARK, y + MARK, y), interpolation="nearest")
    for height, size, text in TEXTS:
        ax.text(FIELD[0] / 2, height, text, ha="center", va="center", fontsize=size, color="#222222")
    for (row, column), (x, y) in BOXES.items():
        ax.add_patch(plt.Rectangle((x, y), *BOX, fill=False, edgecolor="#9db2d4", linewidth=0.8))
        ax.text(x + BOX[0] / 2, y - 3, PROMPTS[row][column], ha="center", va="center", fontsize=11)
    left, top = (across - FIELD[0]) / 2, (down - FIELD[1]) / 2
    ax.set(xlim=(-left, across - left), ylim=(down - top, -top))
    ax.axis("off")
    return figure


def straighten(source: Source) -> np.ndarray:
    """Find the sheet in a photo and look at it from straight above.

    Args:
        source: a photo, as for `pictures.source.load`, turned any way.

    Returns:
        uint8 array of shape `(1530, 1080, 3)`, RGB: the field between the marks, 6 pixels per mm.

    Raises:
        DigitlibError: if not all four marks are seen, naming those that are missing.
    """
    photo = load_picture(source)
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    seen, numbers, _ = cv2.aruco.ArucoDetector(MARKS, settings).detectMarkers(ink.grey(photo.pixels))
    found = dict(zip([] if numbers is None else numbers.ravel().tolist(), seen, strict=True))
    missing = [corner for number, corner in enumerate(CORNERS) if number not in found]
    if missing:
        which = "no corner mark" if len(missing) == 4 else f"no mark in the {' and '.join(missing)} corner"
        raise DigitlibError(
            f"{photo.name} shows {which} of the sheet: take all of it, flat and sharp, nothing over a mark"
        )
    around = np.array(ENDS)[:, None] + MARK * np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    corners = np.concatenate([found[number][0] for number in range(4)])
    lens, _ = cv2.findHomography(corners, FINE * around.reshape(-1, 2))
    size = round(FINE * FIELD[0]), round(FINE * FIELD[1])
    return cv2.warpPerspective(photo.pixels, lens, size, flags=cv2.INTER_AREA, borderValue=(255,) * 3)


def read(source: Source, recognizer: Recognizer) -> list[Answer]:
    """Read every box of a photographed sheet that was written in.

    Args:
        source: a photo, as for `straighten`.
        recognizer: what reads it; it is told that each box holds one digit.

    Raises:
        DigitlibError: if the sheet is not found, or all of its boxes are empty.
    """
    sheet = straighten(source)
    answers = []
    for (row, column), corner in BOXES.items():
        left, top = (round(FINE * (side + INSIDE)) for side in corner)
        right, bottom = (round(FINE * (side - INSIDE)) for side in np.add(corner, BOX))
        inside = sheet[top:bottom, left:right]
        contrast = cv2.GaussianBlur(ink.flatten(ink.grey(inside)), (0, 0), FINE / 6)
        reading = recognizer.read(inside, single=True) if np.quantile(contrast, 0.99) > EMPTY else None
        if reading and reading.digits:
            prompt = int(PROMPTS[row][column])
            answers.append(Answer(row + 1, column + 1, prompt, inside, reading.digits[0]))
    if not answers:
        raise DigitlibError("every box of the sheet is empty: write in it with a dark pen")
    return answers


def keep(answers: Sequence[Answer], folder: Path, writer: str) -> list[Answer]:
    """Write each box as a picture, `labels.csv` that says what they are, and a contact sheet of mistakes.

    Args:
        answers: from `read`.
        folder: where they go; `mistakes.png` is left out when there are none.
        writer: who wrote them, for `labels.csv`.

    Returns:
        The answers that are wrong.
    """
    writer = printable(writer)
    rows = [COLUMNS]
    for answer in answers:
        name = f"row{answer.row}-box{answer.column:02d}.png"
        rows.append((name, str(answer.prompt), "single", "paper", writer))
        with whole_file(folder / name) as aside:
            Image.fromarray(answer.pixels).save(aside)
    with whole_file(folder / "labels.csv") as aside, aside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    wrong = [answer for answer in answers if answer.digit.digit != answer.prompt]
    (folder / "mistakes.png").unlink(missing_ok=True)
    if wrong:
        captions = [f"{a.prompt} read as {a.digit.digit}\nrow {a.row}, box {a.column}" for a in wrong]
        plain = writer.replace("$", r"\$")  # or matplotlib takes what follows for a formula
        finding = f"{len(wrong)} of {len(answers)} read wrongly: {plain}"
        wall = plots.digit_wall([a.digit.frame for a in wrong], captions, finding=finding)
        plots.save(wall, folder / "mistakes.png")
    return wrong
