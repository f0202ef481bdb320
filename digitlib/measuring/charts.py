"""Diagrams of numbers: counts, curves, errors, calibration; in the style of `digitlib.measuring.plots`.

Functions take arrays and return the figure they drew; they never load data,
call a network or pick a colour of their own.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator

from digitlib.measuring.plots import BLUE, GREY, ORANGE, RED, WIDTH, titled


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
    return titled(fig, finding)


def curves(history: Sequence[Mapping[str, float]], metric: str, *, finding: str) -> Figure:
    """Draw a metric over the epochs, dashed on training digits and solid on validation digits.

    Args:
        history: one row per epoch with `epoch`, `metric` and `val_` + `metric`.
        metric: "accuracy" or "loss".
        finding: becomes the title.
    """
    fig, ax = plt.subplots(figsize=(WIDTH, 3.0))
    epochs = [row["epoch"] for row in history]
    ax.plot(epochs, [row[metric] for row in history], "o--", markersize=4, label="training")
    ax.plot(epochs, [row[f"val_{metric}"] for row in history], "o-", markersize=4, label="validation")
    ax.set(xlabel="epoch", ylabel="loss (nats)" if metric == "loss" else metric, title=finding)
    whole = AutoLocator()
    whole.set_params(integer=True)
    ax.xaxis.set_major_locator(whole)
    ax.legend()
    return fig


def confusion(matrix: np.ndarray, *, finding: str) -> Figure:
    """Draw what was read as what; the diagonal is left white, or it would drown everything else.

    Args:
        matrix: int array of shape `(10, 10)`, rows true, columns predicted.
        finding: becomes the title.
    """
    import seaborn as sns

    errors = matrix - np.diag(np.diag(matrix))
    fig, ax = plt.subplots(figsize=(WIDTH, 5.2))
    look = {"cmap": "Blues", "cbar": False, "square": True, "linewidths": 0.5, "annot_kws": {"fontsize": 8}}
    sns.heatmap(errors, annot=matrix, fmt="d", ax=ax, **look)
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
    ax.errorbar(values, list(rows), xerr=[values - lows, highs - values], fmt="o", color=BLUE, capsize=3)
    for row, (value, high) in enumerate(zip(values, highs, strict=True)):
        ax.text(high, row, f"   {value:.2f}", va="center", fontsize=9)
    ax.set_xlabel(unit)
    ax.margins(x=0.12, y=0.15)
    ax.invert_yaxis()
    return titled(fig, finding)  # above the names, too: they may leave the axes little room


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
    return titled(fig, finding)


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


def threshold(scores: Mapping[str, np.ndarray], at: float, *, unit: str, finding: str) -> Figure:
    """Draw how two groups are scored, and the threshold between what is read and what is refused.

    Args:
        scores: float arrays in `[0, 1]` by group: first what should lie above the threshold, then what below.
        at: the threshold.
        unit: becomes the label of the horizontal axis.
        finding: becomes the title.
    """
    fig, ax = plt.subplots(figsize=(WIDTH, 2.8))
    edges = np.linspace(0, 1, 41)
    for (name, values), colour in zip(scores.items(), (BLUE, ORANGE), strict=True):
        share = 100 * np.histogram(values, edges)[0] / max(len(values), 1)
        ax.stairs(share, edges, fill=True, alpha=0.55, color=colour, label=name)
    ax.axvline(at, color=RED, label="threshold: refused to its left, read to its right")
    ax.set(xlabel=unit, ylabel="part of each group (%)", xlim=(0, 1), yscale="log", title=finding)
    ax.set(ylim=(0.05, 150), yticks=(0.1, 1, 10, 100), yticklabels=("0.1", "1", "10", "100"))  # tails count
    fig.legend(loc="outside lower left", ncols=3, fontsize=8)  # inside it would cut the threshold in two
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
    look = {"cmap": "cividis", "vmin": 0, "vmax": 100, "cbar": False, "annot_kws": {"fontsize": 8}}
    for ax, (name, table) in zip(axes.flat, tables.items(), strict=True):
        sns.heatmap(100 * table, annot=True, fmt=".1f", xticklabels=steps, yticklabels=kinds, ax=ax, **look)
        ax.set(xlabel="severity", title=f"{name}: read rightly (%)")
        ax.tick_params(left=False, bottom=False, labelrotation=0)
    return titled(fig, finding)


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
