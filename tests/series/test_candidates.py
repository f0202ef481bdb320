"""Candidates of made pages: what a page network finds is labelled, cut out, and noted."""

from functools import partial

import numpy as np

from digitlib.data import mnist, pages
from digitlib.data.mnist import SAMPLE
from digitlib.data.pages import Page
from digitlib.data.writing import UNREADABLE
from digitlib.files import models
from digitlib.reading.judge import FEATURES
from digitlib.reading.recognizer import Recognizer
from digitlib.series.calibrate import _opened
from digitlib.series.candidates import _thinned, gather, judged, labelled, look_closer

FEW = {128: 60, 320: 6}


def test_looks_at_made_pages_find_most_digits_and_know_which_they_are():
    seen = gather(judged, Recognizer.load, SAMPLE, 3, counts=FEW, unseen=True, workers=1)
    digit, label = seen["label"] >= 0, seen["label"]
    assert seen["features"].shape == (len(label), FEATURES)
    assert 40 < digit.sum() < len(label) == len(seen["frame"]) == len(seen["crop"])
    assert digit.sum() / (digit.sum() + seen["missed"].sum()) > 0.7
    for network in ("page", "crop"):
        assert (seen[network][digit].argmax(axis=1) == label[digit]).mean() > 0.7
    heat = seen["features"][:, 0]
    assert heat[digit].mean() > heat[~digit].mean() + 1


def test_crops_are_the_same_whoever_makes_them():
    opened = partial(_opened, models() / "page", None)
    cut = [
        gather(look_closer, opened, SAMPLE, 3, counts={128: 20}, unseen=False, workers=workers)
        for workers in (1, 2)
    ]
    assert cut[0]["crop"].shape == (len(cut[0]["label"]), 56, 56) and len(cut[0]["label"]) > 20
    assert 0.03 < np.log(cut[0]["zoom"]).std() < 0.09
    for name in ("crop", "far", "box", "zoom", "label", "weight"):
        np.testing.assert_array_equal(cut[0][name], cut[1][name])
    assert (cut[0]["weight"] == 1).all()


def test_of_crops_that_are_read_surely_a_few_stand_for_the_others():
    rng, n = np.random.default_rng(0), 3000
    sure = np.arange(n) < 2000
    rows = {
        "crop": np.where(sure, 200, 0).astype(np.uint8)[:, None, None] * np.eye(56, dtype=np.uint8),
        "far": np.zeros((n, 48, 48), np.uint8),
        "box": np.tile([0.0, 0.0, 10.0, 20.0], (n, 1)),
        "zoom": np.ones((n, 1)),
        "label": np.where(np.arange(n) % 2, 7, -1),
    }

    def crop_network(taken):
        """Surely right about crops with a line in them, and without a clue about the others."""
        logits = np.zeros((n, 11))
        logits[np.arange(n), np.where(np.arange(n) % 2, 7, 10)] = 9 * taken[..., 0].any(axis=(1, 2))
        return logits

    some = _thinned(rows, crop_network, rng)
    kept = some["crop"].any(axis=(1, 2))
    assert (~kept).sum() == 1000 and (some["weight"][~kept] == 1).all()
    assert 200 < kept.sum() < 280 and abs(some["weight"][kept].sum() - 2000) < 300
    assert all(len(values) == len(kept) for values in some.values())


def test_a_crop_network_that_is_trained_further_thins_out_its_crops():
    page, digits = models() / "page", mnist.load(SAMPLE)
    by_class = pages.by_class(*digits.train)
    made = [pages.make(320, by_class, np.random.default_rng(seed)) for seed in range(6)]
    every, some = (
        [look_closer(_opened(page, start), one, np.random.default_rng(0)) for one in made]
        for start in (None, page / "crops.h5")
    )
    all_of, kept = (sum(len(rows["label"]) for rows in looked) for looked in (every, some))
    assert 0 < kept < all_of / 2 and max(rows["weight"].max(initial=0) for rows in some) > 1


def test_a_candidate_is_the_digit_that_it_covers():
    boxes = np.array([[10, 10, 20, 30], [60, 10, 20, 30], [100, 50, 20, 30], [12, 11, 20, 30]], float)
    true = np.array([[11, 10, 20, 30], [61, 12, 20, 30], [200, 10, 20, 30]], float)
    made = Page(np.zeros((320, 320), np.uint8), true, np.array([4, UNREADABLE, 6]), 0)
    labels, missed = labelled(boxes, made)
    assert labels.tolist() == [4, UNREADABLE, -1, -1] and missed == 1
