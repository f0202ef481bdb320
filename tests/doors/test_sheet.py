"""The sheet: what is printed, and that photos of it are straightened, read and kept."""

import csv

import cv2
import numpy as np
import photos
import pytest

from digitlib import Recognizer
from digitlib.doors import cli, sheet
from digitlib.errors import DigitlibError

THUMBS = {11: 2, 17: 0}  # photos with a thumb on a mark, and on which
QUARTERS = [np.s_[y : y + 765, x : x + 540] for y in (0, 765) for x in (0, 540)]


def shift(one: np.ndarray, other: np.ndarray) -> float:
    """How far, in mm, one picture of lines lies beside another."""
    lines = [cv2.Laplacian(p[..., 1], cv2.CV_32F, ksize=5) for p in (one, other)]
    (across, down), _ = cv2.phaseCorrelate(*lines, cv2.createHanningWindow((540, 765), cv2.CV_32F))
    return float(np.hypot(across, down)) / 6


@pytest.fixture(scope="module")
def empty():
    return photos.printed()


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load()


@pytest.fixture(scope="module")
def photo(empty, sample, tmp_path_factory):
    """A photo of 4 megapixels as a file."""
    rng = np.random.default_rng(5)
    path = tmp_path_factory.mktemp("photo") / "mine.jpg"
    packed = photos.taken(photos.filled(empty, sample.test, rng), rng, megapixels=4)
    path.write_bytes(packed.tobytes())
    return path


def test_every_digit_is_asked_for_equally_often_and_papers_differ_in_size_alone():
    assert all(sorted(row) == sorted("0123456789") for row in sheet.PROMPTS)
    assert len(sheet.BOXES) == 10 * len(sheet.PROMPTS)
    sizes = [sheet.draw(paper).get_size_inches() * 25.4 for paper in ("a4", "letter")]
    np.testing.assert_allclose(sizes, [(210, 297), (215.9, 279.4)])


def test_boxes_and_marks_lie_on_the_paper_and_apart():
    for width, height in sheet.PAPERS.values():
        assert width - sheet.FIELD[0] >= 20 and height - sheet.FIELD[1] >= 20  # what printers leave white
    taken = np.zeros([round(side) for side in sheet.FIELD], int)
    for (x, y), size in [(b, sheet.BOX) for b in sheet.BOXES.values()] + [(e, (16, 16)) for e in sheet.ENDS]:
        taken[round(x) : round(x + size[0]), round(y) : round(y + size[1])] += 1
    assert taken.max() == 1


@pytest.mark.slow
def test_of_twenty_photos_all_but_those_with_a_thumb_on_a_mark_are_straightened(empty):
    """A plane is in its place when its quarters are: each one is laid over the printed sheet's."""
    left, top = (round(margin * photos.PRINTED) for margin in photos.MARGIN)
    printed = cv2.resize(empty[top:-top, left:-left], (1080, 1530), interpolation=cv2.INTER_AREA)
    said, worst = [], 0.0
    for number in range(20):
        rng = np.random.default_rng(number)
        megapixels = rng.uniform(3, 12)
        packed = photos.taken(empty, rng, megapixels=megapixels, hidden=THUMBS.get(number))
        try:
            straight = sheet.straighten(packed.tobytes())
        except DigitlibError as error:
            said.append(str(error))
            continue
        worst = max(worst, *(shift(printed[part], straight[part]) for part in QUARTERS))
    assert worst < 0.3  # mm
    assert len(said) == 2
    assert "no mark in the lower left corner" in said[0] and "no mark in the upper left corner" in said[1]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "turned"), [(0, None), (1, cv2.ROTATE_180), (2, cv2.ROTATE_90_CLOCKWISE)])
def test_every_box_is_found_and_nearly_all_are_read(empty, sample, recognizer, seed, turned):
    rng = np.random.default_rng(seed)
    packed = photos.taken(photos.filled(empty, sample.test, rng), rng, megapixels=(3, 6, 12)[seed])
    pixels = cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]
    answers = sheet.read(pixels if turned is None else cv2.rotate(pixels, turned), recognizer)
    assert "".join(str(answer.prompt) for answer in answers) == "".join(sheet.PROMPTS)
    assert sum(answer.digit.digit == answer.prompt for answer in answers) >= 57


def test_what_is_no_sheet_and_what_is_empty_is_said(empty, recognizer):
    with pytest.raises(DigitlibError, match="no corner mark of the sheet"):
        sheet.straighten(np.full((300, 200), 230, np.uint8))
    packed = photos.taken(empty, np.random.default_rng(0), megapixels=3)
    with pytest.raises(DigitlibError, match="every box of the sheet is empty"):
        sheet.read(packed.tobytes(), recognizer)


def test_empty_boxes_are_left_out(empty, sample, recognizer):
    rng = np.random.default_rng(4)
    page = photos.filled(empty, sample.test, rng)
    below = round((photos.MARGIN[1] + sheet.BOXES[1, 0][1] - 8) * photos.PRINTED)
    page[below:] = empty[below:]
    packed = photos.taken(page, rng, megapixels=3)
    answers = sheet.read(packed.tobytes(), recognizer)
    assert [(a.row, a.prompt) for a in answers] == [(1, int(prompt)) for prompt in sheet.PROMPTS[0]]


def test_score_prints_accuracy_and_leaves_labelled_digits(photo, tmp_path, capsys):
    assert cli.main(["score", str(photo), "--out", str(tmp_path / "mine")]) == 0
    printed = capsys.readouterr().out
    assert "n = 60)" in printed and str(tmp_path / "mine") in printed
    with (tmp_path / "mine" / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60 and {row["kind"] for row in rows} == {"single"}
    assert {row["writer"] for row in rows} == {"mine"}
    assert all((tmp_path / "mine" / row["file"]).is_file() for row in rows)
    assert "".join(row["label"] for row in rows) == "".join(sheet.PROMPTS)


def test_mistakes_are_drawn_and_told(photo, tmp_path, recognizer, monkeypatch):
    answers = sheet.read(photo, recognizer)
    assert sheet.keep(answers, tmp_path, "me") == [a for a in answers if a.digit.digit != a.prompt]
    wrong = [answer._replace(prompt=(answer.digit.digit + 1) % 10) for answer in answers[:3]]
    assert sheet.keep([*wrong, *answers[5:6]], tmp_path, "me") == wrong
    assert (tmp_path / "mistakes.png").is_file()
    sheet.keep([answers[0]._replace(prompt=answers[0].digit.digit)], tmp_path, "me")
    assert not (tmp_path / "mistakes.png").exists()


def test_sheet_writes_pdf_and_png(tmp_path, capsys):
    assert cli.main(["sheet", "--paper", "letter", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "sheet-letter.pdf").read_bytes().startswith(b"%PDF")
    drawn = cv2.imread(str(tmp_path / "sheet-letter.png"))
    assert drawn.shape == (2200, 1700, 3)
    assert str(tmp_path / "sheet-letter.pdf") in capsys.readouterr().out
    sheet.straighten(str(tmp_path / "sheet-letter.png"))


def test_a_photo_without_its_marks_is_one_sentence(photo, capsys, tmp_path):
    cut = cv2.imread(str(photo))
    cv2.imwrite(str(tmp_path / "cut.jpg"), cut[: cut.shape[0] // 2])
    assert cli.main(["score", str(tmp_path / "cut.jpg")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "no mark in the lower left and lower right corner" in said


def test_labelled_digits_of_another_photo_are_never_written_over(photo, tmp_path, capsys):
    (tmp_path / "labels.csv").write_text("file,label\n")
    assert cli.main(["score", str(photo), "--out", str(tmp_path)]) == 2
    assert "holds labelled pictures already: name another folder with --out" in capsys.readouterr().err
    assert (tmp_path / "labels.csv").read_text() == "file,label\n"


def test_any_name_of_a_photo_will_do(photo, tmp_path, recognizer):
    answers = [
        answer._replace(prompt=(answer.digit.digit + 1) % 10) for answer in sheet.read(photo, recognizer)[:2]
    ]
    sheet.keep(answers, tmp_path, "receipt $5_$7 caf\udce9")
    assert "$5_$7 caf\\udce9" in (tmp_path / "labels.csv").read_text(encoding="utf-8")
    assert (tmp_path / "mistakes.png").is_file()
