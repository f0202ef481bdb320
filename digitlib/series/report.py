"""What a finished run leaves for people to look at: pictures, and one page that opens offline."""

import base64
import itertools
import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock

from digitlib.files import copy, write_text
from digitlib.measuring import charts, evaluation, plots
from digitlib.networks.card import Card

if TYPE_CHECKING:
    from nbformat import NotebookNode

log = logging.getLogger(__name__)

# The template's own style takes the triangle away by which one sees that answers can be unfolded.
STYLE = "<style>summary { display: list-item; cursor: pointer; }</style>"


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
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    wrong = f"{counted.n - counted.correct} of {counted.n:,} read wrongly: {card.test_name}"
    kept = f"Epoch {card.epoch} was kept: it had the lowest validation loss"
    matrix = evaluation.confusion(labels, probabilities.argmax(axis=1))
    drawings = {
        "confusion_matrix.png": charts.confusion(matrix, finding=wrong),
        "training_accuracy.png": charts.curves(history, "accuracy", finding=kept),
        "training_loss.png": charts.curves(history, "loss", finding=kept),
    }
    for name, figure in drawings.items():
        plots.save(figure, run / name)
    figures.mkdir(parents=True, exist_ok=True)
    with FileLock(figures / ".lock"):
        for name in drawings:
            copy(run / name, figures / name)
            log.info("Wrote %s", figures / name)
    return [run / name for name in drawings]


def write(run: Path, notebooks: list[Path], pictures: list[Path]) -> Path:
    """Write one HTML page with a run's numbers, pictures and executed notebooks.

    It loads nothing from elsewhere: no script, no font, no picture.

    Args:
        run: a finished run folder.
        notebooks: executed notebooks, in order.
        pictures: PNG files to show at the top.

    Returns:
        The path of the page, `report.html` in the run folder.
    """
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_markdown_cell, new_notebook

    card, _, _, counted = reached(run)
    titles, sections = zip(*map(_section, notebooks), strict=True)
    facts = [
        f"# digitlib: run {run.name}",
        f"- {card.test_name}: {counted}",
        f"- network: {card.architecture}, {card.parameters:,} parameters, epoch {card.epoch} kept",
        f"- made with: {', '.join(f'{name} {version}' for name, version in card.versions.items())}",
        *(f"- [{title}](#{path.stem})" for title, path in zip(titles, notebooks, strict=True)),
        *(f"\n![{path.stem.replace('_', ' ')}]({_inline(path)})" for path in pictures),
    ]
    whole = new_notebook(cells=[new_markdown_cell("\n".join(facts)), *itertools.chain(*sections)])
    exporter = HTMLExporter(template_name="classic", exclude_input_prompt=True, exclude_output_prompt=True)
    html = exporter.from_notebook_node(whole, {"metadata": {"name": f"digitlib: run {run.name}"}})[0]
    html = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)  # which would come from elsewhere
    html = re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="#\1"', html)
    # What a notebook links to beside other notebooks does not lie beside the page: glossary, README, code.
    html = re.sub(r'<a href="(?!#|https?:|data:)[^"]*">(.*?)</a>', r"\1", html, flags=re.DOTALL)
    write_text(run / "report.html", html.replace("</head>", f"{STYLE}</head>", 1))
    return run / "report.html"


def _section(path: Path) -> tuple[str, "list[NotebookNode]"]:
    """Return a notebook's title and its cells, those with figures told under which heading they stand."""
    import nbformat
    from nbformat.v4 import new_markdown_cell

    cells, heading = nbformat.read(path, as_version=4).cells, path.stem
    for cell in cells:
        if cell.cell_type == "markdown":
            heading = (re.findall(r"^#+ (.*)", cell.source, re.MULTILINE) or [heading])[-1]
        cell.metadata["alt"] = heading
        cell.id = f"{path.stem}-{cell.id}"  # or two notebooks might share one
    title = cells[0].source.partition("\n")[0].lstrip("# ")
    return title, [new_markdown_cell(f'---\n<a id="{path.stem}"></a>'), *cells]


def _inline(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
