"""Read many pictures into one table: folders, patterns and scans of many pages, in parallel, resumable.

What is read is kept at once in a journal beside the table, a line a picture. The table itself appears whole
when everything is read; a stopped reading goes on from its journal.
"""

import csv
import functools
import itertools
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from digitlib.doors import sources
from digitlib.errors import DigitlibError, PartFailed, in_words
from digitlib.files import whole_file, writing
from digitlib.logs import log, no_progress
from digitlib.networks.lite import THREADS
from digitlib.pictures import source
from digitlib.reading.recognizer import Recognizer

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

FORMATS = (".csv", ".jsonl", ".parquet")  # that a table can have
COLUMNS = ("path", "page", "text", "lines", "rotation", "confidence", "score", "error")
ROW_GROUP = 10_000  # rows that are held at once while a Parquet table is written
AHEAD = 8  # pictures a worker that are read or wait to be, which bounds memory

Row = dict[str, Any]  # what is said of a picture, as `reading.result.Reading.as_dict`, or its `error`


class Item(NamedTuple):
    """One page to read: the how manieth of all, its file, its place in it from 0, and how many that has."""

    number: int
    path: str
    page: int
    pages: int


Reader = Callable[[Iterable[Item]], Iterator[tuple[Item, Row]]]


def pages(names: Iterable[str]) -> Iterator[Item]:
    """Yield every page of every file; one that cannot be opened has one, which will say so."""
    number = itertools.count(1)
    for name in names:
        several = Path(name).suffix.lower() in source.PAGED_SUFFIXES
        try:
            pages = source.count_pages(sources.given(name)) if several else 1
        except DigitlibError:  # reading it will say what is wrong
            pages = 1
        yield from (Item(next(number), name, page, pages) for page in range(pages))


@functools.lru_cache(maxsize=1)
def recognizer(model: str | Path | None) -> Recognizer:
    """Load the networks once a process."""
    return Recognizer.load(model)


def read_one(
    item: Item,
    model: str | Path | None,
    *,
    single: bool = False,
    show: Path | None = None,
    debug: bool = False,
    base: str = "",
) -> Row:
    """Read one page; whatever is wrong with it stands in the row.

    Args:
        item: which one; the path `-` is standard input.
        model: of the digit network, as for `Recognizer.load`.
        single: it holds one digit.
        show: a folder to draw the reading into.
        debug: let errors through that are no `DigitlibError`.
        base: the folder that relative paths start from; empty: that of this process.
    """
    try:
        held = sources.given(item.path, base)
        reading = recognizer(model).read(held, single=single, page=item.page, name=item.path)
        if show:
            from digitlib.measuring import plots

            plots.use_style()
            plots.save(reading.show(), show / f"{Path(item.path).stem}-reading{item.number}.png")
        return reading.as_dict()
    except Exception as error:  # a bug, too, costs one picture only
        if debug and not isinstance(error, DigitlibError):
            raise
        return {"error": in_words(error)[1]}


def read_all(
    items: Iterable[Item], *, work: Callable[[Item], Row], workers: int = 1, scheduler: str | None = None
) -> Iterator[tuple[Item, Row]]:
    """Read pages in parallel and yield them in order.

    Args:
        items: which ones; asked for a few ahead, so that there may be very many.
        work: what is done with one.
        workers: processes on this machine.
        scheduler: address of a Dask scheduler whose workers do it instead; they must see the same files.

    Raises:
        DigitlibError: if no scheduler answers, or a process was killed.
    """
    if workers == 1 and scheduler is None:
        yield from ((item, work(item)) for item in items)
        return
    with _pool(workers, scheduler) as (pool, ahead):
        waiting: deque[tuple[Item, Future[Row]]] = deque()
        try:
            for item in items:
                waiting.append((item, pool.submit(work, item)))
                if len(waiting) >= ahead:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        finally:  # after Ctrl-C, what has not begun is left
            for _, job in waiting:
                job.cancel()


def _first(waiting: "deque[tuple[Item, Future[Row]]]") -> tuple[Item, Row]:
    """Wait for the first page that is being read; what is wrong with a page itself stands in its row."""
    item, job = waiting.popleft()
    try:
        return item, job.result()
    except Exception as error:
        why = f"{type(error).__name__}: {error}".rstrip(": ")
        way = "fewer --workers need less memory, --resume goes on with a table"
        raise PartFailed(f"a process that reads ended before its time ({why}): {way}") from error


def _begin() -> None:
    """Prepare a process that reads: Ctrl-C is for the one that started it, and each has one processor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault(THREADS, "1")


@contextmanager
def _pool(workers: int, scheduler: str | None) -> "Iterator[tuple[Executor | Any, int]]":
    """Give what runs work, and how much of it may wait there."""
    if scheduler is None:
        from digitlib import processes  # here, because one picture needs none

        with processes.pool(workers, _begin) as pool:
            yield pool, AHEAD * workers
        return
    from digitlib.series import cluster

    with cluster.client(scheduler) as client:
        yield client, AHEAD * max(1, sum(client.nthreads().values()))


def tabulate(names: list[str], read: Reader, table: Path, *, resume: bool) -> tuple[int, int]:
    """Read files into a table, with a progress bar.

    Args:
        names: the files.
        read: yields a row for each page that it is given, as `read_all`.
        table: where the table will be.
        resume: go on with one that was stopped.

    Returns:
        How many pages could not be read, and how many the table holds.
    """
    from tqdm import tqdm

    with (
        Journal(table, resume=resume) as journal,
        tqdm(total=len(names), desc="pictures", unit="file", disable=no_progress()) as bar,
    ):
        items = (item for item in pages(names) if (item.path, item.page) not in journal.done)
        bar.update(len({path for path, _ in journal.done} & set(names)))
        for item, row in read(items):
            journal.add(item, row)
            bar.update(item.page == 0)
        journal.finish()
        return journal.failed, len(journal.done)


class Journal:
    """What is read so far: JSON lines beside the table, one a page, until the table is whole.

    Attributes:
        done: path and page of all that is read, also by earlier calls.
        failed: how many of these could not be opened.
    """

    def __init__(self, table: Path, *, resume: bool) -> None:
        """Open the journal of a table.

        Args:
            table: where the table will be, a `.csv`, `.jsonl` or `.parquet` file.
            resume: go on after what an earlier call left.

        Raises:
            DigitlibError: if the table cannot be written, has another suffix, or an earlier call was stopped.
        """
        if table.suffix not in FORMATS:
            raise DigitlibError(
                f"no table can be written to {table}: its name must end in {', '.join(FORMATS)}"
            )
        if table.suffix == ".parquet" and not find_spec("pyarrow"):
            raise DigitlibError("a .parquet table needs a package: pip install 'digitlib[parquet]'")
        self.table, self.path = table, table.with_name(f"{table.name}.unfinished")
        if self.path.is_file() and not resume:
            raise DigitlibError(f"{self.path} is of a reading that was stopped: add --resume, or delete it")
        self.done: set[tuple[str, int]] = set()
        self.failed = 0
        with writing(table):
            table.parent.mkdir(parents=True, exist_ok=True)
            if table.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            self._file = self.path.open("a+", encoding="utf-8", newline="\n")
            self._take_up()

    def _take_up(self) -> None:
        """Note what earlier calls left, and cut off the half line of one that was killed."""
        self._file.seek(0)
        whole = 0
        for line in iter(self._file.readline, ""):
            if not line.endswith("\n"):
                break
            self._note(json.loads(line))
            whole = self._file.tell()
        self._file.truncate(whole)

    def _note(self, row: Row) -> None:
        self.done.add((row["path"], row["page"] - 1))
        self.failed += "error" in row

    def __enter__(self) -> "Journal":
        """Use it until the block ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the file; what was added stays."""
        self._file.close()
        if not self.done:
            self.path.unlink(missing_ok=True)
        elif kind is KeyboardInterrupt:
            log.warning("%d are read already: the same command with --resume goes on", len(self.done))

    def add(self, item: Item, row: Row) -> None:
        """Keep what was read of a page."""
        kept = {"path": item.path, "page": item.page + 1, **row}
        with writing(self.table):
            self._file.write(json.dumps(kept) + "\n")
            self._file.flush()
        self._note(kept)

    def finish(self) -> None:
        """Make the table of the journal."""
        self._file.close()
        if self.table.suffix == ".jsonl":  # it is one
            os.replace(self.path, self.table)
            return
        with whole_file(self.table) as aside, self.path.open(encoding="utf-8") as lines:
            write = _write_csv if self.table.suffix == ".csv" else _write_parquet
            write((_flat(json.loads(line)) for line in lines), aside)
        self.path.unlink()


def _flat(row: Row) -> Row:
    """Return the `COLUMNS` of a row, its lines as one text."""
    row = row | {"lines": " / ".join(row.get("lines", []))}
    return {name: _printable(row.get(name)) for name in COLUMNS}


def _printable(value: Any) -> Any:
    """Return a text as it can be written: a file's name may hold bytes that are none."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _write_csv(rows: Iterable[Row], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _write_parquet(rows: Iterator[Row], path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    kinds = [pyarrow.string(), pyarrow.int32(), *2 * [pyarrow.string()], pyarrow.int32()]
    kinds += [*2 * [pyarrow.float64()], pyarrow.string()]
    schema = pyarrow.schema(list(zip(COLUMNS, kinds, strict=True)))
    with parquet.ParquetWriter(path, schema) as writer:
        while part := list(itertools.islice(rows, ROW_GROUP)):
            writer.write_table(pyarrow.Table.from_pylist(part, schema))
