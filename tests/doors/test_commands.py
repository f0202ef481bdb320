"""The commands of one's own are part of the command line; what they do is tested with their modules."""

from unittest.mock import Mock

import pytest

from digitlib import files
from digitlib.config import PageConfig
from digitlib.doors import cli
from digitlib.series import calibrate
from digitlib.training import pages


@pytest.mark.parametrize("verb", ["sheet", "score", "sweep"])
def test_the_command_line_offers_them(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([verb, "--help"])
    assert ended.value.code == 0 and f"digitlib {verb}" in capsys.readouterr().out


def test_an_unknown_paper_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["sheet", "--paper", "a5"])
    assert ended.value.code == 2 and "letter" in capsys.readouterr().err


def test_a_page_network_to_start_from_is_found_again_from_another_folder(tmp_path, monkeypatch):
    trained: list[PageConfig] = []
    monkeypatch.setattr(files, "root", lambda: tmp_path)
    monkeypatch.setattr(pages, "train", lambda config, *_, **__: trained.append(config))
    monkeypatch.setattr(calibrate, "finish", lambda folder, *_, **__: Mock(metrics={}))
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "runs")
    assert cli.main(["train-pages", "--start", "mine/model.h5", "--data", "sample", "--name", "next"]) == 0
    assert trained[0].start == str(tmp_path / "runs" / "mine" / "model.h5")
