"""A drawing pad for notebooks: draw, drop, paste or upload a picture, and see at once what is read.

The pad itself is `pad.js`; what it shows comes from `digitlib.doors.pad`.
"""

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from digitlib.doors.pad import answer, answer_message, keep
from digitlib.doors.strokes import SIZE, draw
from digitlib.errors import DigitlibError
from digitlib.pictures.source import Source
from digitlib.reading.recognizer import Recognizer

SEVEN = [[130, 70], [215, 64], [160, 210]]
TWO = [[325, 95], [350, 64], [390, 66], [402, 100], [375, 150], [318, 206], [415, 204]]
EXAMPLE = [{"width": 14, "points": points} for points in (SEVEN, TWO)]  # stands in for the pad


class Canvas(anywidget.AnyWidget):
    """What `pad.js` draws and shows; `message` comes from the browser, `answer` goes to it."""

    _esm = Path(__file__).with_name("pad.js")
    size = traitlets.List(list(SIZE)).tag(sync=True)
    message = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)


class Pad(ipywidgets.VBox):
    """The pad with an upload button and a place to say what was read wrongly.

    Where no widget can be shown (a notebook on a web page, a run without a screen), a picture of a
    drawing and its reading stands in.
    """

    def __init__(self, recognizer: Recognizer | None = None, folder: Path | None = None) -> None:
        """Make a pad.

        Args:
            recognizer: the network; by default the one that ships.
            folder: where corrected pictures are kept; by default `data/own`.
        """
        self.recognizer, self.folder = recognizer or Recognizer.load(), folder
        self.source: Source | None = None  # the latest picture: array of a drawing, or bytes of a file
        self.canvas, self.said = Canvas(), ipywidgets.Label()
        self.upload = ipywidgets.FileUpload(tooltip="read a picture from a file")
        self.truth = ipywidgets.Text(placeholder="That's wrong, it is a ...", tooltip="its digits, or none")
        self.keep = ipywidgets.Button(description="Keep", tooltip="keep picture and label for a later run")
        super().__init__([self.canvas, ipywidgets.HBox([self.upload, self.truth, self.keep, self.said])])
        self.canvas.observe(self._on_message, "message")
        self.upload.observe(self._on_upload, "value")
        self.keep.on_click(self._on_keep)

    def read(self, source: Source, name: str = "picture") -> dict[str, Any]:
        """Read a picture as if it had been dropped on the pad, show the answer and return it."""
        self.source, self.canvas.answer = source, answer(self.recognizer, source, name)
        return self.canvas.answer

    def _on_message(self, change: Any) -> None:
        self.canvas.answer, self.source = answer_message(self.recognizer, change.new)

    def _on_upload(self, change: Any) -> None:
        for file in change.new:
            self.read(bytes(file["content"]), file["name"])

    def _on_keep(self, _: Any) -> None:
        try:
            if self.source is None:
                raise DigitlibError("there is no picture to keep: draw or drop one first")
            path = keep(self.source, self.truth.value, self.folder)
            self.said.value, self.truth.value = f"Kept as {path.name}, thank you.", ""
        except DigitlibError as error:
            self.said.value = str(error)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Offer the widget, and a picture for whoever cannot show it."""
        stand_in = self.recognizer.read(draw(EXAMPLE))._repr_png_()
        return super()._repr_mimebundle_(**kwargs) | {"image/png": stand_in, "text/plain": "A drawing pad"}
