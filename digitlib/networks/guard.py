"""Look into a model file of unknown origin before Keras does: no code, no links, no bombs, nothing absurd.

Keras refuses what would run code (`safe_mode`), but only after TensorFlow has been loaded, and it believes
what a file says of its own sizes. Here zip and HDF5 are read as data, within limits.

Reference:
    Keras' advisories CVE-2025-1550 (code from a config), CVE-2026-1669 (external links in HDF5) and
    CVE-2026-0897 (shapes of HDF5 as bombs).
"""

import io
import json
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from digitlib.errors import DigitlibError

PATIENCE = 10  # seconds, where an honest file takes a tenth of one
MOST_BYTES = 1_000_000_000  # of all weights, whatever they are packed into
MOST_CONFIG = 5_000_000  # bytes of JSON that describe the layers
MOST_MEMBERS = 20  # files in a .keras file, which has three
MOST_OBJECTS = 20_000  # groups and data sets in HDF5
MOST_DEPTH = 60  # of groups in groups, or of JSON in JSON
MOST_LAYERS = 2_000
WIDEST = 50_000  # units, filters or the like of one layer
SIZES = (  # settings of layers that decide how much memory they take
    "units", "filters", "depth_multiplier", "batch_shape", "input_shape", "batch_input_shape", "target_shape",
    "kernel_size", "pool_size", "size", "input_dim", "output_dim", "num_heads", "key_dim", "n", "padding",
    "height", "width",
)  # fmt: skip
PARTS = ("config.json", "metadata.json", "model.weights.h5")  # of a .keras file
RUNS_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
READS_FILES = ("StringLookup", "IntegerLookup", "TextVectorization")


def check(path: Path) -> None:
    """Refuse a `.h5` or `.keras` file that Keras should not be given.

    Args:
        path: the file.

    Raises:
        DigitlibError: that names the file and what is wrong with it.
    """
    if path.stat().st_size > MOST_BYTES:
        raise _refused(path, f"it is larger than {MOST_BYTES // 1_000_000} MB")
    if path.suffix == ".keras":
        _check_zip(path)
    else:
        with path.open("rb") as file:
            config = _check_hdf5(path, file)
        if config is None:
            raise _refused(path, "it holds weights alone, and no description of layers")
        _check_config(path, config)


def check_apart(path: Path) -> None:
    """Check a file in a process of its own: a damaged one can crash HDF5's library, or keep it busy for ever.

    Args:
        path: the file.

    Raises:
        DigitlibError: as `check`, and if that process fails or takes longer than `PATIENCE`.
    """
    command = [sys.executable, "-m", "digitlib.networks.guard", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise _refused(path, f"looking into it takes more than {PATIENCE} s, so it is damaged") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        if said and said[-1].startswith("error: "):
            raise DigitlibError(said[-1].removeprefix("error: "))
        raise _refused(path, "looking into it fails, so it is damaged")


def _refused(path: Path, why: str) -> DigitlibError:
    """Return the error for a file."""
    return DigitlibError(f"{path} is refused: {why}; use a network of somebody you trust")


def _check_zip(path: Path) -> None:
    """Check the members of a .keras file, then what they hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(path, members)
            names = [member.filename for member in members]
            if missing := [name for name in PARTS if name not in names and name != "metadata.json"]:
                raise _refused(path, f"it holds no {missing[0]}")
            config = _unpacked(archive, "config.json", MOST_CONFIG)
            weights = _unpacked(archive, "model.weights.h5", MOST_BYTES)
    except DigitlibError:
        raise
    except Exception as error:  # zipfile and what unpacks raise BadZipFile, EOFError, zlib.error and others
        raise _refused(path, f"it is no whole .keras file ({error})") from error
    _check_config(path, config)
    _check_hdf5(path, io.BytesIO(weights))


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Check names, kinds and sizes of what is packed."""
    if len(members) > MOST_MEMBERS:
        raise _refused(path, f"{len(members)} files are packed in it, not three")
    for member in members:
        place = PurePosixPath(member.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in member.filename:
            raise _refused(path, f"{member.filename!r} in it would be written outside of its folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _refused(path, f"{member.filename!r} in it is a link")
        if member.flag_bits & 1:
            raise _refused(path, f"{member.filename!r} in it is encrypted")
        if member.filename not in PARTS:
            raise _refused(path, f"it carries {member.filename!r}, which no network of digits needs")
        if member.file_size > (MOST_BYTES if member.filename.endswith(".h5") else MOST_CONFIG):
            raise _refused(path, f"{member.filename!r} unpacks to {member.file_size / 1e6:,.0f} MB")
    if len({member.filename for member in members}) < len(members):
        raise _refused(path, "two files in it have one name")


def _unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Unpack a member, but never more than it may hold, whatever it says of itself."""
    with archive.open(name) as member:
        content = member.read(most + 1)
    if len(content) > most:
        raise zipfile.BadZipFile(f"{name} unpacks to more than {most // 1_000_000} MB")
    return content


def _check_hdf5(path: Path, file: BinaryIO) -> bytes | str | None:
    """Check every object of an HDF5 file; return the description of layers, if it carries one."""
    try:
        import h5py
    except ImportError as error:
        raise DigitlibError(f"opening {path} needs h5py: pip install 'digitlib[train]'") from error
    try:
        with h5py.File(file, "r") as root:
            declared = 0
            for count, (name, item) in enumerate(_objects(path, root, h5py)):
                if count > MOST_OBJECTS:
                    raise _refused(path, f"it holds more than {MOST_OBJECTS:,} parts")
                if isinstance(item, h5py.Dataset):
                    if item.external or item.is_virtual:
                        raise _refused(path, f"the numbers of {name!r} lie in another file")
                    if item.dtype.kind not in "fiub":
                        raise _refused(path, f"{name!r} holds {item.dtype}, not numbers")
                    declared += item.size * item.dtype.itemsize
                    if declared > MOST_BYTES:
                        raise _refused(path, f"its weights claim {declared / 1e6:,.0f} MB, from {name!r} on")
            return root.attrs.get("model_config")
    except DigitlibError:
        raise
    except Exception as error:  # HDF5's library raises OSError, KeyError, RuntimeError, ValueError and others
        raise _refused(path, f"it is no whole HDF5 file ({error})") from error


def _objects(path: Path, root: Any, h5py: Any) -> Iterator[tuple[str, Any]]:
    """Walk through groups and data sets; links to elsewhere are refused before they are followed."""
    waiting, known = [("", root, 0)], set()
    while waiting:
        name, group, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise _refused(path, f"its groups lie more than {MOST_DEPTH} deep")
        if hash(group.id) in known:
            raise _refused(path, f"{name!r} in it contains itself")
        known.add(hash(group.id))
        for key in group:
            place = f"{name}/{key}"
            link = group.get(key, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise _refused(path, f"{place!r} in it is a link to the file {link.filename!r}")
            if isinstance(link, h5py.SoftLink):
                raise _refused(path, f"{place!r} in it is a link to {link.path!r}")
            item = group[key]
            yield place, item
            if isinstance(item, h5py.Group):
                waiting.append((place, item, depth + 1))


def _check_config(path: Path, text: bytes | str) -> None:
    """Check the description of layers: classes of Keras alone, of sizes that make sense."""
    if len(text) > MOST_CONFIG:
        raise _refused(path, f"its layers are described in more than {MOST_CONFIG // 1_000_000} MB")
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(path, "the description of its layers is no JSON, or nested too deeply") from error
    layers = 0
    waiting = [(config, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise _refused(path, "the description of its layers is nested too deeply")
        if isinstance(value, dict):
            _check_class(path, value)
            layers += "inbound_nodes" in value or "build_config" in value
            for name, inner in value.items():
                _check_size(path, name, inner)
            # How it was trained is of no interest, and not loaded either.
            waiting += [(inner, depth + 1) for key, inner in value.items() if key != "compile_config"]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]
    if layers > MOST_LAYERS:
        raise _refused(path, f"it describes {layers:,} layers")


def _check_class(path: Path, described: dict[str, Any]) -> None:
    """Refuse what is described to be of a class that runs code, reads files, or is not of Keras."""
    kind, module = described.get("class_name"), described.get("module")
    if kind in RUNS_CODE or kind == "__lambda__":
        raise _refused(path, f"it holds a {kind} layer, which runs code from the file")
    if kind in READS_FILES:
        raise _refused(path, f"it holds a {kind} layer, which may read other files")
    foreign = isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins")
    registered = described.get("registered_name")
    if foreign or (isinstance(registered, str) and ">" in registered):
        raise _refused(path, f"it needs {registered or module!r}, which is not of Keras")


def _check_size(path: Path, name: str, value: Any) -> None:
    """Refuse absurd sizes of layers."""
    if name not in SIZES:
        return
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, int | float) and abs(number) > WIDEST:
            raise _refused(path, f"a layer of it has {name} {number:,}")


if __name__ == "__main__":
    try:
        check(Path(sys.argv[1]))
    except DigitlibError as refusal:
        sys.exit(f"error: {refusal}")
