"""A card says what a network is, and notices when a file is another."""

import dataclasses
import json

import pytest

from digitlib.errors import DigitlibError
from digitlib.files import models, sha256
from digitlib.networks.card import Card, PageCard


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", float("nan")), ("temperature", 0), ("temperature", "1.1"), ("threshold", 1e300),
        ("refusal", [1.0]), ("refusal", [1.0, None]), ("parameters", "many"), ("epoch", True),
        ("sha256", ["model.h5"]), ("sha256", {"model.h5": 5}), ("metrics", {"test": 1}), ("data", None),
    ],
)  # fmt: skip
def test_a_card_with_a_field_that_cannot_be_names_it(card, tmp_path, name, value):
    (tmp_path / "card.json").write_text(json.dumps(vars(card) | {name: value}))
    with pytest.raises(DigitlibError, match=rf"card\.json is not the card of a network: its {name}"):
        Card.read(tmp_path)


def test_fields_that_are_missing_or_unknown_are_named(card, tmp_path):
    fields = vars(card) | {"extra": 1}
    del fields["epoch"]
    (tmp_path / "card.json").write_text(json.dumps(fields))
    with pytest.raises(DigitlibError, match="epoch, extra missing or unknown"):
        Card.read(tmp_path)


def test_json_without_end_is_no_card(tmp_path):
    (tmp_path / "card.json").write_text("[" * 100_000)
    with pytest.raises(DigitlibError, match="not the card of a network"):
        Card.read(tmp_path)


def test_the_cards_that_ship_are_read():
    assert Card.read(models()).architecture == "base"
    assert set(PageCard.read(models() / "page").sha256) == {
        "model.h5", "model.tflite", "crops.h5", "crops.tflite", "judge.npz"
    }  # fmt: skip
