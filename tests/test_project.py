"""What lies around the package: environment, pins, settings, licences."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# What stands for all others; and what one benchmark alone needs, which nobody else should have to install.
APART = ("all", "peers")


def test_environment_gives_python_and_hands_the_rest_to_pip():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert pip == ["-e .[all]"]
    assert any(re.fullmatch(r"python=3\.1[1-9]", entry) for entry in plain) and "pip" in plain
    extras = PROJECT["optional-dependencies"]
    assert extras["all"] == [f"digitlib[{','.join(name for name in extras if name not in APART)}]"]


def test_every_dependency_is_pinned_and_no_index_is_named():
    lock = (ROOT / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", lock, flags=re.MULTILINE))
    extras = [
        name for key, names in PROJECT["optional-dependencies"].items() if key not in APART for name in names
    ]
    wanted = {re.split(r"[<>=\[ ]", name)[0].lower() for name in PROJECT["dependencies"] + extras}
    assert wanted <= pinned, wanted - pinned
    assert "://" not in lock and set(re.findall(r"--(\w+)", lock)) == {"hash"}
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=\S)", lock.strip()))


def test_continuous_integration_installs_and_demands_a_browser():
    steps = (ROOT / ".ci" / "run").read_text()
    assert re.search(r"^for package in .*\bchromium\b.*\bfonts-dejavu-core\b", steps, flags=re.MULTILINE)
    assert steps.index("export DIGITLIB_BROWSER=1") < steps.index("make test")


def test_the_code_is_mit_and_pictures_made_from_mnist_say_what_they_are():
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    assert "CC BY-SA 3.0" in (ROOT / "data" / "README.md").read_text()


def test_the_style_is_set_in_one_place():
    setters = [
        path.name
        for path in (ROOT / "digitlib").rglob("*.py")
        if re.search(r"rcParams|plt\.rc\(|set_theme|plt\.style", path.read_text())
    ]
    assert setters == ["plots.py"]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md"])
def test_links_inside_the_repository_lead_somewhere(name):
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r'src="([^":]+)"', text)
    missing = [link for link in links if not ((ROOT / name).parent / link).exists()]
    assert not missing


def test_binder_opens_06_without_tensorflow():
    assert (ROOT / ".binder" / "requirements.txt").read_text() == ".[notebooks]\n"
    extra = " ".join(PROJECT["optional-dependencies"]["notebooks"] + PROJECT["dependencies"])
    assert "anywidget" in extra and not re.search("tensorflow|keras|mlxtend", extra)


def test_every_figure_in_the_readme_is_what_the_programs_measured():
    check = [sys.executable, ROOT / "benchmarks" / "readme.py", "--check"]
    assert subprocess.run(check).returncode == 0, "run python benchmarks/readme.py"
