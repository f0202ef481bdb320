"""Read many pictures into one table: folders, patterns and scans of many pages, in parallel, resumable."""

import functools
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from digitlib.doors import sources
from digitlib.doors.journal import Journal, Row
from digitlib.errors import DigitlibError, PartFailed, in_words
from digitlib.logs import log, no_progress
from digitlib.networks.lite import on_one_processor
from digitlib.pictures import source
from digitlib.reading.recognizer import Recognizer
from digitlib.reading.result import Reading

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

AHEAD = 8  # pictures a worker that are read or wait to be, which bounds memory


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
        several = sources.suffix(name) in source.PAGED_SUFFIXES
        try:
            pages = source.count_pages(sources.given(name)) if several else 1
        except (DigitlibError, OSError):  # reading it will say what is wrong
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
        if reading.pages > item.pages:
            pages = item.path, reading.pages
            log.warning("%s has %d pages, of which the first is read: name it .pdf or .tif", *pages)
        if show:
            _draw(reading, show / f"{Path(item.path).stem}-reading{item.number}.png")
        return reading.as_dict()
    except Exception as error:  # a bug, too, costs one picture only
        if debug and not isinstance(error, DigitlibError):
            raise
        return {"error": in_words(error)[1]}


def _draw(reading: Reading, path: Path) -> None:
    """Draw a reading; one that cannot be drawn is a reading all the same."""
    from digitlib.measuring import plots

    plots.use_style()
    try:
        plots.save(reading.show(), path)
    except DigitlibError as error:
        log.warning("it is read, but not drawn: %s", error)


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


@contextmanager
def _pool(workers: int, scheduler: str | None) -> "Iterator[tuple[Executor | Any, int]]":
    """Give what runs work, and how much of it may wait there."""
    if scheduler is None:
        from digitlib import processes  # here, because one picture needs none

        with processes.pool(workers, on_one_processor) as pool:
            yield pool, AHEAD * workers
        return
    from digitlib.series import cluster

    with cluster.client(scheduler) as client:
        yield client, AHEAD * max(1, sum(client.nthreads().values()))


def tabulate(
    names: list[str], read: Reader, table: Path, *, resume: bool, settings: Mapping[str, Any]
) -> tuple[int, int]:
    """Read files into a table, with a progress bar.

    Args:
        names: the files.
        read: yields a row for each page that it is given, as `read_all`.
        table: where the table will be.
        resume: go on with one that was stopped; what failed is tried again.
        settings: what decides the answers: a reading goes on only with the same.

    Returns:
        How many pages could not be read, and how many the table holds.
    """
    from tqdm import tqdm

    with (
        Journal(table, settings, resume=resume) as journal,
        tqdm(total=len(names), desc="pictures", unit="file", disable=no_progress()) as bar,
    ):
        items = (item for item in pages(names) if (item.path, item.page) not in journal.done)
        bar.update(len({path for path, _ in journal.done} & set(names)))
        for item, row in read(items):
            journal.add(item.path, item.page, row)
            bar.update(item.page == 0)
        journal.finish()
        return journal.failed, len(journal.done)
