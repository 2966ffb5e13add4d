"""Errors that teach: what was given, what was expected, what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class VlmdiagError(Exception):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    message : str
        What was given and what was expected, in one or two plain sentences.
    hint : str, optional
        What to type or do next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class InputError(VlmdiagError, ValueError):
    """Something the user gave cannot be used as it is."""


class DeviceError(VlmdiagError, RuntimeError):
    """A device was asked for that is absent, or it ran out of memory for good."""


class WeightsError(VlmdiagError, OSError):
    """Model weights cannot be found, reached or read."""


class CacheError(VlmdiagError, OSError):
    """The embedding cache cannot be written or read."""


def nearest_names(given: str, known: Iterable[str], n: int = 5) -> list[str]:
    """Return up to `n` known names that look like `given`, nearest first."""
    names = list(known)
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(given.lower(), by_lower, n=n, cutoff=0.4)
    return [by_lower[name] for name in close]
