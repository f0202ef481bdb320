"""The notebooks, run in order with papermill."""

import dataclasses
import datetime
import logging
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tqdm import tqdm

from digitlib import config
from digitlib.data import mnist
from digitlib.errors import DigitlibError, PartFailed
from digitlib.files import root, run_folder, start_folder, writing
from digitlib.logs import logged, no_progress
from digitlib.networks import card
from digitlib.series import report

log = logging.getLogger(__name__)

KERNEL = "python3"
ENVIRONMENT = {  # of every notebook: no chatter, and the kernel of this very Python before any other
    "DIGITLIB_PROGRESS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "JUPYTER_PATH": str(Path(sys.prefix, "share", "jupyter")),
}


def run(
    profile: str = "quick",
    parameters: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    source: str | None = None,
) -> Path:
    """Execute all notebooks in order into a new run folder, and write its report.

    Args:
        profile: a key of `config.PROFILES`.
        parameters: values for notebook parameters; each goes to every notebook that declares it.
        name: of the folder under `runs`; by default date, time and profile.
        source: where the digits come from, as for `data.mnist.settle`.

    Returns:
        The run folder.

    Raises:
        DigitlibError: if no notebook declares one of the parameters, a value cannot be used, or the
            folder exists; nothing is written then.
        PartFailed: if a notebook fails; it lies in the run folder as far as it came.
    """
    parameters, from_profile = dict(parameters or {}), _spelt(profile)
    declared = {path: declared_in(path) for path in notebooks()}
    known = set().union(*declared.values()) - {"run"}
    for unknown in parameters.keys() - known:  # papermill itself would only warn
        raise DigitlibError(f"no notebook has a parameter {unknown!r}: there are {', '.join(sorted(known))}")
    given = (from_profile if profile != "quick" else {}) | parameters
    settings = _laid(config.profile(profile), given)  # refuse what no training could be run with
    _laid(settings.augmentation, given)
    if settings.start:
        card.Card.read(start_folder(settings.start))
    settled = mnist.settle(source or str(given.get("data") or ""))
    if settled != mnist.SAMPLE:
        mnist.load(settled)  # says now, not in a notebook, that the file is damaged
    folder = run_folder(name or f"{datetime.datetime.now():%Y%m%d-%H%M%S-%f}-{profile}")
    with writing(folder):
        folder.mkdir(parents=True)  # refuses one that is there

    executed = []
    given["run"] = str(folder)
    with logged(folder), tqdm(declared, desc="notebooks", unit="notebook", disable=no_progress()) as bar:
        for path in bar:
            bar.set_description(path.stem)
            chosen = {key: value for key, value in given.items() if key in declared[path]}
            executed.append(execute(path, folder / path.name, chosen, settled))
    report.write(folder, executed, report.draw(folder, root() / "figures"))
    return folder


def notebooks() -> list[Path]:
    """Return the numbered notebooks in order.

    Raises:
        DigitlibError: where there are none, as in an installed package.
    """
    found = sorted((root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise DigitlibError(f"no notebooks under {root()}: run this in a clone of the repository")
    return found


def declared_in(notebook: Path) -> set[str]:
    """Return the names of the parameters that a notebook declares."""
    import papermill

    if notebook.suffix != ".ipynb":
        raise DigitlibError(f"{notebook} is no notebook: its name must end in .ipynb")
    try:
        return set(papermill.inspect_notebook(notebook))
    except ValueError as error:  # it is no JSON, or not that of a notebook
        raise DigitlibError(f"{notebook} is no notebook, or damaged: {error}") from error


def _spelt(profile: str) -> dict[str, Any]:
    """Spell a profile's training settings as notebook parameters."""
    settings = dataclasses.asdict(config.profile(profile))
    return {"profile": profile} | settings.pop("augmentation") | settings


def _laid(settings: Any, given: Mapping[str, Any]) -> Any:
    """Return settings, which check themselves, with those parameters that they know."""
    names = given.keys() & {field.name for field in dataclasses.fields(settings)}
    return dataclasses.replace(settings, **{name: given[name] for name in names})


def execute(path: Path, target: Path, parameters: Mapping[str, Any], source: str) -> Path:
    """Execute one notebook with papermill in the caller's folder, where the caller's paths are meant.

    Args:
        path: the notebook.
        target: where the executed one goes.
        parameters: values for its parameters.
        source: where its digits come from, settled.

    Returns:
        The target.

    Raises:
        PartFailed: if a cell fails, or the kernel or the disk does.
    """
    import papermill

    started = time.monotonic()
    silent = ["--IPKernelApp.log_level=50"]  # or each kernel warns that it talks over TCP
    bar = not no_progress() and {"leave": False, "position": 1, "desc": path.stem}
    how = {"coalesce_streams": True, "progress_bar": bar, "extra_arguments": silent}
    try:
        with patch.dict(os.environ, ENVIRONMENT, DIGITLIB_DATA=source):
            papermill.execute_notebook(path, target, dict(parameters), kernel_name=KERNEL, **how)
    except Exception as error:  # of a cell, a kernel that died or is none, a disk that is full
        where = f"; see {target}" if target.exists() else ""
        place = f" in cell {error.exec_count}" if hasattr(error, "exec_count") else ""
        reason = f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"
        raise PartFailed(f"{path.name} stopped{place} with {reason.splitlines()[0]}{where}") from error
    _without_widgets(target)
    log.info("%s took %.0f s", path.name, time.monotonic() - started)
    return target


def _without_widgets(path: Path) -> None:
    """Leave the pictures that stand in for widgets: nothing behind a finished notebook could move these."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    nbformat.write(notebook, path)
