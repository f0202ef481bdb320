"""The page of a run opens offline, and the pictures are those of the run."""

import json
import re

import nbformat
import pytest
from PIL import Image

from digitlib import files, report


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    for path in files.models().iterdir():
        (run / path.name).write_bytes(path.read_bytes())
    rows = [
        {"epoch": epoch, "loss": 1 / epoch, "val_loss": 1 / epoch, "accuracy": 0.9, "val_accuracy": 0.95}
        for epoch in range(1, 60)
    ]
    (run / "history.json").write_text(json.dumps(rows))
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# A title with $x^2$"),
            nbformat.v4.new_code_cell(
                "print(6 * 7)", outputs=[nbformat.v4.new_output("stream", name="stdout", text="42\n")]
            ),
        ]
    )
    nbformat.write(notebook, run / "01_small.ipynb")
    figures = report.draw(run, run / "figures")
    return report.page(run, [run / "01_small.ipynb"], figures).read_text(), figures


def test_the_three_classic_pictures_are_drawn(made):
    assert [path.name for path in made[1]] == [
        "confusion_matrix.png",
        "training_accuracy.png",
        "training_loss.png",
    ]
    for path in made[1]:
        with Image.open(path) as picture:
            assert picture.width == 700


def test_nothing_is_loaded_from_elsewhere(made):
    page, _ = made
    assert "<script" not in page and "@import" not in page
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)
    assert page.count("data:image/png;base64,") == 3


def test_the_page_holds_numbers_and_notebooks(made):
    page, _ = made
    assert re.search(r"MNIST test set</th><td>99\.\d\d% \(95 % interval .*n = 10,000\)", page)
    assert "A title with" in page and "42" in page
    assert 'href="#01_small"' in page and 'id="01_small"' in page
