"""Real servers and a real browser, started for a test and ended after it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from digitlib.doors.doctor import BROWSERS

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def served(words: list[str], path: str, folder: Path) -> Iterator[str]:
    """Start a server in a process group of its own, wait until it answers, and end the group afterwards.

    Args:
        words: of its command line after `python -m`, with {port} in them.
        path: that it answers when it is ready.
        folder: where it runs, which is its home; the number of its process group is left in `server.pid`.

    Yields:
        Its address.
    """
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"), "JUPYTER_DATA_DIR": str(folder / "share"),
    }  # fmt: skip
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", *(word.format(port=port) for word in words)]
    how = {"cwd": folder, "env": environment, "stderr": subprocess.STDOUT, "start_new_session": True}
    with (folder / "server.log").open("w") as log, subprocess.Popen(words, stdout=log, **how) as server:
        try:
            (folder / "server.pid").write_text(str(server.pid))
            for _ in range(240):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(address + path, timeout=5).close()
                    break
                assert server.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.25)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start the machine's browser, or else playwright's own; there can be one in a process."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
