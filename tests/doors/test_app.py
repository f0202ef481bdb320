"""The page without a browser: what it shows for pictures, hostile ones too, and that it keeps to itself."""

import io
import json
import socket

import numpy as np
import pytest
from PIL import Image
from serving import free_port
from streamlit.testing.v1 import AppTest

from digitlib.doors import app, cli, strokes
from digitlib.doors.widgets import EXAMPLE


def png(pixels: np.ndarray) -> bytes:
    Image.fromarray(pixels).save(stream := io.BytesIO(), "PNG")
    return stream.getvalue()


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr("sys.argv", ["app"])  # what follows would be a model's path
    shown = AppTest.from_file(app.__file__, default_timeout=60).run()
    assert not shown.exception
    return shown


def pads(page) -> list[dict]:
    """The answers that the page shows."""
    found = [node.proto for node in page.main if node.type == "bidi_component"]
    return [json.loads(proto.json)["answer"] for proto in found]


def choose(page, door):
    page.button_group[0].set_value(door).run()
    assert not page.exception
    return page


def test_the_page_opens_on_the_pad(page):
    assert page.header[0].value == "Which digits are these?"
    assert page.button_group[0].options


def test_it_listens_to_this_machine_only_and_reports_nothing(monkeypatch):
    called, port = [], str(free_port())
    monkeypatch.setattr("streamlit.web.cli.main", lambda words, **_: called.extend(words))
    assert cli.main(["app", "--port", port]) == 0
    assert "--server.address=127.0.0.1" in called and f"--server.port={port}" in called
    assert "--browser.gatherUsageStats=false" in called and called[-2:] == [app.__file__, "--"]


def test_a_port_that_is_none_is_said(capsys):
    assert cli.main(["app", "--port", "99999"]) == 2
    assert "a port is a number from 1 to 65535, got 99999" in capsys.readouterr().err


def test_a_port_that_is_in_use_is_said(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert cli.main(["app", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"port {port}: Address already in use; name another with --port" in said


@pytest.mark.parametrize(
    ("address", "warned"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)]
)
def test_opening_the_page_to_others_is_warned_of(monkeypatch, capsys, address, warned):
    monkeypatch.setattr("streamlit.web.cli.main", lambda *_, **__: None)
    assert cli.main(["app", "--address", address, "--port", str(free_port())]) == 0
    assert ("open to everybody who can reach 0.0.0.0" in capsys.readouterr().err) == warned


def test_a_wrong_model_is_said_before_anything_is_served(capsys):
    assert cli.main(["app", "--model", "gone.tflite"]) == 2
    assert "no model at gone.tflite" in capsys.readouterr().err


def test_files_are_read_listed_and_offered_as_tables(page, sample):
    choose(page, "Upload")
    page.file_uploader[0].set_value([("two.png", png(strokes.draw(EXAMPLE)), "image/png")]).run()
    (said,) = pads(page)
    assert said["text"] == "72" and said["name"] == "two.png"
    assert [button.label for button in page.get("download_button")] == ["Download CSV", "Download JSON"]


def test_hostile_files_are_answered_one_by_one(page):
    names = ["../../evil.svg", "<b>x</b>.png", "seven.png"]
    contents = [b"<svg onload='alert(1)'/>", b"\x89PNG\r\n", png(strokes.draw(EXAMPLE[:1]))]
    choose(page, "Upload")
    page.file_uploader[0].set_value([(n, c, "image/png") for n, c in zip(names, contents, strict=True)]).run()
    assert not page.exception
    bad, worse, good = pads(page)
    assert bad["error"].startswith("not an image: evil.svg") and "<" not in worse["error"]
    assert good["text"] == "7"


def test_too_many_files_are_named_and_the_first_are_read(page, monkeypatch):
    choose(page, "Upload")
    page.file_uploader[0].set_value([(f"{i}.png", b"x", "image/png") for i in range(11)]).run()
    assert "11 pictures; the first 10" in page.warning[0].value
    assert len(pads(page)) == 10


def test_an_example_is_read(page):
    choose(page, "Examples")
    next(button for button in page.button if button.label == "Year").click().run()
    assert pads(page)[0]["text"] == "2026"


def test_what_one_visitor_shows_no_other_sees(page):
    other = AppTest.from_file(app.__file__, default_timeout=60).run()
    choose(page, "Upload")
    page.file_uploader[0].set_value([("mine.png", png(strokes.draw(EXAMPLE)), "image/png")]).run()
    choose(other, "Upload")
    assert pads(page) and not pads(other)
