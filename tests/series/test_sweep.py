"""Sweeps: every point once, whatever is killed, here and on Dask's own scheduler and workers."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import nbformat
import pytest
import yaml

from digitlib import files
from digitlib.doors import cli
from digitlib.errors import DigitlibError
from digitlib.series import cluster, sweep

ASSASSIN = """
import os, pathlib, signal, time
log = pathlib.Path(log)
with log.open("a") as file:
    file.write(f"{epochs} {seed}\\n")
victim = os.getppid()
for _ in range(generations):
    victim = int(pathlib.Path(f"/proc/{victim}/stat").read_text().rsplit(")", 1)[1].split()[1])
if epochs == 4 and seed == 1 and not log.with_suffix(".killed").exists():
    log.with_suffix(".killed").touch()
    os.kill(victim, signal.SIGKILL)
    time.sleep(30)
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A notebook that notes each start and kills its process (or that one's parent) once, half-way."""
    monkeypatch.setattr("digitlib.files.root", lambda: tmp_path)
    monkeypatch.setattr(sweep.mnist, "settle", lambda source: "settled")
    parameters = (
        f"epochs: int = 1  # n\nseed: int = 0  # n\nlog: str = {str(tmp_path / 'log')!r}  # n\n"
        f"generations: int = 0  # n\nrun: str = ''  # n"
    )
    cells = [nbformat.v4.new_code_cell(source) for source in (parameters, ASSASSIN)]
    cells[0].metadata.tags = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "small.ipynb")
    return tmp_path


GRID = {"epochs": [2, 4], "seed": [0, 1, 2]}
POINTS = {f"epochs={epochs},seed={seed}" for epochs in (2, 4) for seed in (0, 1, 2)}


def test_small_numbers_stay_numbers(project, monkeypatch):
    given = []

    def ran(words, **_):
        given.append(yaml.safe_load(words[words.index("-y") + 1]))
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(sweep.subprocess, "run", ran)
    point = {"rate": 1e-5, "size": 1e16, "run_on": True, "text": "1e-5", "nothing": None}
    assert sweep.run_point(project / "small.ipynb", project / "point", point, {}) == ""
    assert given[0] == point | {"run": given[0]["run"]}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")}


def table(folder: Path) -> list[tuple[str, str]]:
    with (folder / "table.csv").open(newline="") as file:
        return [(row["epochs"], row["seed"]) for row in csv.DictReader(file)]


@pytest.mark.slow
def test_six_points_are_there_once_though_a_process_is_killed_and_a_second_call_has_nothing_to_do(project):
    folder = sweep.run(project / "small.ipynb", GRID, workers=2)
    assert folder == project / "runs" / "sweep-small" and names(folder) == POINTS
    assert (project / "log.killed").exists()
    starts = Counter((project / "log").read_text().splitlines())
    assert starts == Counter({f"{e} {s}": 1 + (e == 4 and s == 1) for e in (2, 4) for s in (0, 1, 2)})
    assert table(folder) == [(str(e), str(s)) for e in (2, 4) for s in (0, 1, 2)]
    sweep.run(project / "small.ipynb", GRID)
    assert sum(Counter((project / "log").read_text().splitlines()).values()) == 7
    with (project / "small.ipynb").open("a") as file:
        file.write("\n")
    with pytest.raises(DigitlibError, match="another notebook or other digits"):
        sweep.run(project / "small.ipynb", GRID)


@pytest.mark.slow
def test_a_failing_point_is_named_and_the_others_are_kept(project):
    grid = {"seed": [1], "generations": [0, "word"]}
    with pytest.raises(
        DigitlibError, match=r"1 of 2 points failed, such as seed=1,generations=word: .*Error"
    ):
        sweep.run(project / "small.ipynb", grid, name="failing")
    assert names(project / "runs" / "failing") == {"seed=1,generations=0"}


@pytest.mark.slow
def test_a_dask_cluster_runs_every_point_once_though_a_worker_is_killed(project):
    address = project / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": str(Path(sweep.__file__).parents[2])}
    dask = [sys.executable, "-m", "dask"]
    own = {"env": environment, "cwd": project, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", address]
    work = ["worker", "--scheduler-file", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    running = [subprocess.Popen([*dask, *start], **own)]
    try:
        running += [subprocess.Popen([*dask, *work, "--host", "127.0.0.1"], **own) for _ in range(2)]
        for _ in range(600):
            if address.exists():
                break
            time.sleep(0.1)
        where = json.loads(address.read_text())["address"]
        grid = {"epochs": [2, 4], "seed": [0, 1, 2], "generations": [1]}
        folder = sweep.run(project / "small.ipynb", grid, scheduler=where, name="on-dask")
        assert names(folder) == {f"epochs={e},seed={s},generations=1" for e in (2, 4) for s in (0, 1, 2)}
        assert len(table(folder)) == 6 and (project / "log.killed").exists()
        assert sorted(process.poll() is not None for process in running) == [False, False, True]
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gone.ipynb", "-g", "seed=1"], "no notebook at gone.ipynb"),
        (["small.ipynb", "-g", "sed=1"], "small.ipynb has no parameter 'sed'"),
        (["small.ipynb", "-g", "run=a,b"], "no parameter 'run'"),
        (["small.ipynb", "-g", "seed=1,1"], "two points of the sweep have one name, such as seed=1"),
        (["small.ipynb", "-g", "seed=1", "--workers", "0"], "workers must be at least 1, got 0"),
        (["small.ipynb", "-g", "seed"], "such as -g epochs=2,4"),
        (["small.ipynb", "-g", "seed=0", "-g", "seed=1"], "-g names one parameter twice"),
        (["small.ipynb", "-g", "seed=1", "--scheduler", "tcp://127.0.0.1:9"], "no Dask scheduler answers"),
    ],
)
def test_a_wrong_request_is_one_sentence(project, words, message, monkeypatch, capsys):
    monkeypatch.chdir(project)
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    assert cli.main(["sweep", *words]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and message in said
    assert not (project / "runs").exists() or "scheduler" in message


def test_the_figure_names_every_point_and_the_best(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("digitlib.measuring.plots.save", lambda figure, path: drawn.append((figure, path)))
    points = {tmp_path / f"epochs={epochs}": {"epochs": epochs} for epochs in (2, 4)}
    for place, point in points.items():
        shutil.copytree(files.models(), place)
        note = json.dumps({"metadata": {"papermill": {"duration": 1.23}}})
        (place / "small.ipynb").write_text(note)
        card = json.loads((place / "card.json").read_text())
        card["metrics"]["validation"] |= {"n": 1000, "correct": 900 + point["epochs"], "accuracy": 0.9}
        (place / "card.json").write_text(json.dumps(card))
    sweep._compare(points, tmp_path, "small.ipynb")
    ((figure, path),) = drawn
    assert path == tmp_path / "sweep.png" and "Best of 2: epochs=4" in figure.get_suptitle()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["epochs=2", "epochs=4"]
    assert [text.get_text().strip() for text in figure.axes[0].texts] == ["90.20", "90.40"]
    assert (tmp_path / "table.csv").read_text().splitlines()[1] == "2,1.2,0.9"
