"""Progress and cancellation: one callable that long work calls between batches."""

from __future__ import annotations

from collections.abc import Callable

#: Called as ``progress(done, total)`` between batches. It may raise `Cancelled`,
#: which the work must let through after leaving caches whole.
ProgressFn = Callable[[int, int], None]


class Cancelled(Exception):
    """Raised from inside a progress callable when the user cancelled the work."""


def no_progress(done: int, total: int) -> None:
    """Ignore progress; the default of every long function."""
