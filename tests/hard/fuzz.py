"""Mutate files for minutes or hours, guided by coverage (atheris, on Linux): `make fuzz`.

python tests/hard/fuzz.py TARGET [--runs N] [--seconds S]

What reached new code is kept under runs/fuzz/TARGET, where the next call goes on. An input that crashes,
hangs, takes more than `MOST_MEMORY`, or raises what it must not ends the run, and is written there, too.
HDF5's own library is not instrumented and hangs on some inputs: its files are mutated at random, each read in
a process of its own.
"""

import argparse
import hashlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

MOST_MEMORY = 600_000_000  # bytes that one input may take


def _memory(*, anew: bool = False) -> int:
    """Return the most memory that this process has held, in bytes, or begin to count anew."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def main() -> None:
    """Fuzz one target."""
    import atheris

    sys.path.insert(0, str(Path(__file__).parents[1]))
    with atheris.instrument_imports(include=["PIL", "digitlib", "zipfile", "json"]):
        from hard import targets

        from digitlib.errors import DigitlibError

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--runs", type=int, default=-1)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.target == "weights":
        return at_random(targets, arguments.runs, arguments.seed)
    folder = Path("runs", "fuzz", arguments.target)
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    for content in targets.seeds(arguments.target):
        (folder / "corpus" / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
    target = targets.TARGETS[arguments.target]

    def once(data: bytes) -> None:
        before = _memory(anew=True)
        try:
            target(data)
        except DigitlibError as error:
            assert str(error) and "\n" not in str(error), repr(str(error))
        grown = _memory() - before
        assert grown < MOST_MEMORY, f"{grown:,} bytes"

    limits = [
        f"-runs={arguments.runs}",
        f"-max_total_time={arguments.seconds}",
        f"-timeout={targets.SECONDS}",
    ]
    limits += [
        "-rss_limit_mb=4000",
        "-max_len=20000",
        f"-artifact_prefix={folder}/",
        f"-seed={arguments.seed}",
    ]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", str(folder / "corpus")], once)
    atheris.Fuzz()


def at_random(targets: ModuleType, runs: int, seed: int) -> None:
    """Mutate HDF5 files without guidance."""
    rng, whole = np.random.default_rng(seed), targets.seeds("weights")
    for run in range(runs):
        targets.weights(targets.mutated(whole[run % len(whole)], rng))
    print(f"Done {runs} runs")


if __name__ == "__main__":
    main()
