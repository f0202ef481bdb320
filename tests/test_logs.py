"""A run's log holds what happened, as far as the disk has room."""

import pytest

from digitlib.errors import DigitlibError
from digitlib.logs import log, logged


def test_what_is_logged_meanwhile_goes_to_the_folder(tmp_path):
    with logged(tmp_path / "run"):
        log.info("inside")
    log.info("outside")
    text = (tmp_path / "run" / "run.log").read_text()
    assert "INFO digitlib: inside" in text and "outside" not in text


def test_a_full_disk_is_no_traceback_and_stops_nothing(tmp_path, capsys):
    (tmp_path / "run.log").symlink_to("/dev/full")
    with logged(tmp_path):
        log.info("first")
        log.info("second")
    log.info("third")
    assert "No space left" not in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DigitlibError, match="file"), logged(tmp_path / "file" / "run"):
        pass
