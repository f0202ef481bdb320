"""Transfer: what is frozen stays, what is new is new, and a weight file is really loaded."""

import argparse
import json
from dataclasses import replace

import numpy as np
import pytest

from digitlib.config import TrainingConfig
from digitlib.data.mnist import Split
from digitlib.doors import cli, commands
from digitlib.networks import pretrained
from digitlib.networks.digits import keras
from digitlib.pictures.views import as_network_input
from digitlib.training import fit, transfer


@pytest.fixture(scope="module")
def source(toy):
    keras.utils.set_random_seed(0)  # whatever other tests of this process have drawn
    network = transfer.compiled(pretrained.residual(10), steps=60, rate=0.003)
    transfer.fit(network, toy.train, steps=60, seed=0)
    return network


def weights(network, name):
    return np.concatenate([w.ravel() for w in network.get_layer(name).get_weights()])


def test_a_small_residual_network_learns(source, toy):
    answers = source.predict(as_network_input(toy.test.images), verbose=0)
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert transfer.accuracy(source, toy.test) == (answers.argmax(axis=1) == toy.test.labels).mean() > 0.9
    assert source.count_params() < 100_000


@pytest.mark.parametrize("frozen", [True, False])
def test_a_frozen_body_keeps_its_weights_and_the_source_always_does(source, toy, frozen):
    before = weights(source, "first_shapes")
    some = Split(toy.train.images[:60], toy.train.labels[:60] % 5)
    network = transfer.compiled(pretrained.with_new_head(source, 5, frozen=frozen), steps=4, rate=0.01)
    start = network.get_weights()
    transfer.fit(network, some, steps=4, seed=0)
    once = network.get_weights()
    network.set_weights(start)
    transfer.fit(network, some, steps=4, seed=0)  # nothing is left of the training before
    for first, second in zip(once, network.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)
    assert network.output_shape == (None, 5) and 0 <= transfer.accuracy(network, some) <= 1
    np.testing.assert_array_equal(weights(source, "first_shapes"), before)
    assert np.array_equal(weights(network, "first_shapes"), before) is frozen


@pytest.mark.slow
def test_the_command_line_says_that_a_weight_file_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("digitlib.files.root", lambda: tmp_path)
    words = ["train", "--model", "resnet50v2", "--weights", "gone.h5", "--data", "sample", "--name", "x"]
    assert cli.main(words) == 2
    assert "no weight file at gone.h5" in capsys.readouterr().err.splitlines()[-1]


def test_a_stop_in_the_frozen_stage_is_made_good_by_the_same_command(tmp_path, monkeypatch, toy):
    """Nothing is trained here: what `commands.prepared` asks for is noted."""
    asked = []
    monkeypatch.setattr(fit, "train", lambda config, *_, resume=False: asked.append((config.frozen, resume)))
    again = argparse.Namespace(teach=None, model="resnet50v2", weights="imagenet", resume=None)
    settings, first = TrainingConfig(), tmp_path / "rn-frozen"

    def prepared(arguments, settings=settings, name="rn"):
        asked.clear()
        return commands.prepared(arguments, settings, toy, tmp_path / name)[0], list(asked)

    second, said = prepared(again)
    assert (second.start, second.frozen, second.weights) == ("rn-frozen", False, "imagenet")
    assert said == [(True, False)]
    first.mkdir()
    frozen = replace(settings, network="resnet50v2", weights="imagenet", frozen=True)
    (first / "config.json").write_text(json.dumps({"training": json.loads(frozen.to_json())}))
    assert prepared(again)[1] == [(True, True)]
    (first / "card.json").touch()
    assert prepared(again)[1] == []  # the first stage has ended
    resumed = argparse.Namespace(teach=None, model=None, resume="rn")
    assert prepared(resumed, second) == (second, [])
