"""Notebooks run in order with their parameters, and are refreshed in place, or left as they were."""

import json
import os
import sys
from pathlib import Path
from unittest.mock import patch

import nbformat
import pytest
import refresh
from jupyter_client import KernelManager

from digitlib.errors import DigitlibError, PartFailed
from digitlib.series import pipeline


def notebook(path: Path, parameters: str, code: str) -> None:
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    cells = [first, nbformat.v4.new_code_cell(code)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two small notebooks; what follows them is another module's affair."""
    monkeypatch.setattr(pipeline, "root", lambda: tmp_path)
    monkeypatch.setattr("digitlib.files.root", lambda: tmp_path)
    monkeypatch.setattr(pipeline.report, "draw", lambda *_: [])
    monkeypatch.setattr(pipeline.report, "write", lambda *_: None)
    monkeypatch.setattr(pipeline.mnist, "settle", lambda source=None: "settled")
    monkeypatch.setattr(pipeline.mnist, "load", lambda source: None)
    note = "[epochs, os.environ['DIGITLIB_DATA'], os.getcwd()]"
    write = f"import json, os, pathlib\npathlib.Path(run, name).write_text(json.dumps({note}))"
    folder = 'run: str = ""  # folder'
    one, two = (tmp_path / "notebooks" / name for name in ("01_one.ipynb", "02_two.ipynb"))
    notebook(one, f"epochs: int = 3  # passes\n{folder}", f"name = 'one.json'\n{write}")
    notebook(two, f'word: str = "a"  # word\n{folder}', f"name, epochs = word + '.json', 0\n{write}")
    return tmp_path


@pytest.mark.slow
def test_parameters_go_to_the_notebooks_that_declare_them_and_data_is_settled_once(project):
    folder = pipeline.run(parameters={"epochs": 7, "word": "two"}, name="mine")
    assert folder == project / "runs" / "mine"
    home = os.getcwd()  # where a caller's relative paths are meant
    assert json.loads((folder / "one.json").read_text()) == [7, "settled", home]
    assert json.loads((folder / "two.json").read_text()) == [0, "settled", home]
    executed = nbformat.read(folder / "01_one.ipynb", as_version=4)
    assert any("injected-parameters" in cell.metadata.get("tags", []) for cell in executed.cells)
    with pytest.raises(DigitlibError, match="mine cannot be written: File exists"):
        pipeline.run(name="mine")


def test_an_unknown_parameter_is_refused_before_anything_is_made(project):
    with pytest.raises(DigitlibError, match=r"'epoch'.*epochs, word"):
        pipeline.run(parameters={"epoch": 7})
    assert not (project / "runs").exists()


@pytest.mark.slow
def test_a_failing_notebook_is_named_with_its_error(project):
    path = project / "notebooks" / "01_one.ipynb"
    notebook(path, 'word: str = ""  # word', "assert 1 == 2, 'not equal\\nby far'")
    with pytest.raises(
        PartFailed, match=r"01_one\.ipynb stopped in cell 2 with AssertionError: not equal; see"
    ):
        pipeline.run(name="failing")
    assert nbformat.read(project / "runs" / "failing" / "01_one.ipynb", as_version=4).cells[-1].outputs
    assert not (project / "runs" / "failing" / "02_two.ipynb").exists()


@pytest.mark.slow
def test_a_kernel_that_dies_and_a_full_disk_are_one_sentence(project, monkeypatch):
    path = project / "notebooks" / "01_one.ipynb"
    notebook(path, 'word: str = ""  # word', "import os\nos._exit(1)")
    with pytest.raises(
        PartFailed, match=r"01_one\.ipynb stopped with DeadKernelError: [^\n]*; see .*dead/01_one"
    ):
        pipeline.run(name="dead")

    def full(*_, **__):
        raise OSError(28, "No space left on device", "01_one.ipynb")

    monkeypatch.setattr("papermill.execute_notebook", full)
    with pytest.raises(PartFailed, match=r"stopped with OSError: .*No space left"):
        pipeline.run(name="full")


def test_a_folder_that_cannot_be_made_is_named(project):
    (project / "runs").symlink_to(project / "gone")
    with pytest.raises(DigitlibError, match=r"runs.* cannot be written"):
        pipeline.run()


@pytest.mark.slow
def test_refresh_keeps_outputs_and_drops_what_tells_of_the_machine(project):
    path = project / "notebooks" / "02_two.ipynb"
    notebook(path, 'word: str = "a"  # word', "print(word)")
    refresh.refresh(["02"])
    refreshed = nbformat.read(path, as_version=4)
    assert refreshed.cells[1].outputs[0].text == "a\n"
    assert [cell.execution_count for cell in refreshed.cells] == [1, 2]
    assert set(refreshed.metadata) <= {"kernelspec", "language_info"}
    assert {key for cell in refreshed.cells for key in cell.metadata} <= {"tags"}


@pytest.mark.slow
def test_a_failing_refresh_leaves_the_notebook_as_it_was(project):
    path = project / "notebooks" / "02_two.ipynb"
    notebook(path, 'word: str = "a"  # word', "1 / 0")
    before = path.read_bytes()
    with pytest.raises(DigitlibError, match=r"ZeroDivisionError.*; see .*runs/refresh/02_two"):
        refresh.refresh(["02"])
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["01_one.ipynb", "02_two.ipynb"]


def test_a_refresh_takes_full_mnist_only(project, monkeypatch):
    monkeypatch.setattr(pipeline.mnist, "settle", lambda: "sample")
    with pytest.raises(DigitlibError, match="full MNIST only"):
        refresh.refresh([])


def test_a_kernel_of_another_python_is_not_taken(monkeypatch, tmp_path):
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["/gone/bin/python"], "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    command = [KernelManager(kernel_name="python3").format_kernel_cmd()[0]]
    with patch.dict(os.environ, pipeline.ENVIRONMENT):
        command.append(KernelManager(kernel_name="python3").format_kernel_cmd()[0])
    assert command == ["/gone/bin/python", sys.executable]


def test_without_notebooks_one_is_told_where_to_find_them(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "root", lambda: tmp_path)
    with pytest.raises(DigitlibError, match="clone of the repository"):
        pipeline.run()


def test_a_profile_reaches_notebooks_as_plain_values():
    full = pipeline._spelt("full")
    assert full["profile"] == "full" and full["epochs"] > 3 and full["rotation"] > 0
    assert all(isinstance(value, int | float | str) for value in full.values())


@pytest.mark.slow
def test_a_finished_notebook_shows_pictures_instead_of_widgets(tmp_path):
    path = tmp_path / "notebooks" / "01_one.ipynb"
    pad = "import digitlib.doors.widgets as w\nw.Pad()"
    notebook(path, 'word: str = "a"  # word', pad)
    executed = pipeline.execute(path, tmp_path / "executed.ipynb", {}, "sample")
    read = nbformat.read(executed, as_version=4)
    assert set(read.cells[-1].outputs[0].data) == {"image/png", "text/plain"}
    assert "widgets" not in read.metadata


@pytest.mark.parametrize(("name", "text"), [("a.md", "# No notebook"), ("a.ipynb", "# No notebook")])
def test_what_is_no_notebook_is_one_sentence(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(DigitlibError, match="is no notebook"):
        pipeline.declared_in(tmp_path / name)
