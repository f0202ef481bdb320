"""Fit on made pages how the answers of both networks are weighed, and what is refused as no digit.

The pages are made from validation digits, which trained neither network, and strange characters that the
page network has never seen: of those that it was trained on it would be too sure.
"""

import dataclasses
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.optimize import minimize
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from tqdm import tqdm

from digitlib import processes
from digitlib.data import mnist, pages
from digitlib.data.writing import HELD_OUT, UNREADABLE
from digitlib.files import models, sha256
from digitlib.logs import no_progress
from digitlib.networks.card import Card, PageCard
from digitlib.networks.confidence import log_softmax
from digitlib.reading import judge, page
from digitlib.reading.recognizer import LEAST_PLAUSIBLE, Recognizer

PAGES = {128: 21_600, 320: 4_320}  # how many are made, by side
MATCH_IOU = 0.3  # intersection over union that a candidate must exceed with the box of the digit that it is
VERSIONS = ("digitlib", "keras", "numpy", "opencv-python")
TREES, LEAVES, DEPTH, LEAF, RATE = 150, 8, 4, 50, 0.05  # of the judge; LEAF: candidates in a leaf at least
ROOT = np.zeros((1, 1), int)  # the one node of a tree that says nothing
NOT_FITTED = judge.Judge(np.zeros(judge.FEATURES + 1), ROOT, ROOT, ROOT, ROOT, ROOT, np.array(0))
FALSE_COST = 1.0  # of reading something that is no digit; reading a digit rightly gains 1


_looking: list[tuple[Recognizer, list[np.ndarray]]] = []  # of a process that looks at made pages


def _begin(folder: Path, source: str | None) -> None:
    """Prepare a process that looks at made pages with the page network of a run folder."""
    cv2.setNumThreads(1)
    shipped = models()
    recognizer = Recognizer(shipped / "model.tflite", Card.read(shipped), pages=folder)
    _looking[:] = [(recognizer, pages.by_class(*mnist.load(source).validation))]


def candidates(
    folder: Path,
    source: str | None,
    seed: int,
    *,
    counts: Mapping[int, int] = PAGES,
    workers: int | None = None,
) -> dict[str, np.ndarray]:
    """Look at made pages of validation digits, and note what both networks say of each candidate.

    Args:
        folder: of the page network; its judge and threshold are not used.
        source: of the digits, see `data.mnist.settle`.
        seed: which pages.
        counts: how many, by side.
        workers: processes that look, at least one; by default as many as there are processors.

    Returns:
        By name, arrays of n rows: `features` of `reading.judge`, logits `page` and `frame` `(n, 10)`,
        `label`: 0 to 9 or -1 for what is none; and `missed`: how many digits are no candidates.
    """
    jobs = [(seed, side, i) for side, pages_of_it in counts.items() for i in range(pages_of_it)]
    count = (os.cpu_count() or 1) if workers is None else max(1, workers)
    with processes.pool(count, _begin, folder, source) as pool:
        looks = pool.map(_look, jobs, chunksize=40)
        seen = list(tqdm(looks, "pages", len(jobs), disable=no_progress()))
    features, page_logits, frame_logits, labels, missed = zip(*filter(None, seen), strict=True)
    return {
        "features": np.concatenate(features),
        "page": np.concatenate(page_logits),
        "frame": np.concatenate(frame_logits),
        "label": np.concatenate(labels),
        "missed": np.array(sum(missed)),
    }


def _look(which: tuple[int, int, int]) -> tuple | None:
    """Make one page and look at it: rows of `candidates`, and how many digits were missed; None if turned."""
    recognizer, digits = _looking[0]
    made = pages.make(which[1], digits, np.random.default_rng(which), strange=HELD_OUT)
    if made.turn:
        return None
    places = page.find(made.picture, recognizer.page_network)
    places = places.take(places.plausibility() > LEAST_PLAUSIBLE)
    labels, missed = _labels(places.boxes, made)
    told = labels != UNREADABLE
    seen = recognizer.look_at(recognizer.frames(made.picture, places), views=False)
    known = judge.features(places, seen)
    return known[told], places.digits[told], seen[told], labels[told], missed


def _labels(boxes: np.ndarray, made: pages.Page) -> tuple[np.ndarray, int]:
    """Label each candidate: 0 to 9, -1 for none, or `UNREADABLE`; count the digits that have no candidate."""
    labels = np.full(len(boxes), -1)
    taken: set[int] = set()
    for true, label in zip(made.boxes, made.labels, strict=True):
        low = np.maximum(boxes[:, :2], true[:2])
        high = np.minimum(boxes[:, :2] + boxes[:, 2:], true[:2] + true[2:])
        shared = np.maximum(high - low, 0).prod(axis=1)
        overlap = shared / (boxes[:, 2:].prod(axis=1) + true[2:].prod() - shared + 1e-6)
        best = int(overlap.argmax()) if len(boxes) else -1
        if best >= 0 and overlap[best] > MATCH_IOU and best not in taken:
            labels[best] = label if label >= 0 else (UNREADABLE if label == UNREADABLE else -1)
            taken.add(best)
    return labels, int((made.labels >= 0).sum()) - int((labels >= 0).sum())


def fit(found: dict[str, np.ndarray]) -> tuple[judge.Judge, dict[str, Any]]:
    """Fit how both networks are weighed, and the judge of candidates.

    Args:
        found: from `candidates`.

    Returns:
        The judge; and for the card `mix`, `threshold` and `metrics`, those of scores by judges that were
        fitted to other pages.
    """
    label, digit = found["label"], found["label"] >= 0

    def loss(mix: np.ndarray) -> float:
        logits = mix[0] * found["page"][digit] + mix[1] * found["frame"][digit]
        return -float(log_softmax(logits)[np.arange(digit.sum()), label[digit]].mean())

    mix = minimize(loss, [0.5, 0.5], bounds=[(0, 5), (0, 5)]).x
    logits = mix[0] * found["page"] + mix[1] * found["frame"]
    right = digit & (logits.argmax(axis=1) == label)
    asked = right | ~digit  # digits that are read wrongly are left out: they should be refused
    booster = GradientBoostingClassifier(
        init=LogisticRegression(C=10, max_iter=3000),
        n_estimators=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, max_depth=DEPTH,
        min_samples_leaf=LEAF, subsample=0.5, random_state=0,
    )  # fmt: skip
    known = found["features"]
    unseen = cross_val_predict(booster, known[asked], digit[asked], cv=3, method="predict_proba")
    booster.fit(known[asked], digit[asked])
    scores = booster.predict_proba(known)[:, 1]
    scores[asked] = unseen[:, 1]  # each by trees that were not fitted to it
    order = np.argsort(-scores[asked])
    gained = np.cumsum(np.where(right[asked][order], 1.0, -FALSE_COST))
    threshold = float(scores[asked][order][gained.argmax()])
    every = int(digit.sum() + found["missed"])
    return _judge(booster), {
        "mix": tuple(np.round(mix, 4).tolist()),
        "threshold": round(threshold, 4),
        "metrics": {
            "digits": every,
            "candidate": round(float(digit.sum()) / every, 4),
            "found": round(float((scores[digit] >= threshold).sum()) / every, 4),
            "false": round(float((scores[~digit] >= threshold).sum()) / every, 4),
            "read": round(float(right.sum() / digit.sum()), 4),
            "loss": round(loss(mix), 4),
        },
    }


def _judge(booster: GradientBoostingClassifier) -> judge.Judge:
    """Take weights and trees out of what scikit-learn has fitted."""
    grown = [estimator.tree_ for estimator in booster.estimators_[:, 0]]
    shape = len(grown), max(tree.node_count for tree in grown)
    feature, low, high = np.zeros((3, *shape), np.int16)
    border, value = np.zeros((2, *shape), np.float32)
    for i, tree in enumerate(grown):
        inner, every = np.flatnonzero(tree.children_left >= 0), slice(tree.node_count)
        low[i, every] = high[i, every] = np.arange(tree.node_count)  # leaves lead to themselves
        low[i, inner], high[i, inner] = tree.children_left[inner], tree.children_right[inner]
        feature[i, inner], border[i, inner] = tree.feature[inner], tree.threshold[inner]
        value[i, every] = RATE * tree.value[:, 0, 0]
    depth = np.array(max(tree.max_depth for tree in grown))
    linear = booster.init_
    weights = np.append(linear.coef_[0], linear.intercept_).astype(np.float32)
    return judge.Judge(weights, feature, border, low, high, value, depth)


def finish(folder: Path, source: str | None = None, *, workers: int | None = None) -> PageCard:
    """Export a trained page network, fit what the reader believes with it, and write its card.

    Args:
        folder: of the run; holds `model.h5` and `config.json`.
        source: of the digits, see `data.mnist.settle`.
        workers: see `candidates`.

    Returns:
        The card, as it lies in the folder.
    """
    from digitlib.networks import saved
    from digitlib.networks.digits import keras

    network = keras.saving.load_model(folder / "model.h5", compile=False, safe_mode=True)
    saved.export_int8(network, folder / "model.tflite")  # more than twice as fast as with floats
    NOT_FITTED.write(folder / judge.NAME)
    card = PageCard(
        parameters=network.count_params(),
        config=json.loads((folder / "config.json").read_text(encoding="utf-8")),
        data=mnist.load(source).name,
        metrics={},
        mix=(0.5, 0.5),
        threshold=0.5,
        versions={"python": platform.python_version()} | {name: version(name) for name in VERSIONS},
        sha256=_hashes(folder),
    )
    card.write(folder)
    fitted, said = fit(candidates(folder, source, seed=11, workers=workers))
    fitted.write(folder / judge.NAME)
    card = dataclasses.replace(card, **said, sha256=_hashes(folder))
    card.write(folder)
    return card


def _hashes(folder: Path) -> dict[str, str]:
    return {name: sha256(folder / name) for name in ("model.h5", "model.tflite", judge.NAME)}
