"""The page network: at every place of a picture, is here the middle of a digit, which one, how large.

It has no place for a rule about paper, lines or boxes: what is a digit and what is not it has learnt from
made pages (`data.pages`). Being convolutional from end to end, it takes pictures of any size.

Reference:
    Zhou, Wang, Kraehenbuehl (2019), Objects as points, arXiv:1904.07850: middles as peaks of a heat map;
    Lin and others (2017), Feature pyramid networks for object detection, arXiv:1612.03144.
"""

from digitlib.networks.digits import keras, layers

MOMENTUM = 0.95
CHANNELS = 19  # heat, middle (2), size (2), turn (4), digit (10): see `reading.page.Places`


def build(widths: tuple[int, ...] = (24, 40, 80, 112, 128), up: int = 48) -> keras.Model:
    """Build an untrained page network.

    Args:
        widths: channels at a half, a quarter ... a 32nd of the picture's size.
        up: channels on the way back to a quarter.

    Returns:
        A model from grey pictures `(n, height, width, 1)`, brought to mean 0 and deviation 1, whose sides are
        multiples of 32, to `(n, height / 4, width / 4, CHANNELS)`.
    """
    picture = keras.Input((None, None, 1), name="picture")
    x = brick(picture, widths[0], "edges", strides=2)
    levels = []
    for name, width in zip(("strokes", "parts", "digits", "page"), widths[1:], strict=True):
        x = brick(x, width, name, strides=2)
        x = residual(x, width, name)
        if name == "digits":
            x = residual(x, width, f"{name}_again")
        levels.append(x)
    x = layers.Conv2D(up, 1, name="up_page")(levels.pop())
    for name, level in zip(("digits", "parts", "strokes"), reversed(levels), strict=True):
        x = layers.UpSampling2D(name=f"enlarge_{name}")(x)
        x = layers.Add(name=f"join_{name}")([x, layers.Conv2D(up, 1, name=f"up_{name}")(level)])
        x = brick(x, up, f"look_{name}")
    x = brick(x, up, "answer")
    return keras.Model(picture, layers.Conv2D(CHANNELS, 1, name="places")(x), name="page")


def brick(x: keras.KerasTensor, filters: int, name: str, strides: int = 1) -> keras.KerasTensor:
    """Convolve 3 x 3, normalise, rectify: to `filters` channels, each side divided by `strides`."""
    x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False, name=f"conv_{name}")(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, name=f"norm_{name}")(x)
    return layers.ReLU(name=f"relu_{name}")(x)


def residual(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    """Add what another brick makes of its input to that input."""
    return layers.Add(name=f"add_{name}")([x, brick(x, filters, f"{name}_more")])


def loss(truth: keras.KerasTensor, answer: keras.KerasTensor) -> keras.KerasTensor:
    """Say how far answers are from the truth: focal loss of the heat map, and the rest where digits are.

    Args:
        truth: `(n, h, w, 8)`: heat, how much the place counts for it, how much for the rest, x and y of the
            middle, logarithms of width and height, and 4 * digit + turn; from `training.pages.targets`.
        answer: `(n, h, w, CHANNELS)`.

    Returns:
        One number: over all digits of the batch, the mean penalty-reduced focal loss, plus half of the mean
        distances of middles and sizes and the cross-entropy of the turn, plus the cross-entropy of the class.
    """
    ops = keras.ops
    truth, answer = ops.cast(truth, "float32"), ops.cast(answer, "float32")
    heat, counts, here = truth[..., 0], truth[..., 1], truth[..., 2]
    code = ops.cast(truth[..., 7], "int32")
    turn, digit = code % 4, code // 4
    upright = here * ops.cast(turn == 0, "float32")  # which digit a turned one is, nobody asks

    distance = ops.abs(answer[..., 1:5] - truth[..., 3:7])
    return (
        ops.sum(_focal(heat, answer[..., 0]) * counts) / ops.maximum(ops.sum((heat > 0.99) * counts), 1.0)
        + 0.5 * _mean(ops.sum(distance, axis=-1), here)
        + 0.5 * _mean(_cross_entropy(turn, answer[..., 5:9]), here)
        + _mean(_cross_entropy(digit, answer[..., 9:]), upright)
    )


def _focal(heat: keras.KerasTensor, logit: keras.KerasTensor) -> keras.KerasTensor:
    """Penalise missed middles and false ones, near a middle less: arXiv:1904.07850, equation 1."""
    ops = keras.ops
    middle, p = ops.cast(heat > 0.99, "float32"), ops.sigmoid(logit)
    missed = -ops.log_sigmoid(logit) * (1 - p) ** 2
    false = -ops.log_sigmoid(-logit) * p**2 * (1 - heat) ** 4
    return middle * missed + (1 - middle) * false


def _mean(values: keras.KerasTensor, weights: keras.KerasTensor) -> keras.KerasTensor:
    """Return the weighted mean; zero where no weight is."""
    return keras.ops.sum(values * weights) / keras.ops.maximum(keras.ops.sum(weights), 1.0)


def _cross_entropy(classes: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    return keras.ops.sparse_categorical_crossentropy(classes, logits, from_logits=True)
