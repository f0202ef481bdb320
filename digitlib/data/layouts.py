"""What stands where on a made page: numbers, forms, sums, lists, words, doodles, and what crosses them.

Every layout writes on a `writing.Sheet`: ink of a pen on one layer, what is printed on another.
A new one is a function here that is listed in `pages.LAYOUTS`.
"""

import numpy as np

from digitlib.data import pens
from digitlib.data.doodles import stranger
from digitlib.data.texts import number, phrase, sentence
from digitlib.data.writing import (
    PRINTED_LETTERS,
    SEPARATORS,
    SIGNS,
    WORD_LETTERS,
    Sheet,
    set_in_type,
    stroke,
    write,
)


def _gap(rng: np.random.Generator) -> float:
    """Draw the space between neighbours of a line: often some, seldom none, or they overlap."""
    kind = rng.random()
    if kind < 0.28:
        return rng.uniform(-0.06, 0.01)  # they touch
    if kind < 0.48:
        return rng.uniform(-0.3, -0.06)  # they overlap
    return rng.uniform(0.03, 0.6)


def single(sheet: Sheet) -> None:
    """Write one digit, of any size, sometimes with a ring or a frame round it."""
    rng = sheet.rng
    label, enclosed = int(rng.integers(10)), rng.random() < 0.12
    height = sheet.side * (rng.uniform(0.72, 1.02) if rng.random() < 0.4 else rng.uniform(0.22, 0.8))
    if enclosed:  # there must be room for it
        height = sheet.side * rng.uniform(0.22, 0.6)
    ink, _, _ = pens.draw(pens.digit(sheet.hand, label, sheet.images, rng), height, sheet.hand, rng)
    free = np.array([sheet.width - ink.shape[1], sheet.height - ink.shape[0]])
    centred = rng.random() < 0.6
    place = free / 2 + rng.uniform(-0.5, 0.5, 2) * np.maximum(free, 0) * (0.3 if centred else 0.95)
    sheet.stamp(ink, *place, label=label)
    if enclosed:
        _scrawl(
            sheet, place[0], place[0] + ink.shape[1], place[1] + len(ink), len(ink), sheet.hand.pen(height)
        )


def rows(sheet: Sheet, *, most: int = 7) -> None:
    """Write lines of numbers, dates, amounts, sums and words, one below the other."""
    rng = sheet.rng
    count = 1 if rng.random() < 0.25 else int(min(rng.integers(1, most + 1), rng.integers(1, most + 1)))
    pitch = sheet.height / count
    height = min(pitch / rng.uniform(1.15, 2.6), sheet.side * 0.75)
    while height > 0.3 * sheet.side and rng.random() < 0.5:
        height *= 0.7
    gap, slope = _gap(rng), rng.normal(0, 0.04 if rng.random() < 0.85 else 0.2)
    y = (sheet.height - count * pitch) / 2 + pitch * rng.uniform(0.5, 0.9) + height * 0.3
    indent = rng.uniform(0, 0.3)
    for _ in range(count):
        x = sheet.width * (indent if rng.random() < 0.7 else rng.uniform(0, 0.5)) + 2
        if rng.random() < 0.1:
            x = set_in_type(
                sheet, sentence(rng, 1, PRINTED_LETTERS) + ":", x, y, height * rng.uniform(0.5, 1)
            )
            x += height * rng.uniform(0.1, 0.5)
        text = number(rng) if rng.random() < 0.3 else phrase(rng)
        before = len(sheet.marks)
        end = write(sheet, text, x, y, height, gap=gap if rng.random() < 0.6 else None, slope=slope)
        if len(sheet.marks) > before:
            _around(sheet, x, end, y, height, slope)
        y += pitch * rng.uniform(0.9, 1.1)


def _around(sheet: Sheet, x: float, end: float, y: float, height: float, slope: float) -> None:
    """Underline, frame or ring what was written, sometimes."""
    rng, kind, width = sheet.rng, sheet.rng.random(), sheet.hand.pen(height)
    if kind < 0.28:
        low = y + height * (rng.uniform(-0.08, 0.08) if rng.random() < 0.6 else rng.uniform(0, 0.25))
        for k in range(1 if rng.random() < 0.75 else 2):
            ends = rng.uniform(-0.4, 0.4, 2) * height
            points = [
                (x + ends[0], low + k * 0.12 * height),
                (end + ends[1], low + slope * (end - x) + rng.normal(0, 0.05) * height + k * 0.12 * height),
            ]
            stroke(sheet.pen, np.array(points), width * rng.uniform(0.5, 1.2))
    elif kind < 0.40:
        _scrawl(sheet, x, end, y, height, width)


def _scrawl(sheet: Sheet, x: float, end: float, y: float, height: float, width: float) -> None:
    """Draw a ring or a frame round something that was written."""
    rng = sheet.rng
    margin = rng.uniform(0.15, 0.5 if rng.random() < 0.6 else 1.1, 2) * height
    centre = ((x + end) / 2, y - height / 2)
    half = np.array([(end - x) / 2, height / 2]) + margin
    if rng.random() < 0.3:
        half[:] = half.max()
    if rng.random() < 0.5:
        angles = np.linspace(0, 2 * np.pi * rng.uniform(0.95, 1.1), 50)
        points = np.stack(
            [centre[0] + half[0] * 1.15 * np.cos(angles), centre[1] + half[1] * 1.2 * np.sin(angles)], 1
        )
    else:
        points = centre + np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * half
    stroke(sheet.pen, points + rng.normal(0, 0.02 * height, points.shape), width * rng.uniform(0.5, 1))


def touching(sheet: Sheet) -> None:
    """Write one number whose digits touch or run into each other."""
    rng = sheet.rng
    text = "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(2, 6))))
    height = min(sheet.height * rng.uniform(0.5, 0.9), sheet.width * rng.uniform(0.6, 1.3) / len(text))
    x = rng.uniform(0.02, 0.1) * sheet.width
    y = (sheet.height + height) / 2 + rng.normal(0, 0.05) * height
    gap = rng.uniform(-0.03, 0.01) if rng.random() < 0.5 else rng.uniform(-0.25, -0.03)
    write(sheet, text, x, y, height, gap=gap, slope=rng.normal(0, 0.05))


def boxes(sheet: Sheet) -> None:
    """Print the boxes of a form, a comb, or rings, and write one digit in each."""
    rng = sheet.rng
    cells = int(rng.integers(1, 11))
    height = min(sheet.side * rng.uniform(0.08, 0.5), 0.8 * sheet.width / cells)
    tall, wide = height * rng.uniform(0.98, 1.7), height * rng.uniform(0.75, 1.35)
    wide = min(wide, 0.94 * sheet.width / cells)
    space = (
        0.0 if rng.random() < 0.6 else min(rng.uniform(0.05, 0.4) * wide, 0.94 * sheet.width / cells - wide)
    )
    kind = ("box", "box", "box", "comb", "comb", "ring")[rng.integers(6)]
    dashes = int(rng.integers(3, 9)) if rng.random() < 0.15 else 0
    x0 = rng.uniform(0.01, max(0.02, 1 - cells * (wide + space) / sheet.width)) * sheet.width
    count = max(1, int(rng.integers(1, 1 + max(1, int(sheet.height / (tall * 1.7))))))
    y0 = rng.uniform(0.05, max(0.06, 1 - count * tall * 1.4 / sheet.height)) * sheet.height
    width, strength = max(0.5, height * rng.uniform(0.01, 0.07)), rng.uniform(0.5, 1)
    layer = sheet.pen if rng.random() < 0.1 else sheet.printed
    labelled, filled = rng.random() < 0.4, rng.uniform(0.4, 1)
    for row in range(count):
        y = y0 + row * tall * rng.uniform(1.3, 1.6)
        if labelled:
            set_in_type(sheet, sentence(rng, 2), x0, y - 0.1 * tall, height * rng.uniform(0.25, 0.5))
        for cell in range(cells):
            x = x0 + cell * (wide + space)
            for points in _cell(kind, x, y, wide, tall):
                for part in _dashed(points, dashes) if dashes else [points]:
                    stroke(layer, part, width, strength)
            if rng.random() < filled:
                _in_cell(sheet, x, y, wide, tall, height)


def _cell(kind: str, x: float, y: float, wide: float, tall: float) -> list[np.ndarray]:
    """Return the lines of a cell, points `(k, 2)` each: a box, the lower part of one (comb), or a ring."""
    if kind == "ring":
        turns = np.linspace(0, 2 * np.pi, 40)
        radius = np.array([wide, tall if wide < 0.7 * tall else min(wide, tall)]) / 2
        return [(x + wide / 2, y + tall / 2) + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)]
    top = y + 0.55 * tall if kind == "comb" else y
    ends = [
        ((x, top), (x, y + tall)),
        ((x + wide, top), (x + wide, y + tall)),
        ((x, y + tall), (x + wide, y + tall)),
    ]
    if kind == "box":
        ends.append(((x, y), (x + wide, y)))
    return [np.array(pair) for pair in ends]


def _dashed(points: np.ndarray, count: int) -> list[np.ndarray]:
    """Cut a line into dashes, as many as gaps between them."""
    at, known = np.arange(2 * count + 1) / (2 * count), np.linspace(0, 1, len(points))
    on = np.stack([np.interp(at, known, column) for column in points.T], axis=1)
    return [on[k : k + 2] for k in range(0, 2 * count, 2)]


def _in_cell(sheet: Sheet, x: float, y: float, wide: float, tall: float, height: float) -> None:
    """Write one digit in a cell, seldom a sign, more or less in its middle."""
    rng = sheet.rng
    if rng.random() < 0.05:
        sign = str(rng.choice(list(SEPARATORS + SIGNS + "X")))
        write(sheet, sign, x + wide * 0.3, y + tall * 0.8, height)
        return
    label = int(rng.integers(10))
    size = min(height, tall * rng.uniform(0.6, 1.05)) * rng.uniform(0.75, 1.05)
    ink, _, _ = pens.draw(pens.digit(sheet.hand, label, sheet.images, rng), size, sheet.hand, rng)
    free = np.array([wide - ink.shape[1], tall - ink.shape[0]])
    place = (x, y) + free / 2 + rng.normal(0, 0.08, 2) * (wide, tall)
    if place[1] >= 0 and place[1] + len(ink) <= sheet.height:
        sheet.stamp(ink, *place, label=label)


def table(sheet: Sheet) -> None:
    """Rule a table and write a number in some of its cells, perhaps words in the first row and column."""
    rng = sheet.rng
    columns, lines = int(rng.integers(1, 7)), int(rng.integers(2, 8))
    wide, tall = (
        sheet.width * rng.uniform(0.75, 1.05) / columns,
        sheet.height * rng.uniform(0.75, 1.05) / lines,
    )
    x0, y0 = (sheet.width - wide * columns) / 2, (sheet.height - tall * lines) / 2
    height = min(tall * rng.uniform(0.4, 0.9), wide * 0.9)
    width, strength = max(0.5, height * rng.uniform(0.01, 0.07)), rng.uniform(0.4, 1)
    layer = sheet.pen if rng.random() < 0.25 else sheet.printed
    for i in range(columns + 1):
        sheet.line(
            (x0 + i * wide, y0), (x0 + i * wide, y0 + lines * tall), width, strength=strength, layer=layer
        )
    for i in range(lines + 1):
        sheet.line(
            (x0, y0 + i * tall), (x0 + columns * wide, y0 + i * tall), width, strength=strength, layer=layer
        )
    headed, filled, gap = rng.random() < 0.4, rng.uniform(0.4, 1), _gap(rng)
    for row in range(lines):
        for column in range(columns):
            x, y = x0 + column * wide, y0 + (row + 0.5) * tall + height / 2 * rng.uniform(0.8, 1.1)
            if headed and (row == 0 or column == 0):
                set_in_type(sheet, sentence(rng, 1), x + wide * 0.05, y, height * 0.6, until=x + wide)
            elif rng.random() < filled:
                text = number(rng, max(1, int(wide / height * 1.4)))
                write(
                    sheet, text, x + wide * rng.uniform(0.03, 0.3), y, height, gap=gap, until=x + wide * 1.05
                )


def column_sum(sheet: Sheet) -> None:
    """Write numbers below each other, right-aligned as in school, with signs, a rule and a result."""
    rng = sheet.rng
    count = int(rng.integers(2, 6))
    pitch = sheet.height * rng.uniform(0.6, 0.95) / (count + 1)
    height, digits = pitch / rng.uniform(1.1, 1.6), int(rng.integers(1, 6))
    step = height * rng.uniform(0.75, 1.3)
    right = sheet.width * rng.uniform(0.6, 0.95)
    y = pitch * rng.uniform(0.9, 1.2)
    for row in range(count + 1):
        length = digits if row == 0 else int(rng.integers(1, digits + 1))
        for place in range(length):
            write(sheet, str(rng.integers(10)), max(1, right - (place + 1) * step), y, height)
        if 0 < row < count and rng.random() < 0.6:
            write(sheet, str(rng.choice(list("+-x÷"))), max(1, right - (digits + 1.2) * step), y, height)
        if row == count - 1 and rng.random() < 0.9:
            low = y + height * rng.uniform(0.05, 0.25)
            points = np.array(
                [(right - (digits + 1.3) * step, low), (right + step / 2, low + rng.normal(0, 2))]
            )
            stroke(sheet.pen, points, sheet.hand.pen(height))
        y += pitch


def scattered(sheet: Sheet) -> None:
    """Write digits, letters and drawings of any size anywhere, without overlap."""
    rng = sheet.rng
    taken: list[np.ndarray] = []
    for _ in range(int(rng.integers(2, 14))):
        size = sheet.side * np.exp(rng.uniform(np.log(0.07), np.log(0.45)))
        place = rng.uniform(0, 1, 2) * (sheet.width - size, sheet.height - size)
        box = np.array([*place, *(place + size)])
        if any((np.minimum(box[2:], b[2:]) > np.maximum(box[:2], b[:2])).all() for b in taken):
            continue
        taken.append(box)
        if rng.random() < 0.7:
            label = int(rng.integers(10))
            ink, _, _ = pens.draw(pens.digit(sheet.hand, label, sheet.images, rng), size, sheet.hand, rng)
            sheet.stamp(ink, *place, label=label)
        elif rng.random() < 0.5:
            write(
                sheet,
                str(rng.choice(list(sheet.strange.characters + SIGNS))),
                place[0],
                place[1] + size,
                size,
            )
        else:
            stranger(sheet, place, size)


def strange(sheet: Sheet) -> None:
    """Show no digit at all: a letter, a word, lines of text, a drawing, or nothing."""
    rng, kind = sheet.rng, sheet.rng.random()
    size = sheet.side * rng.uniform(0.3, 0.98)
    corner = (np.array([sheet.width, sheet.height]) - size) * rng.uniform(0, 1, 2)
    if kind < 0.34:
        glyph = pens.character(sheet.hand, str(rng.choice(list(sheet.strange.characters))), rng)
        ink, _, _ = pens.draw(glyph, size, sheet.hand, rng)
        sheet.stamp(ink, *corner)
    elif kind < 0.62:
        stranger(sheet, corner, size)
    elif kind < 0.72 and sheet.hand.kind != "printed":
        label = int(rng.choice([2, 3, 4, 5, 7]))  # lying on its side it is none
        glyph = pens.digit(sheet.hand, label, sheet.images, rng)
        ink, _, _ = pens.draw(glyph, size * 0.9, sheet.hand, rng)
        turned = np.ascontiguousarray(np.rot90(ink, int(rng.choice([1, 3]))))
        sheet.stamp(turned, *corner)
    elif kind < 0.96:
        words(sheet)


def words(sheet: Sheet) -> None:
    """Write lines of made-up words."""
    rng = sheet.rng
    count = int(rng.integers(1, 4 if sheet.side < 200 else 10))
    pitch = sheet.height / (count + 0.5)
    height = min(pitch / rng.uniform(1.3, 2.2), sheet.side * 0.5)
    gap = rng.uniform(-0.12, 0.2)  # letters of cursive writing run into each other
    letters = sheet.strange.characters if sheet.strange.held_out else WORD_LETTERS
    for row in range(count):
        write(
            sheet,
            sentence(rng, int(rng.integers(1, 7)), letters),
            sheet.width * rng.uniform(0.02, 0.2),
            pitch * (row + 0.9),
            height,
            gap=gap,
        )
