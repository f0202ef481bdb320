"""Moving pictures: read, marked, written, steady; and one sentence where there is nothing to film."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from digitlib import Recognizer
from digitlib.doors import camera, cli, strokes
from digitlib.doors.widgets import EXAMPLE
from digitlib.errors import DigitlibError
from digitlib.reading.result import Digit, Reading


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load()


@pytest.fixture
def film(tmp_path):
    """A film of 20 frames: 72, wandering to the right; in frame 10 the lens is covered."""
    path = tmp_path / "film.webm"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), 25, (640, 480))
    for i in range(20):
        frame = np.full((480, 640, 3), 235, np.uint8)
        frame[100:380, 40 + i : 600 + i] = strokes.draw(EXAMPLE)[..., None]
        writer.write(frame if i != 10 else frame // 8 + 20)
    writer.release()
    return path


def test_a_film_is_not_overwritten_by_what_is_seen_in_it(film, recognizer):
    before = film.read_bytes()
    for places in ({"output": film}, {"lines": film}):
        with pytest.raises(DigitlibError, match="is the film that is read"):
            camera.watch(str(film), recognizer, window=False, **places)
    assert film.read_bytes() == before


def test_a_film_without_pictures_leaves_what_was_written_before(film, recognizer, tmp_path, monkeypatch):
    monkeypatch.setattr(camera.cv2.VideoCapture, "read", lambda self: (False, None), raising=False)
    kept = tmp_path / "kept.jsonl"
    kept.write_text("of before")
    with pytest.raises(DigitlibError, match="gives no picture"):
        camera.watch(str(film), recognizer, window=False, lines=kept)
    assert kept.read_text() == "of before"


def reading(*digits: tuple[int, int]) -> Reading:
    """A reading of digits at given columns."""
    found = [
        Digit(d, 1.0, True, 0.9, (x, 50, 40, 60), np.zeros((28, 28)), np.eye(10)[d].astype(np.float32))
        for d, x in digits
    ]
    return Reading(
        tuple(found), ("".join(str(d) for d, _ in digits),), 0, np.zeros((200, 400, 3), np.uint8), 1.0, 0.5
    )


def text(tracks) -> str:
    return "".join(str(track.probabilities.argmax()) for track in tracks)


def test_a_digit_is_followed_and_one_odd_frame_changes_nothing():
    tracks = []
    for i in range(6):
        tracks = camera.follow(tracks, reading((7, 10 + 3 * i), (2, 110 + 3 * i)))
    assert text(tracks) == "72" and [track.seen for track in tracks] == [6, 6]
    tracks = camera.follow(tracks, reading((1, 28), (2, 128)))
    assert text(tracks) == "72"


def test_a_digit_that_hides_keeps_its_place_and_goes_after_a_while():
    tracks = []
    for _ in range(4):
        tracks = camera.follow(tracks, reading((3, 10), (1, 110), (4, 210)))
    for _ in range(5):
        tracks = camera.follow(tracks, reading((3, 10), (4, 210)))
        assert text(tracks) == "314"
    assert text(camera.follow(tracks, reading((3, 10), (4, 210)))) == "34"


def test_a_new_digit_is_put_where_it_stands_and_boxes_move_with_the_digits():
    tracks = []
    for i in range(4):
        tracks = camera.follow(tracks, reading((3, 10 + 4 * i), (4, 210 + 4 * i)))
    assert 10 < tracks[0].box[0] < 22
    assert text(camera.follow(tracks, reading((3, 25), (1, 120), (4, 225)))) == "314"


def test_a_film_is_read_marked_and_told_frame_by_frame(film, tmp_path, recognizer):
    out, lines = tmp_path / "out.webm", tmp_path / "out.jsonl"
    words = ["webcam", "--source", str(film), "--headless", "--output", str(out), "--json", str(lines)]
    assert cli.main(words) == 0
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [row["frame"] for row in rows] == list(range(1, 21))
    assert [row["text"] for row in rows] == [""] * 2 + ["72"] * 18
    assert set(rows[-1]["digits"][0]) == {"digit", "confidence", "box"}
    written = camera.opened(str(out))
    frames = [written.read()[1] for _ in range(20)]
    assert frames[0].shape == (480, 640, 3) and written.read()[1] is None
    blue = np.abs(frames[-1].astype(int) - camera.BLUE).sum(2) < 90
    assert blue.sum() > 400 and not (np.abs(frames[0].astype(int) - camera.BLUE).sum(2) < 90).any()
    assert {path.name for path in tmp_path.iterdir()} == {"film.webm", "out.webm", "out.jsonl"}


def test_a_film_that_did_not_arrive_is_no_success(film, tmp_path, monkeypatch):
    written = camera.written

    def full(*whereto):  # OpenCV does not say that a disk is full
        return SimpleNamespace(write=lambda frame: None, release=written(*whereto).release)

    monkeypatch.setattr(camera, "written", full)
    out = tmp_path / "out.webm"
    assert cli.main(["webcam", "--source", str(film), "--headless", "--output", str(out)]) == 2
    assert not out.exists()


def test_ctrl_c_keeps_what_there_is(film, tmp_path, monkeypatch):
    class Tired(Recognizer):
        seen = 0

        def read(self, source, **how):
            self.seen += 1
            if self.seen == 8:
                raise KeyboardInterrupt
            return super().read(source, **how)

    lines = tmp_path / "out.jsonl"
    assert camera.watch(str(film), Tired.load(), window=False, lines=lines) == 7
    assert len(lines.read_text().splitlines()) == 7


def test_a_picture_that_cannot_be_saved_does_not_end_the_film(
    film, tmp_path, recognizer, monkeypatch, caplog
):
    (tmp_path / "figures").touch()
    monkeypatch.setattr(camera.files, "root", lambda: tmp_path)
    monkeypatch.setenv("DISPLAY", ":99")
    for name in ("imshow", "destroyAllWindows"):
        monkeypatch.setattr(camera.cv2, name, lambda *_: None)
    monkeypatch.setattr(camera.cv2, "waitKey", lambda _: ord("s"))
    assert camera.watch(str(film), recognizer, window=True, lines=tmp_path / "out.jsonl") == 20
    assert caplog.text.count("not saved") == 20 and (tmp_path / "out.jsonl").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--source", "97", "--headless", "--json", "x.jsonl"], "no camera or film 97: connect or name one"),
        (["--source", "9" * 14, "--headless", "--json", "x.jsonl"], "no camera or film 99999999999999"),
        (["--source", "gone.webm", "--headless", "--json", "x.jsonl"], "no camera or film gone.webm"),
        (["--source", __file__, "--headless", "--json", "x.jsonl"], "no camera or film"),
        (["--source", "FILM", "--headless"], "--headless shows nothing: add --output"),
        (["--source", "FILM"], "no screen for a window: add --headless"),
        (["--source", "FILM", "--headless", "--output", "x.gif"], "x.gif is no name for a film"),
        (["--source", "FILM", "--headless", "--json", "/proc/x/y.jsonl"], "cannot be written"),
    ],
    ids=[
        "no camera",
        "no number of a camera",
        "no film",
        "no film either",
        "nothing wanted",
        "no screen",
        "no such codec",
        "no folder",
    ],
)
def test_what_cannot_be_filmed_is_one_sentence(words, message, film, capfd, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["webcam", *(str(film) if word == "FILM" else word for word in words)]) == 2
    wrong = capfd.readouterr().err
    assert message in wrong and wrong.count("\n") == 1
