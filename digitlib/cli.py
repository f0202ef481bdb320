"""The command line: `digitlib run | train | evaluate | predict | app | webcam | doctor | refresh`."""

import argparse
import contextlib
import io
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from digitlib import own
from digitlib.errors import DigitlibError
from digitlib.logs import log, logged

FINE, SOME_FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130  # exit statuses


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
    logging.basicConfig(format="%(levelname)s: %(message)s", force=True)
    logging.getLogger().handlers[0].setLevel(arguments.log_level.upper())
    log.setLevel(min(logging.INFO, logging.getLevelName(arguments.log_level.upper())))  # for run.log
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name may hold bytes that no text can
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return verb()
    except BrokenPipeError:
        sys.stderr.close()
        return FINE
    except (Exception, KeyboardInterrupt) as error:
        if arguments.debug:
            raise
        status, sentence = in_words(error)
        print(f"error: {sentence}", file=sys.stderr)
        return status


def in_words(error: BaseException) -> tuple[int, str]:
    """Return the exit status and the sentence for an error."""
    if isinstance(error, DigitlibError):
        return error.status, str(error)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, (
            "stopped; an unfinished training goes on when it is started again with the same settings "
            "(digitlib train: with --resume NAME)"
        )
    if isinstance(error, ModuleNotFoundError):
        return REFUSED, f"{error.name} is missing: make install, or pip install -e '.[all]'"
    if isinstance(error, ImportError):
        return REFUSED, f"{error}; on Debian: sudo apt-get install -y libgl1 libglib2.0-0"
    if isinstance(error, OSError):
        return REFUSED, f"{error}: free or name another place"
    return SOME_FAILED, f"{type(error).__name__}: {error} (a bug: --debug shows where)"


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info", help="how much to log"
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument(
        "--data", metavar="PATH", help="an mnist.npz; else DIGITLIB_DATA, cache, download, 5k sample"
    )
    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("--model", metavar="PATH", help="a .tflite, .h5 or .keras file or a run folder")
    profile = argparse.ArgumentParser(add_help=False)
    profile.add_argument(
        "--profile", default="quick", help="quick (about a minute) or full (the long version)"
    )

    whole = argparse.ArgumentParser(
        "digitlib", description="Recognise handwritten digits, and know when not to."
    )
    verbs = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = verbs.add_parser("run", parents=[common, data, profile], help="execute the notebooks in order")
    run.add_argument(
        "-p", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), dest="parameters",
        help="a notebook parameter; goes to every notebook that declares it",
    )  # fmt: skip
    run.add_argument("--name", help="of the folder under runs/")
    run.set_defaults(verb=_run)

    train = verbs.add_parser("train", parents=[common, data, profile], help="train a network")
    _training_options(train)
    train.add_argument("--name", help="of the folder under runs/; by default date and time")
    train.add_argument("--resume", metavar="NAME", help="go on after the last finished epoch of runs/NAME")
    train.add_argument("--tensorboard", action="store_true", help="log for TensorBoard, too")
    train.add_argument("--ship", action="store_true", help="put the result into models/")
    own.add_to_train(train)
    train.set_defaults(verb=_train)

    evaluate = verbs.add_parser("evaluate", parents=[common], help="measure a run anew from its predictions")
    evaluate.add_argument("run", nargs="?", type=Path, help="a run folder; by default models/")
    evaluate.set_defaults(verb=_evaluate)

    predict = verbs.add_parser("predict", parents=[common, model], help="read the digits in pictures")
    predict.add_argument("pictures", nargs="+", metavar="PICTURE")
    predict.add_argument("--json", action="store_true", help="one JSON object per picture")
    predict.add_argument(
        "--single", action="store_true", help="each picture is one digit; answer even if unsure"
    )
    predict.add_argument("--show", metavar="FOLDER", type=Path, help="write a picture of each reading there")
    predict.set_defaults(verb=_predict)

    app = verbs.add_parser("app", parents=[common, model], help="serve a web page that reads pictures")
    app.add_argument("--address", default="127.0.0.1", help="to listen at; 0.0.0.0 lets others in")
    app.add_argument("--port", type=int, default=8501)
    app.set_defaults(verb=_app)

    webcam = verbs.add_parser(
        "webcam", parents=[common, model], help="read digits before a camera or in a film"
    )
    webcam.add_argument("--source", default="0", help="a camera's number, a film, or an address")
    webcam.add_argument("--headless", action="store_true", help="open no window")
    webcam.add_argument("--output", type=Path, metavar="FILM", help="write what is seen, .webm or .mp4")
    webcam.add_argument("--json", type=Path, metavar="FILE", help="write one JSON object per frame")
    webcam.set_defaults(verb=_webcam)

    doctor = verbs.add_parser("doctor", parents=[common], help="say what is installed and what is wrong")
    doctor.set_defaults(verb=_doctor)

    refresh = verbs.add_parser("refresh", parents=[common, data], help="execute the notebooks in place")
    refresh.add_argument("notebooks", nargs="*", metavar="NN", help="such as 05; by default all")
    refresh.set_defaults(verb=_refresh)
    own.add_to(verbs, [common], data)
    return whole


def _training_options(train: argparse.ArgumentParser) -> None:
    """Offer each plain setting of TrainingConfig as an option; what is left out comes from the profile."""
    from dataclasses import fields

    from digitlib.config import TrainingConfig

    for field in fields(TrainingConfig):
        if field.type in (int, float, str):
            train.add_argument(f"--{field.name}", type=field.type, metavar=field.name.upper())


def _run(arguments: argparse.Namespace) -> int:
    from digitlib import pipeline

    started = time.monotonic()
    parameters = {name: value(text) for name, text in arguments.parameters}
    folder = pipeline.run(arguments.profile, parameters, name=arguments.name, source=arguments.data)
    print(pipeline.last_words(folder, time.monotonic() - started))
    return FINE


def _train(arguments: argparse.Namespace) -> int:
    from dataclasses import replace

    from digitlib import card, config, data, models, shipping, training
    from digitlib.files import run_folder

    folder = run_folder(arguments.resume or arguments.name or time.strftime("%Y%m%d-%H%M%S-train"))
    start = training.settings_of(folder) if arguments.resume else config.profile(arguments.profile)
    names = config.TrainingConfig.__dataclass_fields__
    given = {name: value for name, value in vars(arguments).items() if name in names and value is not None}
    settings = replace(start, **given)

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
    return FINE


def _evaluate(arguments: argparse.Namespace) -> int:
    from digitlib.files import models

    _print_evaluation(arguments.run or models())
    return FINE


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


def _predict(arguments: argparse.Namespace) -> int:
    from digitlib.recognizer import Recognizer

    recognizer = Recognizer.load(arguments.model)
    failed, taken = 0, Counter()
    for path in arguments.pictures:
        stream = sys.stdout
        try:
            reading = recognizer.read(path, single=arguments.single)
            if arguments.show:
                from digitlib import plots

                stem = Path(path).stem
                plots.use_style()
                plots.save(reading.show(), arguments.show / f"{stem}-reading{taken[stem] or ''}.png")
                taken[stem] += 1
            said = reading.as_dict()
            line = f"{path}: {reading.reason or f'{reading.text} (confidence {reading.confidence:.2f})'}"
        except DigitlibError as error:
            failed += 1
            said, line, stream = {"error": str(error)}, f"error: {error}", sys.stderr
        if arguments.json:
            print(json.dumps({"path": path} | said))
        else:
            print(line, file=stream)
    if failed == len(arguments.pictures):
        return REFUSED
    return SOME_FAILED if failed else FINE


def _app(arguments: argparse.Namespace) -> int:
    from digitlib.app import serve

    return serve(arguments.address, arguments.port, arguments.model)


def _webcam(arguments: argparse.Namespace) -> int:
    from digitlib import Recognizer, camera

    wanted = {"window": not arguments.headless, "output": arguments.output, "lines": arguments.json}
    camera.watch(arguments.source, Recognizer.load(arguments.model), **wanted)
    return FINE


def _doctor(arguments: argparse.Namespace) -> int:
    from digitlib import doctor

    findings = list(doctor.examine())
    for finding in findings:
        print(f"{finding.verdict:10s}{finding.text}")
    return SOME_FAILED if any(finding.verdict == doctor.WRONG for finding in findings) else FINE


def _refresh(arguments: argparse.Namespace) -> int:
    from digitlib import pipeline

    pipeline.refresh(arguments.notebooks, source=arguments.data)
    return FINE


def value(text: str) -> Any:
    """Read a parameter's value as papermill does: a number, true or false, or else the text."""
    with contextlib.suppress(json.JSONDecodeError):
        return json.loads({"True": "true", "False": "false", "None": "null"}.get(text, text))
    return text


if __name__ == "__main__":
    sys.exit(main())
