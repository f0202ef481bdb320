"""The arrows between modules and the weight of the doors, checked rather than drawn."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "digitlib"
LEVELS = (
    {"errors", "quiet", "numerics", "files", "config", "logs"},
    {"data", "picture", "pieces", "ink", "frame", "page", "evaluation", "plots", "charts", "augment",
     "baselines", "refusal", "drawn", "corruptions", "reading", "card", "exploration", "strokes"},
    {"models"},
    {"batches", "callbacks", "recognizer", "sheet", "answer"},
    {"training", "teach", "transfer"},
    {"cli", "widgets", "app", "camera", "pipeline", "report", "doctor", "own", "sweep"},
)  # fmt: skip
NO_TENSORFLOW = sorted(LEVELS[0] | LEVELS[1] | LEVELS[5] | {"recognizer", "answer"})


def level(module: str) -> int:
    return next(i for i, modules in enumerate(LEVELS) if module in modules)


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_arrows_point_down(path):
    imported = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("digitlib"):
            rest = node.module.removeprefix("digitlib").removeprefix(".")
            imported |= {rest} if rest else {alias.name for alias in node.names}
    assert all(level(name) <= level(path.stem) for name in imported), imported


def loaded_by(code: str) -> set[str]:
    probe = f"import sys\n{code}\nprint({{'tensorflow', 'keras'}} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return ast.literal_eval(ran.stdout.splitlines()[-1].replace("set()", "{}") or "{}") or set()


def test_nothing_below_training_loads_tensorflow():
    present = [name for name in NO_TENSORFLOW if (PACKAGE / f"{name}.py").exists()]
    assert loaded_by("\n".join(f"import digitlib.{name}" for name in present)) == set()


@pytest.mark.parametrize(
    "words", [["--help"], ["predict", "--help"], ["predict", "PICTURE"], ["doctor"]], ids=" ".join
)
def test_the_command_line_loads_no_tensorflow(words, tmp_path, seven):
    from PIL import Image

    picture = tmp_path / "seven.png"
    Image.fromarray((255 - 255 * seven).astype("uint8")).resize((160, 240)).save(picture)
    words = [str(picture) if word == "PICTURE" else word for word in words]
    code = f"from digitlib.cli import main\ntry:\n    main({words!r})\nexcept SystemExit:\n    pass"
    assert loaded_by(code) == set()


def test_the_probe_would_notice():
    assert loaded_by("import digitlib.models") == {"tensorflow", "keras"}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_files_stay_small(path):
    assert len(path.read_text().splitlines()) <= 300


def test_each_module_has_tests_of_its_name():
    modules = {path.stem for path in PACKAGE.glob("[!_]*.py")} - {"errors", "quiet", "config"}
    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert modules <= tested | {"quiet"}, modules - tested
