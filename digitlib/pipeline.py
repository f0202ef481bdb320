"""The notebooks, run in order with papermill, and refreshed in place for the repository."""

import dataclasses
import datetime
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tqdm import tqdm

from digitlib import data, report
from digitlib.config import Augmentation, TrainingConfig
from digitlib.config import profile as profile_of
from digitlib.errors import DigitlibError, PartFailed
from digitlib.files import root, run_folder, writing
from digitlib.logs import logged

log = logging.getLogger(__name__)

KERNEL = "python3"
QUIET = {"DIGITLIB_PROGRESS": "0", "TF_CPP_MIN_LOG_LEVEL": "3", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


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
        source: where the digits come from, as for `data.settle`.

    Returns:
        The run folder.

    Raises:
        DigitlibError: if no notebook declares one of the parameters, a value cannot be used, the
            folder exists or no kernel is installed; nothing is written then.
        PartFailed: if a notebook fails; it lies in the run folder as far as it came.
    """
    import papermill

    parameters, settings = dict(parameters or {}), profile_of(profile)
    declared = {path: set(papermill.inspect_notebook(str(path))) for path in notebooks()}
    known = set().union(*declared.values()) - {"run"}
    for unknown in parameters.keys() - known:  # papermill itself would only warn
        raise DigitlibError(f"no notebook has a parameter {unknown!r}: there are {', '.join(sorted(known))}")
    given = (_spelt(profile, settings) if profile != "quick" else {}) | parameters
    require_kernel()
    for kind in (TrainingConfig, Augmentation):  # refuses now what no training could be run with
        kind(**{name: value for name, value in given.items() if name in kind.__dataclass_fields__})
    settled = data.settle(source or given.get("data"))
    if settled != data.SAMPLE:
        data.load(settled)  # says now, not in a notebook, that the file is damaged
    environment = QUIET | {"DIGITLIB_DATA": settled}
    folder = _new_folder(name, profile)

    executed = []
    given["run"] = str(folder)
    with logged(folder), tqdm(declared, desc="notebooks", unit="notebook", disable=_no_progress()) as bar:
        for path in bar:
            bar.set_description(path.stem)
            chosen = {key: value for key, value in given.items() if key in declared[path]}
            executed.append(_execute(path, folder / path.name, chosen, environment))
    report.page(folder, executed, report.draw(folder, root() / "figures"))
    return folder


def refresh(names: Sequence[str] = (), *, source: str | None = None) -> None:
    """Execute the notebooks in place with their defaults and keep only what a reader needs.

    This is the only way that committed outputs are made.

    Args:
        names: beginnings of the names of notebooks, such as "05"; by default all.
        source: where full MNIST lies; the sample will not do.

    Raises:
        DigitlibError: if full MNIST cannot be had, or a notebook fails; it is left as it was.
    """
    settled = data.settle(source)
    if settled == data.SAMPLE:
        raise DigitlibError("committed outputs come from full MNIST only: set DIGITLIB_DATA to an mnist.npz")
    require_kernel()
    chosen = [path for path in notebooks() if path.name.startswith(tuple(names) or "")]
    for path in tqdm(chosen, desc="refresh", unit="notebook", disable=_no_progress()):
        aside = path.with_name(f".{path.name}")
        try:
            _execute(path, aside, {}, QUIET | {"DIGITLIB_DATA": settled})
            _normalise(aside)
            os.replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)


def notebooks() -> list[Path]:
    """Return the numbered notebooks in order.

    Raises:
        DigitlibError: where there are none, as in an installed package.
    """
    found = sorted((root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise DigitlibError(f"no notebooks under {root()}: run this in a clone of the repository")
    return found


def _spelt(profile: str, config: TrainingConfig) -> dict[str, Any]:
    """Spell a profile's training settings as notebook parameters."""
    settings = dataclasses.asdict(config)
    return {"profile": profile} | settings.pop("augmentation") | settings


def require_kernel() -> None:
    """Raise unless the kernel that the notebooks ask for starts this very Python.

    Raises:
        DigitlibError: naming the kernel, what it starts, and the way out.
    """
    from jupyter_client import KernelManager
    from jupyter_client.kernelspec import NoSuchKernel

    manager = KernelManager(kernel_name=KERNEL)
    try:
        command = Path(shutil.which(manager.format_kernel_cmd()[0]) or manager.kernel_spec.argv[0])
    except NoSuchKernel as error:
        raise DigitlibError(
            f"no Jupyter kernel called {KERNEL}: {sys.executable} -m pip install ipykernel"
        ) from error
    if command.parent.resolve() != Path(sys.executable).parent.resolve():  # several Pythons may share a file
        raise DigitlibError(
            f"the Jupyter kernel {KERNEL} in {manager.kernel_spec.resource_dir} starts {command}, which is "
            f"not this Python: remove that folder, then {sys.executable} -m ipykernel install --sys-prefix"
        )


def _new_folder(name: str | None, profile: str) -> Path:
    """Make a folder under `runs` that no other run has, also when two start in the same second."""
    now = datetime.datetime.now()
    with writing(root() / "runs"):
        (root() / "runs").mkdir(parents=True, exist_ok=True)
        while True:
            folder = run_folder(name or f"{now:%Y%m%d-%H%M%S}-{profile}")
            try:
                folder.mkdir()
                return folder
            except FileExistsError as error:
                if name is not None:
                    raise DigitlibError(f"{folder} is there already: choose another name") from error
                now += datetime.timedelta(seconds=1)


def _execute(path: Path, target: Path, parameters: Mapping[str, Any], environment: Mapping[str, str]) -> Path:
    """Execute one notebook with papermill in the caller's folder, where the caller's paths are meant."""
    import papermill
    from papermill.exceptions import PapermillException

    started = time.monotonic()
    try:
        with patch.dict(os.environ, environment):
            papermill.execute_notebook(
                str(path), str(target), dict(parameters), kernel_name=KERNEL, coalesce_streams=True,
                progress_bar=not _no_progress() and {"leave": False, "position": 1, "desc": path.stem},
                extra_arguments=["--IPKernelApp.log_level=50"],  # or each kernel warns that it talks over TCP
            )  # fmt: skip
    except (PapermillException, OSError, RuntimeError) as error:  # a kernel that died is a RuntimeError
        stays = target.parent != path.parent and target.exists()  # a refresh leaves nothing to see
        where = f"; see {target}" if stays else ""
        place = f" in cell {error.exec_count}" if hasattr(error, "exec_count") else ""
        kind = getattr(error, "ename", type(error).__name__)
        reason = str(getattr(error, "evalue", error)).strip().partition("\n")[0]
        raise PartFailed(f"{path.name} stopped{place} with {kind}: {reason}{where}") from error
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


def _normalise(path: Path) -> None:
    """Keep outputs and counts of a notebook; strip what tells of the machine and the moment."""
    extra = "metadata.papermill metadata.language_info cell.metadata.papermill cell.metadata.execution"
    kept = "--keep-output", "--keep-count", "--extra-keys"
    subprocess.run([sys.executable, "-m", "nbstripout", *kept, extra, str(path)], check=True)


def last_words(folder: Path, seconds: float) -> str:
    """Say what a run reached, how long it took, and which file to open.

    Args:
        folder: a finished run folder.
        seconds: how long it took.
    """
    card, _, _, counted = report.reached(folder)
    return (
        f"{card.test_name[0].upper()}{card.test_name[1:]}: {counted}\n"
        f"Time: {seconds // 60:.0f} min {seconds % 60:.0f} s\n"
        f"Open: {folder / 'report.html'}"
    )


def _no_progress() -> bool:
    return os.environ.get("DIGITLIB_PROGRESS") == "0"
