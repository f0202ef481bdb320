"""Training leaves a complete folder, can be killed and resumed, and harms nothing when refused."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from filelock import FileLock

from digitlib.config import Augmentation, TrainingConfig
from digitlib.errors import DigitlibError
from digitlib.logs import logged
from digitlib.measuring.evaluation import log_loss
from digitlib.networks.card import Card
from digitlib.networks.confidence import softmax
from digitlib.pictures.views import as_network_input, over_views
from digitlib.training import callbacks, fit

pytestmark = pytest.mark.slow

CONFIG = TrainingConfig(
    network="small",
    epochs=3,
    epoch_digits=600,
    batch_size=50,
    learning_rate=0.01,
    augmentation=Augmentation(rotation=0, shift=1),
)


@pytest.fixture(scope="module", autouse=True)
def _few_strangers():
    """Refusal is fitted to some dozens: thousands of pictures would take longer than the training itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "REFUSAL_DRAWN", 40)
        yield


@pytest.fixture(scope="module")
def finished(toy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "finished"
    with logged(folder):
        return folder, fit.train(CONFIG, toy, folder)


def test_a_finished_folder_holds_what_the_design_promises(finished):
    folder, card = finished
    promised = {
        "config.json",
        "model.h5",
        "model.tflite",
        "card.json",
        "history.json",
        "predictions.npz",
    }
    assert promised <= {path.name for path in folder.iterdir()}
    assert not [*folder.glob("*checkpoint*"), *folder.glob("best*"), *folder.glob("aside")]
    for name in card.sha256:
        card.check(folder / name)
    assert Card.read(folder) == card


def test_the_classic_lines_are_in_the_log(finished):
    log = (finished[0] / "run.log").read_text()
    assert "INFO digitlib.training.fit: Model built and compiled with BatchNormalization.\n" in log
    assert "INFO digitlib.training.fit: Model training completed.\n" in log


def test_ten_squares_are_learnt(finished, toy):
    folder, card = finished
    labels, probabilities = card.predictions(folder)
    np.testing.assert_array_equal(labels, toy.test.labels)
    assert (probabilities.argmax(1) == labels).mean() >= 0.95
    assert card.metrics["test"]["n"] == 100 and card.data == "toy"


def read_by(folder):
    """What the saved network answers, opened as anybody would open it."""
    opened = keras.saving.load_model(folder / "model.h5")
    return lambda digits: opened.predict(digits, verbose=0)


def test_history_has_one_row_per_epoch_and_the_best_was_kept(finished, toy):
    folder, card = finished
    history = json.loads((folder / "history.json").read_text())
    assert [row["epoch"] for row in history] == [1, 2, 3]
    best = min(history, key=lambda row: row["val_loss"])
    assert best["epoch"] == card.epoch
    # smoothing and augmentation do not touch validation: the kept weights give the loss that was noted
    answers = read_by(folder)(as_network_input(toy.validation.images))
    assert log_loss(toy.validation.labels, answers) == pytest.approx(best["val_loss"], abs=2e-3)


def test_the_saved_network_gives_the_stored_answers(finished, toy):
    folder, card = finished
    read = read_by(folder)
    answers = softmax(over_views(lambda digits: np.log(read(digits)), toy.test.images))
    np.testing.assert_allclose(answers, card.predictions(folder)[1], atol=1e-5)


def test_the_same_seed_trains_the_same_network_and_another_does_not(finished, toy, tmp_path):
    again = fit.train(CONFIG, toy, tmp_path).predictions(tmp_path)[1]
    np.testing.assert_array_equal(again, finished[1].predictions(finished[0])[1])
    first, other = (fit.compiled(replace(CONFIG, seed=seed)).get_weights()[0] for seed in (0, 1))
    assert np.abs(other - first).max() > 1e-3


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_an_interrupted_run_resumes_where_it_was_and_ends_like_an_uninterrupted_one(
    finished, toy, tmp_path, monkeypatch, ema
):
    config, straight = replace(CONFIG, ema=ema), finished[1].predictions(finished[0])[1]
    if ema:
        averaged = fit.train(config, toy, tmp_path / "straight").predictions(tmp_path / "straight")[1]
        assert np.abs(averaged - straight).max() > 1e-3
        straight = averaged

    class Interrupted(callbacks.KeepState):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            if epoch == 1:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "KeepState", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit.train(config, toy, tmp_path / "run")
    assert not (tmp_path / "run" / "card.json").exists()
    assert fit.settings_of(tmp_path / "run") == config

    card = fit.train(config, toy, tmp_path / "run", resume=True)
    assert [row["epoch"] for row in json.loads((tmp_path / "run" / "history.json").read_text())] == [1, 2, 3]
    np.testing.assert_allclose(card.predictions(tmp_path / "run")[1], straight, atol=1e-4)


def test_a_new_training_leaves_the_old_model_whole_until_it_is_done_and_goes_on_after_a_stop(
    finished, toy, tmp_path, monkeypatch
):
    folder = shutil.copytree(finished[0], tmp_path / "classic")
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != ".lock"}
    changed = replace(CONFIG, seed=5, epochs=2)

    class Interrupted(callbacks.KeepState):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "KeepState", Interrupted)
        for config in (changed, replace(changed, seed=6)):  # the second does not harm the first
            with pytest.raises(KeyboardInterrupt):
                fit.train_anew(config, toy, folder)
    assert {path: path.read_bytes() for path in before} == before
    assert len(list(folder.glob("unfinished-*"))) == 2

    shown = []
    monkeypatch.setattr(fit.Batches, "_draw", lambda self, draw=fit.Batches._draw: (
        shown.append(self.epoch), draw(self),
    ))  # fmt: skip
    card = fit.train_anew(changed, toy, folder)
    assert shown[0] == 1, "the first epoch was not trained anew"
    assert [row["epoch"] for row in json.loads((folder / "history.json").read_text())] == [1, 2]
    assert fit.settings_of(folder) == changed and Card.read(folder) == card
    for name in card.sha256:
        card.check(folder / name)
    assert len(list(folder.glob("unfinished-*"))) == 1


def test_a_training_that_was_stopped_while_its_files_were_put_in_place_is_not_done_anew(
    toy, tmp_path, monkeypatch
):
    config, real, moved = replace(CONFIG, seed=7, epochs=1), os.replace, []

    def stopping(source, target):
        if Path(target).parent == tmp_path / "classic":
            moved.append(target)
            if len(moved) == 4:
                raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fit.os, "replace", stopping)
        fit.train_anew(config, toy, tmp_path / "classic")
    monkeypatch.setattr(fit, "_run", lambda *_, **__: pytest.fail("it was trained already"))
    card = fit.train_anew(config, toy, tmp_path / "classic")
    assert card == Card.read(tmp_path / "classic") and not list(tmp_path.glob("classic/unfinished-*"))
    for name in card.sha256:
        card.check(tmp_path / "classic" / name)


KILLED = """
import sys
sys.path[:0] = [{tests!r}]
from pathlib import Path
from conftest import squares
from digitlib.training import fit
from digitlib.config import TrainingConfig
from digitlib.data.mnist import Digits
digits = Digits("toy", squares(300, 0), squares(100, 1), squares(100, 2))
config = TrainingConfig("small", epochs=200, epoch_digits=600, batch_size=50, patience=200)
fit.train(config, digits, Path({folder!r}))
"""


def test_a_killed_training_leaves_a_folder_that_resumes(toy, tmp_path):
    folder = tmp_path / "run"
    code = KILLED.format(tests=os.path.dirname(os.path.dirname(__file__)), folder=str(folder))
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    history = folder / "history.json"
    for _ in range(3000):
        if history.exists() and len(json.loads(history.read_text())) >= 2:
            break
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = len(json.loads(history.read_text()))

    config = fit.settings_of(folder)
    path = folder / "config.json"
    shorter = json.loads(path.read_text())
    shorter["training"]["epochs"] = reached + 1  # the rest of two hundred epochs would take minutes
    path.write_text(json.dumps(shorter))
    card = fit.train(replace(config, epochs=reached + 1), toy, folder, resume=True)
    epochs = [row["epoch"] for row in json.loads(history.read_text())]
    assert epochs == list(range(1, reached + 2))
    card.check(folder / "model.h5")


def test_early_stopping_waits_for_the_second_half_and_then_stops(toy, tmp_path):
    config = replace(CONFIG, epochs=8, patience=1, learning_rate=1e-7)
    broken = replace(toy, validation=toy.validation._replace(labels=(toy.validation.labels + 1) % 10))
    fit.train(config, broken, tmp_path / "run")
    assert 5 <= len(json.loads((tmp_path / "run" / "history.json").read_text())) < 8


@pytest.mark.parametrize("change", [{"epochs": 5}, {"seed": 7}], ids=str)
def test_resuming_under_other_settings_is_refused(finished, toy, tmp_path, change):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text((finished[0] / "config.json").read_text())
    with pytest.raises(DigitlibError, match=next(iter(change))):
        fit.train(replace(CONFIG, **change), toy, folder, resume=True)


def test_resuming_with_other_digits_is_refused(finished, toy, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text((finished[0] / "config.json").read_text())
    fewer = replace(toy, train=toy.train._replace(images=toy.train.images[::-1]))
    with pytest.raises(DigitlibError, match="other training digits: give the same --teach"):
        fit.train(CONFIG, fewer, folder, resume=True)
    (folder / "config.json").write_text("{}")
    with pytest.raises(DigitlibError, match=r"its config\.json is not of a training"):
        fit.settings_of(folder)


def test_what_cannot_be_resumed_or_overwritten_is_refused_and_left_alone(finished, toy, tmp_path):
    folder, _ = finished
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for arguments, message in (
        ({}, "already holds a run"),
        ({"resume": True}, "its training has ended"),
    ):
        with pytest.raises(DigitlibError, match=message):
            fit.train(CONFIG, toy, folder, **arguments)
    with pytest.raises(DigitlibError, match="nothing to resume"):
        fit.train(CONFIG, toy, tmp_path / "empty", resume=True)
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_two_trainings_do_not_write_to_one_folder(toy, tmp_path):
    with FileLock(tmp_path / ".lock"), pytest.raises(DigitlibError, match="another training writes"):
        fit.train(CONFIG, toy, tmp_path)


def test_a_folder_that_cannot_be_made_is_named(toy, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DigitlibError, match=r"file/run cannot be written"):
        fit.train(CONFIG, toy, tmp_path / "file" / "run")


def test_a_training_can_start_from_the_weights_of_another(finished, toy, tmp_path, monkeypatch):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "first").symlink_to(finished[0])
    monkeypatch.setattr("digitlib.files.root", lambda: tmp_path)
    config = replace(CONFIG, start="first", epochs=1, keep=1)
    fit.train(config, toy, tmp_path / "runs" / "second")
    first, begun, kept = (
        keras.saving.load_model(finished[0] / "model.h5"),
        fit.compiled(config),
        keras.saving.load_model(tmp_path / "runs" / "second" / "model.h5"),
    )
    for network in (begun, kept):
        pairs = zip(first.get_weights(), network.get_weights(), strict=True)
        assert all(np.array_equal(old, new) for old, new in pairs)
    for change, message in (({"start": "gone"}, "no card"), ({"network": "tiny"}, "add --network small")):
        with pytest.raises(DigitlibError, match=message):
            fit.train(replace(config, **change), toy, tmp_path / "runs" / "third")
    assert not (tmp_path / "runs" / "third").exists()  # its name is still free


def test_logs_for_tensorboard_need_their_package(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "find_spec", lambda name: None)
    with pytest.raises(DigitlibError, match=r"pip install 'digitlib\[tensorboard\]'"):
        fit.train(CONFIG, toy, tmp_path / "run", tensorboard=True)
    assert not (tmp_path / "run").exists()
