"""Networks that have learnt something before: a small residual one of ours, and a ResNet from Keras.

He, Zhang, Ren, Sun (2016), Identity mappings in deep residual networks, arXiv:1603.05027.
"""

from pathlib import Path

from digitlib.errors import DigitlibError
from digitlib.logs import quiet
from digitlib.networks.digits import classifier, keras, layers

RESNET = "resnet50v2"


def residual(classes: int) -> keras.Model:
    """Build a small residual network: two blocks whose input is added to what they make of it.

    Args:
        classes: how many kinds of digits it tells apart.

    Returns:
        A model from `(n, 28, 28, 1)` to `(n, classes)` probabilities; its layer `features` is what
        another task can use.
    """
    digit = keras.Input((28, 28, 1), name="digit")
    x = layers.Conv2D(24, 5, 2, padding="same", name="edges")(digit)
    for block, filters in (("strokes", 24), ("shapes", 48)):
        y = layers.ReLU(name=f"relu_{block}")(layers.BatchNormalization(name=f"norm_{block}")(x))
        y = layers.Conv2D(filters, 3, 2, padding="same", name=f"first_{block}")(y)
        y = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"second_{block}")(y)
        x = layers.Add(name=block)([layers.Conv2D(filters, 1, 2, name=f"skip_{block}")(x), y])
    features = layers.Flatten(name="features")(layers.ReLU(name="relu")(x))
    return keras.Model(digit, layers.Dense(classes, activation="softmax", name="head")(features))


def with_new_head(trained: keras.Model, classes: int, *, frozen: bool) -> keras.Model:
    """Copy a network, with a new last layer for another task.

    Args:
        trained: a network with a layer called `features`; it stays as it is.
        classes: of the new task.
        frozen: whether all but the new layer keeps its weights.
    """
    copy = keras.models.clone_model(trained)
    copy.set_weights(trained.get_weights())
    body = keras.Model(copy.inputs[0], copy.get_layer("features").output)
    body.trainable = not frozen
    head = layers.Dense(classes, activation="softmax", name="new_head")
    return keras.Model(body.inputs[0], head(body.outputs[0]))


def resnet(weights: str, *, frozen: bool) -> keras.Model:
    """Build a ResNet50V2 that reads digits.

    Args:
        weights: "imagenet", a weight file without the top layers, or empty for random ones.
        frozen: whether its body keeps its weights.

    Returns:
        A model from `(n, 28, 28, 1)` to `(n, 10)` probabilities.

    Raises:
        DigitlibError: if the weights cannot be had.
    """
    return classifier(lambda digit: _resnet(digit, weights or None, frozen=frozen), RESNET)


def _resnet(digit: keras.KerasTensor, weights: str | None, *, frozen: bool) -> keras.KerasTensor:
    """Show digits to a ResNet as it knows pictures: in three colours, at least 32 x 32, from -1 to 1."""
    if weights not in (None, "imagenet") and not Path(weights).is_file():
        raise DigitlibError(f"no weight file at {weights}: name one of ResNet50V2 without top, or imagenet")
    try:
        with quiet():
            body = keras.applications.ResNet50V2(
                include_top=False, weights=weights, input_shape=(32, 32, 3), pooling="avg"
            )
    except Exception as error:  # Keras lets Exception itself, OSError, ValueError and more through
        way = "download them elsewhere and name the file" if weights == "imagenet" else "name another file"
        raise DigitlibError(f"the weights {weights} of ResNet50V2 cannot be had ({error}): {way}") from error
    body.trainable = not frozen
    x = layers.Resizing(32, 32, name="enlarge")(digit)
    x = layers.Rescaling(2.0, -1.0, name="rescale")(layers.Concatenate(name="colours")([x, x, x]))
    features = layers.Activation("linear", name="features")(body(x, training=False if frozen else None))
    return layers.Dropout(0.3, name="dropout_features")(features)
