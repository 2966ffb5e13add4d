"""What a user asks an audit in Python: every result as a data frame or array."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets._errors import InputError, VlmdiagError
from vlmdiag_widgets.audit.extremes import Order, extremes
from vlmdiag_widgets.audit.graph import Graph
from vlmdiag_widgets.audit.jobs import Outbox
from vlmdiag_widgets.audit.node import Phase, ResultEvent
from vlmdiag_widgets.audit.projection import AuditProjection
from vlmdiag_widgets.audit.saliency import SaliencyResult
from vlmdiag_widgets.audit.state import Facts, State, checked, same

if TYPE_CHECKING:
    import pandas as pd


class Answers:
    """Accessors of `Audit`: each blocks until its result is there, and returns a copy."""

    lock: threading.RLock
    _facts: Facts
    _state: State
    _graph: Graph
    _outbox: Outbox
    classes: Any

    def result(self, name: str, **settings: Any) -> Any:
        """Return a result, computing it if need be; blocks, Ctrl-C cancels.

        `settings` ask "what if" without an edit: ``audit.result("influence",
        target_class="landbird")``.
        """
        overrides = None
        if settings:
            with self.lock:
                new = checked(self._state, settings, self._facts)
            overrides = {key: new[key] for key in new if not same(new[key], self._state[key])}
        value = self._graph.get(name, overrides)
        self._outbox.deliver()
        return value

    def peek(self, name: str) -> tuple[Any, Phase]:
        """Return (present or last good value or None, phase) without waiting."""
        return self._graph.peek(name)

    def watch(
        self, names: Iterable[str] | str, callback: Callable[[ResultEvent], None]
    ) -> Callable[[], None]:
        """Keep results up to date and hear of each change; returns a function that stops it.

        The callback is told the present phase at once, then every change, in order, from
        whichever thread made it.
        """
        unwatch = self._graph.watch([names] if isinstance(names, str) else names, callback)
        self._outbox.deliver()
        return unwatch

    def error(self, name: str) -> VlmdiagError | None:
        """Return why a result failed, if it did."""
        return self._graph.error(name)

    def retry(self, name: str) -> None:
        """Try a failed or cancelled result again."""
        self._graph.retry(name)
        self._outbox.deliver()

    def cancel(self, job_id: int | None = None) -> bool:
        """Cancel the running job, or only the one with this id; tells whether it ran."""
        return self._graph.cancel(job_id)

    def texts(self) -> pd.DataFrame:
        """Return the texts: text_id, text, class, template, full, attributes, p_true, p:class.

        Without a classifier that can score texts the probability columns are left out.
        """
        try:
            table: pd.DataFrame = self.result("text_predictions")
        except InputError:
            table = self.result("texts")
        return table.copy()

    def predictions(self) -> pd.DataFrame:
        """Return one row an evaluation image: class, predicted, confidence, correct, and more."""
        table: pd.DataFrame = self.result("image_predictions")
        return table.copy()

    def slices(self) -> pd.DataFrame:
        """Return the slices, worst text score first; see `diagnosis.slice_scores`."""
        table: pd.DataFrame = self.result("slices")
        return table.copy()

    def trust(self) -> Any:
        """Return how well texts agree with images over the slices; see `diagnosis.trust_line`."""
        return self.result("trust")

    def influence(self, class_: str | None = None) -> Any:
        """Return how attributes move the probability of a class, by default `target_class`."""
        if class_ is None:
            return self.result("influence")
        return self.result("influence", target_class=class_)

    def embeddings(self, of: str = "images") -> Any:
        """Return raw embeddings, float32 (n, d).

        `of` is "images" (all rows, NaN where an image is broken) or "texts" (rows of `texts()`).
        """
        if of not in ("images", "texts"):
            raise InputError(f'of is {of!r}; expected "images" or "texts".')
        return self.result("image_embeddings" if of == "images" else "text_embeddings").copy()

    def projection(self) -> AuditProjection:
        """Return images and texts in two dimensions, and the gap between them."""
        found: AuditProjection = self.result("projection")
        return found

    def directions(self) -> pd.DataFrame:
        """Return one row a class: strength of its failure direction and whether to believe it.

        ``result("directions")`` holds the fitted model and the decision of every test image.
        """
        table: pd.DataFrame = self.result("directions").table()
        return table

    def extremes(
        self, class_: str | None = None, order: Order = "hardest", n: int = 24
    ) -> pd.DataFrame:
        """Return the test images of a class (default: all) at one end of its direction.

        `order` is "hardest", "easiest" or "near" (the boundary).
        """
        if class_ is not None and class_ not in self.classes:
            raise InputError(
                f"There is no class {class_!r}.", f"The classes are {', '.join(self.classes)}."
            )
        return extremes(self.result("directions"), class_, order, n)

    def saliency(self, row: int | None = None, target: str | None = None) -> SaliencyResult:
        """Return where the classifier looks in image `row` (default: `focus`) for a class."""
        settings: dict[str, Any] = {}
        if row is not None:
            settings["focus"] = row
        if target is not None:
            settings["saliency_target"] = target
        found: SaliencyResult | None = self.result("saliency", **settings)
        if found is None:
            raise InputError("No image is in focus.", "Pass row=, or set audit.focus.")
        return found
