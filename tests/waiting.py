"""Wait for something that another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(attempt: Callable[[], T], *, seconds: float, pause: float = 0.2) -> T:
    """Call `attempt` until it returns something true without raising OSError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := attempt():
                return found
            error: OSError | None = None
        except OSError as again:
            error = again
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came in {seconds} s") from error
        time.sleep(pause)
