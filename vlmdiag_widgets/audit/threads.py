"""Small matrices on one thread: several threads wait for one another on a busy machine."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import threadpoolctl  # type: ignore[import-untyped]


@functools.cache
def _controller() -> Any:
    return threadpoolctl.ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let NumPy and SciPy compute on one thread inside; also a decorator.

    For matrices of some hundred rows nothing is lost. On two cores that a browser also wants,
    the threads of an eigenvalue problem spin for each other ten times as long as it takes.
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield
