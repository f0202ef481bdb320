"""A sheet while it is written on: characters side by side, strokes, print, and where every digit is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from digitlib.data import pens

WORD_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRTUVWXYZäöüßéñ"
PRINTED_LETTERS = WORD_LETTERS + "lIOS"  # in type, beside others, these are no digits
# None of these is a digit when it stands alone. Letters of rare scripts teach a network what no digit looks
# like, where a few common ones would teach it which letters there are.
COMMON = "ABCEFHJKLMNPRTUVWXYacefhjkmnprtuvwxyd&@#?ΘΛΞΠΣΨΩαβγεηθκλμπρω%"
RARE = (
    "ᐁᐅᐊᐄᐇᐌᐐᐒᐖᐫᐬᐭᐮᐱᐳᐹᐵᐾᑀᑌᑎᑐᑕᑧᑨᑩᑪᒋᒍᒥᒧᒵᓁᓃᓅᓇᓉᓔᓖᓘᓚᓜᓞᓢᓦᓯᓱᓴᓵᔑᔓᔔᔕᔨᔪᕃᕄᕅᕆᕔᕖᕘᕚᕠᕡᕼ"
    "ᕿᖁᖎᖐᖒᖓᖡᖣᗡⴲⴶⴼⴽⴿⵀⵃⵄⵅⵇⵋⵌⵍⵎⵐⵖⵛⵞⵟⵡⵣⵥⵯກຂຄຊຍດຕຖທນບປຜຝພຟມຢລສຫອຮໜໝꓕ"
    "ꓗꓘꓛꓝꓞꓟꓠꓣꓤꓪꓮꓯꓴꓵߌߎߏߐߒߓߔߘߙߚߜߝߞߠߡߢߥߦߧϢϣϦϪϫϮ𐌀𐌂𐌄𐌅𐌈𐌊𐌌𐌍𐌎𐌐𐌑𐌓𐌕𐌗𐌘𐌙𐌞"
)
# Letters of scripts that people drew and no font here has, see `drawings`.
DRAWN = (
    "アウエオカキコサシスセソタチツテトナニヌネヒヘホマミムメモヤユヨレロヰンㅏㅐㅑㅒㅓㅔㅕㅖㅗㅙㅛㅜㅝㅞㅟㅠㅡㅢㄴㄷㄸㅁㅂㅃㅅㅆㅈㅉㅊㅌㅍㅎ"
    "कखगघचछजझञटणतथदधनपफबभमयरलवशषसहऋॠऌए"
)
DRAWN_HELD_OUT = "ᬅᬆᬊᬋᬌᬍᬎᬏᬐᬓᬔᬕᬖᬗᬘᬙᬚᬛᬜᜀᜁᜄᜅᜇᜈᜉᜊᜋᜌᜎᜐ𐡆𐡇𐡈𐡎𐡑𐡒𐡔𐡕"
UNSEEN = (  # of fonts, as those above, but for calibration
    "ДЖИЙЛФШЩЪЫЮЯджилфшщюяԲԵԺԻԽԾՀՃՄՊՔՖდთლმრსტფქშჩძჭאהחטכמנעפצקשתجدسشصضطعفقكلنهي∂∫☀☁☂☃☘☮☯✂✌✎✗"
)


class Strange(NamedTuple):
    """What is no digit, on pages for one purpose.

    Attributes:
        characters: letters and signs, also where they stand alone.
        held_out: whether drawings of things, icons and symbols are those for calibration, see `drawings`.
    """

    characters: str
    held_out: bool


STRANGE = Strange(3 * COMMON + RARE + 3 * DRAWN, held_out=False)
# For calibration alone: of what pages for training show, a network is too sure.
HELD_OUT = Strange(UNSEEN + 3 * DRAWN_HELD_OUT, held_out=True)
SEPARATORS = "/-.,:;|"
SIGNS = "+-=x*()[]<>%€$£¥#~"
CROSSED_OUT = -1  # the label of what was a digit before it was crossed out
UNREADABLE = -2  # the label of a digit that is cut off, or too faint: nobody can say whether it is one


@dataclass
class Mark:
    """A digit on a sheet: which one, and where its ink is.

    Attributes:
        label: 0 to 9, `CROSSED_OUT` or `UNREADABLE`.
        points: float array of shape `(k, 2)`, outline of its ink, x and y in pixels.
    """

    label: int
    points: np.ndarray


@dataclass
class Sheet:
    """A page while it is written on.

    Attributes:
        width: in pixels.
        height: in pixels.
        images: for each digit, uint8 arrays of shape `(n, 28, 28)` to write with.
        hand: who writes.
        rng: where the random numbers come from.
        strange: what is no digit.
        pen: float32 of shape `(height, width)`, ink of the pen, in `[0, 1]`.
        printed: the same of what was on the paper before.
        marks: the digits written so far.
    """

    width: int
    height: int
    images: list[np.ndarray]
    hand: pens.Hand
    rng: np.random.Generator
    strange: Strange = STRANGE
    pen: np.ndarray = field(init=False)
    printed: np.ndarray = field(init=False)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make both layers, without ink."""
        self.pen = np.zeros((self.height, self.width), np.float32)
        self.printed = np.zeros_like(self.pen)

    @property
    def side(self) -> int:
        """The shorter side, in pixels."""
        return min(self.width, self.height)

    def stamp(
        self,
        ink: np.ndarray,
        x: float,
        y: float,
        *,
        label: int | None = None,
        layer: np.ndarray | None = None,
    ) -> None:
        """Put ink on the page, its upper left corner at x and y, and note the digit that it is, if any."""
        layer = self.pen if layer is None else layer
        x, y = round(x), round(y)
        height, width = ink.shape
        left, top = max(0, -x), max(0, -y)
        right, bottom = min(width, self.width - x), min(height, self.height - y)
        if right <= left or bottom <= top:
            return
        seen = ink[top:bottom, left:right]
        place = layer[y + top : y + bottom, x + left : x + right]
        np.maximum(place, seen, out=place)
        if label is not None:
            cut = (right - left) * (bottom - top) < 0.8 * width * height
            inked = (ink > pens.INK).astype(np.uint8)
            if not inked.any():  # blurred away
                return
            hull = cv2.convexHull(cv2.findNonZero(inked))[:, 0].astype(float)
            # a pixel has an extent: the outline runs round it
            corners = np.concatenate([hull + step for step in ((0, 0), (0, 1), (1, 0), (1, 1))])
            self.marks.append(Mark(UNREADABLE if cut else label, corners + np.array([x, y])))

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        width: float,
        *,
        strength: float = 1.0,
        layer: np.ndarray | None = None,
    ) -> None:
        """Draw a straight line of some width, in pixels, and strength, in `[0, 1]`, between two points."""
        layer = self.printed if layer is None else layer
        stroke(layer, np.array([start, end]), width, strength)


def stroke(layer: np.ndarray, points: np.ndarray, width: float, strength: float = 1.0) -> None:
    """Draw lines from point to point; what is thinner than a pixel is paler instead."""
    if width < 1:
        strength, width = strength * max(width, 0.35), 1
    low = np.maximum(np.floor(points.min(axis=0) - width - 1), 0).astype(int)
    high = np.ceil(points.max(axis=0) + width + 2).astype(int)
    part = layer[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return
    drawn = np.zeros(part.shape, np.uint8)
    sixteenths = np.round(16 * (points - low)).astype(np.int32)
    cv2.polylines(drawn, [sixteenths], False, 255, round(width), cv2.LINE_AA, 4)
    np.maximum(part, drawn * np.float32(strength / 255), out=part)


def write(
    sheet: Sheet,
    text: str,
    x: float,
    y: float,
    height: float,
    *,
    gap: float | None = None,
    slope: float = 0.0,
    hand: pens.Hand | None = None,
    layer: np.ndarray | None = None,
    label: Callable[[int], int] = int,
    until: float | None = None,
) -> float:
    """Write a line of text.

    Args:
        sheet: the page.
        text: digits, letters, signs and spaces.
        x: left edge, in pixels.
        y: baseline at the left edge, in pixels.
        height: of the digits, in pixels.
        gap: free space between neighbours, as a part of the height; below zero they overlap.
        slope: of the baseline.
        hand: who writes, if not the page's hand.
        layer: where, if not with the pen.
        label: what a digit counts as.
        until: where the line must end, in pixels.

    Returns:
        Where the ink ends, in pixels.
    """
    rng, hand = sheet.rng, hand or sheet.hand
    gap = rng.uniform(0.05, 0.35) if gap is None else gap
    until = until or sheet.width
    start, edge = x, None  # the right profile of the character before
    for letter in text:
        if letter == " ":
            x, edge = x + height * rng.uniform(0.45, 1.0), None
            continue
        if letter in BY_PEN and hand.kind != "printed":
            x, edge = BY_PEN[letter](sheet, x, y + slope * (x - start), height, hand), None
            continue
        is_digit = letter.isdigit()
        if is_digit:
            glyph = pens.digit(hand, int(letter), sheet.images, rng)
        else:
            glyph = pens.character(hand, letter, rng)
        tall = height * _relative_size(letter, rng)
        ink, _, below = pens.draw(glyph, tall, hand, rng)
        if letter == "|" and hand.kind != "printed":
            below = 0.15 * (tall - height) + rng.uniform(0, 0.15) * height
        elif is_digit:
            below = rng.normal(0, 0.04) * height
        else:
            below -= 0.35 * max(height - tall, 0)  # a small sign stands at half height
        top = y + slope * (x - start) + below - ink.shape[0]
        place = _beside(edge, ink, x, round(top)) + gap * height * (rng.uniform(0.6, 1.4) if gap > 0 else 1)
        if place + ink.shape[1] > until or round(top) < 0 or top + len(ink) > sheet.height:
            break
        sheet.stamp(ink, place, top, label=label(int(letter)) if is_digit else None, layer=layer)
        edge = (round(top), place + _profile(ink))
        x = place + ink.shape[1]
    return x


def _relative_size(letter: str, rng: np.random.Generator) -> float:
    """Draw how tall a character is written beside digits: brackets often taller, signs often smaller."""
    if rng.random() < 0.7:
        if letter in "|()[]{}":
            return float(rng.uniform(1.05, 1.5))
        if letter in "+-=x*÷~<>":
            return float(rng.uniform(0.45, 1))
    return 1.0


def _slash(sheet: Sheet, x: float, y: float, height: float, hand: pens.Hand) -> float:
    """Draw the slash of a date, mostly longer and more slanting than a 1; return where it ends."""
    rng = sheet.rng
    low, high = y + height * rng.uniform(0, 0.4), y - height * rng.uniform(0.9, 1.4)
    wide = height * rng.uniform(0.25, 0.9)
    x += height * rng.uniform(0.0, 0.25)
    points = np.linspace((x, low), (x + wide, high), 5) + rng.normal(0, 0.015 * height, (5, 2))
    stroke(sheet.pen, points, hand.pen(height))
    return x + wide * rng.uniform(0.75, 1.1)


def _bracket(
    sheet: Sheet, x: float, y: float, height: float, hand: pens.Hand, *, square: bool, closing: bool
) -> float:
    """Draw a bracket, mostly taller than the digits, nearly straight to well bent; return where it ends."""
    rng = sheet.rng
    low, high = y + height * rng.uniform(-0.05, 0.4), y - height * rng.uniform(0.8, 1.4)
    along = np.array([-1.0, -1, 1, 1]) if square else np.linspace(-1, 1, 15)
    bent = np.array([1.0, 0, 0, 1]) if square else along**2
    wide = height * rng.uniform(0.06, 0.4)
    across = x + wide * (1 - bent if closing else bent) + np.tan(hand.slant) * height * along / 2
    points = np.stack([across, low + (along + 1) / 2 * (high - low)], axis=1)
    stroke(sheet.pen, points + rng.normal(0, 0.01 * height, points.shape), hand.pen(height))
    return x + wide + height * rng.uniform(0, 0.2)


def _percent(sheet: Sheet, x: float, y: float, height: float, hand: pens.Hand) -> float:
    """Draw a percent sign: a ring above a slash, and one below it; return where it ends."""
    rng, turns = sheet.rng, np.linspace(0, 2 * np.pi, 20)
    radius = height * rng.uniform(0.08, 0.2, (2, 1, 2))
    ring = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    wide = height * rng.uniform(0.4, 0.7)
    for k, middle in enumerate([(x + radius[0, 0, 0], y - 0.8 * height), (x + wide, y - 0.15 * height)]):
        points = middle + ring * radius[k] + rng.normal(0, 0.01 * height, ring.shape)
        stroke(sheet.pen, points, hand.pen(height))
    ends = np.array([(x + 0.05 * wide, y), (x + 0.95 * wide, y - height)])
    stroke(sheet.pen, ends + rng.normal(0, 0.05 * height, (2, 2)), hand.pen(height))
    return x + wide + radius[1, 0, 0]


BY_PEN: dict[str, Callable[[Sheet, float, float, float, pens.Hand], float]] = {
    "/": _slash, "%": _percent,
    "(": partial(_bracket, square=False, closing=False), ")": partial(_bracket, square=False, closing=True),
    "[": partial(_bracket, square=True, closing=False), "]": partial(_bracket, square=True, closing=True),
}  # fmt: skip


def set_in_type(
    sheet: Sheet, text: str, x: float, y: float, height: float, *, until: float | None = None
) -> float:
    """Print a line of words in type on the paper; y is its baseline, the height that of its capitals.

    Returns:
        Where it ends, in pixels.
    """
    ink = pens.line_of_type(text, height, sheet.rng)
    room = round((until or sheet.width) - x)
    if room > 4:
        sheet.stamp(ink[:, :room], x, y - 0.8 * len(ink), layer=sheet.printed)
    return x + min(room, ink.shape[1])


def _profile(ink: np.ndarray) -> np.ndarray:
    """Return where the ink of each row ends; rows without ink end far to the left."""
    mask = ink > pens.INK
    ends = mask.shape[1] - mask[:, ::-1].argmax(axis=1)
    return np.where(mask.any(axis=1), ends, -1e6)


def _beside(edge: tuple[int, np.ndarray] | None, ink: np.ndarray, x: float, top: int) -> float:
    """Return where a character must begin to touch the one before it."""
    if edge is None:
        return x
    above, ends = edge
    mask = ink > pens.INK
    begins = np.where(mask.any(axis=1), mask.argmax(axis=1), 1e6)
    low, high = max(above, top), min(above + len(ends), top + len(ink))
    if high <= low:
        return x
    apart = begins[low - top : high - top] - ends[low - above : high - above]
    touching = -apart.min()
    return max(touching, x - 0.6 * ink.shape[1]) if touching > -1e5 else x
