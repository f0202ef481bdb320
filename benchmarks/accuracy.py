"""Accuracy of a recipe over seeds, beside the baselines: one row per seed in accuracy.csv.

python benchmarks/accuracy.py [--profile quick] [--network NAME] [--epochs N] [--seeds 5] [--at-once 1]

A seed that has its row is not trained again, so the program can be stopped and started; rows of
another recipe (settings or layers) of the same profile and network are dropped. With `--at-once` several
seeds are trained side by side, each on its share of the cores, and their time is that on this share.
For every seed the epoch is chosen on validation digits and the test digits are read once. From five seeds
on there is an ensemble, always of seeds 0 to 4: the mean of their probabilities, none of it selected.

Fifteen of the 10,000 test labels are wrong as human reviewers found (Northcutt, Athalye, Mueller 2021,
arXiv:2103.14749), so differences near 99.85 % say nothing.
"""

import argparse
import csv
import hashlib
import multiprocessing
import os
import platform
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import numpy as np

from digitlib import files
from digitlib.config import PROFILES, TrainingConfig
from digitlib.data import mnist
from digitlib.measuring import baselines
from digitlib.measuring.evaluation import accuracy, log_loss
from digitlib.networks.card import Card

TABLE = Path(__file__).with_suffix(".csv")
COLUMNS = (
    "reader profile network recipe parameters seed epochs correct n accuracy loss seconds cpu cores python "
    "keras tensorflow"
).split()
TOGETHER = 5  # seeds in an ensemble


def main() -> None:
    """Fill the table up to the number of seeds, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--profile", default="quick", choices=list(PROFILES))
    parser.add_argument("--network", help="by default the profile's")
    parser.add_argument("--epochs", type=int, help="by default the profile's")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=1, help="seeds that train side by side")
    chosen = parser.parse_args()
    given = {"network": chosen.network, "epochs": chosen.epochs}
    config = replace(PROFILES[chosen.profile], **{name: value for name, value in given.items() if value})
    digits = mnist.load()
    if digits.is_sample:
        raise SystemExit("error: the table is about full MNIST: set DIGITLIB_DATA to an mnist.npz")

    rows = read()
    for name, reader in baselines.READERS.items():
        if not any(row["reader"] == name for row in rows):
            started = time.perf_counter()
            counted = accuracy(digits.test.labels, reader(digits.train, digits.test.images))
            rows.append(_row(name, counted, time.perf_counter() - started))
            write(rows)
    rung, recipe = {"profile": chosen.profile, "network": config.network}, _recipe(config)
    rows = [row for row in rows if not rung.items() <= row.items() or row["recipe"] == recipe]
    write(rows)
    done = [row["seed"] for row in rows if rung.items() <= row.items()]
    missing = [replace(config, seed=seed) for seed in range(chosen.seeds) if str(seed) not in done]
    for row in _trained(rung, missing, at_once=chosen.at_once):
        rows = [*read(), row]  # for a second program may have trained another rung meanwhile
        write(rows)
    mine = sorted(rungs(rows).get(tuple(rung.values()), []), key=lambda row: int(row["seed"]))
    if len(mine) >= TOGETHER and not any(rung.items() <= row.items() and not row["seed"] for row in rows):
        rows.append(_ensemble(rung, mine[:TOGETHER]))
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


def rungs(rows: list[dict[str, str]]) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Return the rows of trained seeds by profile and network."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        if row["seed"]:
            found.setdefault((row["profile"], row["network"]), []).append(row)
    return found


def took(rows: list[dict[str, str]]) -> str:
    """Say how long trainings took on average, of those that were not stopped and resumed."""
    known = [float(row["seconds"]) for row in rows if row["seconds"]]
    cores = rows[0]["cores"]
    return f"{statistics.mean(known):.0f} s, {cores} core{'s' * (cores != '1')}" if known else ""


def _row(reader: str, counted, seconds: float | None, **more: object) -> dict[str, str]:
    """Put what was measured, and on what, into one row."""
    machine = {"cpu": processor(), "cores": len(_cores()), "python": platform.python_version()}
    reached = {"correct": counted.correct, "n": counted.n, "accuracy": f"{counted.value:.4f}"}
    values = {"reader": reader, "seconds": "" if seconds is None else f"{seconds:.1f}", **reached, **machine}
    return dict.fromkeys(COLUMNS, "") | {name: str(value) for name, value in (values | more).items()}


def _folder(rung: dict[str, str], seed: int) -> Path:
    return files.root() / "runs" / "accuracy" / f"{rung['profile']}-{rung['network']}-{seed}"


def _cores() -> list[int]:
    """Return the cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    return sorted(affinity(0)) if affinity else list(range(os.cpu_count()))


def _trained(
    rung: dict[str, str], configs: list[TrainingConfig], *, at_once: int
) -> Iterator[dict[str, str]]:
    """Train seeds, each in a process on its share of the cores, and yield their rows as they end."""
    new = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    shares = new.Queue()
    for worker in range(at_once):
        shares.put(_cores()[worker::at_once])
    with ProcessPoolExecutor(at_once, new, _keep_to, (shares,)) as pool:
        for done in as_completed([pool.submit(_train, rung, config) for config in configs]):
            yield done.result()


def _keep_to(shares: multiprocessing.Queue) -> None:
    """Keep this process to its share of the cores."""
    if len(share := shares.get()) < len(_cores()):
        os.sched_setaffinity(0, share)


def _train(rung: dict[str, str], config: TrainingConfig) -> dict[str, str]:
    """Train one seed in a folder of its own and return its row."""
    from digitlib.training import fit

    folder = _folder(rung, config.seed)
    begun, started = any(folder.glob("unfinished-*")), time.perf_counter()
    card = fit.train_anew(config, mnist.load(), folder)
    seconds = None if begun else time.perf_counter() - started  # nobody knows what was there before took
    labels, probabilities = card.predictions(folder)
    return _row(
        "digitlib", accuracy(labels, probabilities.argmax(axis=1)), seconds, **rung,
        recipe=_recipe(config), parameters=card.parameters, seed=config.seed, epochs=config.epochs,
        loss=card.metrics["test"]["loss"],
        keras=card.versions["keras"], tensorflow=card.versions["tensorflow"],
    )  # fmt: skip


def _ensemble(rung: dict[str, str], members: list[dict[str, str]]) -> dict[str, str]:
    """Return the row of the mean of several seeds' probabilities."""
    folders = [_folder(rung, int(row["seed"])) for row in members]
    read = [Card.read(folder).predictions(folder) for folder in folders]
    labels, mean = read[0][0], np.mean([probabilities for _, probabilities in read], axis=0)
    same = {name: members[0][name] for name in ("recipe", "epochs", "keras", "tensorflow")}
    return _row(
        f"ensemble of {len(members)}", accuracy(labels, mean.argmax(axis=1)),
        None, **rung, **same,
        parameters=sum(int(row["parameters"]) for row in members), loss=round(log_loss(labels, mean), 6),
    )  # fmt: skip


def _recipe(config: TrainingConfig) -> str:
    """Return a name for everything but the seed that decides what is trained."""
    from digitlib.networks.digits import build, layer_table

    layers = layer_table(build(config.network))
    return hashlib.sha256(f"{replace(config, seed=0).to_json()} {layers}".encode()).hexdigest()[:8]


def processor() -> str:
    """Return the processor's name."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def _print(rows: list[dict[str, str]]) -> None:
    """Print baselines and ensembles, and each rung's mean, spread and count."""
    for row in rows:
        if not row["seed"]:
            name = " ".join(filter(None, [row["reader"], row["profile"], row["network"]]))
            print(f"{name:30s} {float(row['accuracy']):.2%}  n = {row['n']}")
    for (profile, network), mine in rungs(rows).items():
        values = [100 * float(row["accuracy"]) for row in mine]
        spread = statistics.stdev(values) if len(values) > 1 else float("nan")
        print(
            f"digitlib, {profile}, {network}: mean {statistics.mean(values):.3f} % +- {spread:.3f} over "
            f"{len(values)} seeds ({min(values):.2f} to {max(values):.2f}), {took(mine)}"
        )


if __name__ == "__main__":
    main()
