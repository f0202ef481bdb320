"""A short version of `make soak`: good pictures are answered among bad ones and bad requests."""

import pytest
from hard import soak


@pytest.mark.slow
def test_the_page_answers_among_bad_pictures_and_bad_requests(browser):
    said = soak.soak(browser, 30)
    assert said["pictures"] == 6 * said["visits"] >= 18
    assert said["bad requests"]["garbage"] >= 12 and "500" not in said["bad requests"]
    assert said["MB"][-1] < 2 * said["MB"][0] + 100  # of a leak this could say little: `make soak` does
