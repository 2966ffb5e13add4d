"""What every test shares: a private cache, no network, and GPU tests only where there is a GPU."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from pathlib import Path

import pytest

# Set before torch or the hub is imported; kernels and servers that tests start inherit it.
_PRIVATE = tempfile.TemporaryDirectory(prefix="vlmdiag-tests-")
os.environ["VLMDIAG_CACHE"] = str(Path(_PRIVATE.name) / "cache")
os.environ["IPYTHONDIR"] = str(Path(_PRIVATE.name) / "ipython")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "2")

# A job started in the background inherits that Ctrl-C is ignored; tests of Ctrl-C need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def cuda_is_there() -> bool:
    """Ask torch, which is slow to import, only when a GPU test was collected."""
    import torch

    return torch.cuda.is_available()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out (not skip) tests marked ``gpu`` where there is no CUDA device."""
    gpu = [item for item in items if item.get_closest_marker("gpu")]
    if gpu and not cuda_is_there():
        config.hook.pytest_deselected(items=gpu)
        items[:] = [item for item in items if item not in gpu]


def pytest_unconfigure() -> None:
    """Remove the private cache."""
    _PRIVATE.cleanup()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test whose own process reaches for another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        internet = self.family in (socket.AF_INET, socket.AF_INET6)
        if internet and not str(address[0]).startswith(("127.", "::1", "localhost")):
            pytest.fail(f"a test tried to reach {address!r}: tests run without a network")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
