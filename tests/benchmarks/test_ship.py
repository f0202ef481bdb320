"""Only a finished, unaltered run can become the network that ships."""

import json
import shutil

import pytest
import ship

from digitlib import files
from digitlib.errors import DigitlibError
from digitlib.networks.card import Card


@pytest.fixture
def run(tmp_path, monkeypatch):
    source = shutil.copytree(files.models(), tmp_path / "run")
    monkeypatch.setattr(ship, "models", lambda: tmp_path / "models")
    return source


def test_everything_the_card_names_is_copied(run, tmp_path):
    (run / "run.log").write_text("stays")
    target = ship.ship(run)
    card = Card.read(target)
    assert {path.name for path in target.iterdir()} == {*card.sha256, "card.json"}
    for name in card.sha256:
        card.check(target / name)


def test_a_network_of_the_sample_does_not_ship(run, tmp_path):
    card = json.loads((run / "card.json").read_text())
    (run / "card.json").write_text(json.dumps(card | {"data": "5k sample"}))
    with pytest.raises(DigitlibError, match="full MNIST, not on the 5k sample"):
        ship.ship(run)
    assert not (tmp_path / "models").exists()


def test_an_altered_run_ships_nothing(run, tmp_path):
    (run / "model.h5").write_bytes(b"other")
    with pytest.raises(DigitlibError, match=r"model\.h5 is not the file"):
        ship.ship(run)
    assert not (tmp_path / "models").exists()
