"""Which boxes are of one digit."""

import numpy as np
import pytest

from digitlib.reading import boxes

ONE = [10, 0, 20, 40]


def of_one_digit(*some: list[float]) -> np.ndarray:
    return boxes.of_one_digit(np.array(some, float))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ([12, 2, 20, 40], True),  # they share most of their area
        ([22, 0, 20, 40], False),  # a neighbour that overlaps
        ([19, 5, 3, 44], True),  # a thin 1 in the middle of the box that another look drew
        ([14, 14, 12, 12], False),  # a ring inside
        ([60, 0, 20, 40], False),
    ],
)
def test_two_boxes_are_of_one_digit_if_they_share_area_or_their_middle(other, same):
    told = of_one_digit(ONE, other)
    assert told[0, 1] == told[1, 0] == same
    assert told.diagonal().all()


def test_a_thin_one_that_two_looks_see_beside_itself_is_one_digit_and_its_neighbour_another():
    told = of_one_digit([10, 0, 3, 40], [14, 2, 5, 44], [24, 0, 3, 40])
    assert told[0, 1] and not told[:2, 2].any()


def test_shared_area_is_of_each_two():
    shared, area = boxes.shared_area(np.array([[0, 0, 10, 10], [5, 0, 10, 10], [50, 0, 2, 3]], float))
    assert shared.tolist() == [[100, 50, 0], [50, 100, 0], [0, 0, 6]] and area.tolist() == [100, 100, 6]


def test_of_boxes_read_alike_only_those_mostly_inside_another_are_dropped():
    some = np.array([ONE, [14, 14, 12, 12], [24, 0, 10, 20], [5, 0, 12, 40]], float)
    surer, fainter = np.array([0.9, 0.5, 0.5, 0.5]), np.array([0.4, 0.5, 0.5, 0.5])
    assert boxes.once(surer, some, np.full(4, 7)).tolist() == [0.9, 0, 0.5, 0.5]
    assert boxes.once(fainter, some, np.full(4, 7)).tolist() == [0, 0.5, 0.5, 0.5]


def test_a_digit_that_two_looks_box_differently_is_read_once_and_two_that_overlap_are_read():
    some = np.array([[10, 10, 40, 60], [14, 30, 24, 30], [20, 20, 10, 40], [80, 10, 40, 60]], float)
    scores, answers = np.array([0.7, 0.9, 0.6, 0.8]), np.array([7, 7, 1, 7])
    assert boxes.once(scores, some, answers).tolist() == [0, 0.9, 0.6, 0.8]
    assert boxes.once(np.empty(0), np.empty((0, 4)), np.empty(0, int)).tolist() == []
