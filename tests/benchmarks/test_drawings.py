"""Taking drawings out of free collections: order, direction and what is left out."""

import importlib.util
import json
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from digitlib.data import drawings

SOURCE = Path(__file__).parents[2] / "benchmarks" / "drawings.py"
specification = importlib.util.spec_from_file_location("drawings_of_people", SOURCE)
maker = importlib.util.module_from_spec(specification)
specification.loader.exec_module(maker)


def test_strokes_are_scaled_to_their_square_and_straight_ones_keep_two_points():
    line = np.linspace((10.0, 20.0), (30.0, 120.0), 40)
    (stroke,) = maker.simplified([line])
    assert stroke.tolist() == [[0, 0], [51, 255]]


def test_both_collections_are_read_and_what_looks_like_a_digit_is_not(tmp_path):
    (tmp_path / "python").mkdir()
    text = "START\n0.0,-10.0,0\n0.0,-30.0,5\nBREAK\n0.0,-30.0,9\n15.0,-30.0,12\nBREAK\n"
    for part in (1, 2):
        with ZipFile(tmp_path / "python" / f"strokes_background_small{part}.zip", "w") as packed:
            for number in ("01", "02"):  # a, and b, which passes for a 6
                packed.writestr(f"small{part}/Latin/character{number}/0_01.txt", text)
            packed.writestr(f"__MACOSX/small{part}/Latin/character01/._0_01.txt", "rubbish")
    (tmp_path / "docs" / "sketches").mkdir(parents=True)
    for kind in ("cat", "circle"):
        told = [{"recognized": known, "drawing": [[[0, 100], [0, 50], [0, 9]]]} for known in (True, False)]
        (tmp_path / "docs" / "sketches" / f"{kind}.ndjson").write_text("\n".join(map(json.dumps, told)))
    taken = [*maker.omniglot(tmp_path), *maker.quick_draw(tmp_path)]
    assert [kind for kind, _ in taken] == ["a", "cat"]
    assert [stroke.tolist() for stroke in taken[0][1]] == [[[0, 0], [0, 255]], [[0, 255], [191, 255]]]

    maker.write([taken[1], taken[0], taken[1]], tmp_path / "made.npz")
    every = drawings._every.__wrapped__(tmp_path / "made.npz")
    assert {kind: len(drawn) for kind, drawn in every.items()} == {"a": 1, "cat": 2}
    assert every["cat"][1][0].tolist() == [[0, 0], [255, 128]]
    assert len(every["a"][0]) == 2


def test_symbols_are_named_alike_and_those_that_are_rejected_or_look_like_a_digit_left_out(tmp_path):
    source = tmp_path / "packages" / "data" / "source"
    (source / "samples").mkdir(parents=True)
    (source / "reviews").mkdir()
    (source / "reviews" / "rejected-samples.json").write_text(json.dumps({"rejected": {"bad": {}}}))
    way = [{"x": 0.5, "y": 0.0}, {"x": 0.5, "y": 1.0}]
    for i, name in enumerate(("amssymb:mathcal-lbrace-A-rbrace", "upgreek:Updelta", "tipa:textyogh")):
        drawn = [
            {"id": known, "symbolId": f"latex:{name}", "strokes": [way, way[:1]]} for known in ("bad", "good")
        ]
        (source / "samples" / f"{i}.jsonl").write_text("\n".join(map(json.dumps, drawn)))
    taken = [*maker.detexify(tmp_path)]
    assert [kind for kind, _ in taken] == ["A", "Delta"]
    assert [stroke.tolist() for stroke in taken[0][1]] == [[[0, 0], [0, 255]], [[0, 0], [0, 0]]]
