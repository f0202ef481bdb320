"""Judge whether a candidate is a digit: by what all networks say of it, and by what stands beside it.

The slash of a date looks like a 1, and only beside other digits it shows that it is taller than they are.
How much each of these numbers means is learned from made pages (`series.calibrate`): a weighted sum, and
boosted decision trees that correct it; here they are only followed.

Reference:
    Friedman (2001), Greedy function approximation: a gradient boosting machine, doi:10.1214/aos/1013203451.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from digitlib.networks.confidence import log_softmax, logistic
from digitlib.pictures.crops import NONE
from digitlib.reading.boxes import shared_area
from digitlib.reading.page import Places

NAME = "judge.npz"
FEATURES = 12  # that a candidate is judged by, see `features`
BESIDE = (4, 1)  # of a candidate's size; others within so much to the side and in height are its neighbours
NEIGHBOURS = 2  # those with the strongest evidence, which is told
NOBODY = -6.0  # evidence that is told where there is no neighbour


@dataclass(frozen=True)
class Judge:
    """A weighted sum of features, and t decision trees of at most k nodes that correct it.

    Attributes:
        weights: float array of shape `(FEATURES + 1,)`, the offset last.
        feature: int array of shape `(t, k)`: which feature a node asks for.
        border: float array `(t, k)`: up to this a candidate goes on to the node `low`, above it to `high`.
        low, high: int arrays `(t, k)`: nodes of the same tree; a leaf leads to itself.
        value: float array `(t, k)`: what a leaf adds to the evidence.
        depth: int array of shape `()`: steps from the root to the deepest leaf.
    """

    weights: np.ndarray
    feature: np.ndarray
    border: np.ndarray
    low: np.ndarray
    high: np.ndarray
    value: np.ndarray
    depth: np.ndarray

    @classmethod
    def read(cls, path: Path) -> "Judge":
        """Read what `write` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(**{field.name: file[field.name] for field in fields(cls)})

    def write(self, path: Path) -> None:
        """Write all arrays into one `.npz` file."""
        np.savez_compressed(path, **vars(self))

    def scores(self, known: np.ndarray) -> np.ndarray:
        """Say how surely each candidate is a digit.

        Args:
            known: from `features`, `(n, FEATURES)`.

        Returns:
            `(n,)`, values in `[0, 1]`.
        """
        tree, node = np.arange(len(self.feature)), np.zeros((len(known), len(self.feature)), int)
        for _ in range(int(self.depth)):
            asked = np.take_along_axis(known, self.feature[tree, node], axis=1)
            node = np.where(asked <= self.border[tree, node], self.low[tree, node], self.high[tree, node])
        added = self.value[tree, node].sum(axis=1)
        return logistic(known @ self.weights[:-1] + self.weights[-1] + added)


def features(places: Places, frames: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """Collect the numbers by which a digit is told from other things.

    Args:
        places: all candidates of a picture.
        frames: logits of the digit network, `(n, 10)`.
        crops: logits of the crop network, `(n, 11)`.

    Returns:
        float32 `(n, FEATURES)`: logit of the heat, log-probability of standing upright, logit of the crop
        network that it is a digit, the largest logit of the digit network, how sure the page network is of
        its class, how much all three agree, the probability of a 1, its width to its height and its size to
        that of its neighbours as logarithms, how much of it likely digits cover, and the strongest
        evidence, by the crop network, of two neighbours.
    """
    evidence = np.logaddexp.reduce(crops[:, :NONE], axis=1) - crops[:, NONE]
    all_three = log_softmax(crops[:, :NONE] + places.digits / 4 + frames / 8)
    own = [
        places.heat,
        places.turns[:, 0],
        evidence,
        frames.max(axis=1, initial=-9),
        log_softmax(places.digits).max(axis=1),
        all_three.max(axis=1),
        np.exp(all_three[:, 1]),
        np.log(np.maximum(places.boxes[:, 2], 1) / np.maximum(places.boxes[:, 3], 1)),
    ]
    return np.stack([*own, *_beside(places.boxes, evidence)], axis=1).astype(np.float32)


def _beside(boxes: np.ndarray, evidence: np.ndarray) -> list[np.ndarray]:
    """Compare candidates with those beside them: size, cover, the strongest evidence of two, each `(n,)`."""
    shared, area = shared_area(boxes)
    size, middles, likely = boxes[:, 2:].max(axis=1), boxes[:, :2] + boxes[:, 2:] / 2, evidence > 0
    near = (np.abs(middles[:, None] - middles) < np.array(BESIDE) * size[:, None, None]).all(axis=2)
    near &= shared < np.minimum(area[:, None], area) / 2  # a part of it is no neighbour, nor is it itself
    digits = near & likely
    usual = np.array(
        [np.median(size[row]) if row.any() else own for row, own in zip(digits, size, strict=True)]
    )
    taller = np.clip(np.log(size / usual), -1, 1)
    np.fill_diagonal(shared, 0)
    cover = np.minimum(shared[:, likely].sum(axis=1) / area, 1)
    told = np.clip(evidence, NOBODY, -NOBODY)
    beside = np.pad(np.where(near, told, NOBODY), ((0, 0), (0, NEIGHBOURS)), constant_values=NOBODY)
    return [taller, cover, *np.sort(beside, axis=1)[:, : -NEIGHBOURS - 1 : -1].T]
