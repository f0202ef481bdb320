"""Knobs for notebooks: sliders over a figure that is drawn anew when one of them is moved."""

from collections.abc import Callable
from typing import Any

import ipywidgets
from matplotlib.figure import Figure

from digitlib.measuring import plots

STEPS = 50  # between the two ends of a slider for numbers with a fraction


class Knobs(ipywidgets.VBox):
    """Sliders and what is drawn for their values.

    Where no widget can be shown (a notebook on a web page, a run without a screen), the figure for the first
    values stands there.

    Attributes:
        sliders: by the name of what they set.
        picture: the widget that shows the figure, as PNG.
    """

    def __init__(
        self, draw: Callable[..., Figure], /, **bounds: tuple[int, int, int] | tuple[float, float, float]
    ) -> None:
        """Make sliders.

        Args:
            draw: takes the value of every slider by its name and returns a figure.
            bounds: by name: the lowest value, the highest, and the first; whole numbers move by one.
        """
        self.draw = draw
        self.sliders = {name: _slider(name, *ends) for name, ends in bounds.items()}
        self.picture = ipywidgets.Image(format="png", layout={"max_width": "100%"})
        super().__init__([*self.sliders.values(), self.picture])
        self._redraw()
        for slider in self.sliders.values():
            slider.observe(self._redraw, "value")

    def _redraw(self, _: Any = None) -> None:
        values = {name: slider.value for name, slider in self.sliders.items()}
        self.picture.value = plots.png(self.draw(**values))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Offer the widget, and the figure for whoever cannot show it."""
        still = {"image/png": bytes(self.picture.value), "text/plain": f"Knobs: {', '.join(self.sliders)}"}
        return super()._repr_mimebundle_(**kwargs) | still


def _slider(name: str, low: float, high: float, first: float) -> ipywidgets.Widget:
    """Make one slider."""
    how = {
        "min": low,
        "max": high,
        "value": first,
        "description": name,
        "style": {"description_width": "7em"},
    }
    if all(isinstance(end, int) for end in (low, high, first)):
        return ipywidgets.IntSlider(**how)
    return ipywidgets.FloatSlider(**how, step=(high - low) / STEPS)
