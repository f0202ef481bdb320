"""The one style of all figures, and those that show digits and pictures.

Diagrams of numbers are in `digitlib.measuring.charts`.

Functions take arrays and return the figure they drew; they never load data,
call a network or pick a colour of their own.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from digitlib.files import whole_file

# Petroff (2021), arXiv:2107.02270: colours that stay apart under the common colour-vision
# deficiencies. Meaning is also carried by marker, line style or text.
BLUE, ORANGE, RED, GREY = "#5790fc", "#f89c20", "#e42536", "#9c9ca1"
WIDTH = 7.0  # inches; every figure is this wide, only the height varies


class Candidate(Protocol):
    """What is shown of one thing in a picture that may be a digit; `reading.result.Digit` is one."""

    @property
    def digit(self) -> int: ...  # noqa: D102
    @property
    def confidence(self) -> float: ...  # noqa: D102
    @property
    def accepted(self) -> bool: ...  # noqa: D102
    @property
    def box(self) -> tuple[int, int, int, int]: ...  # noqa: D102
    @property
    def frame(self) -> np.ndarray: ...  # noqa: D102
    @property
    def probabilities(self) -> np.ndarray: ...  # noqa: D102


def use_style() -> None:
    """Apply the project's matplotlib settings; call once, after the imports."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 11,
            "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, RED, GREY]),
            "image.interpolation": "nearest",
            "legend.frameon": False,
        }
    )


def save(figure: Figure, path: Path, *, dpi: float | str = "figure") -> None:
    """Write a figure to a file, whole or not at all, and close it."""
    with whole_file(path) as aside:
        figure.savefig(aside, dpi=dpi)
    plt.close(figure)


def png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG file, and close it."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    plt.close(figure)
    return drawn.getvalue()


def digit_row(images: Sequence[np.ndarray], captions: Sequence[str], *, finding: str) -> Figure:
    """Draw digits side by side, each over its caption.

    Args:
        images: arrays of shape `(height, width)`, values in `[0, 1]` or uint8, more is ink.
        captions: one short text per image, in the same order.
        finding: the sentence the reader should take away; becomes the title.

    Returns:
        The figure, `WIDTH` inches wide.

    Raises:
        ValueError: if `images` and `captions` differ in length.
    """
    return digit_grid({"": images}, captions, finding=finding)


def digit_grid(
    rows: Mapping[str, Sequence[np.ndarray]], captions: Sequence[str] = (), *, finding: str
) -> Figure:
    """Draw rows of digits, each with its name at the left.

    Args:
        rows: images by the name of their row; values in `[0, 1]` or uint8, more is ink.
        captions: one text per column, below the last row; none if empty.
        finding: becomes the title.

    Returns:
        The figure, `WIDTH` inches wide.

    Raises:
        ValueError: if rows or captions differ in length.
    """
    columns = max(len(images) for images in rows.values())
    named = any(rows)
    cell = (WIDTH - 1.0 * named) / columns
    lines = max((caption.count("\n") + 1 for caption in captions), default=0)
    height = round(0.45 + cell * len(rows) + 0.2 * lines, 1)
    fig, axes = plt.subplots(len(rows), columns, figsize=(WIDTH, height), squeeze=False)
    for axis_row, (name, images) in zip(axes, rows.items(), strict=True):
        axis_row[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for ax, image in zip(axis_row, images, strict=True):
            show_digit(ax, image)
    for ax, caption in zip(axes[-1], captions or [""] * columns, strict=True):
        ax.set_xlabel(caption)
    return titled(fig, finding)


def digit_wall(
    images: Sequence[np.ndarray], captions: Sequence[str], *, columns: int = 6, finding: str
) -> Figure:
    """Draw digits large, as many rows of them as it takes, each over its caption.

    Args:
        images: arrays of shape `(height, width)`, values in `[0, 1]` or uint8, more is ink.
        captions: one short text per image, in the same order.
        columns: how many stand side by side.
        finding: becomes the title.

    Returns:
        The figure, `WIDTH` inches wide.

    Raises:
        ValueError: if `images` and `captions` differ in length.
    """
    rows = -(-len(images) // columns)
    lines = max(caption.count("\n") + 1 for caption in captions)
    height = round(0.4 + rows * (0.9 * WIDTH / columns + 0.2 * lines), 1)
    fig, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False)
    for ax in axes.flat[len(images) :]:
        ax.axis("off")
    for ax, image, caption in zip(axes.flat[: len(images)], images, captions, strict=True):
        show_digit(ax, image, caption)
    return titled(fig, finding)


def show_digit(ax: Axes, image: np.ndarray, caption: str = "") -> None:
    """Draw one digit, or a picture in colour, with the edge of its field, which is part of the story."""
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=255 if image.dtype == np.uint8 else 1)
    ax.set(xticks=[], yticks=[], xlabel=caption)
    ax.spines[:].set(visible=True, color=GREY)


def costs(panels: Mapping[str, tuple[np.ndarray, np.ndarray]], *, finding: str) -> Figure:
    """Draw digits, and over them in red what it costs an answer to have a place covered.

    Args:
        panels: by name, a digit of shape `(28, 28)`, values in `[0, 1]`, 1 is ink, and the costs `(n, n)` of
            covering a square of `29 - n` pixels at each place it fits; a cost of 1 is full red.
        finding: becomes the title.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(WIDTH, round(0.8 + WIDTH / len(panels), 1)))
    for ax, (name, (digit, cost)) in zip(axes, panels.items(), strict=True):
        show_digit(ax, digit)
        rim = (28 - len(cost)) / 2 - 0.5  # a place is the middle of what was covered
        red = np.zeros((*cost.shape, 4)) + to_rgba(RED)
        red[..., 3] = 0.8 * np.clip(cost, 0, 1)
        ax.imshow(red, extent=(rim, rim + len(cost), rim + len(cost), rim), interpolation="bilinear")
        ax.set(xlim=(-0.5, 27.5), ylim=(27.5, -0.5))
        ax.set_xlabel(name, fontsize=9)
    return titled(fig, finding)


def filmstrip(steps: Mapping[str, np.ndarray], *, finding: str) -> Figure:
    """Draw the pictures that lie between a photo and the network, in order.

    Args:
        steps: pictures by name, of shape `(h, w, 3)` uint8, or `(h, w)` with ink as 1 or paper as 255.
        finding: becomes the title.
    """
    fig, axes = plt.subplots(1, len(steps), figsize=(WIDTH, round(0.8 + WIDTH / len(steps), 1)))
    for ax, (name, picture) in zip(axes, steps.items(), strict=True):
        show_digit(ax, picture)
        ax.set_xlabel(name, fontsize=9)
    return titled(fig, finding)


def boxed(
    panels: Mapping[str, tuple[np.ndarray, np.ndarray]], *, finding: str, columns: int | None = None
) -> Figure:
    """Draw pictures with boxes on them, side by side.

    Args:
        panels: by name, a grey picture `(h, w)` with paper as 255, and boxes `(n, 4)`: x, y, width, height.
        finding: becomes the title.
        columns: how many in a row, a divisor of their number; by default all.
    """
    columns = columns or len(panels)
    rows = len(panels) // columns
    tall = max(picture.shape[0] / picture.shape[1] for picture, _ in panels.values())
    height = round(0.8 + rows * tall * WIDTH / columns, 1)
    fig, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False)
    for ax, (name, (picture, boxes)) in zip(axes.flat, panels.items(), strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        for x, y, width, height in boxes:
            ax.add_patch(
                plt.Rectangle((x - 0.5, y - 0.5), width, height, fill=False, edgecolor=ORANGE, linewidth=1.5)
            )
        ax.set_xlabel(name, fontsize=9)
        ax.set(xticks=[], yticks=[])
    return titled(fig, finding)


def reading(
    picture: np.ndarray, naive: np.ndarray, digits: Sequence[Candidate], scale: float, *, finding: str
) -> Figure:
    """Draw what was read: the picture with boxes, a tutorial's view of it, and each candidate with its bars.

    Args:
        picture: uint8 array of shape `(height, width, 3)`.
        naive: float array of shape `(28, 28)`, the whole picture resized and inverted.
        digits: the candidates; at most 20 are drawn.
        scale: what their boxes are divided by to lie on `picture`.
        finding: becomes the title.
    """
    shown = digits[:20]
    columns = max(4, min(10, len(shown)))
    rows = -(-len(shown) // columns)
    fig = plt.figure(figsize=(WIDTH, round(2.7 + 1.5 * rows, 1)))
    top, bottom = fig.subfigures(2, 1, squeeze=False, height_ratios=(2.4, 1.5 * max(rows, 0.01)))[:, 0]
    ax, other = top.subplots(1, 2, width_ratios=(3, 2))
    show_digit(ax, picture, "the picture, solid boxes accepted")
    show_digit(other, naive, "what a tutorial's network would see")
    for digit in digits:
        x, y, width, height = (side / scale for side in digit.box)
        colour, line = (BLUE, "-") if digit.accepted else (RED, "--")
        ax.add_patch(plt.Rectangle((x, y), width, height, fill=False, lw=1.5, ec=colour, ls=line))
    if len(shown) == 1:
        left, right = bottom.subplots(1, 2, width_ratios=(1, 3))
        _candidate(left, right, shown[0])
    elif shown:
        grid = bottom.subplots(2 * rows, columns, height_ratios=[3, 2] * rows)
        frames, bars = grid[::2].ravel(), grid[1::2].ravel()
        for ax in (*frames[len(shown) :], *bars[len(shown) :]):
            ax.set_visible(False)
        for above, below, digit in zip(frames, bars, shown, strict=False):
            _candidate(above, below, digit)
            below.tick_params(labelsize=6 if columns > 5 else 8)
    return titled(fig, finding)


def _candidate(ax: Axes, bars: Axes, digit: Candidate) -> None:
    """Draw what the network saw of one candidate, and its ten bars; a refused one in brackets."""
    show_digit(ax, digit.frame)
    sure = f"{digit.digit}: {digit.confidence:.2f}"
    ax.set_title(sure if digit.accepted else f"({sure})", loc="center", fontsize=9)
    highest = bars.bar(range(10), digit.probabilities, color=GREY)[digit.digit]
    highest.set(**({"color": BLUE} if digit.accepted else {"hatch": "///"}))
    bars.set(xticks=range(10), yticks=[], ylim=(0, 1.05))
    bars.tick_params(labelsize=8, length=0)


def titled(fig: Figure, finding: str) -> Figure:
    """Write the finding above the whole figure, at the left; return the figure."""
    fig.suptitle(finding, x=0.01, ha="left", fontsize=11)
    return fig
