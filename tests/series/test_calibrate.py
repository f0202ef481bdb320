"""Calibration: what is seen is told from what is not, and both networks are weighed."""

import numpy as np
import pytest

from digitlib.data.mnist import SAMPLE
from digitlib.data.pages import Page
from digitlib.data.writing import UNREADABLE
from digitlib.files import models
from digitlib.reading.judge import FEATURES
from digitlib.series import calibrate


def found(n: int = 600) -> dict[str, np.ndarray]:
    """Candidates of which two thirds are digits; the page network is right oftener than the frame's."""
    rng = np.random.default_rng(0)
    label = np.where(np.arange(n) % 3, np.arange(n) % 10, -1)
    evidence = np.where(label[:, None] >= 0, 2.0, -1.0) + rng.normal(0, 1, (n, FEATURES))
    said = np.eye(10)[np.maximum(label, 0)]
    page, frame = 6 * said + rng.normal(0, 1, (n, 10)), 2 * said + rng.normal(0, 1, (n, 10))
    return {"features": evidence, "page": page, "frame": frame, "label": label, "missed": np.array(20)}


def test_the_judge_tells_digits_from_others_and_the_better_network_weighs_more():
    judge, fitted = calibrate.fit(found())
    assert 0 < fitted["threshold"] < 1
    known = np.repeat([[2.0], [-1.0]], FEATURES, axis=1).astype(np.float32)
    assert judge.scores(known)[0] > 0.95 and judge.scores(known)[1] < 0.05
    metrics = fitted["metrics"]
    assert metrics["digits"] == 420 and metrics["candidate"] == pytest.approx(400 / 420, abs=1e-3)
    assert metrics["found"] > 0.9 and metrics["false"] < 0.06 and metrics["read"] > 0.98


def test_looks_at_made_pages_find_most_digits_and_know_which_they_are():
    counts = {128: 60, 320: 6}
    seen = calibrate.candidates(models() / "page", SAMPLE, 3, counts=counts, workers=1)
    digit, label = seen["label"] >= 0, seen["label"]
    assert 40 < digit.sum() < len(label) == len(seen["features"]) == len(seen["frame"])
    assert digit.sum() / (digit.sum() + seen["missed"]) > 0.7
    assert (seen["page"][digit].argmax(axis=1) == label[digit]).mean() > 0.7
    heat = seen["features"][:, 0]
    assert heat[digit].mean() > heat[~digit].mean() + 1


def test_a_candidate_is_the_digit_that_it_covers():
    boxes = np.array([[10, 10, 20, 30], [60, 10, 20, 30], [100, 50, 20, 30], [12, 11, 20, 30]], float)
    true = np.array([[11, 10, 20, 30], [61, 12, 20, 30], [200, 10, 20, 30]], float)
    made = Page(np.zeros((320, 320), np.uint8), true, np.array([4, UNREADABLE, 6]), 0)
    labels, missed = calibrate._labels(boxes, made)
    assert labels.tolist() == [4, UNREADABLE, -1, -1] and missed == 1
