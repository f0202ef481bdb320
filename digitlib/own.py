"""The commands for what is one's own: `digitlib sheet | score | sweep`, and how a network is taught."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from digitlib.errors import DigitlibError
from digitlib.files import run_folder


def add_to(verbs: Any, common: list[argparse.ArgumentParser], data: argparse.ArgumentParser) -> None:
    """Describe the three commands to the command line.

    Args:
        verbs: what `add_subparsers` returned.
        common: options of every command.
        data: the option that names the digits.
    """
    sheet = verbs.add_parser("sheet", parents=common, help="make a page to print and to write digits on")
    sheet.add_argument("--paper", choices=["a4", "letter"], default="a4")
    sheet.add_argument("--out", metavar="FOLDER", type=Path, default=".", help="by default the current one")
    sheet.set_defaults(verb=_sheet)

    score = verbs.add_parser("score", parents=common, help="read a photo of the filled page; say how well")
    score.add_argument("photo", type=Path)
    score.add_argument("--model", metavar="PATH", help="a .tflite, .h5 or .keras file or a run folder")
    score.add_argument("--out", metavar="FOLDER", type=Path, help="by default sheet-NAME under runs/")
    score.set_defaults(verb=_score)

    sweep = verbs.add_parser("sweep", parents=[*common, data], help="run a notebook for many settings")
    sweep.add_argument("notebook", type=Path)
    sweep.add_argument("-g", action="append", required=True, metavar="NAME=A,B", help="values of a parameter")
    sweep.add_argument("--name", help="of the folder under runs/; the same name goes on where it was stopped")
    sweep.add_argument("--workers", type=int, default=2, help="points at a time on this machine")
    sweep.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that runs them instead")
    sweep.set_defaults(verb=_sweep)


def add_to_train(train: argparse.ArgumentParser) -> None:
    """Describe what `digitlib train` can start from."""
    train.add_argument("--teach", metavar="FOLDER", type=Path, help="labelled digits of one hand to learn")
    train.add_argument("--model", choices=["resnet50v2"], help="a network that knows photographs")
    train.add_argument("--weights", default="imagenet", metavar="PATH", help="its weights; or imagenet")


def prepared(
    arguments: argparse.Namespace, given: dict[str, Any], settings: Any, digits: Any, folder: Path
) -> tuple[Any, Any]:
    """Make ready what `--teach` and `--model` ask for.

    Args:
        arguments: of `digitlib train`.
        given: the training settings among them.
        settings: the config so far.
        digits: the data set.
        folder: where the training will write; a pre-trained network is first trained frozen, beside it.

    Returns:
        The config and the data set to train with.
    """
    if arguments.teach:
        from digitlib import teach

        settings = settings if arguments.resume else replace(teach.SETTINGS, **given)
        settings = teach.stage(settings, digits)
        digits = teach.lesson(teach.load(arguments.teach), digits, seed=settings.seed)
    if arguments.model or settings.network == "resnet50v2":
        from digitlib import training, transfer

        first = folder.with_name(f"{folder.name}-frozen")
        transfer.offer(None if arguments.resume else arguments.weights, frozen=not arguments.resume)
        if not arguments.resume:
            settings = replace(settings, network=arguments.model)
            training.train(settings, digits, first)
            transfer.offer(None, frozen=False)  # its weights come from the first training
            settings = replace(settings, start=first.name, learning_rate=settings.learning_rate / 20)
    return settings, digits


def _sheet(arguments: argparse.Namespace) -> int:
    from digitlib import plots, sheet

    for suffix in ("pdf", "png"):
        path = arguments.out / f"sheet-{arguments.paper}.{suffix}"
        plots.save(sheet.draw(arguments.paper), path, dpi=200)
        print(path)
    return 0


def _score(arguments: argparse.Namespace) -> int:
    import numpy as np

    from digitlib import evaluation, plots, sheet
    from digitlib.recognizer import Recognizer

    plots.use_style()
    answers = sheet.read(arguments.photo, Recognizer.load(arguments.model))
    folder = arguments.out or run_folder(f"sheet-{arguments.photo.stem}")
    wrong = sheet.keep(answers, folder, arguments.photo.stem)
    counted = evaluation.accuracy(*np.array([(a.prompt, a.digit.digit) for a in answers]).T)
    print(f"Your digits: {counted}")
    for answer in wrong:
        print(f"row {answer.row}, box {answer.column}: {answer.prompt} read as {answer.digit.digit}")
    print(f"Labelled digits: {folder}" + (f", mistakes: {folder / 'mistakes.png'}" if wrong else ""))
    return 0


def _sweep(arguments: argparse.Namespace) -> int:
    from digitlib import sweep
    from digitlib.cli import value

    pairs = [words.partition("=") for words in arguments.g]
    if not all(name and values for name, _, values in pairs):
        raise DigitlibError("-g takes a parameter and its values, such as -g epochs=2,4")
    grid = {name: [value(text) for text in values.split(",")] for name, _, values in pairs}
    places = {name: getattr(arguments, name) for name in ("name", "workers", "scheduler")}
    folder = sweep.run(arguments.notebook, grid, **places, source=arguments.data)
    print((folder / "table.csv").read_text(encoding="utf-8") + f"Open: {folder}")
    return 0
