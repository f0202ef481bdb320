"""A run's log holds what happened, also how it ended."""

import logging
import os
import sys

import pytest

from digitlib.errors import DigitlibError
from digitlib.logs import log, logged, quiet


def test_what_is_logged_meanwhile_goes_to_the_folder(tmp_path):
    with logged(tmp_path / "run"):
        log.info("inside")
    log.info("outside")
    text = (tmp_path / "run" / "run.log").read_text()
    assert "INFO digitlib: inside" in text and "outside" not in text


def test_a_full_disk_is_one_warning_and_no_traceback(tmp_path, caplog, capsys):
    (tmp_path / "run.log").symlink_to("/dev/full")
    with logged(tmp_path):
        log.info("first")
        log.info("second")
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "run.log" in warning or "/dev/full" in warning
    assert "No space left on device" in warning
    assert capsys.readouterr().err.count("Traceback") == 0


def test_an_early_end_is_noted(tmp_path):
    with pytest.raises(ZeroDivisionError), logged(tmp_path):
        _ = 1 / 0
    assert "Ended early: division by zero" in (tmp_path / "run.log").read_text()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DigitlibError, match="file"), logged(tmp_path / "file" / "run"):
        pass


def test_quiet_swallows_what_libraries_write_and_no_more(capfd, monkeypatch):
    monkeypatch.setenv("TMPDIR", "/nowhere")  # it needs no place
    with pytest.raises(ZeroDivisionError), quiet():
        os.write(2, b"chatter")
        raise ZeroDivisionError
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard" and logging.root.manager.disable == 0


def test_quiet_works_where_there_is_no_standard_error(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with quiet():
        pass
    assert logging.root.manager.disable == 0
