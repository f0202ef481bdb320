"""Both doors in a real browser: a real JupyterLab and the real page, driven as a person would.

Skipped where there is no browser; with DIGITLIB_BROWSER=1, which continuous integration sets, a missing
browser is a failure.
"""

import io
import itertools
import json
import math
import os
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import synthetic
from PIL import Image
from serving import ROOT, served
from strokes import STROKES

from digitlib.data import mnist

pytestmark = pytest.mark.slow
SEVEN = [(120, 70), (220, 62), (160, 215)]
LETTER = [(60, 60), (110, 220), (160, 90), (210, 220), (260, 60)]  # a W

NOTEBOOKS = {
    "pad.ipynb": [
        "from pathlib import Path\nfrom digitlib.doors.widgets import Pad\npad = Pad(folder=Path('own'))",
        "pad",
    ],
    "knobs.ipynb": [
        "import matplotlib.pyplot as plt\nfrom digitlib.doors.knobs import Knobs",
        "def draw(shade):\n    figure, axes = plt.subplots(figsize=(2, 1))\n"
        "    axes.set_title(f'{shade:.2f}')\n    return figure\n\n\n"
        "Knobs(draw, shade=(0.0, 1.0, 0.5))",
    ],
}


@pytest.fixture(scope="session")
def app(browser, tmp_path_factory):
    """The address of the real page, served from a folder of its own."""
    folder = tmp_path_factory.mktemp("app")
    with served(["digitlib.doors.cli", "app", "--port", "{port}"], "/_stcore/health", folder) as address:
        yield address


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """The address of a real JupyterLab with a notebook that shows the pad; its folder keeps corrections."""
    folder = tmp_path_factory.mktemp("lab")
    for name, cells in NOTEBOOKS.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / name)
    settings = folder / "jupyter" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    silent = {"fetchNews": "false", "checkForUpdates": False}
    settings.write_text(json.dumps({"@jupyterlab/apputils-extension:notification": silent}))
    words = [
        "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port={port}", "--allow-root", "--LabApp.news_url=",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with served(words, "/api", folder) as address:
        yield address, folder


@pytest.fixture
def visit(browser):
    """Open an address as a new visitor; nothing may go wrong in the console or leave this machine."""
    wrong, contexts = [], []

    def opened(address: str, **settings):
        context = browser.new_context(**{"viewport": {"width": 1100, "height": 800}} | settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: wrong.append(request.url) if outside(request.url) else None)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def outside(address: str) -> bool:
    return not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", address)


@pytest.fixture
def pad(visit, lab):
    """The pad in JupyterLab, after Run All."""
    return run_all(visit(f"{lab[0]}/doc/tree/pad.ipynb?reset"), "application")


def run_all(page, role: str):
    """Run all cells, and wait for what has this role."""
    page.wait_for_function("window.jupyterapp && jupyterapp.shell.currentWidget?.sessionContext?.isReady")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.get_by_role(role).first.wait_for()
    return page


@pytest.fixture
def draw_door(visit, app):
    page = visit(app)
    page.get_by_role("application").wait_for()
    return page


def draw(page, *strokes):
    """Draw with the mouse, which reports every 15 pixels or so; points in the pad's own pixels."""
    canvas = page.get_by_role("application")
    canvas.scroll_into_view_if_needed()  # a mouse reaches what is in the window, once the page lies still
    area = canvas.bounding_box()
    scale = area["width"] / 560
    for stroke in strokes:
        points = [(area["x"] + x * scale, area["y"] + y * scale) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for before, point in itertools.pairwise(points):
            page.mouse.move(*point, steps=1 + int(math.dist(before, point) / 15))
        page.mouse.up()


def says(page, text: str) -> None:
    page.wait_for_function(
        "([text]) => [...document.querySelectorAll('*')].flatMap((e) => [e, e.shadowRoot]).some((root) =>"
        " root?.querySelector?.('.pad .text')?.textContent === text)",
        arg=[text],
    )


def inked(page) -> int:
    """How many pixels of the pad are dark."""
    return page.get_by_role("application").evaluate(
        "(pad) => pad.getContext('2d').getImageData(0, 0, pad.width, pad.height).data"
        ".filter((value, i) => i % 4 == 3 && value).length"
    )


def test_a_knob_is_moved_and_the_figure_follows(visit, lab):
    page = run_all(visit(f"{lab[0]}/doc/tree/knobs.ipynb?reset"), "slider")
    picture = page.locator(".jupyter-widgets img")
    before = picture.get_attribute("src")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([before]) => document.querySelector('.jupyter-widgets img').src !== before", arg=[before]
    )


@pytest.mark.parametrize("door", ["pad", "draw_door"])
def test_a_seven_is_drawn_and_read_undone_and_cleared(door, request):
    page = request.getfixturevalue(door)
    draw(page, SEVEN)
    says(page, "7")
    draw(page, [(x + 200, y) for x, y in SEVEN])
    says(page, "77")
    page.get_by_role("button", name="Undo").click()
    says(page, "7")
    page.get_by_role("button", name="Clear").click()
    says(page, "")
    assert inked(page) == 0
    page.get_by_role("button", name="Undo").click()
    says(page, "7")


@pytest.mark.parametrize("door", ["pad", "draw_door"])
def test_a_letter_is_refused_with_the_reason(door, request):
    page = request.getfixturevalue(door)
    draw(page, LETTER)
    page.get_by_text(re.compile(r"not a digit: its score of 0\.\d\d is below")).wait_for()
    says(page, "")


@pytest.mark.parametrize("door", ["pad", "draw_door"])
def test_the_pad_works_by_keyboard(door, request):
    page = request.getfixturevalue(door)
    page.get_by_role("application").focus()
    keys = ["ArrowLeft"] * 3 + [" "] + ["ArrowDown"] * 8 + [" "]  # a one
    for key in ["ArrowUp"] * 4 + keys:
        page.keyboard.press(key)
    says(page, "1")
    page.keyboard.press("Control+z")
    says(page, "")


def test_a_picture_is_dropped_on_the_pad(pad):
    drop(pad, ROOT / "data" / "samples" / "year_2026.jpg")
    says(pad, "2026")
    draw(pad, SEVEN)
    says(pad, "7")
    drop(pad, ROOT / "README.md")
    pad.get_by_text("not an image: README.md").wait_for()


def drop(page, path: Path) -> None:
    moved = page.evaluate_handle(
        "([bytes, name]) => { const moved = new DataTransfer();"
        " moved.items.add(new File([new Uint8Array(bytes)], name)); return moved; }",
        [list(path.read_bytes()), path.name],
    )
    page.get_by_role("application").dispatch_event("drop", {"dataTransfer": moved})


@pytest.mark.parametrize("door", ["pad", "draw_door"])
def test_a_picture_is_pasted_by_keys_and_by_button(door, request):
    page = request.getfixturevalue(door)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with Image.open(ROOT / "data" / "samples" / "year_2026.jpg") as picture:
        picture.save(copied := io.BytesIO(), "PNG")
    page.evaluate(
        "(bytes) => navigator.clipboard.write([new ClipboardItem({'image/png':"
        " new Blob([new Uint8Array(bytes)], {type: 'image/png'})})])",
        list(copied.getvalue()),
    )
    page.get_by_role("application").focus()
    page.keyboard.press("Control+v")
    says(page, "2026")
    page.get_by_role("button", name="Clear").click()
    says(page, "")
    page.get_by_role("button", name="Paste", exact=True).click()
    says(page, "2026")


def test_a_wrong_answer_is_corrected_and_kept(pad, lab):
    draw(pad, SEVEN)
    says(pad, "7")
    pad.get_by_placeholder("That's wrong, it is a ...").fill("1")
    pad.get_by_role("button", name="Keep").click()
    pad.get_by_text("thank you").wait_for()
    assert (lab[1] / "own" / "labels.csv").read_text().splitlines()[-1].endswith(",1,single,drawn,me")


def choose(page, door: str) -> None:
    page.get_by_role("radio", name=door).click()


def test_a_page_with_several_digits_and_a_wrong_file_are_uploaded(draw_door, tmp_path):
    page = draw_door
    split = mnist.load(mnist.SAMPLE).train
    Image.fromarray(synthetic.write("314 159", split, np.random.default_rng(0))).save(tmp_path / "page.png")
    (tmp_path / "<b>notes.txt").write_text("no picture")
    choose(page, "Upload")
    page.locator("input[type=file]").set_input_files([tmp_path / "page.png", tmp_path / "<b>notes.txt"])
    page.get_by_text("314159", exact=True).wait_for()
    page.get_by_text("not an image: b_notes.txt; save it as PNG or JPEG").wait_for()
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Download CSV").click()
    assert "page.png,314159," in downloaded.value.path().read_text()


def test_an_example_is_clicked_on_a_dark_phone(visit, app):
    page = visit(app, viewport={"width": 390, "height": 800}, color_scheme="dark", has_touch=True)
    choose(page, "Examples")
    page.get_by_role("button", name="Year").click()
    page.get_by_text("2026", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_one_visitor_draws_no_other_sees(visit, app):
    one, other = visit(app), visit(app)
    for page in (one, other):
        page.get_by_role("application").wait_for()
    draw(one, SEVEN)
    says(one, "7")
    other.wait_for_timeout(500)
    says(other, "")


def test_a_file_of_500_megabytes_is_refused_in_words(draw_door, tmp_path):
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(500_000_000)
    choose(draw_door, "Upload")
    draw_door.locator("input[type=file]").set_input_files(tmp_path / "huge.png")
    draw_door.get_by_text(re.compile("10.*MB or smaller")).wait_for()


@pytest.mark.parametrize("size", [(560, 280), (1100, 800)], ids=["small window", "large window"])
def test_lines_stay_sharp_on_fine_screens(visit, app, size):
    page = visit(app, device_scale_factor=2, viewport={"width": size[0], "height": size[1]})
    canvas = page.get_by_role("application")
    canvas.wait_for()
    drawn, shown = canvas.evaluate("(pad) => [pad.width, pad.clientWidth]")
    assert abs(drawn - 2 * shown) <= 1
    draw(page, SEVEN)
    says(page, "7")


def test_a_finger_draws(visit, app):
    page = visit(app, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    canvas = page.get_by_role("application")
    area = canvas.bounding_box()
    devtools, scale = page.context.new_cdp_session(page), area["width"] / 560
    for kind, (x, y) in zip(["touchStart", "touchMove", "touchMove"], SEVEN, strict=True):
        point = {"x": area["x"] + x * scale, "y": area["y"] + y * scale}
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    says(page, "7")
    assert page.evaluate("window.scrollY") == 0


@pytest.mark.parametrize("name", ["widget", "page"])
def test_three_digits_and_a_letter_make_a_picture_for_the_readme(name, visit, app, lab, tmp_path):
    """With DIGITLIB_SCREENSHOTS=figures/readme the pictures are those that README shows."""
    address = app if name == "page" else f"{lab[0]}/doc/tree/pad.ipynb?reset"
    page = visit(address, device_scale_factor=2, viewport={"width": 1000, "height": 650})
    if name == "widget":
        run_all(page, "application")
    page.get_by_role("application").wait_for()
    for character, left in zip("372W", (45, 170, 295, 415), strict=True):
        shape = STROKES[character]
        draw(page, *([(left + 140 * x + 8 * (1 - y), 70 + 140 * y) for x, y in stroke] for stroke in shape))
    says(page, "372")
    page.wait_for_timeout(1000)
    folder = Path(os.environ.get("DIGITLIB_SCREENSHOTS", tmp_path))
    page.screenshot(path=folder / f"{name}.png")
    with Image.open(folder / f"{name}.png") as shown:
        assert shown.width == 2000
