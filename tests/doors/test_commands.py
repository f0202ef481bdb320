"""The commands of one's own are part of the command line; what they do is tested with their modules."""

import pytest

from digitlib.doors import cli


@pytest.mark.parametrize("verb", ["sheet", "score", "sweep"])
def test_the_command_line_offers_them(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([verb, "--help"])
    assert ended.value.code == 0 and f"digitlib {verb}" in capsys.readouterr().out


def test_an_unknown_paper_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["sheet", "--paper", "a5"])
    assert ended.value.code == 2 and "letter" in capsys.readouterr().err
