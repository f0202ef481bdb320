"""House rules for notebooks that a reader would notice, checked without running them."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_six_that_stand_alone_are_there_and_two_follow():
    stems = [path.stem for path in NOTEBOOKS]
    six = "01_exploration 02_augmentation 03_model 04_training 05_evaluation 06_predict_your_own"
    assert stems == [*six.split(), "07_transfer_learning", "08_read_a_page"]


def test_opens_with_one_title_and_closes_with_a_summary(notebook):
    titles = [c for c in notebook.cells if c.cell_type == "markdown" and c.source.startswith("# ")]
    assert titles == [notebook.cells[0]]
    assert "*Needs*" in notebook.cells[0].source and "*Takes*" in notebook.cells[0].source
    assert "## Exercises" in notebook.cells[-1].source and "## Summary" in notebook.cells[-1].source
    assert "<details>" in notebook.cells[-1].source


def test_parameters_come_first_and_explain_themselves(notebook):
    first, *others = code(notebook)
    assert "parameters" in first.metadata.tags
    assert not any("parameters" in cell.metadata.get("tags", []) for cell in others)
    for line in first.source.splitlines():
        (statement,) = ast.parse(line).body
        assert isinstance(statement, ast.AnnAssign) and "  # " in line, line


def test_was_run_top_to_bottom_and_kept_its_outputs(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    assert outputs
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in outputs)


def test_committed_outputs_come_from_full_mnist(notebook):
    printed = "".join(o.get("text", "") for cell in code(notebook) for o in cell.outputs)
    assert "5k sample" not in printed


def test_cells_stay_short_and_classes_live_in_the_library(notebook):
    for cell in code(notebook):
        assert sum(bool(line.strip()) for line in cell.source.splitlines()) <= 15, cell.source
        assert not any(isinstance(node, ast.ClassDef) for node in ast.walk(ast.parse(cell.source)))
        assert not cell.source.rstrip().endswith(";")


def test_is_about_as_long_as_a_reader_likes(notebook):
    assert 15 <= len(notebook.cells) <= 45
    assert 6 <= len(code(notebook)) <= 22


def test_what_depends_on_trained_weights_is_followed_by_a_check(notebook):
    cells = code(notebook)
    for i, cell in enumerate(cells):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            rest = cells[i + 1 :]
            checks = [c for c in rest if "assert " in c.source and not c.metadata.get("tags")]
            assert checks, cell.source


def test_carries_no_machine_state(notebook):
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert {key for cell in notebook.cells for key in cell.metadata} <= {"tags"}


def test_links_to_other_notebooks_lead_somewhere(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for word in cell.source.replace("(", " ").replace(")", " ").replace("`", " ").split():
                if word.endswith(".ipynb"):
                    assert (ROOT / "notebooks" / word).exists(), word


def test_a_parameter_means_the_same_in_every_notebook():
    lines = {}
    for path in NOTEBOOKS:
        for line in code(nbformat.read(path, as_version=4))[0].source.splitlines():
            name, _, rest = line.partition(":")
            lines.setdefault(name, set()).add(rest.split("=")[0].strip())
    assert {name: kinds for name, kinds in lines.items() if len(kinds) > 1} == {}


def test_calls_only_what_the_library_has(notebook):
    """A cell that parameters leave out is never executed by the other tests."""
    tree = ast.parse("\n".join(cell.source for cell in code(notebook) if not cell.source.startswith("%")))
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("digitlib"):
            for name in node.names:
                package = importlib.import_module(node.module)
                thing = getattr(package, name.name, None)
                modules[name.asname or name.name] = thing or importlib.import_module(
                    f"{node.module}.{name.name}"
                )
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            thing = modules[node.value.id]
            if inspect.ismodule(thing):
                assert hasattr(thing, node.attr), f"{thing.__name__} has no {node.attr}"


def test_ends_with_questions_that_it_answers(notebook):
    assert notebook.cells[-1].source.split("## Can you now answer?")[1].count("?\n") >= 3


def test_every_word_of_the_glossary_is_linked_once_where_it_is_first_used():
    glossary = (ROOT / "notebooks" / "glossary.md").read_text(encoding="utf-8")
    words = [
        line.removeprefix("## ").lower().replace(" ", "-")
        for line in glossary.splitlines()
        if line[:3] == "## "
    ]
    assert words == sorted(words)
    linked = [
        anchor
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        for anchor in re.findall(r"\]\(glossary\.md#([a-z-]+)\)", cell.source)
    ]
    assert sorted(linked) == words


@pytest.mark.slow
def test_the_site_opens_offline_and_no_link_is_broken(tmp_path):
    words = ["--quiet", "--fail-on-warning", "-c", ROOT / "notebooks" / "book", ROOT / "notebooks", tmp_path]
    made = subprocess.run([sys.executable, "-m", "sphinx", *words], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")}
    assert {"index.html", "glossary.html"} < pages.keys() and len(pages) >= 10
    for name, page in pages.items():
        assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://[^"]+"', page), name
        for link in re.findall(r'(?:src|href)="([^"#:?]*)(?:\?[^"#]*)?(?:#[^"]*)?"', page):
            assert not link or (tmp_path / link).exists(), f"{name} links to {link}"
        for page_name, anchor in re.findall(r'href="([^"#:?]*)#([^"]+)"', page):
            assert f'id="{anchor}"' in pages[page_name or name], f"{name} links to {page_name}#{anchor}"
