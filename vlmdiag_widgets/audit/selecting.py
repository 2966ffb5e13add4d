"""The selecting side of `Audit`: one selection for all views."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit import choose
from vlmdiag_widgets.audit.graph import Graph
from vlmdiag_widgets.audit.jobs import Outbox
from vlmdiag_widgets.audit.results import Materials, evaluation_table
from vlmdiag_widgets.audit.selection import Selection
from vlmdiag_widgets.audit.state import Facts, State

if TYPE_CHECKING:
    import pandas as pd


class Selecting:
    """What `Audit` offers for selecting images, slices and texts."""

    lock: threading.RLock
    selection: Any
    _materials: Materials
    _facts: Facts
    _state: State
    _graph: Graph
    _outbox: Outbox
    _show: Callable[[str, Any], None]
    result: Callable[..., Any]

    def select(
        self,
        rows: Any = None,
        *,
        slice: Mapping[str, str] | None = None,  # noqa: A002 - the word users read in views
        text_id: int | None = None,
        source: str = "python",
    ) -> Selection:
        """Select evaluation images by row, by slice, or by a text; returns the selection.

        Examples
        --------
        >>> audit.select(slice={"class": "landbird", "habitat": "water"})  # doctest: +SKIP
        """
        if sum(given is not None for given in (rows, slice, text_id)) != 1:
            raise InputError("Select by exactly one of rows, slice and text_id.")
        if text_id is not None:
            self.result("texts")
        with self.lock:
            if rows is not None:
                selection = choose.choose_rows(rows, self._evaluation(), source)
            elif slice is not None:
                selection = self._chosen_slice(slice, source)
            else:
                selection = self._chosen_text(text_id, source)
            self._show("selection", selection)
        self._outbox.deliver()
        return selection

    def clear_selection(self) -> None:
        """Select nothing."""
        self._select(Selection())

    def _select(self, selection: Any) -> None:
        if not isinstance(selection, Selection):
            raise InputError(f"selection is {selection!r}.", "Use audit.select(rows=…).")
        with self.lock:
            self._show("selection", selection)
        self._outbox.deliver()

    def _chosen_text(self, text_id: Any, source: str) -> Selection:
        texts, _ = self._graph.peek("texts")
        names = list(self._state["attributes"])
        return choose.choose_text(text_id, texts, names, self._evaluation(), source)

    def _chosen_slice(self, slice_: Any, source: str) -> Selection:
        state = self._state
        columns = self._facts.columns(state)
        groups = {
            derived: [group for mapping in sources.values() for group in mapping.values()]
            for derived, sources in state["group_of"].items()
        }
        named = {"class": self._facts.classes, **groups, **state["attributes"]}
        return choose.choose_slice(slice_, self._evaluation(), columns, source, named)

    def _refresh_selection(self) -> None:
        """Keep a selected slice true to the columns as they are now."""
        selection = self.selection
        if selection.kind != "slice":
            return
        try:
            new = self._chosen_slice(selection.slice, selection.source)
        except InputError:  # the edit took one of its columns or values away
            new = Selection()
        self._show("selection", new)

    def _evaluation(self) -> pd.DataFrame:
        table = evaluation_table(self._materials.images, self._state["group_of"])
        broken = getattr(self._materials.dataset, "broken", None)
        if broken is not None and len(broken) and "row" in broken:
            table = table[~table["row"].isin(broken["row"])].reset_index(drop=True)
        return table
