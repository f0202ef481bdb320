"""What people write in a line: numbers, dates, amounts, sums, and words beside them."""

import numpy as np

from digitlib.data.writing import SIGNS, WORD_LETTERS


def number(rng: np.random.Generator, most: int = 8) -> str:
    """Draw a number of some digits; repeated digits are as frequent as people write them."""
    length = int(rng.integers(1, most + 1))
    text = "".join(str(d) for d in rng.integers(0, 10, length))
    if rng.random() < 0.1:
        text = text[0] * length
    return text


def sentence(rng: np.random.Generator, words: int, letters: str = WORD_LETTERS) -> str:
    """Make up words."""
    lengths = rng.integers(2, 9, words)
    spelled = ["".join(rng.choice(list(letters), n)) for n in lengths]
    style = rng.integers(3)
    return " ".join([w.lower(), w.capitalize(), w.upper()][style] for w in spelled)


def date(rng: np.random.Generator) -> str:
    """Draw a date or a time: half of them can be, the others have any digits."""
    separator = str(rng.choice(list("////--..:")))
    if rng.random() < 0.5:
        return separator.join(number(rng, 4 if i == 2 else 2) for i in range(rng.integers(2, 4)))
    day, month, year = rng.integers(1, 32), rng.integers(1, 13), rng.integers(1900, 2040)
    parts = [f"{day:02d}", f"{month:02d}"] if rng.random() < 0.7 else [str(day), str(month)]
    parts += [str(year), f"{year % 100:02d}", ""][rng.integers(3) :][:1]
    return separator.join(part for part in (parts if rng.random() < 0.8 else parts[::-1]) if part)


PAIRS = ("()", "()", "()", "[]", "{}", '""', "<>")
BEFORE, BEHIND = "$$€£#&&\\\\~<>@*§", "??????!!!&&&%%%°)'*$\\{}@§^"


def enclosed(rng: np.random.Generator) -> str:
    """Put a number in brackets, or a sign before or behind it, with or without space."""
    text, kind = number(rng, 4), rng.random()
    if kind < 0.4:
        return text.join(PAIRS[rng.integers(len(PAIRS))])
    space = " " if rng.random() < 0.3 else ""
    if kind < 0.6:
        return BEFORE[rng.integers(len(BEFORE))] + space + text
    return text + space + BEHIND[rng.integers(len(BEHIND))]


# How often `phrase` makes each kind of line.
KINDS = np.array([1, 1, 1, 1, 1, 1, 6, 2, 4, 1, 1, 1, 5]) / 26


def phrase(rng: np.random.Generator) -> str:
    """Put together what a line of a page holds: a number, an amount, a date, a sum, a label and a number."""
    kind = int(rng.choice(len(KINDS), p=KINDS))
    if kind < 4:
        return number(rng)
    if kind < 6:
        return " ".join(number(rng, 4) for _ in range(rng.integers(2, 5)))
    if kind == 6:
        return date(rng)
    if kind == 7:
        sign = str(rng.choice(list("€$£¥")))
        amount = number(rng, 4) + str(rng.choice([".", ","])) + number(rng, 2)
        return str(rng.choice([f"{sign}{amount}", f"{amount}{sign}", f"{sign} {amount}", f"-{amount}"]))
    if kind == 8:
        sign = str(rng.choice(list("++--x=" + SIGNS)))
        return f"{number(rng, 3)} {sign} {number(rng, 3)}" + (" = " + number(rng, 3)) * bool(rng.integers(2))
    if kind == 9:
        return f"{sentence(rng, 1)}{rng.choice([':', '', '.', ' ='])} {number(rng, 6)}"
    if kind == 10:
        return f"{number(rng, 3)} {sentence(rng, 1)}" + f" {number(rng, 3)}" * bool(rng.integers(2))
    if kind == 11:
        return f"{rng.choice(list('-•*+>'))} {number(rng, 6)}"
    return enclosed(rng)
