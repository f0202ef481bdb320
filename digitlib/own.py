"""The commands for what is one's own: `digitlib sheet | score`."""

import argparse
from pathlib import Path
from typing import Any

from digitlib.files import run_folder, whole_file


def add_to(verbs: Any, common: list[argparse.ArgumentParser]) -> None:
    """Describe the two commands to the command line.

    Args:
        verbs: what `add_subparsers` returned.
        common: options of every command.
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


def _sheet(arguments: argparse.Namespace) -> int:
    from digitlib import sheet

    figure = sheet.draw(arguments.paper)
    for suffix in ("pdf", "png"):
        path = arguments.out / f"sheet-{arguments.paper}.{suffix}"
        with whole_file(path) as aside:
            figure.savefig(aside, dpi=200)
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
