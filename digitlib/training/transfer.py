"""Fit a network that has learnt something before to a new task, in the open: notebook 07 calls these."""

import numpy as np

from digitlib.data.mnist import Split
from digitlib.networks.digits import keras
from digitlib.pictures.views import as_network_input


def compiled(model: keras.Model, *, steps: int, rate: float) -> keras.Model:
    """Prepare a network for `fit`: AdamW, with a rate that falls to zero.

    Args:
        model: from float digits `(n, 28, 28, 1)` to ten probabilities.
        steps: after which the rate is zero.
        rate: that it starts from.

    Returns:
        The same network.
    """
    optimizer = keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(rate, steps))
    optimizer.build(model.trainable_variables)  # here, or TensorFlow traces the training step twice
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    return model


def fit(model: keras.Model, split: Split, *, steps: int, seed: int) -> None:
    """Train for a number of steps with batches of 50, from the weights that it has and a fresh optimiser.

    A network from `compiled` can be trained many times, without Keras preparing its training step anew.

    Args:
        model: from `compiled`; its weights change.
        split: digits to learn, uint8 images `(n, 28, 28)` and labels `(n,)`; repeated where they are too few.
        steps: optimiser steps.
        seed: of the order of the digits and of Dropout.
    """
    keras.utils.set_random_seed(seed)
    for state in model.optimizer.variables:  # how far it is, and its moments
        state.assign(keras.ops.zeros_like(state))
    order = np.random.default_rng(seed).permutation(np.resize(np.arange(len(split.labels)), 50 * steps))
    model.fit(as_network_input(split.images[order]), split.labels[order], batch_size=50, verbose=0)


def accuracy(model: keras.Model, split: Split) -> float:
    """Return the part of some digits that a network reads rightly, in `[0, 1]`."""
    parts = [as_network_input(split.images[i : i + 500]) for i in range(0, len(split.labels), 500)]
    answers = np.concatenate([np.asarray(model(part, training=False)) for part in parts])
    return float((answers.argmax(axis=1) == split.labels).mean())
