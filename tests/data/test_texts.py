"""Lines that made pages hold are made of digits, signs and words, and all kinds of them come up."""

import re

import numpy as np

from digitlib.data import texts


def test_numbers_have_at_most_so_many_digits():
    rng = np.random.default_rng(0)
    made = [texts.number(rng, 4) for _ in range(200)]
    assert all(re.fullmatch(r"\d{1,4}", number) for number in made)
    assert {len(number) for number in made} == {1, 2, 3, 4}


def test_words_are_made_of_the_letters_given():
    made = texts.sentence(np.random.default_rng(0), 5, "ab")
    assert len(made.split(" ")) == 5
    assert set(made.lower()) == set("ab ")


def test_dates_amounts_sums_and_labels_all_come_up():
    rng = np.random.default_rng(0)
    made = [texts.phrase(rng) for _ in range(500)]
    for kind in (r"\d+", r"\d+/\d+/\d+", r".*[€$£¥].*", r"\d+ \+ \d+.*", r"[^\W\d]+: \d+", r"\d+ \d+"):
        assert any(re.fullmatch(kind, line) for line in made), kind


def test_half_of_the_dates_can_be_and_all_are_digits_between_one_kind_of_separator():
    rng = np.random.default_rng(0)
    made = [texts.date(rng) for _ in range(400)]
    assert all(re.fullmatch(r"\d+(([/.:-])\d+(\2\d+)?)?", date) for date in made)
    whole = [re.fullmatch(r"(\d\d)[/.:-](\d\d)[/.:-]\d{4}", date) for date in made]
    real = [1 <= int(date[1]) <= 31 and 1 <= int(date[2]) <= 12 for date in whole if date]
    assert len(real) > 20 and np.mean(real) > 0.7  # of any digits, one in nine can be a date


def test_numbers_stand_in_brackets_or_close_to_a_sign_and_phrases_hold_them():
    rng = np.random.default_rng(0)
    made = {re.sub(r"\d{1,4}", "8", texts.enclosed(rng)) for _ in range(900)}
    assert {"(8)", "[8]", "{8}", '"8"', "8?", "8 ?", "8!", "8&", "8%", "8°", "#8", "$8", "\\8"} <= made
    assert all(re.fullmatch(r"\D{0,2}8\D{0,2}", text) for text in made)
    assert any(re.fullmatch(r"\(\d+\)", texts.phrase(rng)) for _ in range(300))
