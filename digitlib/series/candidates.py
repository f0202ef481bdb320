"""Look at made pages with a page network, and note of each candidate whether it is a digit, and which.

Reference:
    Katharopoulos, Fleuret (2018), Not all samples are created equal: deep learning with importance sampling,
    arXiv:1803.00942.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import numpy as np
from tqdm import tqdm

from digitlib import processes
from digitlib.data import mnist, pages
from digitlib.data.writing import HELD_OUT, STRANGE, UNREADABLE, Strange
from digitlib.logs import no_progress
from digitlib.networks.confidence import softmax
from digitlib.networks.lite import LiteModel, on_one_processor
from digitlib.pictures.crops import NONE, RIM, as_crop_input, crops, from_far, moved
from digitlib.reading import judge, page
from digitlib.reading.recognizer import LEAST_PLAUSIBLE, Recognizer

MATCH_IOU = 0.3  # intersection over union that a candidate must exceed with the box of the digit that it is
RESIZED = 0.06  # deviation of the logarithm of how much larger than usual a candidate is cut out for training
DOUBTFUL = 0.25  # probability of another class from which on every crop is kept; below, in proportion to it
LEAST_KEPT = 0.12  # part of the crops that are kept where the crop network has no doubt

Rows = dict[str, np.ndarray]
Networks = tuple[LiteModel, LiteModel | None]  # the page network, and the crop network if there is one
Looker = TypeVar("Looker", Networks, Recognizer)
_looking: list[tuple[Any, list[np.ndarray]]] = []  # of a process that looks at made pages


def look_closer(networks: Networks, made: pages.Page, rng: np.random.Generator) -> Rows:
    """Cut out the candidates of a made page, some a little larger, for the crop network to learn from.

    Args:
        networks: the page network, which finds them; and the crop network that is trained further, if any:
            of what it reads surely only some are kept.
        made: the page.
        rng: decides how large, and which are kept.

    Returns:
        By name, arrays of n rows: `crop` `(n, 56, 56)`, uint8, with a rim; `far` `(n, 48, 48)`, uint8;
        `box` `(n, 4)`; `zoom` `(n, 1)`; `label`, as from `labelled`; `weight`: how many such crops each one
        stands for.
    """
    places, labels, _ = _found(networks[0], made)
    zooms = np.exp(rng.normal(0, RESIZED, (len(places), 1)))
    rows: Rows = {
        "crop": crops(made.picture, places.boxes, rim=RIM, zooms=zooms),
        "far": from_far(made.picture, places.boxes),
        "box": places.boxes.astype(np.float32),
        "zoom": zooms.astype(np.float32),
        "label": labels,
        "weight": np.ones(len(labels), np.float32),
    }
    told = {name: values[labels != UNREADABLE] for name, values in rows.items()}
    return _thinned(told, networks[1], rng) if networks[1] and len(told["label"]) else told


def _thinned(rows: Rows, crop_network: LiteModel, rng: np.random.Generator) -> Rows:
    """Drop most of the crops that a crop network reads surely; those of them that stay count more."""
    close = moved(rows["crop"], (0, 0))
    taken = as_crop_input(close, rows["far"], rows["box"], zooms=rows["zoom"])
    classes = np.where(rows["label"] < 0, NONE, rows["label"])
    doubt = 1 - softmax(crop_network(taken))[np.arange(len(taken)), classes]
    odds = np.clip(doubt / DOUBTFUL, LEAST_KEPT, 1)
    kept = rng.random(len(odds)) < odds
    told = {name: values[kept] for name, values in rows.items()}
    return told | {"weight": (1 / odds[kept]).astype(np.float32)}


def judged(recognizer: Recognizer, made: pages.Page, rng: np.random.Generator) -> Rows:
    """Note what all networks say of the candidates of a made page.

    Args:
        recognizer: whose networks are asked; its judge and its threshold are not.
        made: the page.
        rng: not needed here.

    Returns:
        By name, arrays of n rows: `features` of `reading.judge`; `label`, as from `labelled`; logits `page`,
        `frame` and `crop`, `(n, 10)`; and `missed`, one row: how many digits are no candidates.
    """
    places, labels, missed = _found(recognizer.page_network, made)
    frames = recognizer.look_at(recognizer.frames(made.picture, places), views=False)
    closer = recognizer.look_closer(made.picture, places)
    rows = {"features": judge.features(places, frames, closer), "label": labels}
    rows |= {"page": places.digits, "frame": frames, "crop": closer[:, :NONE]}
    told = {name: values[labels != UNREADABLE] for name, values in rows.items()}
    return told | {"missed": np.array([missed])}


def _found(network: LiteModel, made: pages.Page) -> tuple[page.Places, np.ndarray, int]:
    """Find the candidates of a made page as the reader does, and label them."""
    places = page.find(made.picture, network)
    places = places.take(places.plausibility() > LEAST_PLAUSIBLE)
    return places, *labelled(places.boxes, made)


def labelled(boxes: np.ndarray, made: pages.Page) -> tuple[np.ndarray, int]:
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
            labels[best] = label  # crossed out is -1, and none
            taken.add(best)
    return labels, int((made.labels >= 0).sum()) - int((labels >= 0).sum())


def gather(
    note: Callable[[Looker, pages.Page, np.random.Generator], Rows],
    opened: Callable[[], Looker],
    source: str | None,
    seed: int,
    *,
    counts: Mapping[int, int],
    unseen: bool,
    workers: int | None = None,
) -> Rows:
    """Make pages, look at them, and put together what is noted of each.

    Args:
        note: `look_closer` or `judged`.
        opened: opens the networks that it asks, once in each process.
        source: of the digits, see `data.mnist.settle`.
        seed: which pages.
        counts: how many, by side.
        unseen: whether they are made of validation digits and of letters and things that no network has
            been trained on, or of what all are trained on.
        workers: processes that look, at least one; by default as many as there are processors.

    Returns:
        By name, the arrays of all pages that are not turned, joined.
    """
    jobs = [(seed, side, i) for side, pages_of_it in counts.items() for i in range(pages_of_it)]
    count = (os.cpu_count() or 1) if workers is None else max(1, workers)
    with processes.pool(count, _begin, opened, source, unseen) as pool:
        looks = pool.map(partial(_look, note, HELD_OUT if unseen else STRANGE), jobs, chunksize=40)
        rows = [row for row in tqdm(looks, "pages", len(jobs), disable=no_progress()) if row]
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def _begin(opened: Callable[[], Any], source: str | None, unseen: bool) -> None:
    """Prepare a process that looks at made pages, on one processor."""
    on_one_processor()
    digits = mnist.load(source)
    _looking[:] = [(opened(), pages.by_class(*(digits.validation if unseen else digits.train)))]


def _look(note: Callable[..., Rows], strange: Strange, which: tuple[int, int, int]) -> Rows | None:
    """Make one page and note what is seen on it; None if it is turned."""
    looker, digits = _looking[0]
    rng = np.random.default_rng(which)
    made = pages.make(which[1], digits, rng, strange=strange)
    return None if made.turn else note(looker, made, rng)
