"""Fill the README's tables and draw its picture from what other programs have measured.

python benchmarks/readme.py [--check]
"""

import json
import statistics
import sys
import textwrap
from pathlib import Path

import numpy as np
from accuracy import read, rungs, took
from conditions import pictures
from matplotlib.figure import Figure

from digitlib import Recognizer, files
from digitlib.config import PROFILES
from digitlib.data import mnist
from digitlib.measuring import evaluation, plots
from digitlib.networks.card import Card

ROOT = Path(__file__).parents[1]
HARMLESS = (
    "Harmless changes: turned by 5 degrees, half and double the size, JPEG, darker, brighter, inverted, "
    "with a margin, blurred."
)
BEGIN, END = "<!-- {}: written by benchmarks/readme.py -->", "<!-- end of {} -->"


def prose(*sentences: str) -> list[str]:
    """Return a paragraph as lines, after an empty one."""
    return ["", *textwrap.wrap(" ".join(sentences), 118, break_on_hyphens=False)]


def own_pictures() -> str:
    """Return the table about people's own pictures as Markdown, from own_pictures.json."""
    figures = json.loads((ROOT / "benchmarks" / "own_pictures.json").read_text(encoding="utf-8"))
    ours, theirs = figures["singles_read"], figures["singles_tutorial"]
    told, pages, strangers = figures["singles_told"], figures["pages"], figures["strangers"]

    def over_people(way: dict) -> str:
        return f"{way['right']}; over people {way['over_people']:.1%} ({way['low']:.1%} to {way['high']:.1%})"

    def half(way: str) -> str:
        figure = figures[f"singles_{way}"]
        return f"{figure['right']} of the {figure['n']} ({figure['paper'][0]} on paper)"

    rows = [
        (f"{figures['pictures']} pictures by {figures['people']} people", "tutorial's way", "digitlib"),
        ("---", "---", "---"),
        (f"{ours['n']} single digits, read rightly", over_people(theirs), over_people(ours)),
        (f"of these {ours['paper'][1]} photos of paper", theirs["paper"][0], ours["paper"][0]),
        (f"{pages['n']} pages of several digits, every digit right", "cannot", pages["exact"]),
        ("characters wrong on these pages", "cannot", f"{pages['character_error_rate']:.1%}"),
        (f"{strangers['n']} letters, drawings and things, refused", "cannot", strangers["refused"]),
        ("how well its score tells digits from these (AUROC)", "cannot", strangers["auroc"]),
        *(
            [("answers that ten harmless changes change", "not measured", f"{figures['changed']:.1%}")]
            if "changed" in figures  # measured with --steady
            else []
        ),
    ]
    lines = [f"| {what} | {naive} | {read} |" for what, naive, read in rows]
    return "\n".join(
        [
            *lines,
            *prose(
                "The tutorial's way: shrink and invert the picture and ask a network that our quick profile",
                f"trained on MNIST ({figures['tutorial_network']:.2%} there). It is told that there is one",
                f"digit; digitlib is not (told so, it reads {told['right']}, {told['paper'][0]} on paper).",
                "Over people: each person's share first, then the mean of these, so that nobody counts more",
                "for having sent more; in brackets the 95 % interval from resampling people. AUROC: how",
                "often a digit has a higher score than a thing that is none; 1 is always, 0.5 is chance.",
                *([HARMLESS] if "changed" in figures else []),
            ),
            *prose(
                "What helps more, a better picture or a better network? The tutorial's network reads",
                f"{half('frame_alone')} when each digit is first brought into MNIST's form as we do;",
                "our digit network, given pictures that were only shrunk and inverted,",
                f"{half('network_alone')}.",
            ),
        ]
    )


def conditions() -> str:
    """Return the table of conditions as Markdown, from conditions.json and peers.json."""
    ours = json.loads((ROOT / "benchmarks" / "conditions.json").read_text(encoding="utf-8"))["conditions"]
    recorded = json.loads((ROOT / "benchmarks" / "peers.json").read_text(encoding="utf-8"))
    peers = recorded["conditions"]
    ways = ("digitlib", "RapidOCR, told one line", "RapidOCR, own detection")
    n, few = (next(iter(rows.values())) for rows in (ours, peers))

    def share(row: dict) -> str:
        return f"{row['right'] / row['n']:.0%}"

    lines = [
        f"| numbers read without any error | digitlib, n = {n['n']} | digitlib, n = {few['digitlib']['n']} "
        "| RapidOCR, told that it is one line | RapidOCR with its own detection |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, row in ours.items():
        beside = (share(peers[name][way]) if name in peers else "" for way in ways)
        shares = " | ".join([share(row), *beside])
        lines.append(f"| {name} | {shares} |")

    def reach(count: int) -> float:
        half = evaluation.counted(count // 2, count)
        return (half.high - half.low) / 2

    means = [statistics.mean(row["right"] / row["n"] for row in ours.values())]
    means += [statistics.mean(rows[way]["right"] / rows[way]["n"] for rows in peers.values()) for way in ways]
    bold = " | ".join(f"**{mean:.0%}**" for mean in means)
    lines.append(f"| **mean: of {len(ours)} rows, of {len(peers)} rows** | {bold} |")
    return "\n".join(
        [
            *lines,
            *prose(
                "These pictures are synthetic: `benchmarks/conditions.py` composes them of MNIST's test",
                "digits, and shares no code with the pages that the network learned from.",
                f"First column: {n['n']} numbers a row. The other three: {few['digitlib']['n']} numbers in",
                f"each of {len(peers)} rows, the same pictures for all three, read in one run of",
                f"`benchmarks/peers.py`. RapidOCR ({recorded['rapidocr']}) is a package that reads print and",
                "handwriting of any kind; we keep the digits of its answer. It reads better when it is told",
                "that there is one line of text, except on a turned page, which has two; digitlib is told",
                "nothing. RapidOCR's classifier of directions is off.",
                f"With {few['digitlib']['n']} numbers a share is uncertain by up to",
                f"{reach(few['digitlib']['n']):.0%}, with {n['n']} by up to {reach(n['n']):.0%}",
                "(95 % intervals).",
            ),
        ]
    )


def accuracy() -> str:
    """Return the result table as Markdown, from accuracy.csv and the shipped card."""
    rows = read()
    lines = ["| reader | parameters | 10,000 MNIST test digits | time to train |", "|---|---|---|---|"]
    for row in rows:
        if not row["profile"]:
            note = " (10,000 training digits)" if row["reader"].startswith("logistic") else ""
            lines.append(f"| {row['reader']}{note} | | {float(row['accuracy']):.2%} | {took([row])} |")
    for (profile, network), mine in rungs(rows).items():
        values = [100 * float(row["accuracy"]) for row in mine]
        spread = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
        shown = f"{mine[0]['epochs']} x {PROFILES[profile].epoch_digits:,} digits"
        lines.append(
            f"| **digitlib, {profile}, {network}** ({shown}) "
            f"| {int(mine[0]['parameters']):,} | **{statistics.mean(values):.2f} %**{spread} "
            f"(mean{' and sd' * bool(spread)} of n = {len(values)}) | {took(mine)} |"
        )
    for row in rows:
        if row["profile"] and not row["seed"]:
            lines.append(
                f"| the {row['reader']} of {row['profile']}, {row['network']} "
                f"| {int(row['parameters']):,} | {float(row['accuracy']):.2%} | {took([row])} |"
            )
    latest = next(row for row in reversed(rows) if row["profile"])
    card = Card.read(files.models())
    test = card.metrics["test"]
    lines.append(
        f"| **digitlib, shipped** (`make ship`) | {card.parameters:,} "
        f"| **{test['accuracy']:.2%}** (one network) | |"
    )
    machine = f"{latest['cpu']}, Python {latest['python']}"
    made = f"Keras {latest['keras']}, TensorFlow {latest['tensorflow']}"
    return "\n".join(
        [
            *lines,
            *prose(
                "*quick* and *clean* are profiles: settings that belong together (`digitlib/config.py`).",
                "*tiny*, *small* and *base* are sizes of the network. 3 x 40,000: epochs, and digits shown",
                "in each. An ensemble averages the answers of all seeds, the worst too. Epochs are chosen on",
                "validation digits, training digits that are kept aside to choose by, and test digits read",
                f"once per seed. {machine}, {made}. Times are means of the seeds that ran without a stop; on",
                "one core they ran side by side and beside other work, so these are upper bounds.",
            ),
            *prose(
                "A network sees each digit as it is and in six other views (a little turned, slanted,",
                "resized), and the first counts half. The network that ships was scored on the test digits",
                "twice: with one view, and again after we had decided on seven, by validation digits and the",
                "pictures above.",
            ),
            *_time_to_accuracy(),
            *_taught(),
        ]
    )


def _time_to_accuracy() -> list[str]:
    """Return what time_to_accuracy.json says, if it was measured, as sentences."""
    path = ROOT / "benchmarks" / "time_to_accuracy.json"
    if not path.exists():
        return []
    figures = json.loads(path.read_text(encoding="utf-8"))
    quick, example = figures["digitlib quick"], figures["keras example"]
    sentences = [
        "How long the training alone takes, one after the other on one idle machine, test digits seen in one",
        f"view: digitlib's quick profile {quick['seconds']:.0f} s to {quick['accuracy']:.2%} (mean of",
        f"{len(quick['accuracies'])} seeds); the 15 epochs of the Keras example {example['seconds']:.0f} s",
        f"to {example['accuracy']:.2%}, {example['ratio']:.1f} times as long.",
    ]
    if torch := figures.get("pytorch example"):
        timed = f"{torch['seconds']:.0f} s ({torch['epochs_timed']} timed, the rest multiplied)"
        sentences.append(
            f"The 14 epochs of the PyTorch example take {timed}, {torch['ratio']:.0f} times as long."
        )
    return prose(*sentences)


def _taught() -> list[str]:
    """Return what teach.json says about its first hand, as sentences."""
    rows = json.loads((ROOT / "benchmarks" / "teach.json").read_text(encoding="utf-8"))
    rows = [row for row in rows if row["hand"] == rows[0]["hand"]]
    names = ("wrong_before", "wrong_after", "plain_wrong_before", "plain_wrong_after")
    before, after, plain, later = (statistics.mean(row[name] / row["n"] for row in rows) for name in names)
    return prose(
        f"`digitlib train --teach` learns a hand. Here the hand is simulated: digits {rows[0]['hand']}.",
        f"Before, {before:.1%} of {rows[0]['n']:,} test digits in that hand are read wrongly; after learning",
        f"from twenty validation digits, {after:.1%} (mean of {len(rows)} seeds). It costs a little on",
        f"ordinary digits: {plain:.2%} of them are wrong before, {later:.2%} after.",
    )


def pages() -> Figure:
    """Draw the first two pictures of three conditions with what is read in them."""
    recognizer, test = Recognizer.load(), mnist.load().test
    kinds = {"boxes": "boxes of a form", "squares": "squared paper", "date": "date with slashes"}
    shown = {kind: list(pictures(name, 2, test)) for kind, name in kinds.items()}
    panels, right = {}, 0
    for i in range(2):
        for kind, of_kind in shown.items():
            picture, text = of_kind[i]
            reading = recognizer.read(picture)
            boxes = np.array([digit.box for digit in reading.accepted]).reshape(-1, 4)
            panels[f"{kind} {i + 1}: {reading.text}"] = (picture, boxes)
            right += reading.text == text
    finding = f"{right} of {len(panels)} numbers read whole (composed of MNIST digits)"
    return plots.boxed(panels, finding=finding, columns=len(kinds))


def filled(text: str) -> str:
    """Return the README with each table between its marks."""
    for name, table in {"own pictures": own_pictures, "conditions": conditions, "accuracy": accuracy}.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{table()}\n{end}{rest.split(end)[1]}"
    return text


def main() -> int:
    """Write README and picture, or only compare the tables."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        return 0 if filled(text) == text else 1
    files.write_text(readme, filled(text))
    plots.use_style()
    with files.whole_file(ROOT / "figures" / "readme" / "pages.png") as aside:
        pages().savefig(aside, dpi=150)
    reading = Recognizer.load().read(ROOT / "data" / "samples" / "year_2026.jpg")
    with files.whole_file(ROOT / "figures" / "readme" / "own_picture.png") as aside:
        reading.show().savefig(aside, dpi=150)
    return 0


if __name__ == "__main__":
    sys.exit(main())
