"""The table of what is read, and the journal beside it, from which a reading that was stopped goes on.

What is read is kept at once in the journal, a line a page. The table itself appears whole when everything is
read.
"""

import contextlib
import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from digitlib.errors import DigitlibError, PartFailed
from digitlib.files import printable, whole_file, writing
from digitlib.logs import log

FORMATS = (".csv", ".jsonl", ".parquet")  # that a table can have
COLUMNS = ("path", "page", "text", "lines", "rotation", "confidence", "score", "error")
ROW_GROUP = 10_000  # rows that are held at once while a Parquet table is written

Row = dict[str, Any]  # what is said of a picture, as `reading.result.Reading.as_dict`, or its `error`


class Journal:
    """What is read so far: JSON lines beside the table, settings, then one a page, until the table is whole.

    Attributes:
        done: path and page of all that is read, also by earlier calls.
        failed: how many of these could not be read.
    """

    def __init__(self, table: Path, settings: Mapping[str, Any], *, resume: bool) -> None:
        """Open the journal of a table.

        Args:
            table: where the table will be, a `.csv`, `.jsonl` or `.parquet` file.
            settings: of the reading, by name; values that JSON knows.
            resume: go on after what an earlier call left.

        Raises:
            DigitlibError: if the table cannot be written, has another suffix, is being written by another
                process, or an earlier call was stopped and is not to go on, or had other settings, or ended.
        """
        if table.suffix not in FORMATS:
            raise DigitlibError(
                f"no table can be written to {table}: its name must end in {', '.join(FORMATS)}"
            )
        if table.suffix == ".parquet" and not find_spec("pyarrow"):
            raise DigitlibError("a .parquet table needs a package: pip install 'digitlib[parquet]'")
        self.table, self.path = table, table.with_name(f"{table.name}.unfinished")
        self.done: set[tuple[str, int]] = set()
        self.failed = 0
        self._lock = FileLock(table.with_name(f"{table.name}.lock"))
        with writing(table):
            table.parent.mkdir(parents=True, exist_ok=True)
            if table.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            try:
                self._lock.acquire(timeout=0)
            except Timeout as error:
                raise DigitlibError(f"another reading writes {table}: wait, or name another table") from error
            try:
                self._open({"settings": dict(settings)}, resume)
            except BaseException:
                self._unlock()
                raise

    def _open(self, first: Row, resume: bool) -> None:
        """Begin with a first line, and with what an earlier call read; what failed is tried again."""
        if self.path.is_file() and not resume:
            raise DigitlibError(f"{self.path} is of a reading that was stopped: add --resume, or delete it")
        if self.table.is_file() and resume and not self.path.is_file():
            raise DigitlibError(f"{self.table} is whole: leave out --resume to read everything anew")
        with whole_file(self.path) as aside, aside.open("w", encoding="utf-8", newline="\n") as kept:
            kept.write(json.dumps(first) + "\n")
            kept.writelines(self._left(first))
        self._file = self.path.open("a", encoding="utf-8", newline="\n")

    def _left(self, first: Row) -> Iterator[str]:
        """Yield the lines that an earlier call left, but no errors, and not the half line of a kill."""
        if not self.path.is_file():
            return
        with self.path.open(encoding="utf-8", newline="\n") as lines:
            try:
                begun = json.loads(lines.readline())["settings"]
                for name, value in first["settings"].items():
                    if begun[name] != value:
                        was = f"was begun with {name} {begun[name]}, not {value}"
                        raise DigitlibError(f"{self.path} {was}: give the same again, or delete it")
                for line in lines:
                    if line.endswith("\n") and "error" not in (row := json.loads(line)):
                        self._note(row)
                        yield line
            except (LookupError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
                raise DigitlibError(f"{self.path} is damaged: delete it, and read anew") from error

    def _unlock(self) -> None:
        """Remove the lock while it is held, or another reading might hold what is removed."""
        path = Path(self._lock.lock_file)
        with contextlib.suppress(PermissionError):  # Windows removes no file that is open
            path.unlink(missing_ok=True)
        self._lock.release()

    def _note(self, row: Row) -> None:
        self.done.add((row["path"], row["page"] - 1))
        self.failed += "error" in row

    def __enter__(self) -> "Journal":
        """Use it until the block ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the file; what was added stays."""
        with contextlib.suppress(OSError):  # of a full disk, as `add` has said
            self._file.close()
        if not self.done:
            self.path.unlink(missing_ok=True)
        elif kind is KeyboardInterrupt:
            log.warning("%d are read already: the same command with --resume goes on", len(self.done))
        self._unlock()

    def add(self, path: str, page: int, row: Row) -> None:
        """Keep what was read of a page of a file, counted from 0."""
        kept = {"path": path, "page": page + 1, **row}
        try:
            self._file.write(json.dumps(kept) + "\n")
            self._file.flush()
        except OSError as error:
            raise PartFailed(f"{self.path} cannot be written: {error.strerror}; --resume goes on") from error
        self._note(kept)

    def finish(self) -> None:
        """Make the table of the journal."""
        self._file.close()
        write = {".csv": _write_csv, ".jsonl": _write_lines, ".parquet": _write_parquet}[self.table.suffix]
        try:
            with whole_file(self.table) as aside, self.path.open(encoding="utf-8", newline="\n") as lines:
                next(lines)  # the settings
                write(lines, aside)
        except DigitlibError as error:
            raise PartFailed(f"all is read, and --resume makes the table of it, but {error}") from error
        self.path.unlink()


def _flat(row: Row) -> Row:
    """Return the `COLUMNS` of a row, its lines as one text."""
    row = row | {"lines": " / ".join(row.get("lines", []))}
    values = {name: row.get(name) for name in COLUMNS}
    return {name: printable(value) if isinstance(value, str) else value for name, value in values.items()}


def _write_lines(lines: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def _write_csv(lines: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(_flat(json.loads(line)) for line in lines)


def _write_parquet(lines: Iterable[str], path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    kinds = [pyarrow.string(), pyarrow.int32(), *2 * [pyarrow.string()], pyarrow.int32()]
    kinds += [*2 * [pyarrow.float64()], pyarrow.string()]
    schema = pyarrow.schema(list(zip(COLUMNS, kinds, strict=True)))
    with parquet.ParquetWriter(path, schema) as writer:
        rows = (_flat(json.loads(line)) for line in lines)
        while part := list(itertools.islice(rows, ROW_GROUP)):
            writer.write_table(pyarrow.Table.from_pylist(part, schema))
