"""The journal of a table: one writer, what failed is tried again, damage is said."""

import json

import pytest

from digitlib.doors.journal import Journal
from digitlib.errors import DigitlibError, PartFailed

SETTINGS = {"single": "True"}


def stopped(table, *rows):
    """Leave the journal of a reading that was stopped."""
    with pytest.raises(KeyboardInterrupt), Journal(table, SETTINGS, resume=False) as journal:
        for number, row in enumerate(rows):
            journal.add(f"{number}.png", 0, row)
        raise KeyboardInterrupt


def test_a_table_has_one_writer_at_a_time(tmp_path):
    table = tmp_path / "t.csv"
    with Journal(table, SETTINGS, resume=False), pytest.raises(DigitlibError, match="another reading writes"):
        Journal(table, SETTINGS, resume=True)
    with Journal(table, SETTINGS, resume=False):
        pass
    assert not list(tmp_path.iterdir())  # nothing was read: nothing is left


def test_what_failed_is_tried_again_and_what_was_read_is_kept(tmp_path):
    table = tmp_path / "t.jsonl"
    stopped(table, {"text": "7"}, {"error": "no route to host"})
    with Journal(table, SETTINGS, resume=True) as journal:
        assert journal.done == {("0.png", 0)} and journal.failed == 0
        journal.add("1.png", 0, {"text": "8"})
        journal.finish()
    assert [json.loads(line)["text"] for line in table.read_text().splitlines()] == ["7", "8"]
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


@pytest.mark.parametrize("first", ["", "\0\0\n", '{"path": "a.png", "page": 1}\n', '{"settings": {}}\n'])
def test_a_damaged_journal_is_one_sentence_and_stays(tmp_path, first):
    left = tmp_path / "t.csv.unfinished"
    left.write_text(first)
    with pytest.raises(DigitlibError, match=r"unfinished is damaged: delete it"):
        Journal(tmp_path / "t.csv", SETTINGS, resume=True)
    assert left.read_text() == first and not (tmp_path / "t.csv.lock").exists()


def test_a_full_disk_is_one_sentence_and_leaves_no_lock(tmp_path):
    class Full:
        def write(self, text):
            raise OSError(28, "No space left on device")

        close = flush = lambda self: self.write("")

    with pytest.raises(
        DigitlibError, match=r"unfinished cannot be written: No space left on device; --resume"
    ):
        with Journal(tmp_path / "t.csv", SETTINGS, resume=False) as journal:
            journal._file.close()
            journal._file = Full()
            journal.add("a.png", 0, {"text": "7"})
    assert not list(tmp_path.iterdir())


def test_a_table_that_cannot_be_written_at_the_end_loses_nothing(tmp_path):
    table = tmp_path / "t.jsonl"
    with Journal(table, SETTINGS, resume=False) as journal:
        journal.add("0.png", 0, {"text": "7"})
        table.mkdir()
        with pytest.raises(PartFailed, match="all is read, and --resume makes the table"):
            journal.finish()
    table.rmdir()
    with Journal(table, SETTINGS, resume=True) as journal:
        assert journal.done == {("0.png", 0)}
        journal.finish()
    assert json.loads(table.read_text())["text"] == "7"


def test_a_whole_table_is_not_read_anew_by_resuming(tmp_path):
    (tmp_path / "t.csv").write_text("path")
    with pytest.raises(DigitlibError, match=r"t\.csv is whole: leave out --resume"):
        Journal(tmp_path / "t.csv", SETTINGS, resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DigitlibError, match="file is a file, no folder"):
        Journal(tmp_path / "file" / "t.csv", SETTINGS, resume=False)


def test_other_settings_are_refused(tmp_path):
    stopped(tmp_path / "t.csv", {"text": "7"})
    with pytest.raises(DigitlibError, match="was begun with single True, not None: give the same again"):
        Journal(tmp_path / "t.csv", {"single": None}, resume=True)
