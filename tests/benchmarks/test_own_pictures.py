"""The benchmark of own pictures counts rightly, fetches by git, and holds its figures where pictures are."""

import csv
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitlib import Recognizer
from digitlib.errors import DigitlibError

SOURCE = Path(__file__).parents[2] / "benchmarks" / "own_pictures.py"
specification = importlib.util.spec_from_file_location("own_pictures", SOURCE)
own_pictures = importlib.util.module_from_spec(specification)
specification.loader.exec_module(own_pictures)


def read(label, text, kind="single", writer="a", score=0.9, confidence=0.9, told=None, **others):
    row = {"file": f"{label}.png", "label": label, "kind": kind, "medium": "paper", "writer": writer}
    others = {way: others.get(way, "0") for way in ("naive", "network_alone", "frame_alone")}
    return own_pictures.Read(row, text, confidence, score, told or text, seconds=0.01, **others)


@pytest.mark.parametrize(
    ("text", "truth", "count"),
    [("", "", 0), ("123", "123", 0), ("13", "123", 1), ("1235", "123", 1), ("923", "123", 1), ("", "99", 2)],
)
def test_edits_are_levenshteins(text, truth, count):
    assert own_pictures.edits(text, truth) == count


def test_figures_by_hand():
    reads = [
        read("1", "1", writer="a", naive="1", network_alone="1"),
        read("2", "2", writer="a", network_alone="2", frame_alone="2"),
        read("3", "8", writer="b", told="3", confidence=0.1),
        read("4", "", writer="b", told="4", confidence=0.0, score=0.1),
        read("12", "12", kind="multi"),
        read("345", "34", kind="multi"),
        read("none", "", kind="none", score=0.05),
        read("none", "7", kind="none", score=0.2),
    ]
    figures = own_pictures.measure(reads)
    assert figures["singles_read"]["right"] == 2 and figures["singles_read"]["n"] == 4
    assert figures["singles_read"]["over_people"] == 0.5
    assert figures["singles_read"]["paper"] == [2, 4]
    assert figures["singles_told"]["right"] == 4 and figures["singles_tutorial"]["right"] == 1
    assert figures["singles_network_alone"]["right"] == 2 and figures["singles_frame_alone"]["right"] == 1
    assert figures["singles_refused"] == 1
    assert figures["surest_error_at"] == 0.5  # the wrong answer is the second of four by confidence
    assert figures["pages"] == {"exact": 1, "n": 2, "character_error_rate": 0.2}
    assert figures["strangers"] == {"refused": 1, "n": 2, "auroc": 0.9167}


def test_each_harmless_change_leaves_a_picture_of_its_kind():
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    for name, change in own_pictures.changes().items():
        changed = change(pixels)
        assert changed.dtype == np.uint8 and changed.ndim == 3, name
        assert changed.shape != pixels.shape or (changed != pixels).any(), name
    assert own_pictures.changes()["half size"](pixels).shape == (20, 30, 3)
    assert own_pictures.changes()["10 % margin"](pixels).shape == (48, 72, 3)


def test_fetch_takes_the_listed_file_at_the_listed_commit(tmp_path):
    repository = tmp_path / "host" / "somebody" / "digits"
    repository.mkdir(parents=True)
    git = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "config", "uploadpack.allowAnySHA1InWant", "true"], check=True)
    (repository / "a.png").write_bytes(b"first")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "x"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    commit = head.stdout.strip()
    (repository / "a.png").write_bytes(b"second")
    subprocess.run([*git, "commit", "--quiet", "-am", "y"], check=True)

    common = {"repo": "somebody/digits", "commit": commit, "path": "a.png"}
    common |= {"label": "1", "kind": "single", "medium": "paper", "writer": "a"}
    rows = [
        common | {"file": "w_1.png", "sha256": hashlib.sha256(b"first").hexdigest()},
        common | {"file": "w_2.png", "sha256": hashlib.sha256(b"second").hexdigest()},
        common | {"file": "w_3.png", "repo": "gone/away", "sha256": "0"},
    ]
    listing = tmp_path / "list.csv"
    with listing.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert own_pictures.fetch(tmp_path / "got", f"file://{tmp_path / 'host'}/", listing) == 1
    assert (tmp_path / "got" / "w_1.png").read_bytes() == b"first"
    assert not (tmp_path / "got" / "w_2.png").exists()
    labels = (tmp_path / "got" / "labels.csv").read_text()
    assert len(labels.splitlines()) == 2

    nowhere = f"file://{tmp_path / 'nowhere'}/"
    assert own_pictures.fetch(tmp_path / "got", nowhere, listing) == 1  # what is there is not fetched again
    assert (tmp_path / "got" / "labels.csv").read_text() == labels
    (tmp_path / "got" / "w_1.png").unlink()
    with pytest.raises(DigitlibError, match="is there a network"):
        own_pictures.fetch(tmp_path / "got", nowhere, listing)
    assert (tmp_path / "got" / "labels.csv").read_text() == labels


def test_fetch_never_asks_for_a_password(tmp_path, monkeypatch):
    (tmp_path / "git").write_text('#!/bin/sh\necho "$GIT_TERMINAL_PROMPT" >> "$0.log"\nexit 1\n')
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(own_pictures.subprocess, "run", _without_check(own_pictures.subprocess.run))
    own_pictures._fetch(tmp_path, [], "https://example.org/x", "0")
    assert (tmp_path / "git.log").read_text().split()[-1] == "0"


def _without_check(run):
    return lambda *words, **how: run(*words, **how | {"check": False})


def test_a_folder_is_read_and_its_failures_are_drawn(tmp_path, seven, recognizer):
    ink = np.pad(np.kron(seven, np.ones((3, 3))), 40)
    cv2.imwrite(str(tmp_path / "seven.png"), 235 - 200 * ink)
    rows = "file,label,kind,medium,writer\nseven.png,7,single,canvas,a\nseven.png,4,single,canvas,b\n"
    rows += "broken.png,7,single,canvas,b\nbroken.png,none,none,canvas,b\n"
    (tmp_path / "broken.png").write_text("no picture")
    (tmp_path / "labels.csv").write_text(rows)
    reads = own_pictures.read_folder(tmp_path, recognizer)
    assert [r.text for r in reads] == ["7", "7", "?", "?"] and [r.right for r in reads] == [True] + [
        False
    ] * 3
    drawn = own_pictures.sheets(tmp_path, reads, recognizer, tmp_path / "sheets")
    assert [path.name for path in drawn] == ["seven.png", "seven-single.png"]
    assert all(path.exists() for path in drawn)
    assert set(own_pictures.steady(tmp_path, reads, recognizer)) == set(own_pictures.changes())


@pytest.mark.slow
@pytest.mark.skipif(
    "DIGITLIB_OWN_PICTURES" not in os.environ, reason="no pictures: set DIGITLIB_OWN_PICTURES"
)
def test_the_development_pictures_are_read_as_well_as_we_say():
    figures = own_pictures.measure(
        own_pictures.read_folder(Path(os.environ["DIGITLIB_OWN_PICTURES"]), Recognizer.load())
    )
    # What was reached is in own_pictures.json; a picture or two more or less is another machine's rounding.
    assert figures["singles_read"]["right"] >= figures["singles_read"]["n"] - 5
    assert figures["singles_told"]["right"] >= figures["singles_told"]["n"] - 2
    assert figures["singles_read"]["paper"][0] >= figures["singles_read"]["paper"][1] - 3
    assert figures["singles_refused"] <= 4
    assert figures["singles_tutorial"]["right"] < figures["singles_read"]["right"] - 10
    assert figures["pages"]["exact"] >= figures["pages"]["n"] - 8
    assert figures["pages"]["character_error_rate"] <= 0.07
    assert figures["strangers"]["refused"] >= figures["strangers"]["n"] - 7
    assert figures["strangers"]["auroc"] > 0.97


def test_a_folder_without_a_table_is_one_sentence_and_strangers_alone_have_no_auroc(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(sys, "argv", ["own_pictures.py", str(tmp_path)])
    assert own_pictures.main() == 1
    assert f"error: {tmp_path / 'labels.csv'} cannot be read" in capsys.readouterr().err
    (tmp_path / "labels.csv").write_text("file,label,kind,medium,writer\n")
    assert own_pictures.main() == 1
    assert "names no picture" in capsys.readouterr().err
    assert own_pictures.measure([read("none", "", kind="none")])["strangers"] == {"refused": 1, "n": 1}
