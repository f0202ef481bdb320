"""Diagrams of numbers: counts, curves, errors, calibration; in the style of `digitlib.plots`.

Functions take arrays and return the figure they drew; they never load data,
call a network or pick a colour of their own.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from digitlib.plots import BLUE, GREY, ORANGE, RED, WIDTH, title


def class_counts(counts: np.ndarray, *, finding: str) -> Figure:
    """Draw how many digits of each class there are.

    Args:
        counts: int array of shape `(10,)`.
        finding: becomes the title.
    """
    fig, ax = plt.subplots(figsize=(WIDTH, 2.8))
    bars = ax.bar(np.arange(10), counts, color=BLUE)
    ax.bar_label(bars, [f"{count:,}" for count in counts], fontsize=8)
    ax.set(xticks=range(10), xlabel="digit", ylabel="images", title=finding)
    return fig


def histograms(values: Mapping[str, np.ndarray], *, bins: int = 40, finding: str) -> Figure:
    """Draw the distribution of several quantities side by side, on one horizontal scale.

    Each has its own vertical scale, or the broad ones would vanish beside the narrow ones.

    Args:
        values: float arrays of shape `(n,)` by the name and unit of the quantity.
        bins: how many bars from the smallest value of all to the largest.
        finding: becomes the title.
    """
    fig, axes = plt.subplots(1, len(values), figsize=(WIDTH, 2.6), squeeze=False, sharex=True)
    edges = np.histogram_bin_edges(np.concatenate(list(values.values())), bins)
    for ax, (name, numbers) in zip(axes.flat, values.items(), strict=True):
        ax.hist(numbers, bins=edges, color=BLUE)
        ax.set_xlabel(name, fontsize=9)
        ax.tick_params(labelsize=8)
    axes[0, 0].set_ylabel("images")
    title(fig, finding)
    return fig


def curves(runs: Mapping[str, Sequence[Mapping[str, float]]], metric: str, *, finding: str) -> Figure:
    """Draw a metric over the epochs, dashed on training digits and solid on validation digits.

    Args:
        runs: histories by name; a history has one row per epoch with `epoch`, `metric` and `val_` + `metric`.
        metric: "accuracy" or "loss".
        finding: becomes the title.
    """
    fig, ax = plt.subplots(figsize=(WIDTH, 3.0))
    for (name, rows), marker in zip(runs.items(), "osD^v", strict=False):
        epochs = [row["epoch"] for row in rows]
        prefix = f"{name}, " if name else ""
        for key, colour, style, label in (
            (metric, BLUE, "--", "training"),
            (f"val_{metric}", ORANGE, "-", "validation"),
        ):
            line = [row[key] for row in rows]
            ax.plot(epochs, line, style, marker=marker, markersize=4, color=colour, label=prefix + label)
    unit = " (nats)" if metric == "loss" else ""
    ax.set(xlabel="epoch", ylabel=metric + unit, title=finding)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return fig


def confusion(matrix: np.ndarray, *, finding: str) -> Figure:
    """Draw what was read as what; the diagonal is left white, or it would drown everything else.

    Args:
        matrix: int array of shape `(10, 10)`, rows true, columns predicted.
        finding: becomes the title.
    """
    import seaborn as sns

    errors = matrix.copy()
    np.fill_diagonal(errors, 0)
    fig, ax = plt.subplots(figsize=(WIDTH, 5.2))
    sns.heatmap(
        errors, annot=matrix, fmt="d", cmap="Blues", cbar=False, square=True, linewidths=0.5, ax=ax,
        annot_kws={"fontsize": 8},
    )  # fmt: skip
    ax.set(xlabel="read as", ylabel="true digit", title=finding)
    ax.tick_params(left=False, bottom=False, labelrotation=0)
    return fig


def intervals(rows: Mapping[str, tuple[float, float, float]], *, unit: str, finding: str) -> Figure:
    """Draw values with their intervals, one line each, and the numbers beside them.

    Args:
        rows: value, low and high by name, in `[0, 1]`.
        unit: label of the axis, with its unit in %.
        finding: becomes the title.
    """
    fig, ax = plt.subplots(figsize=(WIDTH, round(1.0 + 0.3 * len(rows), 1)))
    values, lows, highs = 100 * np.array(list(rows.values())).T
    places = np.arange(len(rows))
    ax.errorbar(values, places, xerr=[values - lows, highs - values], fmt="o", color=BLUE, capsize=3)
    for place, value, high in zip(places, values, highs, strict=True):
        ax.annotate(
            f"{value:.2f}", (high, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=9
        )
    ax.set_yticks(places, list(rows))
    ax.set_xlabel(unit)
    ax.margins(x=0.12, y=0.15)
    ax.invert_yaxis()
    title(fig, finding)  # above the names, too: they may leave the axes little room
    return fig


def reliability(tables: Mapping[str, np.ndarray], *, finding: str) -> Figure:
    """Draw how often answers were right against how sure they were; the diagonal is honest.

    Args:
        tables: arrays of shape `(bins, 3)` as `evaluation.reliability` returns them, by name.
        finding: becomes the title.
    """
    fig, (ax, counts) = plt.subplots(1, 2, figsize=(WIDTH, 3.4), width_ratios=(3, 2))
    ax.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="honest")
    for (name, table), marker in zip(tables.items(), "os^", strict=False):
        sure, right, count = table.T
        full = count > 0
        ax.plot(sure[full], right[full], marker=marker, label=name)
        counts.plot(np.linspace(0, 1, len(count)), count, marker=marker, markersize=4)
    ax.set(xlabel="confidence", ylabel="part that was right")
    counts.set(xlabel="confidence", ylabel="digits", yscale="symlog")
    fig.legend(loc="outside lower left", ncols=1 + len(tables))  # inside it would cover points
    title(fig, finding)
    return fig


def risk_coverage(lines: Mapping[str, tuple[np.ndarray, np.ndarray]], *, finding: str) -> Figure:
    """Draw how many answers are wrong when only the surest ones are given.

    Args:
        lines: coverage and risk, each of shape `(n,)`, in `[0, 1]`, by name.
        finding: becomes the title.
    """
    fig, ax = plt.subplots(figsize=(WIDTH, 3.0))
    for (name, (coverage, risk)), style in zip(lines.items(), ("-", "--", ":"), strict=False):
        ax.plot(100 * coverage, 100 * risk, style, label=name)
    ax.set(xlabel="answers given (% of all digits, surest first)", ylabel="of them wrong (%)", title=finding)
    ax.legend(loc="center left")
    return fig


def severities(
    tables: Mapping[str, np.ndarray], kinds: Sequence[str], steps: Sequence[float], *, finding: str
) -> Figure:
    """Draw accuracy under each kind of corruption at each severity, one panel a reader.

    Args:
        tables: float arrays of shape `(len(kinds), len(steps))`, accuracies in `[0, 1]`, by reader.
        kinds: names of the corruptions.
        steps: their severities.
        finding: becomes the title.
    """
    import seaborn as sns

    fig, axes = plt.subplots(1, len(tables), figsize=(WIDTH, 4.4), sharey=True, squeeze=False)
    for ax, (name, table) in zip(axes.flat, tables.items(), strict=True):
        sns.heatmap(
            100 * table, annot=True, fmt=".1f", cmap="cividis", vmin=0, vmax=100, cbar=False, ax=ax,
            xticklabels=steps, yticklabels=kinds, annot_kws={"fontsize": 8},
        )  # fmt: skip
        ax.set(xlabel="severity", title=f"{name}: read rightly (%)")
        ax.tick_params(left=False, bottom=False, labelrotation=0)
    title(fig, finding)
    return fig


def sweep(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> Figure:
    """Draw the validation accuracy of every point of a sweep over each parameter, and the means.

    Args:
        rows: one mapping per point, with the parameters and `validation_accuracy`, in `[0, 1]`.
        names: the parameters, one panel each.
    """
    fig, axes = plt.subplots(1, len(names), figsize=(WIDTH, 3.2), sharey=True, squeeze=False)
    reached = np.array([100 * row["validation_accuracy"] for row in rows])
    for ax, name in zip(axes.flat, names, strict=True):
        values = np.array([str(row[name]) for row in rows])
        ax.plot(values, reached, "o", color=GREY, label="one point")
        means = {value: reached[values == value].mean() for value in dict.fromkeys(values)}
        ax.plot(list(means), list(means.values()), "-D", color=BLUE, label="mean")
        ax.set(xlabel=name)
        ax.margins(x=0.2)
    axes[0, 0].set_ylabel("validation accuracy (%)")
    axes[0, 0].legend()
    best = ", ".join(f"{name} {rows[int(reached.argmax())][name]}" for name in names)
    title(fig, f"Best of {len(rows)}: {reached.max():.2f} % with {best}")
    return fig


def spread(
    lines: Mapping[str, np.ndarray], places: Sequence[str], *, axes: tuple[str, str], finding: str
) -> Figure:
    """Draw every run as a dot and the mean of each place as a line.

    Args:
        lines: float arrays of shape `(len(places), runs)`, by name.
        places: names of the places along the horizontal axis.
        axes: label of the horizontal and of the vertical axis, with its unit.
        finding: becomes the title.
    """
    fig, ax = plt.subplots(figsize=(WIDTH, 3.2))
    for (name, table), marker, colour in zip(lines.items(), "osD^", (BLUE, ORANGE, RED, GREY), strict=False):
        for run in np.transpose(table):
            ax.plot(places, run, marker, color=colour, markersize=4, alpha=0.5)
        ax.plot(places, np.mean(table, axis=1), marker=marker, color=colour, label=name)
    ax.set(xlabel=axes[0], ylabel=axes[1], title=finding)
    ax.legend()
    return fig
