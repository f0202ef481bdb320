"""What a framed digit promises: the same digit, however it was drawn, lit or stored, gives the same frame."""

import cv2
import numpy as np
import pytest
from strokes import write

from digitlib.errors import DigitlibError
from digitlib.pictures.frame import frame, from_box, naive_frame, steps, to_mnist_frame
from digitlib.pictures.ink import ink_map

# Measured on the 60,000 MNIST training images, deliberately not imported from the
# module under test: a wrong constant there must fail here.
FIELD, BOX, CENTRE = 28, 20, 14
ROWS, COLUMNS = np.indices((240, 200), dtype=np.float32)


def drawn(text: str = "5", *, pen: int = 9, ink: float = 40, paper: float = 220) -> np.ndarray:
    """A digit of 120 pixels on even paper, float32 of shape (240, 200)."""
    share = np.zeros((240, 200), np.uint8)
    write(share, text, 55, 180, size=5.5, pen=pen, ink=255)
    return paper + (ink - paper) * share.astype(np.float32) / 255


def bytes_of(picture: np.ndarray) -> np.ndarray:
    return np.clip(picture.round(), 0, 255).astype(np.uint8)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two frames, one moved by up to a pixel: 1 is the same, another hand's about 0.7."""
    moved = [np.roll(b, (row, column), (0, 1)) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return max(float(np.corrcoef(a.ravel(), other.ravel())[0, 1]) for other in moved)


def extent(ink: np.ndarray) -> tuple[int, int]:
    """Height and width of the smallest rectangle holding every inked pixel."""
    return int(np.ptp(np.flatnonzero(ink.any(1)))) + 1, int(np.ptp(np.flatnonzero(ink.any(0)))) + 1


def centre(ink: np.ndarray) -> np.ndarray:
    return np.array([np.average(np.arange(n), weights=ink.sum(1 - axis)) for axis, n in enumerate(ink.shape)])


def stroke(ink: np.ndarray) -> float:
    """Mean stroke width in pixels: ink over half of the length of its outline."""
    fine = cv2.resize(ink, None, fx=8, fy=8, interpolation=cv2.INTER_LINEAR)
    contours, _ = cv2.findContours((fine > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    return (fine > 0.5).sum() / sum(cv2.arcLength(c, True) for c in contours) * 2 / 8


CLEAN = frame(bytes_of(drawn()))


def test_shape_dtype_and_range(seven):
    framed = to_mnist_frame(seven)
    assert (framed.shape, framed.dtype) == ((FIELD, FIELD), np.float32)
    assert 0.0 <= framed.min() and framed.max() == 1.0


@pytest.mark.parametrize("turn", [0, 1], ids=["tall", "wide"])
def test_longest_side_fills_the_box_and_aspect_survives(seven, turn):
    drawing = np.rot90(seven, turn)
    before, after = extent(drawing), extent(to_mnist_frame(drawing))
    assert max(after) == BOX
    assert after[1] / after[0] == pytest.approx(before[1] / before[0], rel=0.1)


def test_centre_of_mass_rounds_to_the_mnist_centre(seven):
    assert np.abs(centre(to_mnist_frame(seven)) - CENTRE).max() <= 0.5


@pytest.mark.parametrize("turn", range(4), ids=["top", "left", "bottom", "right"])
def test_a_lopsided_digit_stays_inside_the_field(turn):
    club = np.zeros((200, 60), np.float32)
    club[:60], club[60:, 28:32] = 1.0, 1.0
    assert max(extent(to_mnist_frame(np.rot90(club, turn)))) == BOX


@pytest.mark.parametrize("pen", [1, 2, 5, 9, 18, 30], ids="{} pixels".format)
def test_strokes_come_out_as_wide_as_in_mnist(pen):
    # by the same measure nine in ten of MNIST's digits lie between 1.53 and 3.64
    assert 1.53 <= stroke(frame(bytes_of(drawn("3", pen=pen)))) <= 3.64


@pytest.mark.parametrize("pen", [2, 5, 18], ids="{} pixels".format)
def test_the_pen_is_irrelevant(pen):
    assert likeness(frame(bytes_of(drawn(pen=pen))), CLEAN) > 0.8


@pytest.mark.parametrize("margin", [(0, 0), (3, 90), (200, 1)], ids=str)
def test_paper_around_the_digit_is_irrelevant(seven, margin):
    np.testing.assert_array_equal(to_mnist_frame(np.pad(seven, margin)), to_mnist_frame(seven))


def test_a_framed_digit_is_left_alone():
    assert likeness(to_mnist_frame(CLEAN), CLEAN) > 0.95


def test_blank_ink_is_refused():
    with pytest.raises(DigitlibError, match="blank"):
        to_mnist_frame(np.zeros((30, 30), np.float32))


@pytest.mark.parametrize(
    "paper", [np.zeros((50, 40, 3)), np.full((50, 40), 255), 180 + ROWS / 4], ids=["black", "white", "shaded"]
)
def test_a_blank_picture_is_refused(paper):
    with pytest.raises(DigitlibError, match="blank"):
        frame(bytes_of(np.asarray(paper)))


def grain(deviation: float) -> np.ndarray:
    return np.random.default_rng(3).normal(0, deviation, (240, 200)).astype(np.float32)


CONDITIONS = {
    "light ink on dark": lambda: drawn(ink=230, paper=30),
    "grey ink on black": lambda: drawn(ink=60, paper=0),
    "faint pencil": lambda: drawn(ink=170, paper=200) + grain(3),
    "grain": lambda: drawn() + grain(12),
    "gradient": lambda: drawn() * (0.4 + 0.6 * COLUMNS / 200),
    "vignette": lambda: drawn() * (1 - 0.5 * np.hypot(ROWS / 120 - 1, COLUMNS / 100 - 1) / 1.5),
    "shadow with an edge": lambda: drawn() * np.where(ROWS + COLUMNS / 3 < 90, 1.0, 0.6),
    "bleed-through": lambda: np.minimum(drawn(), cv2.flip(drawn("8", ink=195), 1)),
    "specks": lambda: np.where(np.random.default_rng(3).random((240, 200)) < 0.001, 60, drawn()),
    "blur": lambda: cv2.GaussianBlur(drawn(), (0, 0), 4),
    "half size": lambda: cv2.resize(drawn(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "tiny": lambda: cv2.resize(drawn(), (28, 28), interpolation=cv2.INTER_AREA)[:, 2:],
    "double size": lambda: cv2.resize(drawn(), None, fx=2, fy=2),
    "turned by 3 degrees": lambda: cv2.warpAffine(
        drawn(), cv2.getRotationMatrix2D((100, 120), 3, 1), (200, 240), borderMode=cv2.BORDER_REPLICATE
    ),
    "jpeg": lambda: cv2.imdecode(
        cv2.imencode(".jpg", bytes_of(drawn()), [cv2.IMWRITE_JPEG_QUALITY, 30])[1], 0
    ),
    "darker": lambda: drawn() * 0.8,
    "touching the edge": lambda: drawn()[56:183],
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_digit_gives_the_same_frame(condition):
    assert likeness(frame(bytes_of(CONDITIONS[condition]())), CLEAN) > 0.85


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((20, 20, 120), (255, 170, 0)),
        ((0, 0, 0), (30, 180, 80)),
        ((255, 255, 0), (20, 20, 90)),
        ((60, 60, 200), (255, 235, 240)),
    ],
    ids=["navy on orange", "black on green", "yellow on blue", "blue on pink"],
)
def test_colours_are_irrelevant(ink, paper):
    share = (220 - drawn()[..., None]) / 180
    coloured = np.array(paper) * (1 - share) + np.array(ink) * share
    assert likeness(frame(bytes_of(coloured)), CLEAN) > 0.95


def test_grey_and_rgb_are_one():
    grey = bytes_of(drawn())
    np.testing.assert_array_equal(frame(np.dstack([grey] * 3)), frame(grey))


def test_the_steps_lead_to_the_frame():
    pictures = steps(bytes_of(drawn(ink=230, paper=30)))
    assert list(pictures) == ["grey", "dark on light", "flattened", "ink", "digit", "frame"]
    np.testing.assert_array_equal(pictures["dark on light"], 255 - pictures["grey"])
    np.testing.assert_array_equal(pictures["frame"], to_mnist_frame(pictures["digit"]))


def test_the_naive_frame_is_what_tutorials_do():
    picture = np.full((280, 280), 255, np.uint8)
    picture[20:40, 100:150] = 0
    naive = naive_frame(picture)
    assert naive.shape == (28, 28) and naive[2:4, 10:15].min() == 1.0 and naive.sum() == 10


def in_its_box(picture: np.ndarray, ink_of: np.ndarray) -> np.ndarray:
    x, y, width, height = cv2.boundingRect((ink_of < 100).astype(np.uint8))
    return from_box(ink_map(picture), np.array([x, y, width, height]))


def test_what_reaches_into_a_box_from_outside_is_left_out():
    alone = bytes_of(drawn())
    crowded = alone.copy()
    cv2.line(crowded, (0, 150), (62, 150), 40, 8)  # ends in the box, far from the digit
    assert likeness(in_its_box(crowded, drawn()), CLEAN) > 0.9


def test_a_digit_on_a_line_keeps_its_ink():
    lined = bytes_of(drawn())
    cv2.line(lined, (0, 178), (199, 178), 40, 4)
    assert likeness(in_its_box(lined, drawn()), CLEAN) > 0.7


def test_an_empty_box_is_an_empty_frame():
    assert from_box(np.zeros((50, 50), np.float32), np.array([10, 10, 20, 20])).max() == 0
