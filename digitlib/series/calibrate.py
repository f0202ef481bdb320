"""Fit on made pages how the answers of the networks are weighed, and what is refused as no digit.

The pages are made from validation digits, which trained none of them, and strange characters that the
networks have never seen: of those that they were trained on they would be too sure.
"""

import dataclasses
import json
import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from digitlib.data import mnist
from digitlib.files import models, sha256, whole_file
from digitlib.networks.card import Card, PageCard, versions
from digitlib.networks.confidence import log_softmax
from digitlib.networks.lite import LiteModel
from digitlib.reading import judge
from digitlib.reading.recognizer import Recognizer
from digitlib.series.candidates import Networks, gather, judged, look_closer

if TYPE_CHECKING:
    from digitlib.networks.digits import keras

log = logging.getLogger(__name__)

PAGES = {128: 21_600, 320: 4_320}  # how many are made for calibration, by side
CROP_PAGES = {128: 30_000, 320: 30_000}  # for the crop network
FILES = ("model.h5", "model.tflite", "crops.h5", "crops.tflite", judge.NAME)  # of a run that is finished
VERSIONS = ("digitlib", "keras", "numpy", "opencv-python")
TREES, LEAVES, DEPTH, LEAF, RATE = 150, 8, 4, 50, 0.05  # of the judge; LEAF: candidates in a leaf at least
ROOT = np.zeros((1, 1), int)  # the one node of a tree that says nothing
NOT_FITTED = judge.Judge(np.zeros(judge.FEATURES + 1), ROOT, ROOT, ROOT, ROOT, ROOT, np.array(0))
FALSE_COST = 1.0  # of reading something that is no digit; reading a digit rightly gains 1


def fit(found: dict[str, np.ndarray]) -> tuple[judge.Judge, dict[str, Any]]:
    """Fit how the three networks are weighed, and the judge of candidates.

    Args:
        found: from `candidates.gather`, as `candidates.judged` notes it.

    Returns:
        The judge; and for the card `mix`, `threshold` and `metrics`, those of scores by judges that were
        fitted to other pages.
    """
    label, digit = found["label"], found["label"] >= 0

    said = np.stack([found["page"], found["frame"], found["crop"]], axis=2)

    def loss(mix: np.ndarray) -> float:
        return -float(log_softmax(said[digit] @ mix)[np.arange(digit.sum()), label[digit]].mean())

    mix = minimize(loss, [0.3, 0.3, 0.3], bounds=[(0, 5)] * 3).x
    logits = said @ mix
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
    threshold = FALSE_COST / (1 + FALSE_COST)  # of a probability: from it on more is gained than lost
    every = int(digit.sum() + found["missed"].sum())
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


def finish(
    folder: Path,
    source: str | None = None,
    *,
    workers: int | None = None,
    counts: Mapping[int, int] = PAGES,
    crop_counts: Mapping[int, int] = CROP_PAGES,
) -> PageCard:
    """Export a trained page network, train the crop network beside it, fit what the reader believes.

    Args:
        folder: of the run; holds `model.h5` and `config.json`.
        source: of the digits, see `data.mnist.settle`.
        workers: processes that make and look at pages, see `candidates.gather`.
        counts: how many pages are made for calibration, by side.
        crop_counts: how many for the crop network.

    Returns:
        The card, as it lies in the folder.
    """
    from digitlib.networks import saved
    from digitlib.networks.digits import keras

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    network = keras.saving.load_model(folder / "model.h5", compile=False, safe_mode=True)
    saved.export_int8(network, folder / "model.tflite")  # more than twice as fast as with floats
    closer = _crop_network(folder, source, config, crop_counts, workers)
    saved.export_int8(closer, folder / "crops.tflite")
    NOT_FITTED.write(folder / judge.NAME)
    card = PageCard(
        parameters=network.count_params() + closer.count_params(),
        config=config,
        data=mnist.load(source).name,
        metrics={},
        mix=(0.3, 0.3, 0.3),
        threshold=0.5,
        versions=versions(*VERSIONS),
        sha256=_hashes(folder),
    )
    card.write(folder)
    shipped = models()
    opened = partial(Recognizer, shipped / "model.tflite", Card.read(shipped), pages=folder)
    seen = gather(judged, opened, source, seed=11, counts=counts, unseen=True, workers=workers)
    fitted, said = fit(seen)
    fitted.write(folder / judge.NAME)
    card = dataclasses.replace(card, **said, sha256=_hashes(folder))
    card.write(folder)
    return card


def _crop_network(
    folder: Path,
    source: str | None,
    config: dict[str, Any],
    counts: Mapping[int, int],
    workers: int | None,
) -> "keras.Model":
    """Train the crop network on what the page network finds, or open the one that the folder holds.

    Where the page network started from another one, it starts from the crop network beside that. Its crops
    are kept until it is trained, so that a training that was stopped goes on.
    """
    from digitlib.networks.digits import keras
    from digitlib.training import crops

    done, kept = folder / "crops.h5", folder / "crops.npz"
    if done.is_file():
        return keras.saving.load_model(done, compile=False, safe_mode=True)
    before = _before(config)
    if not kept.is_file():
        opened = partial(_opened, folder, before)
        seen = gather(
            look_closer, opened, source, config["seed"], counts=counts, unseen=False, workers=workers
        )
        with whole_file(kept) as aside:
            np.savez(aside, allow_pickle=False, **seen)
    with np.load(kept) as seen:
        model = crops.train(dict(seen), folder, start=before, seed=config["seed"])
    kept.unlink()
    return model


def _before(config: dict[str, Any]) -> Path | None:
    """Return the crop network beside the page network that was started from, if it can be trained further."""
    from digitlib.networks.digits import keras
    from digitlib.training import crops

    before = Path(config["start"]).with_name("crops.h5") if config.get("start") else None
    if before is None or not before.is_file():
        return None
    theirs = keras.saving.load_model(before, compile=False, safe_mode=True)
    if [weight.shape for weight in theirs.weights] != [weight.shape for weight in crops.build().weights]:
        log.warning("%s is built otherwise than now: a new crop network is trained", before)
        return None
    return before


def _opened(folder: Path, before: Path | None) -> Networks:
    """Open the page network of a folder, and the crop network that is trained further, if it was exported."""
    exported = before.with_name("crops.tflite") if before else None
    crop_network = LiteModel(exported) if exported and exported.is_file() else None
    return LiteModel(folder / "model.tflite"), crop_network


def _hashes(folder: Path) -> dict[str, str]:
    return {name: sha256(folder / name) for name in FILES}
