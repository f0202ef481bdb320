"""A scheduler that is not there is one sentence; the sweep's and the table's tests use one that is."""

import pytest

from digitlib.errors import DigitlibError
from digitlib.series import cluster


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_no_scheduler_is_one_sentence(monkeypatch, address):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(DigitlibError, match=f"no Dask scheduler answers at {address}"):
        cluster.client(address)
