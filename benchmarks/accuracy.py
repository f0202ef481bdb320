"""Accuracy of a recipe over seeds, beside the baselines: one row per seed in accuracy.csv.

python benchmarks/accuracy.py [--profile quick] [--seeds 5]

A seed that has its row is not trained again, so the program can be stopped and started; rows of
another recipe (settings or network) are dropped.
For every seed the epoch is chosen on validation digits and the test digits are read once.
"""

import argparse
import csv
import hashlib
import os
import platform
import statistics
import time
from dataclasses import replace
from pathlib import Path

from digitlib import baselines, data, files
from digitlib.config import PROFILES
from digitlib.evaluation import accuracy

TABLE = Path(__file__).with_suffix(".csv")
COLUMNS = (
    "reader profile recipe parameters seed epochs correct n accuracy loss seconds cpu cores python "
    "keras tensorflow"
).split()


def main() -> None:
    """Fill the table up to the number of seeds, and print it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--profile", default="quick", choices=list(PROFILES))
    arguments.add_argument("--seeds", type=int, default=5)
    chosen = arguments.parse_args()
    digits = data.load()
    if digits.is_sample:
        raise SystemExit("error: the table is about full MNIST: set DIGITLIB_DATA to an mnist.npz")

    rows = read()
    for name, reader in baselines.READERS.items():
        if not any(row["reader"] == name for row in rows):
            started = time.perf_counter()
            counted = accuracy(digits.test.labels, reader(digits.train, digits.test.images))
            rows.append(_row(name, counted, time.perf_counter() - started))
            write(rows)
    recipe = _recipe(chosen.profile)
    rows = [row for row in rows if row["profile"] != chosen.profile or row["recipe"] == recipe]
    for seed in range(chosen.seeds):
        if not any(row["profile"] == chosen.profile and row["seed"] == str(seed) for row in rows):
            rows.append(_train(chosen.profile, seed, digits))
            write(rows)
    _print(rows)


def read() -> list[dict[str, str]]:
    """Return the rows that are there."""
    if not TABLE.exists():
        return []
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


def write(rows: list[dict[str, str]]) -> None:
    """Write the table, whole or not at all."""
    with files.whole_file(TABLE) as aside, aside.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _row(reader: str, counted, seconds: float, **more: object) -> dict[str, str]:
    """Put what was measured, and on what, into one row."""
    machine = {"cpu": _cpu(), "cores": os.cpu_count(), "python": platform.python_version()}
    reached = {"correct": counted.correct, "n": counted.n, "accuracy": f"{counted.value:.4f}"}
    values = {"reader": reader, "seconds": f"{seconds:.1f}", **reached, **machine}
    return dict.fromkeys(COLUMNS, "") | {name: str(value) for name, value in (values | more).items()}


def _train(profile: str, seed: int, digits: data.Digits) -> dict[str, str]:
    """Train one seed in a folder of its own and return its row."""
    from digitlib import training

    config = replace(PROFILES[profile], seed=seed)
    folder = files.root() / "runs" / "accuracy" / f"{profile}-{seed}"
    started = time.perf_counter()
    card = training.train(config, digits, folder, replace=True)
    seconds = time.perf_counter() - started
    labels, probabilities = card.predictions(folder)
    return _row(
        "digitlib", accuracy(labels, probabilities.argmax(axis=1)), seconds,
        profile=profile, recipe=_recipe(profile), parameters=card.parameters, seed=seed, epochs=config.epochs,
        loss=card.metrics["test"]["loss"],
        keras=card.versions["keras"], tensorflow=card.versions["tensorflow"],
    )  # fmt: skip


def _recipe(profile: str) -> str:
    """Return a name for everything but the seed that decides what is trained."""
    from digitlib import models

    layers = models.layer_table(models.build(PROFILES[profile].network))
    return hashlib.sha256(f"{PROFILES[profile].to_json()} {layers}".encode()).hexdigest()[:8]


def _cpu() -> str:
    """Return the processor's name."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def _print(rows: list[dict[str, str]]) -> None:
    """Print baselines, and each profile's mean, spread and count."""
    for row in rows:
        if not row["profile"]:
            print(f"{row['reader']:30s} {float(row['accuracy']):.2%}  n = {row['n']}  {row['seconds']} s")
    for profile in PROFILES:
        mine = [row for row in rows if row["profile"] == profile]
        if mine:
            values = [100 * float(row["accuracy"]) for row in mine]
            spread = statistics.stdev(values) if len(values) > 1 else float("nan")
            seconds = statistics.mean(float(row["seconds"]) for row in mine)
            print(
                f"digitlib, {profile} profile: mean {statistics.mean(values):.3f} % +- {spread:.3f} over "
                f"{len(values)} seeds ({min(values):.2f} to {max(values):.2f}), {seconds:.0f} s each"
            )


if __name__ == "__main__":
    main()
