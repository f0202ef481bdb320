"""Run one notebook for every combination of some parameters, in parallel, and lay the results side by side.

A point is one papermill process. It works in a folder aside that is renamed when the notebook has
ended, so a point is there as a whole or not at all, and a sweep that was stopped goes on.
"""

import functools
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from digitlib.data import mnist
from digitlib.errors import DigitlibError, PartFailed
from digitlib.files import run_folder, sha256, whole_file, write_text
from digitlib.logs import log, no_progress
from digitlib.networks import card
from digitlib.series import cluster, pipeline

PAPERMILL = [sys.executable, "-m", "papermill", "--no-progress-bar", "-k", pipeline.KERNEL]
NOTE = "sweep.json"  # what a folder's points are made from
TRIES = 3  # for a point whose process is killed from outside


def run(
    notebook: Path,
    grid: Mapping[str, Sequence[Any]],
    *,
    name: str | None = None,
    workers: int = 2,
    scheduler: str | None = None,
    source: str | None = None,
) -> Path:
    """Execute a notebook at every point of a grid; go on where an earlier call was stopped.

    Args:
        notebook: one with a cell of parameters.
        grid: the values of each parameter that varies.
        name: of the folder under `runs`; by default made from the notebook's.
        workers: how many points run at a time on this machine.
        scheduler: address of a Dask scheduler whose workers run them instead; they must see the same files.
        source: where the digits come from, as for `data.mnist.settle`.

    Returns:
        The sweep's folder: one folder a point, `table.csv`, and `sweep.png` where the notebook trains.

    Raises:
        DigitlibError: if the notebook declares no such parameter, or the folder holds another sweep.
        PartFailed: if points failed; the others are kept.
    """
    if not notebook.is_file():
        raise DigitlibError(f"no notebook at {notebook}")
    for unknown in grid.keys() - (pipeline.declared_in(notebook) - {"run"}):
        raise DigitlibError(f"{notebook.name} has no parameter {unknown!r} that a sweep can vary")
    if workers < 1:
        raise DigitlibError(f"workers must be at least 1, got {workers}")
    values = [dict(zip(grid, point, strict=True)) for point in itertools.product(*grid.values())]
    names = [",".join(f"{k}={v}" for k, v in point.items()).replace("/", "_") for point in values]
    if len(set(names)) < len(names):
        raise DigitlibError(f"two points of the sweep have one name, such as {max(names, key=names.count)}")
    environment = pipeline.ENVIRONMENT | {"DIGITLIB_DATA": mnist.settle(source)}
    folder = run_folder(name or f"sweep-{notebook.stem}")
    started = json.dumps({"notebook": sha256(notebook), "data": environment["DIGITLIB_DATA"]})
    if (folder / NOTE).is_file() and (folder / NOTE).read_text(encoding="utf-8") != started:
        raise DigitlibError(f"{folder} holds a sweep of another notebook or other digits: choose a --name")
    write_text(folder / NOTE, started)

    points = dict(zip((folder / name for name in names), values, strict=True))
    left = [place for place in points if not place.is_dir()]
    with _executor(workers, scheduler) as pool:
        task = functools.partial(run_point, notebook.resolve(), environment=environment)
        jobs = [pool.submit(task, place, points[place]) for place in left]
        try:
            bar = tqdm(jobs, desc="sweep", unit="point", disable=no_progress())
            failed = [said for job in bar if (said := job.result())]
        except KeyboardInterrupt:
            log.warning("points that have ended are kept: the same command goes on")
            raise
        except Exception as error:  # of a full disk, or of a cluster that is gone
            why = f"{type(error).__name__}: {error}"
            raise PartFailed(f"the points cannot be run on ({why}): the same command goes on") from error
        finally:  # after Ctrl-C, what has not begun is left
            for job in jobs:
                job.cancel()
    _compare({place: point for place, point in points.items() if place.is_dir()}, folder, notebook.name)
    if failed:
        raise PartFailed(f"{len(failed)} of {len(points)} points failed, such as {failed[0]}")
    return folder


def run_point(notebook: Path, place: Path, point: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Execute one point in a process of its own, anew if that is killed.

    Args:
        notebook: what to execute.
        place: the folder that will be there when it has ended well.
        point: its parameters.
        environment: variables on top of those of this process.

    Returns:
        What went wrong; empty when nothing did.
    """
    surroundings = {**os.environ, **environment}
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".", ignore_cleanup_errors=True) as aside:
            work = Path(aside, place.name)
            work.mkdir()
            given = yaml.safe_dump({**point, "run": str(work)})
            words = ["-y", given, str(notebook), str(work / notebook.name)]
            ran = subprocess.run([*PAPERMILL, *words], env=surroundings, capture_output=True, text=True)
            if ran.returncode == 0:
                if not place.is_dir():  # a scheduler that lost sight of a worker runs its point twice
                    os.replace(work, place)
                return ""
        stopped = ran.returncode == -signal.SIGINT  # by Ctrl-C, which reaches this process, too
        if stopped or (ran.returncode > 0 and "DeadKernelError" not in ran.stderr):
            break
    return f"{place.name}: {(ran.stderr.strip() or 'killed').splitlines()[-1]}"


def _executor(workers: int, scheduler: str | None) -> Any:
    """Return what runs points: threads that wait for processes, or a Dask cluster."""
    if scheduler is None:
        return ThreadPoolExecutor(workers)
    return cluster.client(scheduler)


def _compare(points: Mapping[Path, Mapping[str, Any]], folder: Path, notebook: str) -> None:
    """Write a row for each finished point; draw what was reached on validation digits, if known."""
    import pandas as pd

    from digitlib.measuring import charts, evaluation, plots

    rows, reached = [], {}
    for place, point in points.items():
        executed = json.loads((place / notebook).read_text(encoding="utf-8"))
        rows.append({**point, "seconds": round(executed["metadata"]["papermill"]["duration"], 1)})
        if (place / card.NAME).is_file():
            found = card.Card.read(place).metrics["validation"]
            rows[-1]["validation_accuracy"] = found["accuracy"]
            reached[place.name] = evaluation.counted(int(found["correct"]), int(found["n"]))[2:]
    with whole_file(folder / "table.csv") as aside:
        pd.DataFrame(rows).to_csv(aside, index=False)
    if reached:
        plots.use_style()
        unit = "accuracy with its 95 % interval (%), validation digits"
        finding = f"Best of {len(reached)}: {max(reached, key=lambda name: reached[name])}"
        plots.save(charts.intervals(reached, unit=unit, finding=finding), folder / "sweep.png")
