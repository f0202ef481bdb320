"""Many pictures become one table: every page once, in order; a stop or a broken file loses nothing."""

import csv
import functools
import io
import json
import os
import signal
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageSequence

from digitlib.doors import bulk, cli, journal, sources
from digitlib.errors import DigitlibError, PartFailed
from digitlib.series import cluster


def picture(digit, path):
    """Save a digit as it could have been drawn."""
    ink = np.pad(np.kron(digit, np.ones((3, 3))), 40)
    Image.fromarray((235 - 200 * ink).astype(np.uint8)).save(path)


@pytest.fixture
def folder(tmp_path, seven):
    """Two readable pictures, one below another folder, a broken one, notes, and a hidden file."""
    (tmp_path / "scans" / "more").mkdir(parents=True)
    picture(seven, tmp_path / "scans" / "b.png")
    picture(seven, tmp_path / "scans" / "more" / "a.JPG")
    picture(seven, tmp_path / "scans" / ".hidden.png")
    (tmp_path / "scans" / "broken.png").write_text("no picture")
    (tmp_path / "scans" / "notes.txt").write_text("no picture either")
    return tmp_path / "scans"


@pytest.fixture
def scan(tmp_path, seven):
    """A TIFF of two pages, the second blank."""
    ink = np.pad(np.kron(seven, np.ones((3, 3))), 40)
    pages = [Image.fromarray((235 - 200 * part).astype(np.uint8)) for part in (ink, 0 * ink)]
    pages[0].save(tmp_path / "scan.tiff", save_all=True, append_images=pages[1:])
    return tmp_path / "scan.tiff"


def rows_of(table):
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_page_of_a_scan_is_read(scan, capsys):
    assert cli.main(["predict", str(scan), "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["page"], first["text"]) == (1, "7")
    assert (second["page"], second["text"]) == (2, "")


def test_every_page_of_a_pdf_has_a_row(scan, tmp_path):
    with Image.open(scan) as frames:
        pages = [page.copy() for page in ImageSequence.Iterator(frames)]
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:])
    table = tmp_path / "table.csv"
    assert cli.main(["predict", str(tmp_path / "scan.pdf"), str(scan), "--output", str(table)]) == 0
    assert [(row["path"][-4:], row["page"], row["text"]) for row in rows_of(table)] == [
        (".pdf", "1", "7"), (".pdf", "2", ""), ("tiff", "1", "7"), ("tiff", "2", "")
    ]  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_becomes_a_table_and_a_broken_file_stands_in_it(folder, tmp_path, capsys, workers):
    table = tmp_path / "readings.csv"
    status = cli.main(["predict", str(folder), "--output", str(table), "--workers", str(workers)])
    assert status == 1
    assert "2 of 3 pages read, 1 failed" in capsys.readouterr().out
    rows = rows_of(table)
    assert [row["text"] for row in rows] == ["7", "", "7"]
    assert "not an image" in rows[1]["error"] and not rows[0]["error"]
    assert 0 < float(rows[0]["confidence"]) <= 1
    assert not list(tmp_path.glob("*.unfinished"))


def test_json_lines_hold_the_digits_too(folder, tmp_path):
    table = tmp_path / "readings.jsonl"
    cli.main(["predict", str(folder / "b.png"), "--output", str(table)])
    (row,) = map(json.loads, table.read_text().splitlines())
    assert row["page"] == 1 and row["lines"] == ["7"] and len(row["digits"][0]["box"]) == 4


def test_parquet_is_written_with_types(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "ROW_GROUP", 2)  # so that three rows are written in two parts
    from pyarrow import parquet

    table = tmp_path / "readings.parquet"
    cli.main(["predict", str(folder), "--output", str(table)])
    read = parquet.read_table(table)
    assert read.column_names == list(journal.COLUMNS)
    assert read["text"].to_pylist() == ["7", None, "7"] and read["page"].to_pylist() == [1, 1, 1]


def test_a_stopped_reading_goes_on_with_what_is_missing(folder, tmp_path):
    table, asked = tmp_path / "readings.csv", []

    def read(items, stop_at=None):
        for item in items:
            if item.path.endswith(stop_at or "never"):
                raise KeyboardInterrupt
            asked.append(item.path)
            yield item, {"text": "1", "confidence": 1.0}

    names = sources.expand([str(folder)])
    with pytest.raises(KeyboardInterrupt):
        bulk.tabulate(names, functools.partial(read, stop_at="a.JPG"), table, resume=False, settings={})
    unfinished = tmp_path / "readings.csv.unfinished"
    assert unfinished.is_file() and not table.exists()
    with pytest.raises(DigitlibError, match="add --resume"):
        bulk.tabulate(names, read, table, resume=False, settings={})
    with unfinished.open("a") as file:
        file.write('{"path": "half')  # as a kill leaves it
    assert bulk.tabulate(names, read, table, resume=True, settings={}) == (0, 3)
    assert asked == names  # each once
    assert [row["path"] for row in rows_of(table)] == names
    assert not unfinished.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "readings.xlsx"], "its name must end in .csv, .jsonl, .parquet"),
        (["--output", "FOLDER/gone.png/x.csv"], "cannot be written"),
        (["--resume"], "name it with --output"),
        (["--workers", "0"], "workers must be at least 1"),
        (["--workers", "2", "--scheduler", "tcp://127.0.0.1:9"], "no Dask scheduler answers"),
        (["-", "--workers", "2"], "- is read by one process"),
        (["FOLDER/pipe", "--workers", "2"], "pipe is read by one process"),
        (["FOLDER/own.jsonl", "--output", "FOLDER/own.jsonl"], "own.jsonl is to be read"),
        (["--json", "--output", "x.csv"], "leave one of them out"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_wrong_request_reads_nothing(folder, monkeypatch, capsys, words, message):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    (folder / "gone.png").write_text("")
    os.mkfifo(folder / "pipe")
    (folder / "own.jsonl").touch()
    words = [word.replace("FOLDER", str(folder)) for word in words]
    assert cli.main(["predict", str(folder / "b.png"), *words]) == 2
    assert not list(folder.parent.glob("*.unfinished"))
    out, err = capsys.readouterr()
    assert out == "" and message in err and err.count("\n") == 1


def test_a_picture_can_come_from_standard_input(folder, monkeypatch, capsys):
    stream = io.BytesIO((folder / "b.png").read_bytes())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    assert cli.main(["predict", "-"]) == 0
    assert capsys.readouterr().out.startswith("-: 7 (")


def test_what_the_system_refuses_is_one_row(folder, tmp_path):
    locked, table = str(folder / ("x" * 300)), tmp_path / "t.jsonl"
    status = cli.main(["predict", f"{locked}.pdf", str(folder / "b.png"), locked, "--output", str(table)])
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    assert status == 1 and ["error" in row for row in rows] == [True, False, True]


def test_drawings_of_readings_alone_are_no_pictures(folder, tmp_path, capsys):
    show = ["--show", str(tmp_path / "drawn")]
    assert cli.main(["predict", str(folder / "b.png"), *show]) == 0
    assert cli.main(["predict", str(tmp_path / "drawn"), *show]) == 2
    assert "holds drawings of readings alone" in capsys.readouterr().err


def killed(item):
    """Stand for a page that costs the process its life."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_every_page_of_standard_input_and_of_a_file_without_suffix_is_read(scan, capsys, monkeypatch):
    bare = scan.rename(scan.with_suffix(""))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(bare.read_bytes())))
    assert cli.main(["predict", "-", str(bare), "--json"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["path"], row["page"], row["text"]) for row in said] == [
        ("-", 1, "7"), ("-", 2, ""), (str(bare), 1, "7"), (str(bare), 2, "")
    ]  # fmt: skip


def test_relative_paths_start_where_the_command_was_given(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # of the process that reads
    item = bulk.Item(1, "b.png", 0, 1)
    assert bulk.read_one(item, None, base=str(folder))["text"] == "7"
    assert "no such file" in bulk.read_one(item, None)["error"]


def test_what_is_wrong_with_standard_input_is_said_of_it(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"no picture")))
    said = bulk.read_one(bulk.Item(1, "-", 0, 1), None)["error"]
    assert said.startswith("not an image: -;")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_name_that_is_no_text_has_its_row(folder, tmp_path, suffix):
    os.rename(folder / "b.png", os.path.join(os.fsencode(folder), b"caf\xe9.png"))
    table = tmp_path / f"table{suffix}"
    assert cli.main(["predict", str(folder), "--output", str(table)]) == 1  # one is broken
    assert b"caf\\" in table.read_bytes()
    assert not table.with_name(f"{table.name}.unfinished").exists()


def test_ctrl_c_says_how_a_table_goes_on(folder, tmp_path, capsys, monkeypatch):
    def stopped(item, **_):
        if item.number > 1:
            raise KeyboardInterrupt
        return {"text": "7"}

    monkeypatch.setattr(bulk, "read_one", stopped)
    assert cli.main(["predict", str(folder), "--output", str(tmp_path / "t.csv")]) == 130
    assert "1 are read already: the same command with --resume goes on" in capsys.readouterr().err


def test_a_process_that_is_killed_is_one_sentence():
    with pytest.raises(PartFailed, match=r"ended before its time \(BrokenProcessPool"):
        list(bulk.read_all([bulk.Item(1, "a.png", 0, 1)], work=killed, workers=2))


def test_a_reading_goes_on_only_with_the_same_pictures_and_options(folder, tmp_path, capsys, monkeypatch):
    def stopped(item, **_):
        raise KeyboardInterrupt if item.number > 1 else OSError  # what fails is tried again

    table, one = tmp_path / "t.csv", bulk.read_one
    monkeypatch.setattr(
        bulk, "read_one", lambda item, **how: one(item, **how) if item.number == 1 else stopped(item)
    )
    command = ["predict", str(folder), "--output", str(table)]
    assert cli.main(command) == 130
    for changed, named in (
        ([*command, "--single"], "single"),
        (["predict", ".", *command[2:]], "pictures"),
        (command, "folder"),
    ):
        if named == "folder":
            monkeypatch.chdir(tmp_path)
        assert cli.main([*changed, "--resume"]) == 2
        assert f"was begun with {named}" in capsys.readouterr().err
    monkeypatch.undo()
    assert cli.main([*command, "--resume"]) == 1  # one is broken
    assert [row["text"] for row in rows_of(table)] == ["7", "", "7"]


def test_a_reading_that_cannot_be_drawn_is_a_reading(folder, tmp_path, caplog):
    (tmp_path / "full").write_text("no folder")
    item = bulk.Item(1, str(folder / "b.png"), 0, 1)
    assert bulk.read_one(item, None, show=tmp_path / "full")["text"] == "7"
    assert "it is read, but not drawn" in caplog.text


def test_what_show_drew_is_no_picture_the_next_time(folder, capsys):
    for _ in range(2):
        assert cli.main(["predict", str(folder / "more"), "--show", str(folder / "more"), "--json"]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 1


def test_more_pages_than_the_name_says_are_told(scan, caplog):
    named = scan.rename(scan.with_suffix(".jpg"))
    assert bulk.read_one(bulk.Item(1, str(named), 0, 1), None)["text"] == "7"
    assert "has 2 pages, of which the first is read" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere pipes have no names")
def test_a_named_pipe_is_read(scan, capsys):
    import threading

    pipe = scan.with_name("pipe")
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(scan.read_bytes(),))
    writer.start()
    assert cli.main(["predict", str(pipe), "--json"]) == 0
    writer.join()
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == ["7", ""]
