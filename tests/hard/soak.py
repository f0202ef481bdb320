"""Use the web page for minutes, with good and bad pictures and bad requests: `make soak`.

python tests/hard/soak.py [--seconds S]

Prints how many pictures were answered and how, what bad requests got, and how much memory the server takes
after a first round and at the end.
"""

import argparse
import contextlib
import csv
import http.client
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1]))
from hard import targets
from serving import browser, served

BAD_REQUESTS = (  # method, path
    ("GET", "/../../../../etc/passwd"),
    ("GET", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
    ("GET", "/" + "a" * 60_000),
    ("GET", "/_stcore/nothing"),
    ("PUT", "/_stcore/upload_file/none/none"),
    ("DELETE", "/"),
    ("POST", "/"),
    ("GET", "/static/../../../pyproject.toml"),
    ("GET", "/component/digitlib/../../secret"),
)
GARBAGE = (
    b"\x16\x03\x01\x02\x00" * 50,
    b"GET / HTTP/9.9\r\n\r\n",
    b"\0" * 5000,
    b"GET /\r\nHost: " + b"x" * 70_000,
)


def memory(group: int) -> int:
    """Return the bytes that a server and its processes hold."""
    server = psutil.Process(group)
    return sum(each.memory_info().rss for each in [server, *server.children(recursive=True)])


def bad_requests(address: str) -> Counter[str]:
    """Send what no browser sends; return how often which status came back."""
    host = urlsplit(address).netloc
    got: Counter[str] = Counter()
    for method, path in BAD_REQUESTS:
        connection = http.client.HTTPConnection(host, timeout=20)
        with contextlib.closing(connection):
            try:
                connection.request(method, path, body=b"x" * 1000)
                answer = connection.getresponse()
                said = answer.read()
                assert b"root:" not in said and b"build-system" not in said and answer.status != 500, path
                got[str(answer.status)] += 1
            except (http.client.HTTPException, ConnectionError):
                got["closed"] += 1
    for garbage in GARBAGE:
        with contextlib.suppress(OSError), socket.create_connection(host.split(":"), timeout=5) as plain:
            plain.sendall(garbage)
        got["garbage"] += 1
    return got


def visit(started: Browser, address: str, files: list[Path]) -> None:
    """Upload pictures as a new visitor, and wait until each one has its answer."""
    with started.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address)
        page.get_by_role("application").wait_for()  # before the page is whole, a click may be lost
        page.get_by_role("radio", name="Upload").click()
        page.locator("input[type=file]").set_input_files(files)
        with page.expect_download() as table:
            page.get_by_role("button", name="Download CSV").click()
        rows = list(csv.DictReader(table.value.path().read_text(encoding="utf-8").splitlines()))
        assert len(rows) == len(files)
        assert all(row["text"] or row["reason"] or row["error"] for row in rows), rows
        assert wrong == [], wrong


def soak(started: Browser, seconds: float) -> dict[str, object]:
    """Use the page with this browser for so long.

    Returns:
        Visits, pictures answered, bad requests by outcome, and the server's memory in MB, at ten moments from
        the first visit to the last.
    """
    rng, whole = np.random.default_rng(0), targets.seeds("picture")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        words = ["digitlib.doors.cli", "app", "--port", "{port}"]
        with served(words, "/_stcore/health", folder) as address:
            group = int((folder / "server.pid").read_text())
            pictures, requests, visits, held = 0, Counter[str](), 0, []
            end = time.monotonic() + seconds
            while time.monotonic() < end or visits < 3:
                files = []
                for index in range(6):  # two good ones, four damaged
                    content = whole[rng.integers(len(whole))]
                    files.append(folder / f"{index}.png")
                    files[-1].write_bytes(content if index < 2 else targets.mutated(content, rng))
                visit(started, address, files)
                pictures, visits = pictures + len(files), visits + 1
                requests += bad_requests(address)
                held.append(memory(group) // 1_000_000)
            log = (folder / "server.log").read_text()
    assert "Traceback" not in log, log
    moments = np.linspace(0, len(held) - 1, 10).round().astype(int)
    return {
        "visits": visits,
        "pictures": pictures,
        "bad requests": dict(requests),
        "MB": [held[moment] for moment in moments],
    }


def main() -> None:
    """Soak, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=600)
    seconds = parser.parse_args().seconds
    with browser() as started:
        print(soak(started, seconds))


if __name__ == "__main__":
    main()
