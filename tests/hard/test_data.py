"""Bad days of data: cut, altered, of another kind; no room, no right to write, no home; two at once."""

import contextlib
import hashlib
import http.server
import io
import os
import resource
import subprocess
import sys
import threading
import time

import numpy as np
import pooch
import pytest

from digitlib.data import mnist
from digitlib.errors import DigitlibError

RNG = np.random.default_rng(0)
ARRAYS = {  # in the place of MNIST's
    "x_train": RNG.integers(0, 256, (60, 28, 28), np.uint8), "y_train": np.arange(60, dtype=np.uint8) % 10,
    "x_test": RNG.integers(0, 256, (20, 28, 28), np.uint8), "y_test": np.arange(20, dtype=np.uint8) % 10,
}  # fmt: skip
SUMS = {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in ARRAYS.items()}


def packed(**changed) -> bytes:
    np.savez(stream := io.BytesIO(), **{**ARRAYS, **changed})
    return stream.getvalue()


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A small MNIST with its own checksums, and a cache of its own."""
    monkeypatch.delenv("DIGITLIB_DATA", raising=False)
    monkeypatch.setattr(mnist, "MNIST_SHA256", SUMS)
    monkeypatch.setattr(mnist, "FILE_SHA256", hashlib.sha256(packed()).hexdigest())
    monkeypatch.setattr(mnist, "root", lambda: tmp_path)
    return tmp_path


@contextlib.contextmanager
def serving(content: bytes, said_length: int):
    """Serve one file slowly; yield the address and the list of requests."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            time.sleep(0.3)
            self.send_response(200)
            self.send_header("Content-Length", str(said_length))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
        server.shutdown()


def test_each_published_checksum_is_checked(small):
    path = small / "mine.npz"
    path.write_bytes(packed())
    assert mnist._is_mnist(path)
    for name, array in ARRAYS.items():
        flipped = array.copy()
        flipped.flat[7] ^= 1  # one bit
        path.write_bytes(packed(**{name: flipped}))
        with pytest.raises(DigitlibError, match=f"does not hold MNIST: its array {name} differs"):
            mnist.load(str(path))


@pytest.mark.parametrize(
    "changed",
    [
        {"x_train": ARRAYS["x_train"].astype(np.float32)},
        {"x_train": ARRAYS["x_train"][:59]},
        {"x_test": np.array([None, {}], object)},
        {"y_test": np.array("text")},
    ],
    ids=["floats", "one less", "pickled", "text"],
)
def test_arrays_of_another_kind_are_refused(small, changed):
    (small / "mine.npz").write_bytes(packed(**changed))
    with pytest.raises(DigitlibError, match=r"is damaged or is not MNIST|does not hold MNIST"):
        mnist.load(str(small / "mine.npz"))


def test_digits_that_are_stored_flat_are_the_same_digits(small):
    (small / "mine.npz").write_bytes(
        packed(x_train=ARRAYS["x_train"].reshape(60, 784), y_test=ARRAYS["y_test"].view(np.int8))
    )
    digits = mnist.load(str(small / "mine.npz"))
    assert digits.train.images.shape[1:] == (28, 28) and digits.test.labels.dtype == np.uint8


def test_a_download_that_is_cut_off_leaves_nothing(small, monkeypatch, caplog):
    whole = packed()
    with serving(whole[: len(whole) // 2], len(whole)) as (address, _):
        monkeypatch.setattr(mnist, "URL", address)
        assert mnist.settle() == mnist.SAMPLE
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert not [path for path in (small / "data").iterdir() if path.suffix != ".lock"]


def test_a_full_disk_leaves_nothing(small, monkeypatch):
    whole = packed()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with serving(whole, len(whole)) as (address, _):
        monkeypatch.setattr(mnist, "URL", address)
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (10_000, hard)
        )  # the system refuses to write more to a file
        try:
            assert mnist.settle() == mnist.SAMPLE
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [path for path in (small / "data").iterdir() if path.suffix != ".lock"]


def test_a_folder_that_may_not_be_written_costs_one_warning(small, monkeypatch, caplog):
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", lambda *_, **__: None)
    small.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)  # root may write everywhere
    try:
        assert mnist.settle() == mnist.SAMPLE
    finally:
        if root:
            os.seteuid(0)
        small.chmod(0o755)
    (warning,) = caplog.records
    assert "cannot be written" in warning.message or "Permission denied" in warning.message


def test_nothing_needs_a_home(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HOME", "XDG"))}
    code = (
        "import sys\nfrom digitlib import Recognizer\nfrom digitlib.data import mnist\n"
        "digit = mnist.load('sample').test.images[0]\nprint(Recognizer.load().read(255 - digit).text)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stdout.strip().isdigit(), done.stderr


TWO = """
import sys, pathlib
from digitlib.data import mnist
mnist.root = lambda: pathlib.Path(sys.argv[1])
mnist.URL, mnist.FILE_SHA256 = sys.argv[2:4]
mnist.MNIST_SHA256 = dict(pair.split("=") for pair in sys.argv[4:])
print(mnist.settle())
"""


def test_two_processes_fill_the_cache_at_once(small):
    whole = packed()
    environment = {name: value for name, value in os.environ.items() if name != "DIGITLIB_DATA"}
    with serving(whole, len(whole)) as (address, asked):
        words = [
            str(small),
            address,
            hashlib.sha256(whole).hexdigest(),
            *(f"{k}={v}" for k, v in SUMS.items()),
        ]
        command = [sys.executable, "-c", TWO, *words]
        both = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
        ]
        said = [process.communicate()[0].strip() for process in both]
    assert said == [str(small / "data" / "mnist.npz")] * 2
    assert len(asked) == 1 and (small / "data" / "mnist.npz").read_bytes() == whole


NO_NETWORK = """
import socket, sys
def refused(*_, **__):
    raise AssertionError("a connection was tried")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused
import digitlib
print(digitlib.Recognizer.load().read(sys.argv[1]).text)
"""


def test_importing_and_reading_need_no_network():
    from digitlib import files

    picture = files.root() / "data" / "samples" / "year_2026.jpg"
    done = subprocess.run([sys.executable, "-c", NO_NETWORK, picture], capture_output=True, text=True)
    assert done.stdout.strip() == "2026", done.stderr
