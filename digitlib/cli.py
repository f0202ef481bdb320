"""The command line: `digitlib run | train | evaluate | predict | app | webcam | doctor | ...`."""

import argparse
import contextlib
import dataclasses
import io
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from digitlib import own
from digitlib.config import TrainingConfig
from digitlib.errors import DigitlibError
from digitlib.logs import log, logged

FINE, SOME_FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130  # exit statuses
SHARED = {  # options of more than one command
    "--log-level": {"choices": ["debug", "info", "warning", "error"], "default": "info"},
    "--data": {"metavar": "PATH", "help": "an mnist.npz; else DIGITLIB_DATA, cache, download, 5k sample"},
    "--model": {"metavar": "PATH", "help": "a .tflite, .h5 or .keras file or a run folder"},
    "--profile": {"default": "quick", "help": "quick (about a minute) or full (the long version)"},
    "--name": {"help": "of the folder under runs/"},
}


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


def guarded(verb: Any, arguments: argparse.Namespace) -> int:
    """Call a verb with logging set up; turn its errors into one sentence on standard error."""
    level = logging.getLevelName(arguments.log_level.upper())
    logging.basicConfig(format="%(levelname)s: %(message)s", force=True)
    logging.getLogger().handlers[0].setLevel(level)
    log.setLevel(min(logging.INFO, level))  # for run.log
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name may hold bytes that no text can
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return verb() or FINE
    except BrokenPipeError:
        sys.stderr.close()
        return FINE
    except (Exception, KeyboardInterrupt) as error:
        if level == logging.DEBUG:
            raise
        status, sentence = in_words(error)
        print(f"error: {sentence}", file=sys.stderr)
        return status


def in_words(error: BaseException) -> tuple[int, str]:
    """Return the exit status and the sentence for an error."""
    match error:
        case DigitlibError():
            return error.status, str(error)
        case KeyboardInterrupt():
            way = "a training goes on with the same settings (digitlib train: with --resume NAME)"
            return INTERRUPTED, f"stopped; {way}"
        case ModuleNotFoundError():
            return REFUSED, f"{error.name} is missing: make install, or pip install -e '.[all]'"
        case ImportError():
            return REFUSED, f"{error}; on Debian: sudo apt-get install -y libgl1 libglib2.0-0"
        case OSError():
            return REFUSED, f"{error}: free or name another place"
    return SOME_FAILED, f"{type(error).__name__}: {error} (a bug: --log-level debug shows where)"


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    whole = argparse.ArgumentParser(
        "digitlib", description="Recognise handwritten digits, and know when not to."
    )
    verbs = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(verb: Callable[[argparse.Namespace], int | None], *shared: str) -> Callable[..., Any]:
        """Offer a function under its name; return what adds an option that no other command has."""
        made = verbs.add_parser(verb.__name__, help=verb.__doc__)
        made.set_defaults(verb=verb)
        for name in ("--log-level", *shared):
            made.add_argument(name, **SHARED[name])
        return made.add_argument

    add = command(run, "--data", "--profile", "--name")
    parameter = "a notebook parameter; goes to every notebook that declares it"
    add("-p", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help=parameter)

    add = command(train, "--data", "--profile", "--name")
    for field in dataclasses.fields(TrainingConfig):
        if field.type in (int, float, str):
            add(f"--{field.name}", type=field.type, default=argparse.SUPPRESS)
    add("--resume", metavar="NAME", help="go on after the last finished epoch of runs/NAME")
    add("--tensorboard", action="store_true", help="log for TensorBoard, too")
    add("--ship", action="store_true", help="put the result into models/")
    add("--teach", metavar="FOLDER", type=Path, help="labelled digits of one hand to learn")
    add("--model", choices=["resnet50v2"], help="a network that knows photographs")
    add("--weights", default="imagenet", metavar="PATH", help="its weights; or imagenet")

    add = command(evaluate)
    add("run", nargs="?", type=Path, help="a run folder; by default models/")

    add = command(predict, "--model")
    add("pictures", nargs="+", metavar="PICTURE")
    add("--json", action="store_true", help="one JSON object per picture")
    add("--single", action="store_true", help="each picture is one digit; answer even if unsure")
    add("--show", metavar="FOLDER", type=Path, help="write a picture of each reading there")

    add = command(app, "--model")
    add("--address", default="127.0.0.1", help="to listen at; 0.0.0.0 lets others in")
    add("--port", type=int, default=8501)

    add = command(webcam, "--model")
    add("--source", default="0", help="a camera's number, a film, or an address")
    add("--headless", action="store_true", help="open no window")
    add("--output", type=Path, metavar="FILM", help="write what is seen, .webm or .mp4")
    add("--json", type=Path, metavar="FILE", help="write one JSON object per frame")

    command(doctor)

    add = command(refresh, "--data")
    add("notebooks", nargs="*", metavar="NN", help="such as 05; by default all")

    add = command(own.sheet)
    add("--paper", choices=["a4", "letter"], default="a4")
    add("--out", metavar="FOLDER", type=Path, default=".", help="by default the current one")

    add = command(own.score, "--model")
    add("photo", type=Path)
    add("--out", metavar="FOLDER", type=Path, help="by default sheet-NAME under runs/")

    add = command(own.sweep, "--data", "--name")
    add("notebook", type=Path)
    add("-g", action="append", required=True, metavar="NAME=A,B", help="values of a parameter")
    add("--workers", type=int, default=2, help="points at a time on this machine")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster that runs them instead")
    return whole


def run(arguments: argparse.Namespace) -> None:
    """Execute the notebooks in order."""
    from digitlib import pipeline

    started = time.monotonic()
    parameters = {name: value(text) for name, text in arguments.p}
    folder = pipeline.run(arguments.profile, parameters, name=arguments.name, source=arguments.data)
    print(pipeline.last_words(folder, time.monotonic() - started))


def train(arguments: argparse.Namespace) -> None:
    """Train a network."""
    from digitlib import card, config, data, models, shipping, training
    from digitlib.files import run_folder

    folder = run_folder(arguments.resume or arguments.name or time.strftime("%Y%m%d-%H%M%S-train"))
    start = training.settings_of(folder) if arguments.resume else config.profile(arguments.profile)
    names = TrainingConfig.__dataclass_fields__
    given = {name: value for name, value in vars(arguments).items() if name in names}
    settings = dataclasses.replace(start, **given)

    ended = arguments.resume and settings == start and (folder / card.NAME).is_file()
    if not ended:
        digits = data.load(arguments.data)
        if arguments.ship:
            shipping.require_full(digits.name)
        settings, digits = own.prepared(arguments, given, settings, digits, folder)
        models.require(settings.network)
        with logged(folder):
            log.info("Writing to %s; after a stop: digitlib train --resume %s", folder, folder.name)
            resume, tensorboard = bool(arguments.resume), arguments.tensorboard
            training.train(settings, digits, folder, resume=resume, tensorboard=tensorboard)
    _print_evaluation(folder)
    if arguments.ship:
        print(f"Shipped: {shipping.ship(folder)}")


def evaluate(arguments: argparse.Namespace) -> None:
    """Measure a run anew from its stored answers."""
    from digitlib.files import models

    _print_evaluation(arguments.run or models())


def _print_evaluation(folder: Path) -> None:
    """Print what a finished network reached, from its stored predictions."""
    from digitlib import evaluation, report

    card, labels, probabilities, counted = report.reached(folder)
    predictions = probabilities.argmax(axis=1)
    cooled = evaluation.calibrated(probabilities, card.temperature)
    print(f"{card.architecture}, {card.parameters:,} parameters, trained on {card.data}: {folder}")
    print(f"{card.test_name}: {counted}")
    print(f"loss {evaluation.log_loss(labels, cooled):.4f} nats, calibrated", end=", ")
    print(f"calibration error {evaluation.calibration_error(labels, cooled):.2%}")
    print("digit  precision  recall      n")
    for digit, (precision, recall, _, n) in enumerate(evaluation.per_class(labels, predictions)):
        print(f"{digit:5d}  {precision:9.2%}  {recall:6.2%}  {n:5.0f}")


def predict(arguments: argparse.Namespace) -> int:
    """Read the digits in pictures."""
    from digitlib.recognizer import Recognizer

    recognizer, failed = Recognizer.load(arguments.model), 0
    for number, path in enumerate(arguments.pictures, 1):
        try:
            reading = recognizer.read(path, single=arguments.single)
            if arguments.show:
                from digitlib import plots

                plots.use_style()
                plots.save(reading.show(), arguments.show / f"{Path(path).stem}-reading{number}.png")
            said = reading.as_dict()
        except DigitlibError as error:
            failed += 1
            said = {"error": str(error)}
        if arguments.json:
            print(json.dumps({"path": path} | said))
        elif "error" in said:
            print(f"error: {said['error']}", file=sys.stderr)
        else:
            print(f"{path}: {reading.reason or f'{reading.text} (confidence {reading.confidence:.2f})'}")
    if failed == len(arguments.pictures):
        return REFUSED
    return SOME_FAILED if failed else FINE


def app(arguments: argparse.Namespace) -> int:
    """Serve a web page that reads pictures."""
    from digitlib.app import serve

    return serve(arguments.address, arguments.port, arguments.model)


def webcam(arguments: argparse.Namespace) -> None:
    """Read digits before a camera or in a film."""
    from digitlib import Recognizer, camera

    wanted = {"window": not arguments.headless, "output": arguments.output, "lines": arguments.json}
    camera.watch(arguments.source, Recognizer.load(arguments.model), **wanted)


def doctor(arguments: argparse.Namespace) -> int:
    """Say what is installed and what is wrong."""
    from digitlib import doctor

    findings = list(doctor.examine())
    for finding in findings:
        print(f"{finding.verdict:10s}{finding.text}")
    return SOME_FAILED if any(finding.verdict == doctor.WRONG for finding in findings) else FINE


def refresh(arguments: argparse.Namespace) -> None:
    """Execute the notebooks in place."""
    from digitlib import pipeline

    pipeline.refresh(arguments.notebooks, source=arguments.data)


def value(text: str) -> Any:
    """Read a parameter's value as papermill does: a number, true or false, or else the text."""
    with contextlib.suppress(json.JSONDecodeError):
        return json.loads({"True": "true", "False": "false", "None": "null"}.get(text, text))
    return text


if __name__ == "__main__":
    sys.exit(main())
