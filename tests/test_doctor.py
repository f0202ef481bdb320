"""The doctor names what is wrong and what to do."""

from importlib.metadata import PackageNotFoundError

import pytest

from digitlib import doctor
from digitlib.errors import DigitlibError


def wrong() -> list[str]:
    return [finding.text for finding in doctor.examine() if not finding.fine]


def test_a_sound_installation_has_nothing_wrong(monkeypatch):
    monkeypatch.delenv("DIGITLIB_DATA", raising=False)
    findings = [finding.text for finding in doctor.examine()]
    assert wrong() == []
    assert any("base in " in text and "MNIST test set" in text for text in findings)


def test_a_missing_package_is_named_with_its_command(monkeypatch):
    real = doctor.version

    def version(package):
        if package == "nbval":
            raise PackageNotFoundError
        return real(package)

    monkeypatch.setattr(doctor, "version", version)
    assert wrong() == ["nbval is missing, needed to test the notebooks: pip install 'digitlib[all]'"]


def test_damaged_data_is_named(monkeypatch, tmp_path):
    (tmp_path / "mnist.npz").write_bytes(b"x")
    monkeypatch.setenv("DIGITLIB_DATA", str(tmp_path / "mnist.npz"))
    assert any("damaged" in text for text in wrong())


def test_a_missing_model_and_kernel_are_named(monkeypatch, tmp_path):
    def missing():
        raise DigitlibError("no Jupyter kernel called python3")

    monkeypatch.setattr(doctor.files, "models", lambda: tmp_path)
    monkeypatch.setattr("digitlib.pipeline.require_kernel", missing)
    assert len(wrong()) == 2
    assert any("kernel" in text for text in wrong()) and any("card.json" in text for text in wrong())


@pytest.mark.parametrize("named", [None, "sample"])
def test_it_says_which_data_would_be_used(monkeypatch, named):
    if named:
        monkeypatch.setenv("DIGITLIB_DATA", named)
    else:
        monkeypatch.delenv("DIGITLIB_DATA", raising=False)
    assert sum(finding.text.startswith("data: ") for finding in doctor.examine()) == 1
