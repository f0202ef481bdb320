"""The notebooks, run in order with papermill, and refreshed in place for the repository."""

import datetime
import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from digitlib import data, report
from digitlib.card import Card
from digitlib.config import PROFILES, Augmentation, TrainingConfig
from digitlib.errors import DigitlibError
from digitlib.files import root, run_folder
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
        DigitlibError: if no notebook declares one of the parameters, the folder exists, a notebook
            fails, or no kernel is installed; nothing is written for the first two.
    """
    if profile not in PROFILES:
        raise DigitlibError(f"no profile is called {profile!r}: choose one of {', '.join(PROFILES)}")
    declared = {path: _declared(path) for path in notebooks()}
    given = (_parameters(profile) if profile != "quick" else {}) | dict(parameters or {})
    _refuse_unknown(parameters or {}, declared)
    require_kernel()
    _refuse_wrong_settings(given)
    settled = data.settle(source)
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
    figures = report.draw(folder, root() / "figures")
    report.page(folder, executed, figures)
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


def _declared(path: Path) -> set[str]:
    """Return the names of a notebook's parameters."""
    import papermill

    return set(papermill.inspect_notebook(str(path)))


def _parameters(profile: str) -> dict[str, Any]:
    """Spell a profile's training settings as notebook parameters."""
    import dataclasses

    settings = dataclasses.asdict(PROFILES[profile])
    return {"profile": profile} | settings.pop("augmentation") | settings


def _refuse_unknown(parameters: Mapping[str, Any], declared: Mapping[Path, set[str]]) -> None:
    """Papermill itself would only warn of a parameter that no notebook declares."""
    known = set().union(*declared.values()) - {"run"}
    for name in parameters:
        if name not in known:
            raise DigitlibError(f"no notebook has a parameter {name!r}: there are {', '.join(sorted(known))}")


def _refuse_wrong_settings(given: Mapping[str, Any]) -> None:
    """Refuse at once what no training could be run with."""
    for kind in (TrainingConfig, Augmentation):
        kind(**{name: value for name, value in given.items() if name in kind.__dataclass_fields__})


def require_kernel() -> None:
    """Raise unless the kernel that the notebooks ask for starts this very Python."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        KernelSpecManager().get_kernel_spec(KERNEL)
    except NoSuchKernel as error:
        raise DigitlibError(
            f"no Jupyter kernel called {KERNEL}: {sys.executable} -m pip install ipykernel"
        ) from error


def _new_folder(name: str | None, profile: str) -> Path:
    """Make a folder under `runs` that no other run has, also when two start in the same second."""
    now = datetime.datetime.now()
    while True:
        folder = run_folder(name or f"{now:%Y%m%d-%H%M%S}-{profile}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError as error:
            if name is not None:
                raise DigitlibError(f"{folder} is there already: choose another name") from error
            now += datetime.timedelta(seconds=1)
        except OSError as error:
            raise DigitlibError(f"{folder} cannot be made: {error.strerror}") from error


def _execute(path: Path, target: Path, parameters: Mapping[str, Any], environment: Mapping[str, str]) -> Path:
    """Execute one notebook with papermill in its own folder."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    before = dict(os.environ)
    os.environ.update(environment)
    started = time.monotonic()
    try:
        papermill.execute_notebook(
            str(path), str(target), dict(parameters), kernel_name=KERNEL, cwd=str(path.parent),
            progress_bar=not _no_progress() and {"leave": False, "position": 1, "desc": path.stem},
            log_output=False, request_save_on_cell_execute=False,
            extra_arguments=["--IPKernelApp.log_level=50"],  # or each kernel warns that it talks over TCP
        )  # fmt: skip
    except PapermillExecutionError as error:
        where = f"; see {target}" if target.parent != path.parent else ""  # a refresh leaves nothing to see
        log.error("%s stopped: %s: %s", path.name, error.ename, error.evalue)
        raise DigitlibError(
            f"{path.name} stopped in cell {error.exec_count} with {error.ename}: {error.evalue}{where}"
        ) from error
    finally:
        os.environ.clear()
        os.environ.update(before)
    log.info("%s took %.0f s", path.name, time.monotonic() - started)
    return target


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
    from digitlib.evaluation import accuracy

    card = Card.read(folder)
    labels, probabilities = card.predictions(folder)
    reached = accuracy(labels, probabilities.argmax(axis=1))
    return (
        f"{card.test_name[0].upper()}{card.test_name[1:]}: {reached}\n"
        f"Time: {seconds // 60:.0f} min {seconds % 60:.0f} s\n"
        f"Open: {folder / 'report.html'}"
    )


def _no_progress() -> bool:
    return os.environ.get("DIGITLIB_PROGRESS") == "0"
