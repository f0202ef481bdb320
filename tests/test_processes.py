"""Processes of a pool do their work, and none outlives the process that started them."""

import os
import signal
import subprocess
import sys
import time

import pytest

from digitlib import processes

PARENT = """
import os, time
from digitlib import processes

if __name__ == "__main__":
    pool = processes.pool(1, os.getpid)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def test_work_is_done_after_the_preparation(tmp_path):
    with processes.pool(1, os.chdir, tmp_path) as pool:
        assert pool.submit(os.getcwd).result() == str(tmp_path) != os.getcwd()


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process")
def test_a_killed_parent_takes_its_processes_along(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py"], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the process waits for work for ever")


def test_processes_of_a_pool_leave_ctrl_c_to_their_parent(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    with processes.pool(2, os.chdir, tmp_path) as pool:
        assert pool.submit(signal.getsignal, signal.SIGINT).result() is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is before
