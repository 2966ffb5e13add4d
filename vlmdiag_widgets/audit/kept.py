"""Values and failures of results, by name and key: what makes an undo instant."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import Any

from vlmdiag_widgets._errors import VlmdiagError

#: Failures remembered; older ones are simply tried again.
MAX_FAILURES = 200


class Kept:
    """What has been computed. Not safe for threads by itself: the graph holds its lock."""

    def __init__(self, names: Iterable[str]) -> None:
        self._values: dict[str, OrderedDict[str, Any]] = {name: OrderedDict() for name in names}
        self._failures: OrderedDict[tuple[str, str], VlmdiagError] = OrderedDict()
        self._last: dict[str, Any] = {}

    def has(self, name: str, key: str) -> bool:
        """Tell whether a value is there."""
        return key in self._values[name]

    def get(self, name: str, key: str) -> Any:
        """Return a value, which counts as used now."""
        self._values[name].move_to_end(key)
        return self._values[name][key]

    def put(
        self, name: str, key: str, value: Any, *, most: int, needed: Collection[tuple[str, str]]
    ) -> None:
        """Keep a value; beyond `most` the longest unused ones go, unless they are needed."""
        values = self._values[name]
        values[key] = value
        for old in list(values):
            if len(values) <= most:
                break
            if old != key and (name, old) not in needed:
                del values[old]

    def count(self, name: str) -> int:
        """Return how many values of a result are there."""
        return len(self._values[name])

    # -- the last good value -----------------------------------------------------------------

    def show(self, name: str, value: Any) -> None:
        """Note a value as the last good one."""
        self._last[name] = value

    def was_shown(self, name: str) -> bool:
        """Tell whether there is a last good value."""
        return name in self._last

    def last(self, name: str) -> Any:
        """Return the last good value, or None."""
        return self._last.get(name)

    # -- failures ----------------------------------------------------------------------------

    def fail(self, name: str, key: str, error: VlmdiagError) -> None:
        """Note why a value could not be computed."""
        self._failures[name, key] = error
        while len(self._failures) > MAX_FAILURES:
            self._failures.popitem(last=False)

    def failure(self, name: str, key: str) -> VlmdiagError | None:
        """Return why a value could not be computed, or None."""
        return self._failures.get((name, key))

    def forgive(self, name: str, key: str) -> None:
        """Forget a failure."""
        self._failures.pop((name, key), None)
