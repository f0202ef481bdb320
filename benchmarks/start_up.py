"""How long one waits for the package, its help and one reading, beside Python alone and TensorFlow.

python benchmarks/start_up.py [REPETITIONS]
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

PICTURE = str(Path(__file__).parents[1] / "data" / "samples" / "plain_7.jpg")
COMMANDS = {
    "python alone": [sys.executable, "-c", "pass"],
    "import digitlib": [sys.executable, "-c", "import digitlib"],
    "digitlib --help": [sys.executable, "-m", "digitlib.doors.cli", "--help"],
    "digitlib predict": [sys.executable, "-m", "digitlib.doors.cli", "predict", PICTURE],
    "import tensorflow": [sys.executable, "-c", "import tensorflow"],
}


def seconds(command: list[str]) -> float:
    """Run a command once and return how long it took."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Time the commands in turns, so that a slow moment of the machine hits all of them."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    taken = {name: [] for name in COMMANDS}
    for _ in range(repetitions):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    slowest = statistics.median(taken["import tensorflow"])
    print(f"{'command':20s} median s   of TensorFlow's import   (n = {repetitions})")
    for name, times in taken.items():
        middle = statistics.median(times)
        print(f"{name:20s} {middle:8.3f}   {middle / slowest:6.1%}")


if __name__ == "__main__":
    main()
