"""A short version of `make kill`: a reading that is killed goes on, and nothing is lost or doubled.

Trainings and sweeps that are killed have tests beside their modules.
"""

import sys

import numpy as np
import pytest
from hard import kill

from digitlib import files

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.mark.slow
def test_a_killed_reading_goes_on(monkeypatch):
    monkeypatch.setenv("DIGITLIB_DATA", "sample")
    assert kill.kill("reading", 5, np.random.default_rng(3), files.run_folder("hard-test-reading")) == 5


def test_a_kill_after_all_is_done_is_none(tmp_path):
    table = tmp_path / "run" / "table.jsonl"
    write = "p = pathlib.Path(sys.argv[1]); p.parent.mkdir(); p.write_text('[7]\\n')"
    die = "os.kill(os.getpid(), signal.SIGKILL)"
    begin = [sys.executable, "-c", f"import os, pathlib, signal, sys; {write}; {die}", str(table)]
    refuse = [sys.executable, "-c", f"import sys; sys.exit('{table.name} is whole')"]
    program = kill.Program(lambda _: begin, lambda _: refuse, lambda _: table.read_text(), share=1)
    assert not kill.attempt(program, table.parent, "[7]\n", 60, group=True)
    with pytest.raises(AssertionError, match="is not"):
        kill.attempt(program, table.parent, "[8]\n", 60, group=True)


def test_half_a_file_under_its_own_name_is_noticed(tmp_path):
    (tmp_path / "history.json").write_text("[1, 2]")
    (tmp_path / ".history.json").write_text("[1,")
    kill.whole(tmp_path)
    (tmp_path / "history.json").write_text("[1,")
    with pytest.raises(ValueError, match="Expecting value"):
        kill.whole(tmp_path)
