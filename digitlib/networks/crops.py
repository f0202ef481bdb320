"""The crop network: looks closer at one candidate of the page network, and says which digit it is, if any.

The page network answers for digits of every size at every place of a picture at once. This one is shown
one of them at a time, always equally large, closely and from further away: a slash beside digits or a
line of squared paper looks like a 1 until it is seen what stands around. It is the second stage of a
detector.

Reference:
    Girshick and others (2014), Rich feature hierarchies, arXiv:1311.2524; for two distances Gidaris,
    Komodakis (2015), Object detection via a multi-region and semantic segmentation-aware CNN model,
    arXiv:1505.01749.
"""

from digitlib.networks.digits import keras, layers
from digitlib.networks.pages import brick, residual
from digitlib.pictures.crops import CHANNELS, NONE, SIDE

DROPOUT = 0.3


def build(widths: tuple[int, int, int] = (48, 96, 192)) -> keras.Model:
    """Build an untrained crop network.

    Args:
        widths: channels at a half, a quarter and an eighth of the crop's size.

    Returns:
        A model from what `pictures.crops.as_crop_input` returns, `(n, 48, 48, 3)`, to logits `(n, 11)`: of
        the ten digits and of `NONE`.
    """
    seen = keras.Input((SIDE, SIDE, CHANNELS), name="crop")
    x = brick(seen, widths[0], "edges", strides=2)
    x = brick(x, widths[0], "strokes")
    x = brick(x, widths[1], "parts", strides=2)
    x = residual(residual(x, widths[1], "parts"), widths[1], "parts_again")
    x = brick(x, widths[2], "digit", strides=2)
    x = residual(residual(x, widths[2], "digit"), widths[2], "digit_again")
    x = layers.Flatten(name="all_places")(layers.Conv2D(widths[0], 1, name="fewer_channels")(x))
    x = layers.Concatenate(name="both_distances")([x, _around(seen, widths)])
    x = layers.Dropout(DROPOUT, name="forget_places")(x)
    x = layers.Dense(widths[2], activation="relu", name="whole")(x)
    x = layers.Dropout(DROPOUT, name="forget_parts")(x)
    return keras.Model(seen, layers.Dense(NONE + 1, name="logits")(x), name="crop")


def _around(seen: keras.KerasTensor, widths: tuple[int, int, int]) -> keras.KerasTensor:
    """Look at what stands around a candidate: from `(n, 48, 48, 3)` to `(n, 9 * widths[1])`."""
    far = brick(seen, widths[0] // 2, "far_edges", strides=2)
    far = brick(far, widths[0], "far_strokes", strides=2)
    far = residual(brick(far, widths[1], "far_parts", strides=2), widths[1], "far_parts")
    return layers.Flatten(name="far_places")(brick(far, widths[1], "far_neighbours", strides=2))
