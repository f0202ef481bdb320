"""How light the doors are, and how small the files stay; the arrows are checked by `lint-imports`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "digitlib"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("[!_]*.py"))
WITH_KERAS = {  # by name, because everything else must do without
    "networks/digits.py", "networks/pages.py", "networks/crops.py", "networks/pretrained.py",
    "networks/saved.py", "training/batches.py", "training/callbacks.py", "training/fit.py",
    "training/transfer.py", "training/pages.py", "training/crops.py",
    "training/recipe.py", "series/exports.py",
}  # fmt: skip
OTHERS = {"doors/app.py"}  # Streamlit runs it from top to bottom
UNTESTED = {"errors.py"}  # two classes and a sentence, seen by the tests of every door


def dotted(path: Path) -> str:
    return ".".join(("digitlib", *path.with_suffix("").parts))


def loaded_by(code: str, heavy: frozenset[str] = frozenset({"tensorflow", "keras"})) -> set[str]:
    probe = f"import sys\n{code}\nprint(set({sorted(heavy)}) & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return ast.literal_eval(ran.stdout.splitlines()[-1].replace("set()", "{}") or "{}") or set()


def test_what_needs_no_keras_loads_none():
    light = [dotted(path) for path in MODULES if path.as_posix() not in WITH_KERAS | OTHERS]
    assert len(light) > 25
    assert loaded_by("\n".join(f"import {name}" for name in light)) == set()


@pytest.mark.parametrize(
    "words", [["--help"], ["predict", "--help"], ["predict", "PICTURE"], ["doctor"]], ids=" ".join
)
def test_the_command_line_loads_no_tensorflow(words, tmp_path, seven):
    from PIL import Image

    picture = tmp_path / "seven.png"
    Image.fromarray((255 - 255 * seven).astype("uint8")).resize((160, 240)).save(picture)
    words = [str(picture) if word == "PICTURE" else word for word in words]
    heavy = {"tensorflow", "keras"}
    if words[0] != "doctor":  # what starting processes, or opening every format there is, needs, and others
        heavy |= {"concurrent.futures.process", "PIL.PsdImagePlugin", "pandas", "pypdfium2", "fsspec"}
    code = f"from digitlib.doors.cli import main\ntry:\n    main({words!r})\nexcept SystemExit:\n    pass"
    assert loaded_by(code, frozenset(heavy)) == set()


def test_the_probe_would_notice():
    assert loaded_by("import digitlib.networks.digits") == {"tensorflow", "keras"}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_files_stay_small(path):
    assert len((PACKAGE / path).read_text().splitlines()) <= 345


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_each_module_has_tests_of_its_name(path):
    tests = Path(__file__).parent / path.parent / f"test_{path.name}"
    assert path.as_posix() in UNTESTED or tests.is_file(), tests
