"""Words mean each picture once, in order: of folders, patterns, and addresses that fsspec opens."""

import zipfile

import fsspec
import pytest

from digitlib.doors import cli, sources
from digitlib.errors import DigitlibError
from digitlib.files import models, root

SAMPLE = root() / "data" / "samples" / "plain_7.jpg"


@pytest.fixture
def folder(tmp_path):
    """Names that look like pictures and such that do not, one below another folder, one hidden."""
    (tmp_path / "more").mkdir()
    for name in ("b.png", "broken.png", "more/a.JPG", ".hidden.png", "notes.txt"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def remote():
    """A folder on fsspec's file system in memory: two pictures and notes."""
    memory = fsspec.filesystem("memory")
    for name in ("scans/7.jpg", "scans/deep/8.png"):
        memory.pipe(f"/{name}", SAMPLE.read_bytes())
    memory.pipe("/scans/notes.txt", b"no picture")
    yield "memory://scans"
    memory.rm("/scans", recursive=True)


def test_folders_and_patterns_name_pictures_once_in_order(folder):
    names = sources.expand([str(folder / "notes.txt"), str(folder / "*.png"), str(folder)])
    assert [name.removeprefix(f"{folder}/") for name in names] == [
        "notes.txt", "b.png", "broken.png", "more/a.JPG"
    ]  # fmt: skip


def test_what_names_nothing_is_said(tmp_path):
    with pytest.raises(DigitlibError, match=r"no file matches .*\*\.png"):
        sources.expand([str(tmp_path / "*.png")])
    with pytest.raises(DigitlibError, match="holds no pictures"):
        sources.expand([str(tmp_path)])
    with pytest.raises(DigitlibError, match="an empty name"):
        sources.expand([""])


def test_the_root_of_an_archive_is_a_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.write(SAMPLE, "scans/7.jpg")
    address = f"zip://::{tmp_path / 's.zip'}"
    assert sources.expand([address]) == [f"zip://scans/7.jpg::{tmp_path / 's.zip'}"]


def test_standard_input_that_is_closed_is_one_sentence(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(DigitlibError, match="standard input is closed"):
        sources.given("-")


def test_addresses_are_folders_patterns_and_files(remote):
    assert sources.expand([remote]) == ["memory:///scans/7.jpg", "memory:///scans/deep/8.png"]
    assert sources.expand([f"{remote}/*.jpg"]) == ["memory:///scans/7.jpg"]
    assert sources.given(f"{remote}/7.jpg") == SAMPLE.read_bytes()


def test_pictures_elsewhere_are_read_and_one_that_is_gone_is_said(remote, capsys):
    assert cli.main(["predict", remote, f"{remote}/gone.png"]) == 1
    out, err = capsys.readouterr()
    assert out.count(": 7 (confidence") == 2 and "memory:///scans/7.jpg" in out
    assert "gone.png cannot be opened: FileNotFoundError" in err


@pytest.mark.parametrize(
    ("address", "message"),
    [("nothing://a/b.png", "nothing://a/b.png cannot be opened"), ("memory://empty/*.png", "no pictures at")],
)
def test_what_is_no_address_is_one_sentence(address, message, capsys):
    assert cli.main(["predict", address]) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1


def test_a_local_name_is_never_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a:").mkdir()
    (tmp_path / "a:" / "b.png").touch()
    assert sources.given("a://b.png") == "a://b.png"
    assert models().is_dir()


def test_folders_and_patterns_inside_an_archive_keep_its_address(tmp_path):
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as packed:
        packed.write(SAMPLE, "scans/7.jpg")
    expected = [f"zip://scans/7.jpg::{tmp_path / 's.zip'}"]
    for word in ("scans", "scans/*.jpg"):
        assert sources.expand([f"zip://{word}::{tmp_path / 's.zip'}"]) == expected
    assert sources.given(expected[0]) == SAMPLE.read_bytes()


@pytest.mark.parametrize(
    "address",
    ["memory://b/doc.PDF?sig=1.x", "zip://doc.pdf::/tmp/s.zip", "doc.pdf", "s3://bucket/a.b/doc.pdf"],
)
def test_the_suffix_of_an_address_is_that_of_its_file(address):
    assert sources.suffix(address) == ".pdf"
