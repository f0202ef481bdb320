"""A short version of `make kill`: one program of each kind is killed, goes on, and nothing is lost or doubled."""

import sys

import numpy as np
import pytest
from hard import kill

from digitlib import files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills groups of processes")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "times"), [("reading", 3), ("training", 1), ("page training", 1)])
def test_what_is_killed_goes_on(name, times, monkeypatch):
    monkeypatch.setenv("DIGITLIB_DATA", "sample")
    kill.kill(name, times, np.random.default_rng(3), files.run_folder(f"hard-test-{name.replace(' ', '-')}"))


def test_half_a_file_under_its_own_name_is_noticed(tmp_path):
    (tmp_path / "history.json").write_text("[1, 2]")
    (tmp_path / ".history.json").write_text("[1,")
    kill.whole(tmp_path)
    (tmp_path / "history.json").write_text("[1,")
    with pytest.raises(ValueError, match="Expecting value"):
        kill.whole(tmp_path)
