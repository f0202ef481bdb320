"""A scheduler that is not there is one sentence; the sweep's and the table's tests use one that is."""

import pytest

from digitlib.errors import DigitlibError
from digitlib.series import cluster


def test_a_scheduler_without_workers_is_one_sentence(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with LocalCluster(n_workers=0, dashboard_address=None) as empty:
        with pytest.raises(DigitlibError, match=f"no worker at {empty.scheduler_address}: start one with"):
            cluster.client(empty.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_no_scheduler_is_one_sentence(monkeypatch, address):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(DigitlibError, match=f"no Dask scheduler answers at {address}"):
        cluster.client(address)
