"""Diagrams say what they were given: contents, not pixels."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from digitlib.measuring import charts, plots

HISTORY = [
    {"epoch": 1, "accuracy": 0.8, "val_accuracy": 0.9, "loss": 0.5, "val_loss": 0.4},
    {"epoch": 2, "accuracy": 0.9, "val_accuracy": 0.95, "loss": 0.3, "val_loss": 0.2},
]


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def test_counts_are_bars_with_their_numbers():
    fig = charts.class_counts(np.arange(10) * 1000, finding="Counts")
    (ax,) = fig.axes
    assert [bar.get_height() for bar in ax.patches] == [1000 * i for i in range(10)]
    assert "9,000" in [text.get_text() for text in ax.texts]


def test_histograms_have_one_panel_each():
    fig = charts.histograms({"ink (pixels)": np.arange(9), "row": np.full(9, 4)}, bins=3, finding="Two")
    assert [ax.get_xlabel() for ax in fig.axes] == ["ink (pixels)", "row"]
    assert [[bar.get_height() for bar in ax.patches] for ax in fig.axes] == [[3, 3, 3], [0, 9, 0]]


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_curves_show_training_dashed_and_validation_solid(metric):
    fig = charts.curves(HISTORY, metric, finding="Better")
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    np.testing.assert_array_equal(lines["training"].get_ydata(), [row[metric] for row in HISTORY])
    np.testing.assert_array_equal(lines["validation"].get_ydata(), [row[f"val_{metric}"] for row in HISTORY])
    assert lines["training"].get_linestyle() == "--" and lines["validation"].get_linestyle() == "-"
    assert metric in fig.axes[0].get_ylabel()


def test_confusion_prints_all_counts_but_colours_errors_only():
    matrix = np.diag([90] * 10)
    matrix[4, 9] = 7
    fig = charts.confusion(matrix, finding="4 is read as 9")
    ax = fig.axes[0]
    texts = np.array([text.get_text() for text in ax.texts]).reshape(10, 10)
    np.testing.assert_array_equal(texts.astype(int), matrix)
    colours = ax.collections[0].get_array().reshape(10, 10)
    assert colours[4, 9] == 7 and not colours.diagonal().any()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("read as", "true digit")


def test_counts_stay_readable_on_dark_and_light_cells():
    matrix = np.zeros((10, 10), int)
    matrix[4, 9] = 7
    ax = charts.confusion(matrix, finding="").axes[0]
    dark, light = ax.texts[49], ax.texts[0]
    assert sum(to_rgb(dark.get_color())) > 2 > 1 > sum(to_rgb(light.get_color()))


def test_intervals_are_drawn_in_percent_with_their_values():
    fig = charts.intervals({"a": (0.5, 0.4, 0.6), "b": (0.9, 0.88, 0.91)}, unit="%", finding="b wins")
    (ax,) = fig.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert [text.get_text().strip() for text in ax.texts] == ["50.00", "90.00"]


def test_reliability_leaves_empty_bins_out():
    table = np.array([[np.nan, np.nan, 0], [0.9, 0.8, 5]])
    fig = charts.reliability({"before": table}, finding="Too sure")
    line = next(line for line in fig.axes[0].lines if line.get_label() == "before")
    np.testing.assert_array_equal(line.get_xydata(), [[0.9, 0.8]])


def test_risk_and_coverage_are_in_percent():
    fig = charts.risk_coverage({"score": (np.array([0.5, 1]), np.array([0, 0.1]))}, finding="Risk")
    np.testing.assert_allclose(fig.axes[0].lines[0].get_xydata(), [[50, 0], [100, 10]])


def test_a_threshold_stands_between_two_groups_of_scores():
    scores = {"digits": np.array([0.9, 0.9, 0.9, 0.1]), "others": np.array([])}
    fig = charts.threshold(scores, 0.5, unit="score", finding="One of four")
    (ax,) = fig.axes
    digits, others = (patch.get_data().values for patch in ax.patches)
    assert digits.max() == 75 and digits.sum() == 100 and not others.any()
    assert list(ax.lines[0].get_xdata()) == [0.5, 0.5]
    legend = [text.get_text() for text in fig.legends[0].get_texts()]
    assert legend == ["digits", "others", "threshold: refused to its left, read to its right"]


def test_severities_are_drawn_in_percent_one_panel_a_reader():
    table = np.array([[0.5, 0.25], [1.0, 0.75]])
    fig = charts.severities({"ours": table, "theirs": table / 2}, ["blur", "grain"], [0.3, 0.6], finding="x")
    ours, theirs = fig.axes
    assert [text.get_text() for text in ours.texts] == ["50.0", "25.0", "100.0", "75.0"]
    assert [text.get_text() for text in theirs.texts] == ["25.0", "12.5", "50.0", "37.5"]
    assert [label.get_text() for label in ours.get_yticklabels()] == ["blur", "grain"]


def test_every_run_is_a_dot_and_their_mean_a_line():
    lines = {"one": np.array([[1.0, 3.0], [4.0, 6.0]]), "two": np.array([[0.0, 0.0], [1.0, 1.0]])}
    fig = charts.spread(lines, ["10", "100"], axes=("labels", "right (%)"), finding="Found")
    (ax,) = fig.axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.lines if line.get_label() in lines}
    assert drawn == {"one": [2.0, 5.0], "two": [0.0, 1.0]} and len(ax.lines) == 6
    assert ax.get_title(loc="left") == "Found" and ax.get_xlabel() == "labels"
