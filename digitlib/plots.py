"""The one style of all figures, and those that show digits and pictures.

Diagrams of numbers are in `digitlib.charts`.

Functions take arrays and return the figure they drew; they never load data,
call a network or pick a colour of their own.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digitlib.files import whole_file

# Petroff (2021), arXiv:2107.02270: colours that stay apart under the common colour-vision
# deficiencies. Meaning is also carried by marker, line style or text.
BLUE, ORANGE, RED, GREY = "#5790fc", "#f89c20", "#e42536", "#9c9ca1"
WIDTH = 7.0  # inches; every figure is this wide, only the height varies


def use_style() -> None:
    """Apply the project's matplotlib settings; call once, after the imports."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.0),
            "figure.dpi": 100,
            "savefig.bbox": None,
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 11,
            "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, RED, GREY]),
            "image.cmap": "gray_r",
            "image.interpolation": "nearest",
            "legend.frameon": False,
        }
    )


def save(figure: Figure, path: Path, *, dpi: float | str = "figure") -> None:
    """Write a figure to a file, whole or not at all, and close it."""
    with whole_file(path) as aside:
        figure.savefig(aside, dpi=dpi)
    plt.close(figure)


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
    if captions:
        for ax, caption in zip(axes[-1], captions, strict=True):
            ax.set_xlabel(caption)
    title(fig, finding)
    return fig


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
        show_digit(ax, image)
        ax.set_xlabel(caption)
    title(fig, finding)
    return fig


def show_digit(ax: Axes, image: np.ndarray) -> None:
    """Draw one digit on some axes with the edge of its field, which is part of the story."""
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=255 if image.dtype == np.uint8 else 1)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=GREY)


def filmstrip(steps: Mapping[str, np.ndarray], *, finding: str) -> Figure:
    """Draw the pictures that lie between a photo and the network, in order.

    Args:
        steps: pictures by name, of shape `(h, w, 3)` uint8, or `(h, w)` with ink as 1 or paper as 255.
        finding: becomes the title.
    """
    fig, axes = plt.subplots(1, len(steps), figsize=(WIDTH, round(0.8 + WIDTH / len(steps), 1)))
    for ax, (name, picture) in zip(axes, steps.items(), strict=True):
        if picture.ndim == 3:
            ax.imshow(picture)
            ax.set(xticks=[], yticks=[])
        else:
            show_digit(ax, picture)
        ax.set_xlabel(name, fontsize=9)
    title(fig, finding)
    return fig


def reading(
    picture: np.ndarray,
    naive: np.ndarray,
    candidates: Sequence[tuple[tuple[float, ...], np.ndarray, np.ndarray, bool]],
    *,
    finding: str,
) -> Figure:
    """Draw what was read: the picture with boxes, a tutorial's view of it, and each candidate with its bars.

    Args:
        picture: uint8 array of shape `(height, width, 3)`.
        naive: float array of shape `(28, 28)`, the whole picture resized and inverted.
        candidates: per candidate its box (x, y, width, height in pixels of `picture`), its frame
            `(28, 28)`, its probabilities `(10,)`, and whether it was accepted. At most 20 are drawn.
        finding: becomes the title.
    """
    shown = candidates[:20]
    columns = max(4, min(10, len(shown)))
    rows = -(-len(shown) // columns)
    fig = plt.figure(figsize=(WIDTH, round(2.7 + 1.5 * rows, 1)))
    top, bottom = fig.subfigures(2, 1, height_ratios=(2.4, 1.5 * max(rows, 0.01)))
    ax, other = top.subplots(1, 2, width_ratios=(3, 2))
    ax.imshow(picture)
    ax.set(xticks=[], yticks=[], xlabel="the picture, solid boxes accepted")
    ax.spines[:].set(visible=True, color=GREY)
    for (x, y, width, height), _, _, accepted in candidates:
        look = {"edgecolor": BLUE, "linestyle": "-"} if accepted else {"edgecolor": RED, "linestyle": "--"}
        ax.add_patch(plt.Rectangle((x, y), width, height, fill=False, lw=1.5, **look))
    show_digit(other, naive)
    other.set_xlabel("what a tutorial's network would see")

    if len(shown) == 1:
        _candidate(*bottom.subplots(1, 2, width_ratios=(1, 3)), *shown[0][1:])
    elif shown:
        grid = bottom.subplots(2 * rows, columns, height_ratios=[3, 2] * rows, squeeze=False)
        pairs = zip(grid[::2].flat, grid[1::2].flat, strict=True)
        for (above, below), candidate in zip(pairs, [*shown, *[None] * columns], strict=False):
            above.set_visible(candidate is not None)
            below.set_visible(candidate is not None)
            if candidate is not None:
                _candidate(above, below, *candidate[1:])
                below.tick_params(labelsize=6 if columns > 5 else 8)
    title(fig, finding)
    return fig


def _candidate(ax: Axes, bars: Axes, framed: np.ndarray, probabilities: np.ndarray, accepted: bool) -> None:
    """Draw what the network saw of one candidate, and its ten bars; a refused one in brackets."""
    show_digit(ax, framed)
    sure = f"{probabilities.argmax()}: {probabilities.max():.2f}"
    ax.set_title(sure if accepted else f"({sure})", loc="center", fontsize=9)
    probability_bars(bars, probabilities, accepted=accepted)
    bars.set(yticks=[])
    bars.tick_params(labelsize=8, length=0)


def probability_bars(ax: Axes, probabilities: np.ndarray, *, accepted: bool = True) -> None:
    """Draw ten bars on some axes, the highest in blue, or in hatched grey where the answer is refused.

    Args:
        ax: where to draw.
        probabilities: float array of shape `(10,)`.
        accepted: whether the highest bar is an answer.
    """
    colours = np.array([GREY] * 10, object)
    colours[probabilities.argmax()] = BLUE if accepted else GREY
    bars = ax.bar(np.arange(10), probabilities, color=list(colours))
    if not accepted:
        bars[int(probabilities.argmax())].set_hatch("///")
    ax.set(xticks=range(10), ylim=(0, 1.05), yticks=[0, 0.5, 1])


def title(fig: Figure, finding: str) -> None:
    """Write the finding above the whole figure, at the left."""
    fig.suptitle(finding, x=0.01, ha="left", fontsize=11)
