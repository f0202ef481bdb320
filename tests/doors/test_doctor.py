"""The doctor names what is wrong and what to do, and what a plain installation does without."""

import shutil
from importlib.metadata import PackageNotFoundError

import pytest

from digitlib import files
from digitlib.doors import cli, doctor


def found(verdict: str) -> list[str]:
    return [text for said, text in doctor.examine() if said == verdict]


def test_a_sound_installation_has_nothing_wrong(monkeypatch):
    monkeypatch.delenv("DIGITLIB_DATA", raising=False)
    findings = [text for _, text in doctor.examine()]
    assert found(doctor.WRONG) == []
    assert all("browser" in text for text in found(doctor.LEFT_OUT))  # only tests need one
    assert any("base in " in text and "MNIST test set" in text for text in findings)


def test_a_plain_installation_is_fine_and_says_what_it_does_without(monkeypatch, tmp_path, capsys):
    def version(package, real=doctor.version):
        if package in doctor.EXTRAS:
            raise PackageNotFoundError
        return real(package)

    monkeypatch.setattr(doctor, "version", version)
    for module in ("files", "series.pipeline", "data.mnist"):
        monkeypatch.setattr(f"digitlib.{module}.root", lambda: tmp_path)
    monkeypatch.delenv("DIGITLIB_DATA", raising=False)
    assert found(doctor.WRONG) == []
    assert "tensorflow is not installed: pip install 'digitlib[train]'" in found(doctor.LEFT_OUT)
    assert any("clone of the repository" in text for text in found(doctor.LEFT_OUT))
    assert cli.main(["doctor"]) == 0
    assert "left out  papermill is not installed" in capsys.readouterr().out


def test_what_keeps_pictures_from_being_read_is_wrong(monkeypatch, tmp_path):
    monkeypatch.setattr("digitlib.files.models", lambda: tmp_path)
    (wrong,) = found(doctor.WRONG)
    assert "card.json" in wrong
    assert cli.main(["doctor"]) == 1

    def no_library(*_):
        raise ImportError("libGL.so.1: cannot open shared object file")

    monkeypatch.setattr("digitlib.reading.recognizer.Recognizer.load", no_library)
    (wrong,) = found(doctor.WRONG)
    assert "libGL" in wrong and "apt-get install" in wrong


def test_damaged_data_is_named(monkeypatch, tmp_path):
    (tmp_path / "mnist.npz").write_bytes(b"x")
    monkeypatch.setenv("DIGITLIB_DATA", str(tmp_path / "mnist.npz"))
    assert any("damaged" in text for text in found(doctor.WRONG))


@pytest.mark.parametrize("named", [None, "sample"])
def test_it_says_which_data_would_be_used(monkeypatch, named):
    if named:
        monkeypatch.setenv("DIGITLIB_DATA", named)
    else:
        monkeypatch.delenv("DIGITLIB_DATA", raising=False)
    assert sum(text.startswith("data: ") for _, text in doctor.examine()) == 1


def test_an_old_python_a_place_without_rights_a_missing_kernel_and_browser_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "OLDEST", (9, 0))
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    old, place = found(doctor.WRONG)
    assert "digitlib needs 9.0 or later" in old and "runs cannot be written" in place
    assert ["kernel" in text or "browser" in text for text in found(doctor.LEFT_OUT)] == [True, True]


def test_a_python_that_nobody_tried_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "NEWEST", (3, 10))
    assert any("is tested up to 3.10" in text for text in found(doctor.LEFT_OUT))


def test_a_network_that_is_not_the_one_of_its_card_is_wrong(monkeypatch, tmp_path):
    shutil.copytree(files.models(), tmp_path / "models")
    (tmp_path / "models" / "model.tflite").write_bytes(b"another")
    monkeypatch.setattr("digitlib.files.models", lambda: tmp_path / "models")
    assert any("is not the file that its card describes" in text for text in found(doctor.WRONG))
