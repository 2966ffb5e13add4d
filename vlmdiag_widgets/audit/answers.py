"""What a user asks an audit in Python: every result as a data frame or array."""

from __future__ import annotations

from typing import Any

import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit.extremes import Order, extremes
from vlmdiag_widgets.audit.graph import Graph
from vlmdiag_widgets.audit.projection import AuditProjection
from vlmdiag_widgets.audit.saliency import SaliencyResult


class Answers:
    """Accessors of `Audit`: each blocks until its result is there, and returns a copy."""

    _graph: Graph
    classes: Any

    def result(self, name: str, **settings: Any) -> Any:
        """Return a result (defined by `Audit`)."""
        raise NotImplementedError

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
        """Return one row an evaluation image: class, predicted, confidence, p_true, correct, …"""
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
        """Return raw embeddings, float32 (n, d): of "images" (all rows, NaN where an image is
        broken) or of "texts" (rows of `texts()`).
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
