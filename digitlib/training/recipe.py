"""What trainings share: AdamW on a one-cycle schedule, half precision, a part of the weights that is kept.

Reference:
    Smith, Topin (2019), Super-convergence, arXiv:1708.07120: the one-cycle schedule; Loshchilov, Hutter
    (2019), Decoupled weight decay regularization, arXiv:1711.05101: AdamW; Wortsman and others (2022),
    Robust fine-tuning of zero-shot models, arXiv:2109.01903: the mean of weights before and after.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from digitlib.logs import no_progress
from digitlib.networks.digits import keras

CPUINFO = Path("/proc/cpuinfo")  # where Linux says what the processor can


def one_cycle(
    steps: int,
    learning_rate: float,
    *,
    climb: float,
    weight_decay: float,
    ema: float,
    end: float = 0.001,
    clipnorm: float | None = None,
) -> keras.optimizers.AdamW:
    """Make an optimiser whose rate climbs from a 20th of the highest and then falls as a cosine.

    Args:
        steps: of the whole training.
        learning_rate: the highest.
        climb: part of all steps in which it climbs, in `[0, 1)`; at least one step.
        weight_decay: decoupled from the gradient.
        ema: momentum of the moving average of the weights; 0 for none.
        end: what is left of the highest rate at the end, as a part of it.
        clipnorm: largest norm of each gradient; None for any.
    """
    climbing = max(1, int(steps * climb))
    rate = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20, max(1, steps - climbing), end, "one_cycle", learning_rate, climbing
    )
    return keras.optimizers.AdamW(
        rate, weight_decay=weight_decay, clipnorm=clipnorm, use_ema=bool(ema), ema_momentum=ema
    )


def keep_part(model: keras.Model, before: list[np.ndarray], part: float) -> None:
    """Give a network the mean of its weights before a training and after: robust as then, accurate as now.

    Args:
        model: trained.
        before: its weights before, as from `get_weights`.
        part: how much these count, in `[0, 1]`.
    """
    pairs = zip(before, model.get_weights(), strict=True)
    model.set_weights([part * old + (1 - part) * new for old, new in pairs])


def progress_bars(*, epochs: bool = False) -> list[keras.callbacks.Callback]:
    """Return the bar of progress of a training, if it is wanted: of all, and perhaps one of each epoch."""
    if no_progress():
        return []
    from tqdm.keras import TqdmCallback

    return [TqdmCallback(verbose=int(epochs))]


@contextmanager
def half_precision() -> Iterator[None]:
    """Let TensorFlow convolve in bfloat16, where the processor can: nearly twice as fast.

    Processors that cannot emulate it, which is nine times as slow as float32; TensorFlow does not ask.
    """
    if keras.config.backend() != "tensorflow" or not _multiplies_bfloat16():
        yield
        return
    import tensorflow as tf

    name = "auto_mixed_precision_onednn_bfloat16"
    before = tf.config.optimizer.get_experimental_options().get(name, False)
    tf.config.optimizer.set_experimental_options({name: True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({name: before})


def _multiplies_bfloat16() -> bool:
    """Return whether the processor is known to multiply bfloat16 itself."""
    try:
        return bool(re.search(r"\b(avx512_bf16|amx_bf16)\b", CPUINFO.read_text(encoding="utf-8")))
    except OSError:
        return False
