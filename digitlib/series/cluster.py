"""Reach the workers of a Dask cluster that is there already; none of ours is started."""

from typing import TYPE_CHECKING

from digitlib.errors import DigitlibError

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 10  # seconds, for a scheduler to answer, and for its first worker


def client(scheduler: str) -> "Client":
    """Connect to a scheduler; what is submitted runs on its workers, which must see the same files.

    Args:
        scheduler: its address, such as `tcp://192.0.2.1:8786`.

    Raises:
        DigitlibError: if none answers there, or it has no worker.
    """
    from distributed import Client

    try:
        found = Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError, TypeError) as error:
        raise DigitlibError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    try:
        found.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        found.close()
        raise DigitlibError(f"no worker at {scheduler}: start one with dask worker {scheduler}") from error
    return found
