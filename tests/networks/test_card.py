"""A card says what a network is, and notices when a file is another."""

import dataclasses

import pytest

from digitlib.errors import DigitlibError
from digitlib.files import sha256
from digitlib.networks.card import Card


@pytest.fixture
def card(tmp_path) -> Card:
    (tmp_path / "model.tflite").write_bytes(b"weights")
    written = Card(
        architecture="base", parameters=7, config={"epochs": 1}, data="5k sample", epoch=1,
        metrics={"test": {"accuracy": 0.9}}, temperature=1.1, refusal=(2.0, -9.0), threshold=0.2,
        versions={"python": "3.11"}, sha256={"model.tflite": sha256(tmp_path / "model.tflite")},
    )  # fmt: skip
    written.write(tmp_path)
    return written


def test_a_card_survives_its_file(card, tmp_path):
    assert Card.read(tmp_path) == card
    assert "MNIST" not in card.test_name
    assert dataclasses.replace(card, data="MNIST").test_name == "MNIST test set"


def test_the_described_file_passes_and_an_altered_one_does_not(card, tmp_path):
    card.check(tmp_path / "model.tflite")
    (tmp_path / "model.tflite").write_bytes(b"weightz")
    with pytest.raises(DigitlibError, match=r"model\.tflite is not the file"):
        card.check(tmp_path / "model.tflite")


def test_missing_files_are_named(card, tmp_path):
    with pytest.raises(DigitlibError, match=r"no model file at .*model\.h5"):
        card.check(tmp_path / "model.h5")
    with pytest.raises(DigitlibError, match="no finished network"):
        Card.read(tmp_path / "elsewhere")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"architecture": "base"}'])
def test_something_else_is_no_card(tmp_path, text):
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(DigitlibError, match="not the card of a network"):
        Card.read(tmp_path)
