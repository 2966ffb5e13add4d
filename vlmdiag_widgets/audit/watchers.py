"""Who wants to hear about which results, and what they have been told."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import partial

from vlmdiag_widgets.audit.jobs import Outbox
from vlmdiag_widgets.audit.node import Phase, ResultEvent

Watcher = Callable[[ResultEvent], None]


class Watchers:
    """Watchers by number. Events are posted here and delivered, in order, by the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._numbers = itertools.count(1)
        self._watchers: dict[int, tuple[frozenset[str], Watcher]] = {}
        self._told: dict[str, tuple[Phase, str]] = {}

    def add(self, names: Iterable[str], watcher: Watcher) -> int:
        """Add a watcher of results; returns its number."""
        number = next(self._numbers)
        self._watchers[number] = (frozenset(names), watcher)
        return number

    def remove(self, number: int) -> bool:
        """Remove a watcher, who hears nothing from now on; tells whether it was there."""
        return self._watchers.pop(number, None) is not None

    def names(self) -> list[str]:
        """Return the results that somebody watches."""
        return sorted({name for names, _ in self._watchers.values() for name in names})

    def greet(self, number: int, event: ResultEvent, key: str) -> None:
        """Tell one new watcher how a result stands."""
        self._told[event.name] = (event.phase, key)
        self._outbox.post(partial(self._deliver, number, event))

    def tell(self, event: ResultEvent, key: str) -> None:
        """Tell all watchers of a result how it stands, unless they know."""
        if self._told.get(event.name) == (event.phase, key):
            return
        self._told[event.name] = (event.phase, key)
        for number, (names, _) in list(self._watchers.items()):
            if event.name in names:
                self._outbox.post(partial(self._deliver, number, event))

    def retract(self, stale: ResultEvent, key: str) -> None:
        """Tell that a result is stale to those who know it as ready under another key."""
        phase, known = self._told.get(stale.name, ("empty", key))
        if phase == "ready" and known != key:
            self.tell(stale, key)

    def _deliver(self, number: int, event: ResultEvent) -> None:
        found = self._watchers.get(number)
        if found is not None:
            found[1](event)
