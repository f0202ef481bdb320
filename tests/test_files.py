"""Files appear whole or not at all."""

import os
from pathlib import Path

import pytest

from digitlib import files
from digitlib.errors import DigitlibError


def test_a_failing_writer_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), files.whole_file(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_a_half(tmp_path):
    path = tmp_path / "model.h5"
    with files.whole_file(path) as aside:
        aside.write_text("half")
        assert not path.exists()
        assert aside.suffix == ".h5"
    assert path.read_text() == "half"


def test_missing_folders_are_made(tmp_path):
    files.write_text(tmp_path / "a" / "b" / "c.txt", "x")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "x"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DigitlibError, match=r"model\.h5 cannot be written"):
        files.write_text(tmp_path / "file" / "model.h5", "x")


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(DigitlibError, match="No space left on device"):
        files.write_text(tmp_path / "model.h5", "x")
    assert list(tmp_path.iterdir()) == []


def test_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.sha256(tmp_path / "abc") == known


def test_a_writer_that_writes_nothing_leaves_the_old_file(tmp_path):
    (tmp_path / "kept.txt").write_text("old")
    with files.whole_file(tmp_path / "kept.txt"):
        pass
    assert (tmp_path / "kept.txt").read_text() == "old"


def test_a_folder_where_a_file_should_be_is_named_before_anything_is_written(tmp_path):
    with pytest.raises(DigitlibError, match="cannot be written: it is a folder"), files.whole_file(tmp_path):
        raise AssertionError("the work was begun")


def test_a_copy_is_whole(tmp_path):
    (tmp_path / "a").write_text("x")
    files.copy(tmp_path / "a", tmp_path / "b" / "c")
    assert (tmp_path / "b" / "c").read_text() == "x"
    with pytest.raises(DigitlibError, match="cannot be written"):
        files.copy(tmp_path / "gone", tmp_path / "b" / "c")
    assert (tmp_path / "b" / "c").read_text() == "x"


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden"])
def test_a_run_is_named_with_one_plain_word(name):
    with pytest.raises(DigitlibError, match="one word without slashes"):
        files.run_folder(name)


def test_any_name_can_be_written():
    assert files.printable("caf\udce9 ü") == "caf\\udce9 ü"


@pytest.mark.skipif(os.name == "nt", reason="no named pipes there")
def test_what_is_no_file_stays_what_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(DigitlibError, match="a device or a pipe, no file"):
            files.write_text(path, "x")
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real" / "kept")
    files.write_text(link, "x")
    assert link.is_symlink() and (tmp_path / "real" / "kept").read_text() == "x"
