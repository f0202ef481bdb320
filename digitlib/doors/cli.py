"""The command line: `digitlib run | train | evaluate | predict | app | webcam | doctor | ...`."""

import argparse
import dataclasses
import io
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from digitlib import files
from digitlib.config import PageConfig, TrainingConfig, described
from digitlib.doors import commands
from digitlib.errors import FINE, SOME_FAILED, DigitlibError, in_words
from digitlib.logs import log, logged

SHARED: dict[str, dict[str, Any]] = {  # options of more than one command, as argparse takes them
    "--log-level": {"choices": ["debug", "info", "warning", "error"], "default": "info"},
    "--debug": {"action": "store_true", "help": "show the traceback of an error"},
    "--data": {"metavar": "PATH", "help": "an mnist.npz; else DIGITLIB_DATA, cache, download, 5k sample"},
    "--model": {"metavar": "PATH", "help": "a .tflite, .h5 or .keras file or a run folder"},
    "--profile": {"help": "quick (by default), full (long), polish (follows full) or clean"},
    "--name": {"help": "of the folder under runs/"},
}
SETTLED = {  # what decides something already, and the options of training that would decide it otherwise
    "resume": ("profile", "model"), "teach": ("profile", "network", "model"), "model": ("network",)
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Args:
        argv: the words after `digitlib`; by default those of this process.

    Returns:
        0; 1 when some pictures failed and the rest was read; 2 when the request itself is
        wrong and nothing was done; 130 after Ctrl-C.
    """
    arguments = parser().parse_args(argv)
    return guarded(lambda: arguments.verb(arguments), arguments)


def guarded(verb: Callable[[], int | None], arguments: argparse.Namespace) -> int:
    """Call a verb with logging set up; turn its errors into one sentence on standard error."""
    level = logging.getLevelName(arguments.log_level.upper())
    logging.basicConfig(format="%(levelname)s: %(message)s", force=True)
    logging.getLogger().handlers[0].setLevel(level)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name may hold bytes that no text can
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = verb() or FINE
        sys.stdout.flush()  # or what waits there fails when nobody can say so
        return status
    except BrokenPipeError:  # nobody reads on, which is fine where nothing but printing was asked for
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED if _writes(arguments) else FINE
    except (Exception, KeyboardInterrupt) as error:
        if arguments.debug:
            raise
        status, sentence = in_words(error)
        print(f"error: {sentence}", file=sys.stderr)
        return status


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    whole = argparse.ArgumentParser("digitlib", description="Recognise handwritten digits.")
    verbs = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(verb: Callable[[argparse.Namespace], int | None], *shared: str) -> Callable[..., Any]:
        """Offer a function under its name; return what adds an option that no other command has."""
        made = verbs.add_parser(verb.__name__.replace("_", "-"), help=verb.__doc__)
        made.set_defaults(verb=verb)
        for name in ("--log-level", "--debug", *shared):
            made.add_argument(name, **SHARED[name])
        return made.add_argument

    add = command(run, "--data", "--profile", "--name")
    add("-p", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="a notebook parameter")

    add = command(train, "--data", "--profile", "--name")
    _offer_settings(add, TrainingConfig)
    add("--resume", metavar="NAME", help="go on after the last finished epoch of runs/NAME")
    add("--tensorboard", action="store_true", help="log for TensorBoard, too")
    add("--teach", metavar="FOLDER", type=_path, help="labelled digits of one hand to learn")
    add("--model", choices=["resnet50v2"], help="a network that knows photographs")

    add = command(commands.train_pages, "--data", "--name")
    _offer_settings(add, PageConfig)
    add("--workers", type=int, help="processes that make pages; by default one a processor")
    add("--resume", metavar="NAME", help="go on from the last checkpoint of runs/NAME")

    add = command(evaluate)
    add("run", nargs="?", type=_path, help="a run folder; by default models/")

    add = command(commands.export, "--data")
    add("run", nargs="?", type=_path, help="a run folder; by default models/")
    add("--out", metavar="FOLDER", type=_path, help="by default runs/exports")

    add = command(commands.predict, "--model")
    add("pictures", nargs="+", metavar="PICTURE", help="a file, a folder, a pattern, or - for standard input")
    add("--json", action="store_true", help="one JSON object per picture")
    add("--single", action="store_true", help="each picture is one digit; answer even if unsure")
    add("--show", metavar="FOLDER", type=_path, help="write a picture of each reading there")
    add("--output", metavar="TABLE", type=_path, help="write a .csv, .jsonl or .parquet table instead")
    add("--resume", action="store_true", help="go on with a table whose reading was stopped")
    add("--workers", type=int, default=1, help="processes that read")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster that reads instead")

    add = command(app, "--model")
    add("--address", default="127.0.0.1", help="to listen at; 0.0.0.0 lets others in")
    add("--port", type=int, default=8501)

    add = command(webcam, "--model")
    add("--source", default="0", help="a camera's number, a film, or an address")
    add("--headless", action="store_true", help="open no window")
    add("--output", type=_path, metavar="FILM", help="write what is seen, .webm or .mp4")
    add("--json", type=_path, metavar="FILE", help="write one JSON object per frame")

    command(doctor)

    add = command(commands.sheet)
    add("--paper", choices=["a4", "letter"], default="a4")
    add("--out", metavar="FOLDER", type=_path, default=".", help="by default the current one")

    add = command(commands.score, "--model")
    add("photo", type=_path)
    add("--out", metavar="FOLDER", type=_path, help="by default sheet-NAME under runs/")

    add = command(commands.sweep, "--data", "--name")
    add("notebook", type=_path)
    add("-g", action="append", required=True, metavar="NAME=A,B", help="values of a parameter")
    add("--workers", type=int, default=2, help="points at a time on this machine")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster that runs them instead")
    return whole


def _writes(arguments: argparse.Namespace) -> bool:
    """Tell whether more was asked for than to print something."""
    working = (run, train, commands.train_pages, commands.export, commands.sweep, webcam)
    files_asked = any(getattr(arguments, name, None) for name in ("output", "show"))
    return getattr(arguments, "verb", None) in working or files_asked


def _path(text: str) -> Path:
    """Read a path; a shell leaves the ~ of `--output=~/table.csv` to us."""
    return Path(text).expanduser()


def _offer_settings(add: Callable[..., Any], settings: type) -> None:
    """Offer every setting of a training as an option; what it does is taken from its docstring."""
    said = described(settings)
    for field in dataclasses.fields(settings):
        if field.type in (int, float, str):
            about = said.get(field.name, "").replace("%", "%%").replace("`", "")
            add(f"--{field.name}", type=field.type, default=argparse.SUPPRESS, help=about)


def run(arguments: argparse.Namespace) -> None:
    """Execute the notebooks in order."""
    from digitlib.series import pipeline

    started = time.monotonic()
    parameters = {name: commands.value(text) for name, text in arguments.p}
    folder = pipeline.run(
        arguments.profile or "quick", parameters, name=arguments.name, source=arguments.data
    )
    _print_evaluation(folder)
    seconds = time.monotonic() - started
    print(f"Time: {seconds // 60:.0f} min {seconds % 60:.0f} s\nOpen: {folder / 'report.html'}")


def train(arguments: argparse.Namespace) -> None:
    """Train a network."""
    from digitlib import config
    from digitlib.data import mnist
    from digitlib.training import fit, teach

    for settled, others in SETTLED.items():
        for other in others:
            if getattr(arguments, settled) and getattr(arguments, other, None):
                raise DigitlibError(f"--{settled} settles what --{other} says: leave one of them out")
    folder = commands.asked_folder(arguments, "train")
    given = {k: v for k, v in vars(arguments).items() if k in TrainingConfig.__dataclass_fields__}
    if given.get("weights") and not arguments.model:
        raise DigitlibError("--weights are those of a pre-trained network: add --model resnet50v2")
    if arguments.resume:
        start = fit.settings_of(folder)
    else:
        start = teach.SETTINGS if arguments.teach else config.profile(arguments.profile or "quick")
    settings, digits = dataclasses.replace(start, **given), mnist.load(arguments.data)
    settings, digits = commands.prepared(arguments, settings, digits, folder)
    fit.require(settings.network)
    if settings.start and not arguments.resume:
        fit.start_file(settings)  # fails now if anything is wrong with it, before a folder is made
    with logged(folder):
        again = f"{folder.name} --teach {arguments.teach}" if arguments.teach else folder.name
        log.info("Writing to %s; after a stop: digitlib train --resume %s", folder, again)
        resume, tensorboard = bool(arguments.resume), arguments.tensorboard
        fit.train(settings, digits, folder, resume=resume, tensorboard=tensorboard)
    _print_evaluation(folder)


def evaluate(arguments: argparse.Namespace) -> None:
    """Measure a run anew from its stored answers."""
    _print_evaluation(arguments.run or files.models())


def _print_evaluation(folder: Path) -> None:
    """Print what a finished network reached, from its stored predictions."""
    from digitlib.measuring import evaluation
    from digitlib.series import report

    card, labels, probabilities, counted = report.reached(folder)
    cooled = evaluation.calibrated(probabilities, card.temperature)
    print(f"{card.architecture}, {card.parameters:,} parameters, trained on {card.data}: {folder}")
    loss, error = evaluation.log_loss(labels, cooled), evaluation.calibration_error(labels, cooled)
    print(f"loss {loss:.4f} nats, calibrated, calibration error {error:.2%}")
    print(f"{card.test_name}: {counted}")


def app(arguments: argparse.Namespace) -> int:
    """Serve a web page that reads pictures."""
    from digitlib.doors.app import serve

    return serve(arguments.address, arguments.port, arguments.model)


def webcam(arguments: argparse.Namespace) -> None:
    """Read digits before a camera or in a film."""
    from digitlib import Recognizer
    from digitlib.doors import camera

    if arguments.headless and not (arguments.output or arguments.json):
        raise DigitlibError("--headless shows nothing: add --output FILM or --json FILE")
    wanted = {"window": not arguments.headless, "output": arguments.output, "lines": arguments.json}
    camera.watch(arguments.source, Recognizer.load(arguments.model), **wanted)


def doctor(arguments: argparse.Namespace) -> int:
    """Say what is installed and what is wrong."""
    from digitlib.doors import doctor

    status = FINE
    for verdict, text in doctor.examine():
        print(f"{verdict:10s}{text}")
        if verdict == doctor.WRONG:
            status = SOME_FAILED
    return status


if __name__ == "__main__":
    sys.exit(main())
