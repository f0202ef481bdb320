"""The crop network: looks closer at one candidate of the page network, and says which digit it is, if any.

The page network answers for digits of every size at every place of a picture at once. This one is shown
one of them at a time, always equally large, with what stands around it; it is the second stage of a
detector, as in Girshick and others (2014), Rich feature hierarchies, arXiv:1311.2524.
"""

from digitlib.networks.digits import keras, layers
from digitlib.networks.pages import brick, residual
from digitlib.pictures.crops import NONE, SIDE

DROPOUT = 0.3


def build(widths: tuple[int, int, int] = (32, 64, 128)) -> keras.Model:
    """Build an untrained crop network.

    Args:
        widths: channels at a half, a quarter and an eighth of the crop's size.

    Returns:
        A model from what `pictures.crops.as_crop_input` returns, `(n, 48, 48, 2)`, to logits `(n, 11)`: of
        the ten digits and of `NONE`.
    """
    seen = keras.Input((SIDE, SIDE, 2), name="crop")
    x = brick(seen, widths[0], "edges", strides=2)
    x = brick(x, widths[0], "strokes")
    x = brick(x, widths[1], "parts", strides=2)
    x = residual(residual(x, widths[1], "parts"), widths[1], "parts_again")
    x = brick(x, widths[2], "digit", strides=2)
    x = residual(residual(x, widths[2], "digit"), widths[2], "digit_again")
    x = layers.Flatten(name="all_places")(layers.Conv2D(widths[0], 1, name="fewer_channels")(x))
    x = layers.Dropout(DROPOUT, name="forget_places")(x)
    x = layers.Dense(widths[2], activation="relu", name="whole")(x)
    x = layers.Dropout(DROPOUT, name="forget_parts")(x)
    return keras.Model(seen, layers.Dense(NONE + 1, name="logits")(x), name="crop")
