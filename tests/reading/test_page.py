"""What the page reader promises: every digit once, whole, without its neighbours, in reading order."""

import cv2
import numpy as np
import pytest
from strokes import write

from digitlib.pictures.frame import frame, to_mnist_frame
from digitlib.reading.page import find_digits

RNG = np.random.default_rng(5)


def paper(height: int = 400, width: int = 600) -> np.ndarray:
    return np.full((height, width), 225, np.uint8)


def written(rows: list[str], *, step: int = 80, **how) -> np.ndarray:
    """A page of rows of digits, 100 pixels apart."""
    page = paper(100 * len(rows) + 40, step * max(map(len, rows)) + 60)
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            write(page, text, 30 + step * j, 100 + 100 * i, **how)
    return page


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


SAMPLES = {text: frame(written([text])) for text in "0123456789"}


def read(page: np.ndarray, **how) -> str:
    """Name each box by the sample that it resembles most."""
    frames = [to_mnist_frame(box.ink) for box in find_digits(page, **how)]
    return "".join(max(SAMPLES, key=lambda text: likeness(SAMPLES[text], seen)) for seen in frames)


@pytest.mark.parametrize("text", "0123456789")
def test_a_single_digit_is_one_box(text):
    assert read(written([text])) == text


def test_a_box_is_where_the_digit_is_and_holds_its_ink():
    page = paper()
    page[100:180, 300:306] = 40
    (box,) = find_digits(page)
    assert (box.x, box.y, box.width, box.height) == (300, 100, 6, 80)
    assert box.ink.shape == (80, 6) and box.ink.dtype == np.float32 and box.ink.min() > 0.9


@pytest.mark.parametrize(
    "rows",
    [["2718"], ["31", "41", "59"], ["0123456789", "9876543210", "2468013579", "1357924680"]],
    ids=["one row", "three rows", "forty digits"],
)
def test_digits_come_in_reading_order(rows):
    assert read(written(rows)) == "".join(rows)


@pytest.mark.parametrize("angle", [-7, 7], ids=["falling", "rising"])
def test_slanted_rows_stay_rows(angle):
    page = written(["12345678", "87654321"])
    turn = cv2.getRotationMatrix2D((350, 120), angle, 0.8)
    page = cv2.warpAffine(page, turn, page.shape[::-1], borderValue=225)
    assert read(page) == "1234567887654321"


@pytest.mark.parametrize("angle", [-9, 9], ids="{} degrees".format)
@pytest.mark.parametrize("rows", [["12", "345678901234"], ["123456789012", "345", "67"]], ids="/".join)
def test_slanted_rows_may_differ_in_length(rows, angle):
    page = np.pad(written(rows), 200, constant_values=225)
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), angle, 0.9)
    page = cv2.warpAffine(page, turn, page.shape[::-1], borderValue=225)
    assert read(page) == "".join(rows)


def test_rows_may_differ_in_darkness():
    page = written(["123", "456"])
    page[130:] = 255 - (255 - page[130:].astype(int)) * 2 // 3
    assert read(page) == "123456"


def test_sizes_may_differ():
    page = paper(300, 500)
    for x, size in ((20, 3), (120, 4.5), (260, 2.5), (350, 4)):
        write(page, "6", x, 220, size=size)
    assert read(page) == "6666"


def test_light_ink_on_dark():
    assert read(255 - written(["204", "681"])) == "204681"


def test_a_digit_in_two_pieces_is_one():
    page = written(["253"])
    page[:, 137:141] = 225  # cuts the 5's bar from its body
    assert [box.width > 30 for box in find_digits(page)] == [True] * 3


def test_the_bar_of_a_5_may_float_above_it():
    page = paper(200, 300)
    cv2.ellipse(page, (100, 110), (25, 30), 0, -110, 150, 40, 5, cv2.LINE_AA)
    page[60:66, 100:135] = 40
    (box,) = find_digits(page)
    assert box.y <= 60 and box.y + box.height >= 138


@pytest.mark.parametrize("length", [30, 90], ids="{} pixels".format)
def test_a_line_below_a_digit_is_no_part_of_it(length):
    page = written(["7"])
    cv2.line(page, (50 - length // 2, 112), (50 + length // 2, 110), 40, 4)
    (box,) = find_digits(page)
    assert box.y + box.height < 108


def test_neighbours_do_not_leak_into_a_box():
    page = paper(200, 300)
    cv2.line(page, (60, 150), (120, 50), 40, 5)
    cv2.line(page, (100, 150), (160, 50), 40, 5)
    boxes = find_digits(page)
    assert len(boxes) == 2 and boxes[0].x + boxes[0].width > boxes[1].x
    assert likeness(*(to_mnist_frame(box.ink) for box in boxes)) > 0.95


def test_specks_are_dropped():
    page = written(["37"])
    for x, y in RNG.integers(10, 130, (12, 2)):
        page[y : y + 3, x : x + 3] = 60
    assert len(find_digits(page)) == 2


def test_the_desk_around_the_page_is_dropped():
    page = written(["280", "641", "357"], pen=2)
    height, width = page.shape
    desk = RNG.normal(70, 8, (height + 60, width + 80)).clip(0, 255).astype(np.uint8)
    desk[25:-35, 30:-50] = page
    assert read(desk) == "280641357"


@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
def test_lines_of_the_paper_are_dropped(squared):
    page = written(["3947"]).astype(int)
    page[::35] -= 30
    page[1::35] -= 30
    if squared:
        page[:, ::35] -= 30
        page[:, 1::35] -= 30
    assert read(page.clip(0, 255).astype(np.uint8)) == "3947"


def test_a_blank_page_has_no_digits():
    assert find_digits(paper()) == []


def test_told_that_it_is_one_digit_it_gives_one_box():
    page = written(["1"])
    write(page, "1", 70, 100)
    assert len(find_digits(page)) == 2 and len(find_digits(page, single=True)) == 1


def test_the_single_box_frames_as_frame_does():
    page = written(["4"])
    np.testing.assert_array_equal(to_mnist_frame(find_digits(page, single=True)[0].ink), frame(page))


def touching(text: str, *, overlap: int) -> np.ndarray:
    """Digits side by side, moved into each other, and two more that stand apart."""
    page = paper(140, 260 + 60 * len(text))
    for i, character in enumerate(text):
        write(page, character, 30 + (42 - overlap) * i, 100)
    for i in (1, 2):
        write(page, "4", 60 * (len(text) + i), 100)
    return page


def narrow(frames: np.ndarray) -> np.ndarray:
    """Judge by form: what is tall may be a digit, what is as wide as tall is none."""
    return np.array([float(np.ptp(np.flatnonzero((image > 0.5).any(axis=0))) < 16) for image in frames])


@pytest.mark.parametrize("text", ["60", "83", "25", "290", "5360"])
def test_digits_that_touch_are_cut_apart_where_the_judge_likes_the_parts(text):
    page = touching(text, overlap=2)
    assert len(find_digits(page)) == 3
    boxes = find_digits(page, judge=narrow)
    assert len(boxes) == len(text) + 2
    lefts = [box.x for box in boxes[:-2]]
    assert lefts == pytest.approx([30 + 40 * i for i in range(len(text))], abs=12)


def test_a_wide_thing_alone_is_not_cut():
    page = touching("60", overlap=2)[:, :130]
    assert len(find_digits(page, judge=narrow)) == 1


def test_a_page_of_text_is_not_looked_at_for_ever():
    page = paper(900, 900)
    for i in range(400):
        write(page, "4", 20 + 42 * (i % 20), 40 + 42 * (i // 20), size=1, pen=2)
    assert len(find_digits(page)) == 100


def test_a_line_across_the_page_and_a_desk_at_its_side_are_dropped():
    page = written(["39", "47"])
    page[:, 8:11] = 120  # the margin of a school book
    page[120:, -30:] = 60  # a desk that runs out of the picture at two sides
    assert read(page) == "3947"


def test_a_digit_that_the_judge_likes_stays_whole():
    page = cv2.resize(written(["0"]), None, fx=2, fy=1)
    assert len(find_digits(page, judge=lambda frames: np.ones(len(frames)))) == 1
    assert len(find_digits(page, judge=lambda frames: np.zeros(len(frames)))) == 1


def test_noise_is_not_pondered_for_ever():
    noise = np.where(np.random.default_rng(0).random((400, 400)) < 0.02, 40, 230).astype(np.uint8)
    assert len(find_digits(noise)) <= 100


def test_not_all_of_many_wide_things_are_tried_to_be_cut():
    page = paper(1050, 1300)
    for i in range(90):
        for step, character in enumerate("60" if i % 3 == 0 else "4"):
            write(page, character, 30 + 140 * (i % 9) + 40 * step, 90 + 100 * (i // 9))
    judged = []
    find_digits(page, judge=lambda frames: judged.append(len(frames)) or np.zeros(len(frames)))
    assert 1 < len(judged) <= 2 * 20


def test_a_hair_line_on_a_large_picture_is_framed():
    page = np.full((900, 900), 255, np.uint8)
    write(page, "0", 200, 850, size=36, pen=1, ink=0)
    (box,) = find_digits(page)
    assert likeness(to_mnist_frame(box.ink), SAMPLES["0"]) > 0.7
