"""What a finished run leaves for people to look at: pictures, and one page that opens offline."""

import base64
import json
import logging
import re
from html import escape
from pathlib import Path

import numpy as np
from filelock import FileLock

from digitlib import charts, evaluation, plots
from digitlib.card import Card
from digitlib.files import copy, write_text

log = logging.getLogger(__name__)

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c1c1e; }
h1 { line-height: 1.2; margin-top: 2.5rem }
img { max-width: 100%; height: auto; display: block; margin: .6rem 0 }
p, li, h1, h2, h3, details { max-width: 48rem }
nav a { display: block } section { border-top: 2px solid #9c9ca1; margin-top: 3rem }
pre { background: #f4f4f6; padding: .6rem .8rem; overflow-x: auto; font-size: 14px; margin: .3rem 0 }
.output_subarea pre { background: none; border-left: 3px solid #5790fc }
code { font-size: 14px } table { border-collapse: collapse; margin: 1rem 0 }
td, th { padding: .2rem 1.6rem .2rem 0; text-align: left; vertical-align: top } th { white-space: nowrap }
"""


def reached(run: Path) -> tuple[Card, np.ndarray, np.ndarray, evaluation.Accuracy]:
    """Measure a run from its stored answers.

    Args:
        run: a finished run folder.

    Returns:
        Its card, labels `(n,)`, uncalibrated probabilities `(n, 10)`, and the accuracy.
    """
    card = Card.read(run)
    labels, probabilities = card.predictions(run)
    return card, labels, probabilities, evaluation.accuracy(labels, probabilities.argmax(axis=1))


def draw(run: Path, figures: Path) -> list[Path]:
    """Draw a run's confusion matrix and training curves into its folder, and copy them to `figures`.

    The copies are of one run, also when two end at the same time.

    Args:
        run: a finished run folder.
        figures: where the pictures of the latest run lie.

    Returns:
        The paths of the pictures in the run folder.
    """
    plots.use_style()
    card, labels, probabilities, counted = reached(run)
    history = {"": json.loads((run / "history.json").read_text(encoding="utf-8"))}
    kept = f"Epoch {card.epoch} was kept: {history[''][card.epoch - 1]['val_accuracy']:.2%}"
    wrong = f"{counted.n - counted.correct} of {counted.n:,} read wrongly: {card.test_name}"
    lowest = f"Epoch {card.epoch} had the lowest validation loss"
    matrix = evaluation.confusion(labels, probabilities.argmax(axis=1))
    drawings = {
        "confusion_matrix.png": charts.confusion(matrix, finding=wrong),
        "training_accuracy.png": charts.curves(history, "accuracy", finding=kept),
        "training_loss.png": charts.curves(history, "loss", finding=lowest),
    }
    for name, figure in drawings.items():
        plots.save(figure, run / name)
    figures.mkdir(parents=True, exist_ok=True)
    with FileLock(figures / ".lock"):
        for name in drawings:
            copy(run / name, figures / name)
            log.info("Wrote %s", figures / name)
    return [run / name for name in drawings]


def page(run: Path, notebooks: list[Path], pictures: list[Path]) -> Path:
    """Write one HTML page with a run's numbers, pictures and executed notebooks.

    It loads nothing from elsewhere: no script, no font, no picture.

    Args:
        run: a finished run folder.
        notebooks: executed notebooks, in order.
        pictures: PNG files to show at the top.

    Returns:
        The path of the page, `report.html` in the run folder.
    """
    from pygments.formatters import HtmlFormatter

    card, _, _, counted = reached(run)
    facts = {
        card.test_name[0].upper() + card.test_name[1:]: str(counted),
        "Network": f"{card.architecture}, {card.parameters:,} parameters, epoch {card.epoch} kept",
        "Made with": ", ".join(f"{name} {version}" for name, version in card.versions.items()),
    }
    table = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(fact)}</td></tr>" for name, fact in facts.items()
    )
    shown = "".join(f'<img alt="{path.stem.replace("_", " ")}" src="{_inline(path)}">' for path in pictures)
    links, sections = zip(*map(_section, notebooks), strict=True)
    title = f"digitlib: run {escape(run.name)}"
    colours = HtmlFormatter(style="default", nobackground=True).get_style_defs(".highlight")
    write_text(
        run / "report.html",
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>"
        "<meta name=viewport content='width=device-width'>"
        f"<style>{STYLE}{colours}</style></head><body><h1>{title}</h1><table>{table}</table>"
        f"<nav>{''.join(links)}</nav>{shown}{''.join(sections)}</body></html>\n",
    )
    return run / "report.html"


def _section(path: Path) -> tuple[str, str]:
    """Convert one notebook to a link and a section, without head, scripts or style."""
    import nbformat
    from nbconvert import HTMLExporter

    notebook = nbformat.read(path, as_version=4)
    title = heading = path.stem
    for cell in notebook.cells:  # a figure's alternative text is the heading that it stands under
        headings = re.findall(r"^#+ (.*)", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else []
        title = headings[0] if headings and title == path.stem else title
        heading = cell.metadata["alt"] = headings[-1] if headings else heading
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    body = re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="#\1"', exporter.from_notebook_node(notebook)[0])
    return f'<a href="#{path.stem}">{escape(title)}</a>', f'<section id="{path.stem}">{body}</section>'


def _inline(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
