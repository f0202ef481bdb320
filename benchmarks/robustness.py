"""What the shipped network does beyond clean digits: rough ones, other people's, and things that are none.

python benchmarks/robustness.py [--record]
python benchmarks/robustness.py --mnist-c FOLDER

Four tables: the own suite of corruptions (accuracy and calibration of each kind), calibration on clean
digits, AUROC of the refusal score beside softmax confidence for each source of strangers, and the 8 x 8
digits of scikit-learn, which no network here was trained on. --record keeps them in robustness.json.

--mnist-c scores MNIST-C instead (Mu and Gilmer 2019, arXiv:1906.02337): the fifteen corruptions that
others quote, as unpacked from mnist_c.zip of zenodo.org/records/3239543. Nothing was trained on them.
"""

import argparse
import json
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from digitlib import Recognizer, files
from digitlib.data import corruptions, mnist
from digitlib.errors import DigitlibError
from digitlib.measuring import evaluation
from digitlib.networks.card import Card
from digitlib.networks.confidence import softmax
from digitlib.pictures import frame

FIGURES = Path(__file__).with_suffix(".json")
ROUGH = 2_000  # test digits that are corrupted
JUDGED = 1_000  # test digits that strangers are compared with, and strangers of each source
# Fonts that no stranger of the training was written in.
FONTS = ("cmr10", "cmss10", "cmtt10", "DejaVuSans-Bold", "DejaVuSerif-Bold", "STIXGeneralBolIta")
DIGIT_SHAPED = "OoDlIijSsZzBbGgqQ"
SIDE = 112
PERFECT = 200  # times that a perfectly calibrated reader is acted out


def main() -> None:
    """Measure, print and, if asked, record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--mnist-c", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    if args.mnist_c:
        print(json.dumps(mnist_c(Recognizer.load(), args.mnist_c), indent=1))
        return
    digits = mnist.load()
    if digits.is_sample:
        raise SystemExit("error: these figures are about full MNIST: set DIGITLIB_DATA to an mnist.npz")
    recognizer, card = Recognizer.load(), Card.read(files.models())
    figures = {
        "suite": rough(recognizer, digits.test),
        "clean": clean(card),
        "strangers": strangers(recognizer, digits.test),
        "elsewhere": elsewhere(recognizer),
    }
    print(json.dumps(figures, indent=1))
    if args.record:
        files.write_text(FIGURES, json.dumps(figures, indent=1) + "\n")


def rough(recognizer: Recognizer, test: mnist.Split) -> dict:
    """Return accuracy and calibration error of each kind of corruption, as means over its severities."""
    labels = test.labels[:ROUGH]
    rows: dict[str, list[tuple[float, float]]] = {}
    for (kind, _), images in corruptions.suite(test.images[:ROUGH]).items():
        probabilities = recognizer.probabilities(images)
        right = float((probabilities.argmax(axis=1) == labels).mean())
        rows.setdefault(kind, []).append((right, evaluation.calibration_error(labels, probabilities)))
    kinds = {kind: np.mean(pairs, axis=0).round(4).tolist() for kind, pairs in rows.items()}
    accuracy, error = np.mean(list(kinds.values()), axis=0).round(4).tolist()
    return {"n": ROUGH, "accuracy": accuracy, "calibration_error": error, "kinds": kinds}


def mnist_c(recognizer: Recognizer, folder: Path) -> dict:
    """Return the accuracy on each corruption that a folder holds, and the mean of all but the identity.

    Args:
        recognizer: the network.
        folder: with a folder for each corruption, in it `test_images.npy`, uint8 `(n, 28, 28, 1)`, and
            `test_labels.npy`, `(n,)`.

    Raises:
        DigitlibError: if there is no such folder in it.
    """
    parts = sorted(path.parent for path in folder.glob("*/test_images.npy"))
    if not parts:
        raise DigitlibError(f"{folder} holds no KIND/test_images.npy: unpack mnist_c.zip and name its folder")
    kinds = {}
    for part in tqdm(parts, unit="corruption"):
        images, labels = (np.load(part / f"test_{what}.npy") for what in ("images", "labels"))
        right = recognizer.probabilities(images[..., 0]).argmax(axis=1) == labels
        kinds[part.name] = round(float(right.mean()), 4)
    mean = np.mean([accuracy for kind, accuracy in kinds.items() if kind != "identity"])
    return {"n": len(labels), "accuracy": round(float(mean), 4), "kinds": kinds}


def clean(card: Card) -> dict:
    """Return how well calibrated the stored answers to the clean test digits are, raw and calibrated.

    Beside them stands the range (5 to 95 %) of the calibration error that a perfectly calibrated reader
    with the same confidences would measure on as many digits: less than that nobody can show.
    """
    labels, raw = card.predictions(files.models())
    calibrated = evaluation.calibrated(raw, card.temperature)
    return {
        "n": len(labels),
        "accuracy": round(float((raw.argmax(axis=1) == labels).mean()), 4),
        **{
            f"{name}_{way}": round(measure(labels, probabilities), 5)
            for way, probabilities in {"raw": raw, "calibrated": calibrated}.items()
            for name, measure in {
                "loss": evaluation.log_loss, "calibration_error": evaluation.calibration_error
            }.items()
        },
        "calibration_error_if_perfect": perfect(calibrated),
    }  # fmt: skip


def perfect(probabilities: np.ndarray) -> list[float]:
    """Return the 5 and 95 % quantile of the calibration error where labels are drawn from the answers."""
    rng, bounds = np.random.default_rng(0), probabilities.cumsum(axis=1)
    drawn = ((rng.random((len(bounds), 1)) * bounds[:, -1:] > bounds).sum(axis=1) for _ in range(PERFECT))
    errors = [evaluation.calibration_error(labels, probabilities) for labels in drawn]
    return np.quantile(errors, [0.05, 0.95]).round(5).tolist()


def strangers(recognizer: Recognizer, test: mnist.Split) -> dict:
    """Return the AUROC of digits against each source of strangers, by our score and by softmax."""
    digits = np.array([_judged(recognizer, image) for image in test.images[:JUDGED]])
    found = {}
    for name, source in SOURCES.items():
        pictures = source(np.random.default_rng(0), test.images)
        scores = np.array([_judged(recognizer, next(pictures)) for _ in range(JUDGED)])
        truth = np.r_[np.ones(len(digits)), np.zeros(len(scores))]
        ours, softmaxed = (roc_auc_score(truth, np.r_[digits[:, i], scores[:, i]]) for i in (0, 1))
        found[name] = {"n": JUDGED, "score": round(ours, 4), "softmax": round(softmaxed, 4)}
    return found


def _judged(recognizer: Recognizer, picture: np.ndarray) -> tuple[float, float]:
    """Return the score of a picture with one thing, and the confidence that softmax has in it."""
    reading = recognizer.read(picture, single=True)
    if not reading.digits:
        return 0.0, 0.0
    logits = recognizer.look_at(reading.digits[0].frame[None])
    return reading.score, float(softmax(logits).max())


def letters(alphabet: str) -> Callable[..., Iterator[np.ndarray]]:
    """Return a source that writes letters in fonts unknown to the training, turned a little."""

    def write(rng: np.random.Generator, _: np.ndarray) -> Iterator[np.ndarray]:
        folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
        while True:
            font = ImageFont.truetype(folder / f"{rng.choice(FONTS)}.ttf", 72)
            page = Image.new("L", (SIDE, SIDE))
            letter = str(rng.choice(list(alphabet)))
            ImageDraw.Draw(page).text((SIDE / 2, SIDE / 2), letter, 255, font, anchor="mm")
            turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), rng.uniform(-12, 12), 1)
            yield cv2.warpAffine(np.asarray(page), turn, (SIDE, SIDE))

    return write


def shuffled(rng: np.random.Generator, images: np.ndarray) -> Iterator[np.ndarray]:
    """Cut digits into sixteen squares and mix these."""
    while True:
        tiles = images[rng.integers(len(images))].reshape(4, 7, 4, 7).swapaxes(1, 2).reshape(16, 7, 7)
        yield rng.permutation(tiles).reshape(4, 4, 7, 7).swapaxes(1, 2).reshape(28, 28)


def halved(rng: np.random.Generator, images: np.ndarray) -> Iterator[np.ndarray]:
    """Put the upper half of one digit under the lower half of another."""
    while True:
        one, other = images[rng.integers(len(images), size=2)]
        yield np.vstack([one[14:], other[:14]])


def noise(rng: np.random.Generator, _: np.ndarray) -> Iterator[np.ndarray]:
    """Draw every pixel at random."""
    while True:
        yield rng.integers(0, 256, (28, 28), dtype=np.uint8)


def textures(rng: np.random.Generator, _: np.ndarray) -> Iterator[np.ndarray]:
    """Draw gratings, checks and clouds."""
    rows, columns = np.indices((SIDE, SIDE))
    while True:
        angle, wave = rng.uniform(0, np.pi), rng.uniform(8, 30)
        along = (rows * np.sin(angle) + columns * np.cos(angle)) / wave
        across = (columns * np.sin(angle) - rows * np.cos(angle)) / wave
        kind = rng.integers(3)
        if kind == 0:
            page = np.sin(2 * np.pi * along)
        elif kind == 1:
            page = np.sign(np.sin(2 * np.pi * along) * np.sin(2 * np.pi * across))
        else:
            page = cv2.GaussianBlur(rng.standard_normal((SIDE, SIDE)), (0, 0), wave / 6)
        page = page - page.min()
        yield (255 * page / page.max()).astype(np.uint8)


SOURCES = {
    "letters": letters("".join(sorted(set(string.ascii_letters) - set(DIGIT_SHAPED)))),
    "digits cut into sixteen and mixed": shuffled,
    "halves of two digits, exchanged": halved,
    "noise": noise,
    "gratings, checks, clouds": textures,
    "letters in the shape of digits": letters(DIGIT_SHAPED),
}


def elsewhere(recognizer: Recognizer) -> dict:
    """Read the 1,797 digits of scikit-learn (8 x 8, 17 levels), enlarged, our way and the tutorial's."""
    images, labels = load_digits(return_X_y=True)
    ours, naive = [], []
    for image in images.reshape(-1, 8, 8):
        large = cv2.resize((image * 15).astype(np.uint8), (64, 64), interpolation=cv2.INTER_CUBIC)
        ours.append(recognizer.read(large, single=True).digits[0].digit)
        framed = frame.naive_frame(255 - large)
        naive.append(int(recognizer.look_at(framed[None], views=False)[0].argmax()))
    return {
        "n": len(labels),
        "framed": round(float((np.array(ours) == labels).mean()), 4),
        "resized": round(float((np.array(naive) == labels).mean()), 4),
    }


if __name__ == "__main__":
    try:
        main()
    except DigitlibError as error:
        sys.exit(f"error: {error}")
