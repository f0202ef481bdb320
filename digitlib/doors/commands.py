"""Commands `digitlib predict | train-pages | export | sheet | score | sweep`, and how a network is taught."""

import argparse
import contextlib
import functools
import json
import os
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from digitlib.config import PageConfig
from digitlib.errors import FINE, REFUSED, SOME_FAILED, DigitlibError
from digitlib.files import alone, run_folder, sha256
from digitlib.logs import log, logged
from digitlib.networks.card import NAME as CARD


def prepared(arguments: argparse.Namespace, settings: Any, digits: Any, folder: Path) -> tuple[Any, Any]:
    """Make ready what `--teach` and `--model` ask for.

    Args:
        arguments: of `digitlib train`.
        settings: the config so far.
        digits: the data set.
        folder: where the training will write; a pre-trained network is first trained frozen, beside it.

    Returns:
        The config and the data set to train with.
    """
    if arguments.teach:
        from digitlib.training import teach

        settings = teach.of_the_same_data(settings, digits)
        digits = teach.lesson(teach.load(arguments.teach), digits, seed=settings.seed)
    if arguments.model:
        from digitlib.training import fit

        first = folder.with_name(f"{folder.name}-frozen")
        settings = replace(
            settings, network=arguments.model, weights=getattr(arguments, "weights", "imagenet"), frozen=True
        )
        log.info("First frozen, into %s; after a stop: the same command with --name %s", first, folder.name)
        begun = (first / "config.json").is_file()  # by the same command, which was stopped
        if not ((first / CARD).is_file() and fit.settings_of(first) == settings):
            fit.train(settings, digits, first, resume=begun)
        slower = settings.learning_rate / 20
        settings = replace(settings, frozen=False, start=first.name, learning_rate=slower)
    return settings, digits


def asked_folder(arguments: argparse.Namespace, kind: str) -> Path:
    """Return the folder of the run that is resumed or named, or a new one with the time in its name."""
    if arguments.resume and arguments.name is not None:
        raise DigitlibError("--resume settles what --name says: leave one of them out")
    named = arguments.resume if arguments.name is None else arguments.name
    return run_folder(time.strftime(f"%Y%m%d-%H%M%S-{kind}") if named is None else named)


def train_pages(arguments: argparse.Namespace) -> None:
    """Train the page network on made pages, then the crop network on what it finds there."""
    from digitlib.series import calibrate
    from digitlib.training import pages

    folder = asked_folder(arguments, "pages")
    given = {k: v for k, v in vars(arguments).items() if k in PageConfig.__dataclass_fields__}
    if arguments.resume and given:
        raise DigitlibError(f"--resume settles what --{next(iter(given))} says: leave one of them out")
    if given.get("start"):
        given["start"] = str(Path(given["start"]).expanduser().resolve())  # --resume may come from elsewhere
    config = pages.settings_of(folder) if arguments.resume else PageConfig(**given)
    if arguments.workers is not None and arguments.workers < 0:
        raise DigitlibError(f"workers must be at least 0, got {arguments.workers}")
    with logged(folder):
        log.info("Writing to %s; after a stop: digitlib train-pages --resume %s", folder, folder.name)
        pages.train(
            config, folder, source=arguments.data, resume=bool(arguments.resume), workers=arguments.workers
        )
        with alone(folder):
            card = calibrate.finish(folder, arguments.data, workers=arguments.workers)
    print(f"{folder}: {card.metrics}")


def predict(arguments: argparse.Namespace) -> int:
    """Read the digits in pictures."""
    from digitlib.doors import arrays, bulk, sources

    if arguments.workers < 1:
        raise DigitlibError(f"workers must be at least 1, got {arguments.workers}")
    if arguments.resume and not arguments.output:
        raise DigitlibError("--resume goes on with a table: name it with --output")
    if arguments.json and arguments.output:
        raise DigitlibError("--json prints, and --output writes a table: leave one of them out (or .jsonl)")
    recognizer = bulk.recognizer(arguments.model)  # says now what is wrong with a network
    if arguments.show and arguments.show.is_file():
        raise DigitlibError(f"{arguments.show} is a file, no folder: name another one for --show")
    names = [name for name in sources.expand(arguments.pictures) if not _is_drawn(name, arguments.show)]
    if not names:
        raise DigitlibError(f"{arguments.show} holds drawings of readings alone: name pictures")
    there = arguments.output and arguments.output.is_file()  # one that is not there yet is none of the names
    if there and os.path.realpath(arguments.output) in map(os.path.realpath, names):
        raise DigitlibError(f"{arguments.output} is to be read: name another file for what is read")
    if any(map(arrays.is_table, names)):
        return _predict_arrays(names, arguments)
    if arguments.scheduler or arguments.workers > 1:
        for name in names:
            if name == sources.STANDARD_INPUT or sources.is_pipe(name):
                raise DigitlibError(f"{name} is read by one process: leave out --workers and --scheduler")
    options = {name: getattr(arguments, name) for name in ("model", "single", "show", "debug")}
    if arguments.scheduler:  # its workers have folders of their own
        for name in ("model", "show"):
            options[name] = options[name] and Path(options[name]).expanduser().absolute()
        options["base"] = os.getcwd()
    read = functools.partial(
        bulk.read_all,
        work=functools.partial(bulk.read_one, **options),
        workers=arguments.workers,
        scheduler=arguments.scheduler,
    )
    if arguments.output:
        settled = {
            "pictures": arguments.pictures, "folder": os.getcwd(), "single": arguments.single,
            "model": arguments.model, "network": sha256(recognizer.file),
        }  # fmt: skip
        failed, count = bulk.tabulate(
            names, read, arguments.output, resume=arguments.resume, settings=settled
        )
        print(f"{arguments.output}: {count - failed} of {count} pages read, {failed} failed")
    else:
        failed, count = 0, 0
        for item, row in read(bulk.pages(names)):
            failed, count = failed + ("error" in row), count + 1
            _say(item.path, item.page + 1 if item.pages > 1 else None, row, as_json=arguments.json)
    if failed == count and not arguments.output:
        return REFUSED
    return SOME_FAILED if failed else FINE


def _is_drawn(name: str, show: Path | None) -> bool:
    """Tell whether a picture is a drawing of a reading, by an earlier call with the same `--show`."""
    drawn = show is not None and re.search(r"-reading\d+\.png$", name)
    return bool(drawn) and Path(name).absolute().parent == Path(show or "").absolute()


def _predict_arrays(names: list[str], arguments: argparse.Namespace) -> int:
    """Read digits that are stored as numbers."""
    from digitlib.doors import arrays, bulk, sources

    if far := [name for name in names if sources.is_remote(name)]:
        raise DigitlibError(f"{far[0]} is elsewhere: digits as numbers are read from files on this machine")
    if others := [name for name in names if not arrays.is_table(name)]:
        raise DigitlibError(
            f"{others[0]} is a picture, and others hold numbers: read them one after the other"
        )
    for option in ("show", "scheduler", "resume", "single"):
        if getattr(arguments, option):
            raise DigitlibError(f"--{option} is for pictures; {names[0]} holds digits as numbers")
    if arguments.workers > 1:
        raise DigitlibError(f"--workers is for pictures; {names[0]} holds digits as numbers")
    rows = arrays.read(map(Path, names), bulk.recognizer(arguments.model))
    if arguments.output:
        print(f"{arguments.output}: {arrays.write(rows, arguments.output):,} digits")
        return FINE
    for row in rows:
        if arguments.json:
            print(json.dumps(row))
        else:
            print(
                f"{row['path']}, digit {row['number']}: {row['label']} (confidence {row['confidence']:.2f})"
            )
    return FINE


def export(arguments: argparse.Namespace) -> None:
    """Write a network as ONNX and as LiteRT with 8 bits."""
    from digitlib import files
    from digitlib.series import exports

    out = arguments.out or files.root() / "runs" / "exports"
    said = exports.export(arguments.run or files.models(), out, arguments.data)
    print(f"{'file':20s}{'kB':>7s}{'accuracy':>10s}{'changed':>9s}{'p50 ms':>8s}{'p95 ms':>8s}")
    for name, row in said.items():
        size, times = f"{row['bytes'] / 1000:7,.0f}", f"{row['p50_ms']:8.2f}{row['p95_ms']:8.2f}"
        print(f"{name:20s}{size}{row['accuracy']:10.2%}{row['changed']:9d}{times}")
    print(f"Written: {out}; of {row['n']:,} test digits in one view, on this machine")


def _say(path: str, page: int | None, row: dict[str, Any], *, as_json: bool) -> None:
    """Print what was read in one picture, or why nothing was."""
    if as_json:
        print(json.dumps({"path": path} | ({"page": page} if page else {}) | row))
    elif "error" in row:
        print(f"error: {row['error']}", file=sys.stderr)
    else:
        read = row.get("reason") or f"{row['text']} (confidence {row['confidence']:.2f})"
        print(f"{path}{f', page {page}' if page else ''}: {read}")


def sheet(arguments: argparse.Namespace) -> None:
    """Make a page to print and to write digits on."""
    from digitlib.doors import sheet
    from digitlib.measuring import plots

    for suffix in ("pdf", "png"):
        path = arguments.out / f"sheet-{arguments.paper}.{suffix}"
        plots.save(sheet.draw(arguments.paper), path, dpi=200)
        print(path)


def score(arguments: argparse.Namespace) -> None:
    """Read a photo of the filled page; say how well."""
    from digitlib.doors import sheet
    from digitlib.measuring import evaluation, plots
    from digitlib.reading.recognizer import Recognizer

    plots.use_style()
    folder = arguments.out or run_folder(f"sheet-{arguments.photo.stem}")
    if (folder / "labels.csv").exists():
        raise DigitlibError(f"{folder} holds labelled pictures already: name another folder with --out")
    answers = sheet.read(arguments.photo, Recognizer.load(arguments.model))
    wrong = sheet.keep(answers, folder, arguments.photo.stem)
    print(f"Your digits: {evaluation.counted(len(answers) - len(wrong), len(answers))}")
    for answer in wrong:
        print(f"row {answer.row}, box {answer.column}: {answer.prompt} read as {answer.digit.digit}")
    print(f"Labelled digits: {folder}" + (f", mistakes: {folder / 'mistakes.png'}" if wrong else ""))


def sweep(arguments: argparse.Namespace) -> None:
    """Run a notebook for many settings."""
    from digitlib.series import sweep

    pairs = [words.partition("=") for words in arguments.g]
    if not all(name and values for name, _, values in pairs):
        raise DigitlibError("-g takes a parameter and its values, such as -g epochs=2,4")
    grid = {name: [value(text) for text in values.split(",")] for name, _, values in pairs}
    if len(grid) < len(pairs):
        raise DigitlibError("-g names one parameter twice: give all its values at once, such as -g seed=0,1")
    places = {name: getattr(arguments, name) for name in ("name", "workers", "scheduler")}
    folder = sweep.run(arguments.notebook, grid, **places, source=arguments.data)
    print((folder / "table.csv").read_text(encoding="utf-8") + f"Open: {folder}")


def value(text: str) -> Any:
    """Read a parameter's value: a number, True, False, true, false or None, or else the text."""
    named: dict[str, Any] = {"True": True, "true": True, "False": False, "false": False, "None": None}
    if text in named:
        return named[text]
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text
