"""Letters, things and symbols as people drew them with a mouse or a finger, and icons: none is a digit.

`drawings.npz` and `symbols.npz` hold strokes, not pixels, so that any pen can lead along them;
`benchmarks/drawings.py` made them, and the `LICENSE.txt` of each says whose they are.

References:
    Lake, Salakhutdinov, Tenenbaum (2015), Human-level concept learning through probabilistic program
    induction, Science 350 (6266): the letters, Omniglot, MIT licence.
    Jongejan, Rowley, Kawashima, Kim, Fox-Gieg (2016), The Quick, Draw! data: the things, by Google,
    CC BY 4.0.
    Kuna (2020 to 2026), Tabler Icons, tabler.io/icons: the icons, MIT licence.
    Kirsch (2009 to 2026), Detexify, detexify.kirelabs.org: the symbols, that is letters of many alphabets and
    signs of mathematics, phonetics, money and stars, Open Database License.
"""

from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".npz")
SYMBOLS = FILE.with_name("symbols.npz")
EXTENT = 255  # the longer side of a drawing; x and y run from 0 to it, y downwards
HELD_OUT = 5  # of so many kinds of things, or of icons, one is for calibration alone
SYMBOLS_HELD_OUT = """
CheckedBox Game Im Mobilefone Yinyang ascnode circeq circledS closeomega copyleft descnode equiv fint guarani
hookleftarrow leftrightarroweq lessgtr mu nLeftrightarrow natural nexists notin nvdash pointer rtimes turnk
varkappa varpi
""".split()  # so are these, which look like no other
ICON = "icon: "  # the kind of an icon begins with it

Drawing = list[np.ndarray]  # strokes: uint8 arrays of shape `(n, 2)`, x and y


@cache
def letters() -> dict[str, list[Drawing]]:
    """Return how people wrote each letter, some twenty of them: of Greek, Latin and six other scripts."""
    return {kind: drawn for kind, drawn in _every(FILE).items() if len(kind) == 1}


@cache
def things(*, held_out: bool = False) -> list[list[Drawing]]:
    """Return drawings of things, a list for each kind: those for calibration, or of all other kinds."""
    kinds = [drawn for kind, drawn in _every(FILE).items() if len(kind) > 1 and not kind.startswith(ICON)]
    return _apart(kinds, held_out)


@cache
def icons(*, held_out: bool = False) -> list[list[Drawing]]:
    """Return icons, a list for each first word of their names, as `things`."""
    return _apart([drawn for kind, drawn in _every(FILE).items() if kind.startswith(ICON)], held_out)


@cache
def symbols(*, held_out: bool = False) -> list[list[Drawing]]:
    """Return symbols, a list for each, drawn by up to twelve people: those for calibration, or all others."""
    every = _every(SYMBOLS).items()
    return [drawn for kind, drawn in every if (kind in SYMBOLS_HELD_OUT) == held_out]


def _apart(kinds: list[list[Drawing]], held_out: bool) -> list[list[Drawing]]:
    return [drawn for i, drawn in enumerate(kinds) if (i % HELD_OUT == 0) == held_out]


@cache
def _every(path: Path) -> dict[str, list[Drawing]]:
    """Read a file: drawings by kind, which is a letter or the name of a thing."""
    with np.load(path) as file:
        strokes = np.split(file["points"], np.cumsum(file["points_of_stroke"])[:-1])
        ends = np.cumsum(file["strokes_of_drawing"])
        drawn = [strokes[start:end] for start, end in zip(np.r_[0, ends], ends, strict=False)]
        last = np.cumsum(file["drawings_of_kind"])
        firsts = zip(file["kinds"], np.r_[0, last], last, strict=False)
        return {str(kind): drawn[start:end] for kind, start, end in firsts}
