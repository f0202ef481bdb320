"""The page reader: peaks of a heat map become boxes, each digit once, in the order in which people read."""

import numpy as np
import pytest

from digitlib.reading import page


def answering(digits: list[tuple[float, float, float, int, int]], *, heat: float = 3.0):
    """A network that sees digits (x, y, size, label, turn), in pixels of what it is shown first."""

    def network(batch: np.ndarray) -> np.ndarray:
        height, width = batch.shape[1] // 4, batch.shape[2] // 4
        answer = np.zeros((1, height, width, 19), np.float32)
        answer[..., 0] = -9
        network.seen.append(batch.shape)
        scale = max(batch.shape) / max(network.seen[0])
        for x, y, size, label, turn in digits:
            column, row = int(scale * x / 4), int(scale * y / 4)
            at = answer[0, row, column]
            at[0] = heat
            at[1:3] = scale * np.array([x, y]) / 4 - (column + 0.5, row + 0.5)
            at[3:5] = np.log(scale * size / 32)
            at[5 + turn], at[9 + label] = 8, 8
        return answer

    network.seen = []
    return network


def blank(height: int = 128, width: int = 128) -> np.ndarray:
    return np.full((height, width), 220, np.uint8)


def test_a_peak_becomes_a_box_with_its_class():
    places = page.find(blank(), answering([(50, 70, 40, 7, 0)]))
    np.testing.assert_allclose(places.boxes, [[30, 50, 40, 40]], atol=1e-3)
    assert places.digits.argmax(axis=1).tolist() == [7] and places.plausibility()[0] == pytest.approx(
        3, abs=0.01
    )


def test_a_large_picture_is_seen_from_afar_and_boxes_count_in_its_pixels():
    network = answering([(64, 64, 40, 3, 0)])
    places = page.find(blank(1280, 1280), network)
    assert [shape[1] for shape in network.seen] == [128, 320]
    np.testing.assert_allclose(places.boxes[0], [440, 440, 400, 400], atol=1)


def test_a_tiny_picture_is_enlarged_only_so_far():
    network = answering([(56, 56, 60, 3, 0)])
    places = page.find(blank(28, 28), network)
    assert [shape[1:3] for shape in network.seen] == [(128, 128)]  # 112 filled up to a multiple of 32
    np.testing.assert_allclose(places.boxes, [[6.5, 6.5, 15, 15]], atol=0.1)


@pytest.mark.parametrize(("size", "looks"), [(8, [128, 320, 640]), (20, [128, 320])])
def test_a_picture_of_small_digits_is_enlarged(size, looks):
    network = answering([(64, 64, size, 3, 0)])
    places = page.find(blank(320, 320), network)
    assert [shape[1] for shape in network.seen] == looks
    np.testing.assert_allclose(places.boxes[0][2:], size * 2.5, atol=0.1)


def test_small_writing_is_looked_at_from_near_in_tiles():
    network = answering([])
    page.find(blank(1500, 2000), network)
    assert max(shape[1] for shape in network.seen) <= page.TILE
    assert len(network.seen) > 10


@pytest.mark.parametrize(("longest", "last"), [(310, 310), (370, 370), (390, 390), (600, 600)])
def test_small_digits_are_looked_at_in_the_size_that_they_have(longest, last, monkeypatch):
    monkeypatch.setattr(page, "SMALL_ENLARGED", 1)  # a look that is enlarged would follow
    network = answering([(30, 8, 8, 7, 0)])  # too small for all looks but the finest
    page.find(blank(100, longest), network)
    assert sum(max(shape) >= last for shape in network.seen) == 1


def test_digits_too_small_to_be_believed_at_a_look_still_call_for_a_finer_one():
    few_large = answering([(20, 64, 30, 3, 0), *((x, 64, 5, 7, 0) for x in (60, 80, 100))])
    page.find(blank(1280, 1280), few_large)
    assert [shape[1] for shape in few_large.seen][:3] == [128, 320, 640]  # 640: the first of its tiles


def test_where_no_digit_is_likely_one_look_is_taken_with_a_margin():
    seen = []

    def network(batch):
        seen.append(batch)
        answer = np.zeros((1, batch.shape[1] // 4, batch.shape[2] // 4, 19), np.float32)
        answer[..., 0] = -9
        if batch[0, :12].std() < 1e-3:  # a rim of paper
            answer[0, 15, 15, 0], answer[0, 15, 15, 3:5], answer[0, 15, 15, 5] = 3, np.log(90 / 32), 8
        return answer

    picture = blank(448, 448)
    picture[::7, :] = 90  # ink reaches the rim
    picture[:, ::2] = 220
    places = page.find(picture, network)
    scale, around = 128 / 628, 90  # pixels
    middle, size = 62 / scale - around, 90 / scale
    np.testing.assert_allclose(places.boxes, [[middle - size / 2] * 2 + [size] * 2], atol=0.5)
    assert [max(batch.shape) for batch in seen] == [128, 320, 448, 128]


def test_a_page_may_be_full_of_digits(monkeypatch):
    monkeypatch.setattr(page, "SMALL_ENLARGED", 1)  # the network below knows nothing of tiles
    places = [(20 * x + 10, 20 * y + 10, 18, (x + y) % 10, 0) for x in range(30) for y in range(30)]
    network = answering(places)
    network.seen = [(1, 600, 600, 1)]  # where they lie in this picture's pixels
    found = page.find(blank(600, 600), network)
    assert len(found) == 900


def test_where_digits_are_left_out_it_is_said(monkeypatch, caplog):
    monkeypatch.setattr(page, "MOST_CANDIDATES", 3)
    tiny = blank(28, 28)  # is looked at once
    page.find(tiny, answering([(x, 64, 20, 3, 0) for x in (10, 40, 70)]))
    assert not caplog.text
    page.find(tiny, answering([(x, 64, 20, 3, 0) for x in (10, 40, 70, 100)]))
    assert "read it in parts" in caplog.text


def test_two_boxes_of_one_digit_are_one_the_likelier_and_a_part_stays_beside_the_whole():
    boxes = np.array([[0, 0, 40, 60], [2, 1, 40, 60], [5, 30, 25, 25], [60, 0, 40, 60]], float)
    heat = np.array([1.0, 2.0, -0.5, 0.5])
    kept = page._suppressed(page.Places(boxes, heat, np.zeros((4, 4)), np.zeros((4, 10))))
    assert sorted(kept.boxes[:, 0].tolist()) == [2, 5, 60]


def lying(count: int):
    """A page with a dark corner and a network that sees by that corner how its digits lie."""
    picture = blank()
    picture[:8, :8] = 0

    def network(batch: np.ndarray) -> np.ndarray:
        seen = batch[0, ..., 0]
        corners = (seen[0, 0], seen[-1, 0], seen[-1, -1], seen[0, -1])  # where a turn to the left takes it
        return answering([(18 + 30 * i, 60, 28, 4, int(np.argmin(corners))) for i in range(count)])(batch)

    return picture, network


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_page_is_read_the_way_in_which_its_digits_stand_upright(turn):
    picture, network = lying(4)
    upright = page.find_upright(np.ascontiguousarray(np.rot90(picture, turn)), network)
    grey, places, turned = upright.grey, upright.places, upright.quarters
    assert turned == turn and len(places) == 4
    np.testing.assert_array_equal(grey, picture)


@pytest.mark.parametrize(("heat", "turned"), [(0.3, 0), (3.0, 2)])
def test_a_page_is_turned_only_where_that_shows_clearly_more(heat, turned):
    picture, rows = blank(), [(18 + 30 * i, 60, 28, 4, 0) for i in range(4)]
    picture[:8, :8] = 0

    def network(batch: np.ndarray) -> np.ndarray:
        upright = batch[0, 0, 0, 0] == batch.min()
        answer = answering(rows, heat=0.0 if upright else heat)(batch)
        answer[..., 7][answer[..., 5] == 8] = 6.0  # a tenth of each digit's probability: on its head
        return answer

    assert page.find_upright(picture, network).quarters == turned


def test_two_digits_do_not_turn_a_page():
    picture, network = lying(2)
    assert page.find_upright(np.ascontiguousarray(np.rot90(picture)), network).quarters == 0


@pytest.mark.parametrize(("slope", "straightened"), [(0.0, False), (0.05, False), (0.3, True), (-0.3, True)])
def test_a_page_is_straightened_where_its_rows_slant_unless_that_shows_less(slope, straightened):
    digits = [(14 + 30 * i, round(60 + slope * 30 * (i - 1.5)), 24, 4, 0) for i in range(4)]

    def network(heat: float):
        looks = [1.0]  # as it came, then straightened

        def asked(batch: np.ndarray) -> np.ndarray:
            return answering(digits, heat=looks.pop() if looks else heat)(batch)

        return asked

    seen = page.find_upright(blank(), network(heat=3.0))
    assert (seen.grey.shape != (128, 128)) == straightened and seen.quarters == 0
    assert page.find_upright(blank(), network(heat=0.3)).grey.shape == (128, 128)
    middle = np.array(seen.grey.shape[::-1]) / 2
    np.testing.assert_allclose(seen.back[:, :2] @ middle + seen.back[:, 2], [64, 64], atol=1)


@pytest.mark.parametrize("angle", [-20, 0, 20])
def test_rows_are_read_from_the_top_also_where_they_slant(angle):
    slope = np.tan(np.deg2rad(angle))
    boxes = np.array([(60 * c, 90 * r + slope * 60 * c, 35, 50) for r in range(3) for c in range(5)])
    order = np.random.default_rng(0).permutation(15)
    rows = page.rows(boxes[order])
    assert [[int(order[i]) for i in row] for row in rows] == [[5 * r + c for c in range(5)] for r in range(3)]


def test_a_gap_begins_a_new_number_and_even_spacing_does_not():
    def boxes(*lefts):
        return np.array([(x, 0, 30, 50) for x in lefts], float)

    assert page.numbers([0, 1, 2, 3], boxes(0, 35, 120, 155)) == [[0, 1], [2, 3]]
    assert page.numbers([0, 1, 2, 3], boxes(0, 80, 160, 240)) == [[0, 1, 2, 3]]
    assert page.numbers([0], boxes(0)) == [[0]]


def test_nothing_gives_nothing():
    places = page.find(blank(), answering([]))
    assert (
        len(places) == 0
        and page.find_upright(blank(), answering([])).quarters == 0
        and page.rows(places.boxes) == []
    )
