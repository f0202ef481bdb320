"""Make the committed outputs of the notebooks anew, from full MNIST; nothing else makes them.

python benchmarks/refresh.py [NN ...]      such as 05; by default all
"""

import subprocess
import sys

from digitlib.data import mnist
from digitlib.errors import DigitlibError
from digitlib.files import copy, run_folder
from digitlib.series import pipeline

KEEP = ["--keep-output", "--keep-count", "--extra-keys"]  # of a notebook; what follows tells of the machine
MACHINE = "metadata.papermill metadata.language_info cell.metadata.papermill cell.metadata.execution"


def refresh(names: list[str]) -> None:
    """Execute notebooks with their defaults, and put what a reader needs of them into their places.

    Args:
        names: beginnings of the names of notebooks; all where there is none.

    Raises:
        DigitlibError: if full MNIST cannot be had, or a notebook fails; it is left as it was, and how far
            it came is in `runs/refresh`.
    """
    source = mnist.settle()
    if source == mnist.SAMPLE:
        raise DigitlibError("committed outputs come from full MNIST only: set DIGITLIB_DATA to an mnist.npz")
    folder = run_folder("refresh")
    folder.mkdir(parents=True, exist_ok=True)
    for path in pipeline.notebooks():
        if path.name.startswith(tuple(names) or ""):
            executed = pipeline.execute(path, folder / path.name, {}, source)
            subprocess.run([sys.executable, "-m", "nbstripout", *KEEP, MACHINE, executed], check=True)
            copy(executed, path)
            print(f"refreshed {path.name}")


if __name__ == "__main__":
    try:
        refresh(sys.argv[1:])
    except DigitlibError as error:
        sys.exit(f"error: {error}")
