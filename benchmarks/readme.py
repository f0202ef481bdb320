"""Fill the README's table and draw its picture from what other programs have measured.

python benchmarks/readme.py [--check]
"""

import csv
import statistics
import sys
from pathlib import Path

from digitlib import Recognizer, files, plots
from digitlib.card import Card

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- results: written by benchmarks/readme.py -->", "<!-- end of results -->"


def table() -> str:
    """Return the result table as Markdown, from accuracy.csv and the shipped card."""
    with (ROOT / "benchmarks" / "accuracy.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = ["| reader | parameters | 10,000 MNIST test digits | time to train |", "|---|---|---|---|"]
    for row in rows:
        if not row["profile"]:
            note = " (10,000 training digits)" if row["reader"].startswith("logistic") else ""
            lines.append(
                f"| {row['reader']}{note} | | {float(row['accuracy']):.2%} | {float(row['seconds']):.0f} s |"
            )
    quick = [row for row in rows if row["profile"] == "quick"]
    values = [100 * float(row["accuracy"]) for row in quick]
    seconds = statistics.mean(float(row["seconds"]) for row in quick)
    lines.append(
        f"| **digitlib, quick** ({quick[0]['epochs']} epochs) | {int(quick[0]['parameters']):,} | "
        f"**{statistics.mean(values):.2f} %** ± {statistics.stdev(values):.2f} "
        f"(mean and sd of {len(values)} seeds) | {seconds:.0f} s |"
    )
    card = Card.read(files.models())
    test = card.metrics["test"]
    lines.append(
        f"| **digitlib, shipped** ({card.config['epochs']} epochs) | {card.parameters:,} "
        f"| **{test['accuracy']:.2%}** (one network) | |"
    )
    machine = f"{quick[0]['cores']} cores of {quick[0]['cpu']}, Python {quick[0]['python']}"
    made = f"Keras {quick[0]['keras']}, TensorFlow {quick[0]['tensorflow']}"
    return "\n".join(
        [
            *lines,
            "",
            f"Epochs chosen on validation digits, test digits read once per seed. {machine}, {made}.",
        ]
    )


def filled(text: str) -> str:
    """Return the README with the table between its marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"


def main() -> int:
    """Write README and picture, or only compare the table."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        return 0 if filled(text) == text else 1
    files.write_text(readme, filled(text))
    plots.use_style()
    reading = Recognizer.load().read(ROOT / "data" / "samples" / "year_2026.jpg")
    with files.whole_file(ROOT / "figures" / "readme" / "own_picture.png") as aside:
        reading.show().savefig(aside, dpi=150)
    return 0


if __name__ == "__main__":
    sys.exit(main())
