"""Model files that want something else than to be read are refused, each with its own sentence, at once."""

import io
import json
import shutil
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest

from digitlib import Recognizer, files
from digitlib.errors import DigitlibError
from digitlib.networks import guard

LAYER = {"class_name": "Dense", "module": "keras.layers", "config": {"units": 10}, "registered_name": None}


def described(layer=LAYER):
    return {
        "class_name": "Functional",
        "module": "keras.src.models.functional",
        "config": {"layers": [layer]},
    }


def weights(change=None) -> bytes:
    """A small HDF5 file of weights, in which something may be changed."""
    packed = io.BytesIO()
    with h5py.File(packed, "w") as root:
        root["layers/dense/vars/0"] = np.zeros((4, 10), np.float32)
        if change:
            change(root)
    return packed.getvalue()


def keras(path, config=None, hdf5=None, others=()):
    """Write a .keras file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(described()) if config is None else config)
        archive.writestr("model.weights.h5", weights() if hdf5 is None else hdf5)
        for name, content in others:
            archive.writestr(name, content)


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def deep(root):
    for _ in range(guard.MOST_DEPTH + 5):
        root = root.create_group("g")


def circle(root):
    root["layers/again"] = root["layers"]


def huge(root):
    root.create_dataset("huge", (10**6, 10**6), np.float32, chunks=(10, 10))


def outside(root):
    root.create_dataset("out", (4,), np.float32, external=[("/etc/hostname", 0, 16)])


def virtual(root):
    layout = h5py.VirtualLayout((4,), np.float32)
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (4,))
    root.create_virtual_dataset("virtual", layout)


def layer(kind, **more):
    return json.dumps(described(LAYER | {"class_name": kind} | more))


def nested(depth):
    return "[" * depth + "]" * depth


KERAS = {  # what is written, and what is said of it
    "a Lambda layer": ({"config": layer("Lambda")}, "a Lambda layer, which runs code"),
    "a lambda inside": (
        {"config": layer("Dense", config={"activation": {"class_name": "__lambda__"}})}, "runs code"
    ),
    "a SavedModel": ({"config": layer("TFSMLayer")}, "a TFSMLayer layer, which runs code"),
    "a pickled module": ({"config": layer("TorchModuleWrapper")}, "a TorchModuleWrapper layer, which runs"),
    "a vocabulary": ({"config": layer("StringLookup")}, "may read other files"),
    "a foreign module": ({"config": layer("X", module="os")}, "needs 'os', which is not of Keras"),
    "a registered class": ({"config": layer("X", registered_name="pkg>X")}, "needs 'pkg>X'"),
    "an absurd width": ({"config": layer("Dense", config={"units": 10**9})}, "has units 1,000,000,000"),
    "an absurd shape": ({"config": layer("Reshape", config={"target_shape": [10**9, 1]})}, "target_shape"),
    "too many layers": (
        {"config": json.dumps({"layers": [{"inbound_nodes": []}] * 3_000})}, "describes 3,000 layers"
    ),
    "JSON in JSON": ({"config": nested(100)}, "nested too deeply"),
    "JSON without end": ({"config": nested(100_000)}, "nested too deeply"),
    "no JSON": ({"config": "{"}, "is no JSON"),
    "a padded config": ({"config": " " * 10_000_000}, "'config.json' unpacks to 10 MB"),
    "a way out": ({"others": [("../../evil.py", "x")]}, "outside of its folder"),
    "a way to the root": ({"others": [("/tmp/evil.py", "x")]}, "outside of its folder"),
    "a link": ({"others": [(link("assets"), "/etc")]}, "is a link"),
    "an extra file": ({"others": [("assets/x.py", "x")]}, "which no network of digits needs"),
    "many files": ({"others": [(f"x{i}", "") for i in range(40)]}, "43 files are packed"),
    "a link to a file": (
        {"hdf5": weights(lambda r: r.__setitem__("x", h5py.ExternalLink("/etc/passwd", "/")))},
        "is a link to the file '/etc/passwd'",
    ),
    "a soft link": (
        {"hdf5": weights(lambda r: r.__setitem__("x", h5py.SoftLink("/layers")))}, "is a link to '/layers'"
    ),
    "numbers elsewhere": ({"hdf5": weights(outside)}, "lie in another file"),
    "virtual numbers": ({"hdf5": weights(virtual)}, "lie in another file"),
    "a shape as a bomb": ({"hdf5": weights(huge)}, "its weights claim 4,000,0"),
    "groups in groups": ({"hdf5": weights(deep)}, "more than 60 deep"),
    "a circle": ({"hdf5": weights(circle)}, "contains itself"),
    "text for numbers": ({"hdf5": weights(lambda r: r.__setitem__("x", "text"))}, "not numbers"),
    "half a file": ({"hdf5": weights()[:500]}, "no whole HDF5 file"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "said"), KERAS.values(), ids=KERAS)
def test_a_hostile_keras_file_is_refused_by_name_and_leaves_nothing(tmp_path, parts, said):
    path = tmp_path / "model.keras"
    keras(path, **parts)
    with pytest.raises(DigitlibError) as refused:
        guard.check(path)
    assert said in str(refused.value) and str(path) in str(refused.value)
    assert [each.name for each in tmp_path.iterdir()] == ["model.keras"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no whole HDF5 file"),
        (b"no model", "no whole HDF5 file"),
        (weights(), "weights alone"),
        (weights(lambda r: r.attrs.__setitem__("model_config", layer("Lambda"))), "Lambda"),
        (weights(lambda r: r.attrs.__setitem__("model_config", "[")), "is no JSON"),
    ],
    ids=["empty", "text", "weights", "Lambda", "half a config"],
)
def test_a_hostile_hdf5_file_is_refused(tmp_path, content, said):
    (tmp_path / "model.h5").write_bytes(content)
    with pytest.raises(DigitlibError, match=said):
        guard.check(tmp_path / "model.h5")


def test_an_archive_that_lies_about_its_size_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "MOST_CONFIG", 1_000_000)
    path = tmp_path / "model.keras"
    keras(path, config=json.dumps(described()) + " " * 2_000_000)
    packed = path.read_bytes()
    size = len(json.dumps(described()) + " " * 2_000_000)
    path.write_bytes(packed.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with pytest.raises(DigitlibError, match="is refused"):
        guard.check(path)


def test_a_member_that_cannot_be_unpacked_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    keras(path, config=json.dumps(described()) + " " * 3000)
    packed = bytearray(path.read_bytes())
    start = packed.index(b"config.json") + len("config.json")
    packed[start + 8 : start + 40] = bytes(range(200, 232))
    path.write_bytes(packed)
    with pytest.raises(DigitlibError, match=r"no whole \.keras file"):
        guard.check(path)


def test_looking_into_a_file_apart_says_the_same(tmp_path):
    keras(tmp_path / "evil.keras", config=layer("Lambda"))
    with pytest.raises(DigitlibError) as here:
        guard.check(tmp_path / "evil.keras")
    with pytest.raises(DigitlibError) as apart:
        guard.check_apart(tmp_path / "evil.keras")
    assert str(here.value) == str(apart.value)
    guard.check_apart(files.models() / "model.h5")


def test_a_file_that_keeps_its_library_busy_or_crashes_it_is_refused(tmp_path, monkeypatch):
    (tmp_path / "model.h5").write_bytes(weights())
    monkeypatch.setattr(guard, "PATIENCE", 0.01)
    with pytest.raises(DigitlibError, match=r"model\.h5 is refused: looking into it takes more than"):
        guard.check_apart(tmp_path / "model.h5")
    monkeypatch.setattr(guard, "PATIENCE", 10)
    monkeypatch.setattr(guard.sys, "executable", shutil.which("false"))
    with pytest.raises(DigitlibError, match=r"model\.h5 is refused: looking into it fails"):
        guard.check_apart(tmp_path / "model.h5")


def test_no_archive_is_said_to_be_none(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"PK no archive")
    with pytest.raises(DigitlibError, match=r"no whole \.keras file"):
        guard.check(tmp_path / "model.keras")


def test_how_a_network_was_trained_may_hold_large_numbers(tmp_path):
    schedule = {"class_name": "CosineDecay", "config": {"decay_steps": 10**6}, "module": "somebody.schedules"}
    keras(tmp_path / "model.keras", config=json.dumps(described() | {"compile_config": {"rate": schedule}}))
    guard.check(tmp_path / "model.keras")


@pytest.mark.parametrize("name", ["model.h5", "page/model.h5"])
def test_our_own_networks_pass(name):
    guard.check(files.models() / name)


def test_nothing_is_loaded_to_refuse(tmp_path):
    keras(tmp_path / "evil.keras", config=layer("Lambda"))
    code = (
        "import sys\nfrom digitlib import Recognizer\ntry:\n    Recognizer.load(sys.argv[1])\n"
        "except ValueError as error:\n    print(error)\nprint({'tensorflow', 'keras'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "evil.keras")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Lambda layer, which runs code" in said and said.endswith("set()\n")


def test_an_altered_copy_of_ours_is_refused_before_it_is_opened(tmp_path):
    shutil.copytree(files.models(), tmp_path / "models")
    with (tmp_path / "models" / "model.h5").open("ab") as file:
        file.write(b"x")
    with pytest.raises(DigitlibError, match="is not the file that its card describes"):
        Recognizer.load(tmp_path / "models" / "model.h5")
