"""What trainings share: a rate that climbs and falls, and half precision that ends with the training."""

import pytest
import tensorflow as tf

from digitlib.training import recipe
from digitlib.training.recipe import half_precision, one_cycle


def test_the_rate_climbs_to_the_highest_and_falls_to_what_is_left():
    optimizer = one_cycle(200, 0.01, climb=0.25, weight_decay=0.1, ema=0.9, end=0.002, clipnorm=3.0)
    rates = [float(optimizer._learning_rate(step)) for step in (0, 25, 50, 125, 200)]
    assert rates == pytest.approx([0.0005, 0.00525, 0.01, 0.00501, 0.00002], rel=1e-4)
    assert (optimizer.weight_decay, optimizer.clipnorm, optimizer.ema_momentum) == (0.1, 3.0, 0.9)
    assert optimizer.use_ema and not one_cycle(1, 0.01, climb=0.1, weight_decay=0, ema=0).use_ema


@pytest.mark.parametrize(
    ("flags", "half"),
    [
        ("fma avx512f avx512_bf16", True),
        ("avx512f amx_bf16 amx_tile", True),
        ("avx2 avx512f", False),
        (None, False),
    ],
)
def test_half_precision_is_for_processors_that_can_and_ends_with_the_training(
    flags, half, tmp_path, monkeypatch
):
    monkeypatch.setattr(recipe, "CPUINFO", tmp_path / "cpuinfo")
    if flags:
        recipe.CPUINFO.write_text(f"model name : made up\nflags\t: {flags}\n")
    name, options = "auto_mixed_precision_onednn_bfloat16", tf.config.optimizer.get_experimental_options
    with half_precision():
        assert bool(options().get(name)) == half
    assert not options().get(name)
