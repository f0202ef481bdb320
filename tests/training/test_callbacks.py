"""Patience is remembered over a stop, and the kept weights are the averaged ones."""

from dataclasses import replace

import numpy as np
import pytest

from digitlib.config import TrainingConfig
from digitlib.networks.digits import keras
from digitlib.training import callbacks


@pytest.mark.parametrize(
    ("losses", "over"),
    [([], False), ([3, 2, 1], False), ([9, 1, 2, 3], True), ([1, 2, 3, 0.5, 0.6], False), ([1, 2, 2], False)],
)
def test_a_resumed_run_knows_whether_its_patience_had_ended(losses, over):
    patience = callbacks.Patience(TrainingConfig(epochs=2, patience=2), losses)
    assert patience.start_from_epoch == 1 and patience.would_stop is over


@pytest.mark.parametrize("ema", [0.0, 0.5])
def test_what_is_kept_is_the_average_and_what_is_resumed_the_last_weights(tmp_path, ema):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    optimizer = keras.optimizers.SGD(0.1, use_ema=bool(ema), ema_momentum=ema)
    model.compile(optimizer, "mse", jit_compile=False)
    ones = np.ones((4, 1))
    stop = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda e, logs: setattr(model, "stop_training", e == 2)
    )
    around = [*callbacks.around(replace(TrainingConfig(epochs=4), ema=ema), tmp_path, []), stop]
    model.fit(ones, 3 * ones, validation_data=(ones, 3 * ones), epochs=4, verbose=0, callbacks=around)
    kept, last = [], []
    for name, found in ((callbacks.BEST, kept), (callbacks.CHECKPOINT, last)):
        model.load_weights(tmp_path / name)
        found.append(float(model.get_weights()[0][0, 0]))
    assert (kept == last) is (not ema)
    assert kept[0] <= last[0]  # it grows towards 3, and the average lags behind
