"""Take letters, things, icons and symbols that people drew out of four free collections.

The first three become `drawings.npz`, the symbols, whose licence is another one, `symbols.npz`.

git clone https://github.com/brendenlake/omniglot     at 057f034
git clone https://github.com/borismus/exupery         at 5ab788c; its docs/sketches: Google's Quick, Draw!
npm pack @tabler/icons@3.52.0 && tar xzf tabler-icons-3.52.0.tgz     unpacks into the folder `package`
git clone https://github.com/kirel/detexify-next     at 6831c81; its packages/data/source: Detexify's symbols
pip install svgelements==1.9.6
python benchmarks/drawings.py OMNIGLOT EXUPERY package DETEXIFY

What could pass for somebody's digit is left out: letters, kinds of things, icons and symbols chosen by eye,
and sketches that the game itself did not recognize.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import cv2
import numpy as np

from digitlib.data.drawings import EXTENT, FILE, ICON, SYMBOLS, Drawing
from digitlib.files import whole_file

ALPHABETS = {  # of Omniglot: its letters in order, `.` for those that look like a digit
    "Greek": "αβγ.ε.ηθ.κλμνξ.πρ.τυφχψω",
    "Latin": "a.cdef.h..k.mn.p.r.tuvwx..",
    "Japanese_(katakana)": "ア.ウエオカキ.コサシスセソタチツテトナニヌネ..ヒ."
    "ヘホマミムメモヤユヨ...レロ.ヰ..ン",
    "Korean": "ㅏㅐㅑㅒㅓㅔㅕㅖㅗ.ㅙ.ㅛㅜㅝㅞㅟㅠㅡㅢ...ㄴㄷㄸ.ㅁㅂㅃㅅㅆ.ㅈㅉㅊ.ㅌㅍㅎ",
    "Sanskrit": "कखगघ.चछजझञट...णतथदधनपफबभमयरलवशषसह....ऋॠऌए.",
    "Balinese": "ᬅᬆ...ᬊᬋᬌᬍᬎᬏᬐ..ᬓᬔᬕᬖᬗᬘᬙᬚᬛᬜ",
    "Tagalog": "ᜀᜁ..ᜄᜅ.ᜇᜈᜉᜊᜋᜌ.ᜎ.ᜐ",
    "Early_Aramaic": "......𐡆𐡇𐡈.....𐡎..𐡑𐡒.𐡔𐡕",
}
LIKE_DIGITS = """
baseball, baseball bat, basketball, blueberry, boomerang, bracelet, circle, clarinet, golf club,
hexagon, hockey stick, hourglass, knife, leg, lightning, line, matches, moon, nail, octagon,
paintbrush, paper clip, peanut, pear, peas, pencil, potato, rain, screwdriver, snake, snowman,
spoon, square, squiggle, string bean, sword, triangle, zigzag
"""
ICONS_LIKE_DIGITS = """
abacus, ai, alphabet, alt, api, background, badge, baguette, balloon, ban, bandage, baseline, battery,
binary, blob, bmp, bounce, braille, cancel, cane, capsule, chevron, circle, circles, corner, csv, curly,
decimal, device, dialpad, diamonds, dice, divide, dots, droplet, droplets, ease, egg, eggs, exclamation,
favicon, file, footsteps, forbid, gif, grain, grid, grip, guitar, hash, hdr, hexagon, hotel, html, http, id,
info, jpg, json, jump, kerning, key, keyframe, lane, language, lasso, layout, lens, letter, line, list,
loader, lollipop, matchstick, math, meter, minus, mode, needle, no, number, numbers, octagon, oval,
paperclip, pdf, percentage, pill, pills, player, plunger, png, point, progress, protocol, question, quote,
quotes, radius, receipt, record, rectangle, regex, relation, repeat, ribbon, road, rotate, s, sausage,
scoreboard, sdk, search, section, segway, seo, servicemark, shirt, sign, slash, slashes, slice, snowman,
sort, sos, sport, sql, square, status, steam, step, stroke, subscript, superscript, svg, swipe, temperature,
text, texture, time, tir, toml, tooltip, trademark, triangle, txt, u, uhd, vip, wash, wave, xd, xxx, zero,
zip, zodiac, zoom, zsh, zzz
"""
BESIDE_IT = """
ai, bitcoin, bolt, cancel, check, code, cog, dashed, discount, dollar, dot, dotted, down, edit, exclamation,
heart, minus, off, pause, pin, plus, question, search, share, spark, star, up, x
"""
SYMBOLS_LIKE_DIGITS = """
1 B Box Cancer Capricorn D G Gemini I Jupiter Lbag Lightning Lsh NG O Olyoghlig Pickup Q Rbag Rsh S SS
Saturn Square Sun Z astrosun b babygamma backepsilon backprime bar bar:16socis bar:1sa4fqg barb bard bardbl
bardotlessj barg barglotstop bari barl baro barrevglotstop beltl bigcirc bigcircle bigodot blacksquare
braceright brokenbar brokenvert bullseye cancer capricornus celtpal circ clock closeepsilon closerevepsilon
commatailz conjunction corner crg crinvglotstop crtwo ctc ctj ctt ctyogh ctz d degree delta dh diagdown
diagup diameter doublebaresh doublepipe doublevertline downharpoonleft downharpoonright dyoghlig ell
emptyset esh eth exclamdown exists fishhookr flat fractionsolidus fullmoon g gamma gemini glotstop
halflength hardsign hooktop htb htg hththeng htq htscg i iint imath int invdiameter invglotstop iota j jmath
jupiter l lbag lengthmark lhtlongi lhtlongy lightning llparenthesis lnot ltilde lyoghlig mid neg newmoon ng
ni nless o ocircle odot olyoghlig onehalf onequarter onesuperior openbullet opposition ordmasculine oslash
palhook parallel parr partial pickup pilcrow pipe prime primstress q quotedbl quotedblbase quotedblleft
quotedblright quoteleft quoteright quotesinglbase quotesingle quotestraightbase quotestraightdblbase
raiseglotstop raisevibyi ramshorns rbag rbrace rceil recorder revapostrophe reve revepsilon revglotstop
revyogh rfloor rhookrevepsilon rhookschwa rhoticity rquill rrparenthesis rtaill rtails rtailz rthook s scb
scg schwa sci scriptg scy secstress setminus shortmid shortparallel sigma slash smallsetminus softsign
square sun threequarters threequartersemdash threesuperior toneletterstem turnh turnlonglegr turnr
turnrrtail turnscripta turnt twosuperior upharpoonleft upharpoonright urcorner varnothing varsigma vertline
vibyi vibyy wr xi y yogh z zeta
"""
SYMBOLS_OF_DOTS = ("dots", "dotp", "colon", "bullet", "centerdot", "cdot", "period", "backslash", "blank")
SYMBOLS_OF_KIND = 12  # drawings of a symbol, each by somebody else, are taken
ICONS_OF_KIND = 3  # so many icons whose names begin alike are taken
CURVE = 12  # straight pieces of each curve of an icon
CLOSE = 2.5  # how far a stroke may leave the way that was drawn, of EXTENT


def simplified(strokes: list[np.ndarray]) -> Drawing:
    """Scale strokes, `(n, 2)` each, to `EXTENT` and keep the points that matter (Douglas, Peucker 1973)."""
    every = np.concatenate(strokes)
    scale = EXTENT / np.ptp(every, axis=0).max()
    scaled = [((stroke - every.min(axis=0)) * scale).astype(np.float32) for stroke in strokes]
    return [np.round(_fewer_points(stroke)).astype(np.uint8) for stroke in scaled]


def _fewer_points(stroke: np.ndarray) -> np.ndarray:
    """Leave points out, `(n, 2)`; a stroke that returns to its beginning still does."""
    closed = len(stroke) > 3 and np.abs(stroke[0] - stroke[-1]).max() < 0.5
    kept = cv2.approxPolyDP(stroke[:-1, None] if closed else stroke[:, None], CLOSE, closed)[:, 0]
    return np.concatenate([kept, kept[:1]]) if closed else kept


def omniglot(folder: Path) -> Iterator[tuple[str, Drawing]]:
    """Yield each letter that is wanted, and its strokes, of a clone of Omniglot."""
    for part in (1, 2):
        with ZipFile(folder / "python" / f"strokes_background_small{part}.zip") as packed:
            for name in sorted(packed.namelist()):
                top, *rest = name.split("/")
                if not name.endswith(".txt") or top.startswith("__"):
                    continue
                letter = ALPHABETS[rest[0]][int(rest[1].removeprefix("character")) - 1]
                if letter != "." and not (part == 2 and rest[0] in ("Greek", "Latin")):  # they are in both
                    yield letter, simplified(_strokes(packed.read(name).decode()))


def _strokes(text: str) -> list[np.ndarray]:
    """Read Omniglot's way of writing strokes down: x, -y and time, a line each."""
    parts = text.removeprefix("START").split("BREAK")
    read = [[line.split(",")[:2] for line in part.split()] for part in parts if part.strip()]
    return [np.array(points, float) * (1, -1) for points in read]


def quick_draw(folder: Path) -> Iterator[tuple[str, Drawing]]:
    """Yield each thing that is wanted, and its strokes, of a clone that holds sketches of Quick, Draw!"""
    left_out = _names(LIKE_DIGITS)
    for path in sorted((folder / "docs" / "sketches").glob("*.ndjson")):
        if path.stem not in left_out:
            for sketch in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                if sketch["recognized"]:
                    yield path.stem, simplified([np.array(way[:2], float).T for way in sketch["drawing"]])


def _names(listed: str) -> list[str]:
    return listed.replace("\n", " ").strip().split(", ")


def tabler(folder: Path) -> Iterator[tuple[str, Drawing]]:
    """Yield icons that are wanted, by the first word of their names, and their strokes."""
    left_out, beside, taken = _names(ICONS_LIKE_DIGITS), _names(BESIDE_IT), dict[str, int]()
    about = json.loads((folder / "icons.json").read_text(encoding="utf-8"))
    for name, icon in sorted(about.items()):
        kind, *more = name.split("-")
        path = folder / "icons" / "outline" / f"{name}.svg"
        unwanted = icon["category"] in ("Brand", "Letters", "Numbers", "Text", "Math") or kind in left_out
        repeats = taken.get(kind, 0) >= ICONS_OF_KIND or any(word in beside for word in more)
        if (
            not unwanted
            and not repeats
            and not re.search(r"\d|number|letter|percent", name)
            and path.is_file()
        ):
            taken[kind] = taken.get(kind, 0) + 1
            yield ICON + kind, simplified(_outlines(path.read_text(encoding="utf-8")))


def _outlines(svg: str) -> list[np.ndarray]:
    """Follow the paths of an icon with straight lines: strokes, `(n, 2)` each."""
    from svgelements import Close, Line, Move
    from svgelements import Path as Outline

    strokes = []
    for path in re.findall(r'<path d="([^"]+)"', svg):
        for part in Outline(path).as_subpaths():
            points: list[tuple[float, float]] = []
            for piece in Outline(part):
                if not isinstance(piece, Move) and piece.start is not None and piece.end is not None:
                    straight = isinstance(piece, (Line, Close))
                    along = np.linspace(0, 1, 2 if straight else CURVE + 1)
                    points += [(at.x, at.y) for at in map(piece.point, along[bool(points) :])]
            if points:
                strokes.append(np.array(points, float))
    return strokes


def detexify(folder: Path) -> Iterator[tuple[str, Drawing]]:
    """Yield each symbol of LaTeX that is wanted, and its strokes, of a clone of Detexify Next."""
    source, left_out = folder / "packages" / "data" / "source", SYMBOLS_LIKE_DIGITS.split()
    reviewed = json.loads((source / "reviews" / "rejected-samples.json").read_text(encoding="utf-8"))
    taken = Counter[str]()
    for path in sorted((source / "samples").rglob("*.jsonl")):
        drawn = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        kind = _symbol(*drawn[0]["symbolId"].split(":", maxsplit=2)[1:])
        if kind in left_out or any(part in kind for part in SYMBOLS_OF_DOTS):
            continue
        for sample in [one for one in drawn if one["id"] not in reviewed["rejected"]]:
            ways = [np.array([(at["x"], at["y"]) for at in way], float) for way in sample["strokes"] if way]
            large = ways and np.ptp(np.concatenate(ways), axis=0).max() > 0
            if large and taken[kind] < SYMBOLS_OF_KIND:
                taken[kind] += 1  # dots stay dots, of two points:
                yield kind, [np.resize(way, (max(2, len(way)), 2)) for way in simplified(ways)]


def _symbol(package: str, name: str) -> str:
    """Name a symbol so that those that look alike have one name: upright, bold and script, in any package."""
    if alphabet := re.fullmatch(r"math\w+-lbrace-(\w)-rbrace", name):
        return alphabet[1]
    if package == "upgreek":
        name = name[2:].capitalize() if name[0] == "U" else name[2:]
    return re.sub(r"^(text|math)", "", name)


def write(drawn: list[tuple[str, Drawing]], path: Path) -> None:
    """Write drawings, those of a kind one after the other, as `digitlib.data.drawings` reads them."""
    kinds, counts = np.unique([kind for kind, _ in drawn], return_counts=True)
    drawings = [drawing for _, drawing in sorted(drawn, key=lambda pair: pair[0])]
    strokes = [stroke for drawing in drawings for stroke in drawing]
    with whole_file(path) as part:
        np.savez_compressed(
            part,
            kinds=kinds,
            drawings_of_kind=counts.astype(np.int32),
            strokes_of_drawing=np.array([len(drawing) for drawing in drawings], np.int32),
            points_of_stroke=np.array([len(stroke) for stroke in strokes], np.int32),
            points=np.concatenate(strokes),
        )


if __name__ == "__main__":
    clones = [Path(folder) for folder in sys.argv[1:5]]
    collections = {
        FILE: [*omniglot(clones[0]), *quick_draw(clones[1]), *tabler(clones[2])],
        SYMBOLS: [*detexify(clones[3])],
    }
    for path, taken in collections.items():
        write(taken, path)
        print(f"{len(taken):,} drawings of {len({kind for kind, _ in taken})} kinds: {path}")
