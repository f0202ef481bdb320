"""What a finished run leaves for people to look at: pictures, and one page that opens offline."""

import base64
import html
import json
from pathlib import Path

from digitlib import charts, evaluation, plots
from digitlib.card import Card
from digitlib.files import whole_file, write_text

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c1c1e; }
h1 { line-height: 1.2; margin-top: 2.5rem } img { max-width: 100%; height: auto }
nav a { margin-right: 1rem } section { border-top: 2px solid #9c9ca1; margin-top: 3rem }
pre { background: #f4f4f6; padding: .6rem .8rem; overflow-x: auto; font-size: 14px; margin: .3rem 0 }
.output_subarea pre, .jp-OutputArea pre { background: none; border-left: 3px solid #5790fc }
code { font-size: 14px } table { border-collapse: collapse } td, th { padding: .2rem .8rem; text-align: left }
.prompt, .jp-InputPrompt, .jp-OutputPrompt, .anchor-link { display: none }
"""


def draw(run: Path, figures: Path) -> list[Path]:
    """Draw a run's confusion matrix and training curves.

    Args:
        run: a finished run folder.
        figures: where the pictures go.

    Returns:
        The paths of the pictures.
    """
    plots.use_style()
    card = Card.read(run)
    labels, probabilities = card.predictions(run)
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    counted = evaluation.accuracy(labels, probabilities.argmax(axis=1))
    last = history[card.epoch - 1]
    drawings = {
        "confusion_matrix.png": charts.confusion(
            evaluation.confusion(labels, probabilities.argmax(axis=1)),
            finding=f"{counted.n - counted.correct} of {counted.n:,} read wrongly: {card.test_name}",
        ),
        "training_accuracy.png": charts.curves(
            {"": history}, "accuracy", finding=f"Epoch {card.epoch} was kept: {last['val_accuracy']:.2%}"
        ),
        "training_loss.png": charts.curves(
            {"": history}, "loss", finding=f"Epoch {card.epoch} had the lowest validation loss"
        ),
    }
    for name, figure in drawings.items():
        with whole_file(figures / name) as aside:
            figure.savefig(aside)
        plots.plt.close(figure)
    return [figures / name for name in drawings]


def page(run: Path, notebooks: list[Path], figures: list[Path]) -> Path:
    """Write one HTML page with a run's numbers, pictures and executed notebooks.

    It loads nothing from elsewhere: no script, no font, no picture.

    Args:
        run: a finished run folder.
        notebooks: executed notebooks, in order.
        figures: pictures to show at the top.

    Returns:
        The path of the page, `report.html` in the run folder.
    """
    card = Card.read(run)
    labels, probabilities = card.predictions(run)
    counted = evaluation.accuracy(labels, probabilities.argmax(axis=1))
    titles = {path.stem: path.stem.replace("_", " ") for path in notebooks}
    links = "".join(f'<a href="#{stem}">{html.escape(title)}</a>' for stem, title in titles.items())
    rows = {
        card.test_name[0].upper() + card.test_name[1:]: str(counted),
        "Network": f"{card.architecture}, {card.parameters:,} parameters, epoch {card.epoch} kept",
        "Made with": ", ".join(f"{name} {version}" for name, version in card.versions.items()),
    }
    table = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in rows.items())
    pictures = "".join(
        f'<img alt="{path.stem}" src="data:image/png;base64,{_base64(path)}">' for path in figures
    )
    sections = "".join(f'<section id="{path.stem}">{_body(path)}</section>' for path in notebooks)
    name = html.escape(run.name)
    write_text(
        run / "report.html",
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>digitlib: {name}</title>"
        f"<style>{STYLE}{_code_colours()}</style></head><body><h1>Run {name}</h1>"
        f"<table>{table}</table><p><nav>{links}</nav>{pictures}{sections}</body></html>\n",
    )
    return run / "report.html"


def _body(notebook: Path) -> str:
    """Convert one notebook to HTML without head, scripts or style."""
    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)
    return exporter.from_notebook_node(nbformat.read(notebook, as_version=4))[0]


def _code_colours() -> str:
    """Return the style sheet that colours code."""
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(style="default", nobackground=True).get_style_defs(".highlight")


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
