"""The page of a run opens offline, and the pictures are those of the run."""

import base64
import html
import json
import re
import threading
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from PIL import Image

from digitlib import files
from digitlib.series import report


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    for path in filter(Path.is_file, files.models().iterdir()):
        (run / path.name).write_bytes(path.read_bytes())
    rows = [
        {"epoch": epoch, "loss": 1 / epoch, "val_loss": 1 / epoch, "accuracy": 0.9, "val_accuracy": 0.95}
        for epoch in range(1, 60)
    ]
    (run / "history.json").write_text(json.dumps(rows))
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(
                "# A title with $x^2$\nNext: [02](02_other.ipynb), a [word](glossary.md#w), [code](../x.py)."
            ),
            nbformat.v4.new_code_cell(
                "print(6 * 7)", outputs=[nbformat.v4.new_output("stream", name="stdout", text="42\n")]
            ),
            nbformat.v4.new_markdown_cell("## A picture & its name"),
            nbformat.v4.new_code_cell(
                "fig", outputs=[nbformat.v4.new_output("display_data", {"image/png": "aGVsbG8="})]
            ),
        ]
    )
    nbformat.write(notebook, run / "01_small.ipynb")
    figures = tmp_path_factory.mktemp("project") / "figures"
    pictures = report.draw(run, figures)
    (figures / "confusion_matrix.png").write_bytes(b"of another run that ends at the same time")
    return report.write(run, [run / "01_small.ipynb"], pictures).read_text(), pictures, figures


def test_the_three_classic_pictures_are_drawn(made):
    assert [path.name for path in made[1]] == [
        "confusion_matrix.png",
        "training_accuracy.png",
        "training_loss.png",
    ]
    for path in made[1]:
        with Image.open(path) as picture:
            assert picture.width == 700
    for path in made[1][1:]:
        assert (made[2] / path.name).read_bytes() == path.read_bytes()


def test_the_page_shows_the_pictures_of_its_own_run(made):
    page, pictures, _ = made
    for path in pictures:
        assert base64.b64encode(path.read_bytes()).decode() in page


def test_figures_wait_for_a_run_that_is_just_writing_its_own(made, tmp_path):
    run, figures = made[1][0].parent, tmp_path / "figures"
    figures.mkdir()
    with FileLock(figures / ".lock"):
        writer = threading.Thread(target=report.draw, args=(run, figures))
        writer.start()
        writer.join(1.5)
        assert writer.is_alive() and list(figures.glob("*.png")) == []
    writer.join(20)
    assert {path.name for path in figures.glob("*.png")} == {path.name for path in made[1]}


def test_every_picture_has_an_alternative_text_and_links_stay_on_the_page(made):
    alternatives = re.findall(r'<img[^>]* alt="([^"]*)"', made[0].replace("\n", " "))
    assert alternatives[0] == "confusion matrix" and len(alternatives) == made[0].count("<img") == 4
    assert html.unescape(alternatives[-1]) == "A picture & its name"
    assert 'href="#02_other"' in made[0] and ".ipynb" not in made[0]
    assert "a word, code." in made[0] and "glossary.md" not in made[0] and "x.py" not in made[0]


def test_nothing_is_loaded_from_elsewhere(made):
    page = made[0]
    assert "<script" not in page and "@import" not in page
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)
    assert page.count('src="data:image/png;base64,') == 4


def test_the_page_holds_numbers_and_notebooks(made):
    page = made[0]
    assert re.search(r"MNIST test set: 99\.\d\d% \(95 % interval .*n = 10,000\)", page)
    assert "A title with" in page and "42" in page
    assert 'href="#01_small"' in page and 'id="01_small"' in page


def test_answers_are_seen_to_unfold(made):
    head, _, body = made[0].partition("</head>")
    assert head.rindex("summary { display: list-item") > head.rindex("display: block")  # the last one counts
    assert "<style" not in body
