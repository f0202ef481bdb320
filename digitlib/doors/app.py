"""The web page: draw, upload, photograph or pick a picture, and see what is read.

`digitlib app` serves this file with Streamlit, which runs it anew for every visitor and click. The pad
is `pad.js`; what it shows comes from `digitlib.doors.pad`.
"""

import contextlib
import ctypes
import gc
import ipaddress
import json
import logging
import socket
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from digitlib import files
from digitlib.doors.pad import answer, answer_message
from digitlib.doors.strokes import SIZE
from digitlib.errors import DigitlibError
from digitlib.reading.recognizer import Recognizer

log = logging.getLogger(__name__)

LARGEST, MOST = 10, 10  # MB of one file, and files at once
COLUMNS = ["name", "text", "confidence", "score", "reason", "error"]  # of the CSV
DOORS = ["Draw", "Upload", "Camera", "Examples"]
LIMITS = f"Pictures: PNG, JPEG, WebP, HEIC and others, at most {MOST} of {LARGEST} MB"
M_ARENA_MAX = -8  # of glibc's malloc.h
OPTIONS = f"""--browser.gatherUsageStats=false --client.showErrorDetails=none --client.toolbarMode=minimal
    --server.fileWatcherType=none --server.headless=true --server.maxUploadSize={LARGEST}
    --theme.light.primaryColor=#2f6fe4 --theme.dark.primaryColor=#5790fc"""


def serve(address: str, port: int, model: str | None = None) -> int:
    """Serve the page until Ctrl-C; nothing is reported to anyone.

    Args:
        address: which network it listens to; 127.0.0.1 is reached from this machine only.
        port: to listen at.
        model: what `Recognizer.load` takes.

    Raises:
        DigitlibError: if nothing can listen there, or the network cannot be loaded.
    """
    from streamlit.web import cli

    if not 0 < port < 65536:
        raise DigitlibError(f"a port is a number from 1 to 65535, got {port}")
    _check_free(address, port)
    _few_heaps()
    Recognizer.load(model)  # says now, not to a visitor, what is wrong with it
    place = [f"--server.address={address}", f"--server.port={port}"]
    words = ["run", *place, *OPTIONS.split(), __file__, "--", *filter(None, [model])]
    return cli.main(words, standalone_mode=False) or 0


def _few_heaps() -> None:
    """Let glibc keep two heaps instead of eight a processor.

    Every visitor is answered in a thread of its own, and every heap keeps what it once held: without this,
    memory grows from 250 to 600 MB within some thirty visits.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # no other library has this
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def _check_free(address: str, port: int) -> None:
    """Refuse a place where nothing can listen; warn where others can reach it."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "that is no address"
        raise DigitlibError(
            f"nothing can be served at {address}, port {port}: {why}; name another with --port"
        ) from error
    if not ipaddress.ip_address(place[0]).is_loopback:
        log.warning(
            "The page is open to everybody who can reach %s, without a password and unencrypted", address
        )


@st.cache_resource(show_spinner="Loading the network ...")
def network(model: str | None) -> Recognizer:
    """Load the network once for all visitors."""
    recognizer = Recognizer.load(model)
    gc.freeze()  # Streamlit collects garbage after every answer; what is loaded by now is none
    return recognizer


@st.fragment
def drawing(pad: Any, recognizer: Recognizer) -> None:
    """Show the pad and answer what was drawn on it; only this part of the page runs anew."""
    said, _ = answer_message(recognizer, st.session_state.get("pad", {}).get("message") or {})
    pad(key="pad", data={"size": SIZE, "answer": said}, on_message_change=lambda: None)


def pictures(pad: Any, recognizer: Recognizer, chosen: list[tuple[str, bytes]]) -> None:
    """Answer files by name and content, with downloads below."""
    answers = [answer(recognizer, content, name) for name, content in chosen]
    for i, said in enumerate(answers):
        pad(key=f"picture-{i}", data={"size": SIZE, "answer": said, "fixed": True})
    if answers:
        plain = [{key: value for key, value in said.items() if key != "picture"} for said in answers]
        table = pd.DataFrame(plain, columns=COLUMNS).to_csv(index=False)
        with st.container(horizontal=True):
            st.download_button("Download CSV", table, "readings.csv")
            st.download_button("Download JSON", json.dumps(plain, indent=1), "readings.json")


def example() -> list[tuple[str, bytes]]:
    """Let the visitor click on one of the samples, which a clone of the repository has."""
    with st.container(horizontal=True):
        for path in sorted((files.root() / "data" / "samples").glob("*.jpg")):
            with st.container(width=108):
                st.image(str(path), width="stretch")
                if st.button(path.stem.split("_")[0].title(), width="stretch"):
                    st.session_state["example"] = (path.name, path.read_bytes())
    return [st.session_state["example"]] if "example" in st.session_state else []


def page(model: str | None = None) -> None:
    """Lay out the page."""
    st.set_page_config("digitlib")
    st.html("<style>[data-testid=stMainBlockContainer] {padding-top: 3rem}</style>")
    st.header("Which digits are these?", anchor=False)
    pad = st.components.v2.component("digitlib", js=Path(__file__).with_name("pad.js").read_text("utf-8"))
    recognizer = network(model)
    chosen = []
    door = st.segmented_control("Give a picture", DOORS, default="Draw", required=True)
    if door == "Draw":
        drawing(pad, recognizer)
    elif door == "Upload":
        uploaded = st.file_uploader(LIMITS, accept_multiple_files=True)
        chosen = [(file.name, file.getvalue()) for file in uploaded]
        if len(chosen) > MOST:
            st.warning(f"These are {len(chosen)} pictures; the first {MOST} are read.")
    elif door == "Camera":
        shot = st.camera_input("Hold a page with digits before the camera")
        chosen = [("snapshot.jpg", shot.getvalue())] if shot else []
    else:
        chosen = example()
    pictures(pad, recognizer, chosen[:MOST])
    st.caption("Read on the machine that serves this page; nothing is kept.")


if __name__ == "__main__":
    page(*sys.argv[1:])
