"""ExtremeGrid: the images on either end of a class's failure direction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import traitlets

from vlmdiag_widgets.audit.extremes import AuditDirections, Order, in_order
from vlmdiag_widgets.widgets.base import View, observe_weakly
from vlmdiag_widgets.widgets.contact_sheet import contact_sheet
from vlmdiag_widgets.widgets.messages import Json

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    import pandas as pd

    from vlmdiag_widgets.diagnosis import Direction

#: Keep in sync with js/src/views/extreme_grid/model.ts.
ORDERS = ("hardest", "easiest", "near", "confidence")
_ORDER: dict[str, Order] = {"hardest": "hardest", "easiest": "easiest", "near": "near"}
_WORDS = {"near": "nearest the boundary", "confidence": "by confidence"}
PAGE = 24
#: More images than this in one page would only slow the browser down.
MOST = 2_400
ITEM = ["row", "id", "class", "predicted", "confidence", "correct", "decision"]
FITTING = "fitting the failure direction… until then the least probable true class comes first"


class ExtremeGrid(View):
    """Hardest and easiest images along the failure direction of `Audit.target_class`.

    Images are there as soon as they are predicted, least probable true class first; the order
    of the direction follows when it is fitted. Where there is none, the grid stays in that
    order and says why. When images are selected the grid shows these instead, unless
    `whole_class` is set.

    Parameters
    ----------
    audit : Audit
    **kw
        Traits, e.g. ``order="easiest", shown=48``.

    References
    ----------
    Jain et al. 2023, Distilling model failures as directions in latent space, section 2.1.
    """

    needs: ClassVar[tuple[str, ...]] = ("image_predictions",)
    uses: ClassVar[tuple[str, ...]] = ("directions",)
    follows: ClassVar[tuple[str, ...]] = ("target_class", "selection")
    bundle: ClassVar[str] = "extreme_grid"
    title: ClassVar[str] = "Extremes"

    order = traitlets.Enum(
        ORDERS,
        "hardest",
        help="Lowest, highest or smallest decision values first, or lowest p(true class).",
    ).tag(sync=True)
    shown = traitlets.Int(PAGE, min=1, max=MOST, help="How many images are shown.").tag(sync=True)
    whole_class = traitlets.Bool(
        default_value=False, help="Show the class even when images are selected."
    ).tag(sync=True)

    @traitlets.observe("order", "shown", "whole_class")
    def _on_own_trait(self, _change: object) -> None:
        if self._phases:
            with self.audit.lock:
                self._refresh()

    def _follow_audit(self) -> None:
        # Before the base's own handlers, so that the grid is rebuilt from its first page.
        observe_weakly(self, ExtremeGrid._turn_back, list(self.follows))
        super()._follow_audit()

    def _concerns(self, event: Any) -> bool:
        # Why there is no direction is worth as much as a direction.
        return super()._concerns(event) or event.phase == "failed"

    def _turn_back(self, change: Any) -> None:
        """Go to the first page for a new class or selection; a new selection is to be seen.

        Images picked from the class in this grid are in sight already: then the class stays.
        """
        selected = change.name == "selection"
        if selected and change.new.source == self.source and change.new.kind != "none":
            self.whole_class = self.whole_class or not len(change.old)
            return
        with self.audit.lock, self.hold_trait_notifications():
            self.shown = PAGE
            self.whole_class = self.whole_class and not selected

    def build(self, results: dict[str, Any]) -> Json:
        """Return the items of the page and how far their direction can be relied on."""
        members = self._members(results)
        direction = self._direction(results, members)
        order = self.order if direction["state"] == "ready" else "confidence"
        ranked = self._ranked(results, order)
        page = ranked.head(self.shown)
        selection = self.audit.selection
        return {
            "target_class": self.audit.target_class,
            "classes": list(self.audit.classes),
            "order": order,
            "direction": direction,
            "items": page[ITEM].to_dict("records"),
            "total": len(ranked),
            "selection": "" if self._of_class else selection.label,
            "has_selection": len(selection) > 0,
            "whole_class": self.whole_class,
        }

    @property
    def _of_class(self) -> bool:
        return self.whole_class or not len(self.audit.selection)

    def _members(self, results: dict[str, Any]) -> pd.DataFrame:
        """Return the predictions of all images in scope: of the selection or of the class."""
        table: pd.DataFrame = results["image_predictions"]
        if self._of_class:
            return table[table["class"] == self.audit.target_class]
        return table[table["row"].isin(self.audit.selection.rows)]

    def _direction(self, results: dict[str, Any], members: pd.DataFrame) -> Json:
        """Return whether there is a direction to order by, how strong, and if not why."""
        found: AuditDirections | None = results.get("directions")
        if self._phases.get("directions") == "failed":
            why = getattr(self._errors.get("directions"), "message", "") or "it failed"
            return {"state": "none", "note": f"no failure direction: {why}", "strength": None}
        if found is None:
            return {"state": "fitting", "note": FITTING, "strength": None}
        scope = members["class"].dropna().unique()
        tested = any(
            getattr(found.directions.get(name), "coef", None) is not None for name in scope
        )
        said = strength(found.directions, sorted(scope))
        return {"state": "ready" if tested else "none", "note": "", "strength": said}

    def _ranked(self, results: dict[str, Any], order: str) -> pd.DataFrame:
        """Return all images in scope, in an order, with the columns of `ITEM`."""
        wanted: Order | Literal["confidence"] = _ORDER.get(order, "confidence")
        return in_order(self._members(results), self._decisions(results), wanted)

    def _decisions(self, results: dict[str, Any]) -> pd.DataFrame | None:
        found: AuditDirections | None = results.get("directions")
        usable = found is not None and self._phases.get("directions") != "failed"
        return found.decisions if found is not None and usable else None

    def table(self) -> pd.DataFrame:
        """Return the images shown, in their order."""
        order = str(self.data.get("order", self.order))
        return self._ranked(self._results, order).head(self.shown)

    def code(self) -> str:
        """Return the Python behind the grid."""
        name, order = self.audit.target_class, str(self.data.get("order", self.order))
        if order == "confidence":
            of_class = f'images[images["class"] == {name!r}]'
            line = f'images = audit.predictions()\n{of_class}.sort_values("p_true")'
        else:
            line = f"audit.extremes({name!r}, order={order!r}, n={self.shown})"
        view = f"vd.ExtremeGrid(audit, order={order!r})"
        return f"import vlmdiag_widgets as vd\n\n{line}\n{view}\n"

    def picture(self) -> bytes:
        """Return a contact sheet of the images shown."""
        dataset = self.audit.dataset
        items = self.table().head(2 * PAGE).to_dict("records")
        words = self.data.get("selection") or self.audit.target_class
        order = str(self.data.get("order", self.order))
        title = f"{words}: {_WORDS.get(order, order)}"
        thumbnails = [dataset.thumbnail(item["row"], 128) if dataset else b"" for item in items]
        return contact_sheet(thumbnails, [_caption(item) for item in items], title)


def strength(directions: dict[str, Direction], classes: Iterable[str]) -> Json | None:
    """Return, in words, how far the directions of some classes can be relied on."""
    found = [directions[name] for name in classes if name in directions]
    if not found:
        return None
    if len(found) > 1:
        weak = [direction.class_ for direction in found if not direction.reliable]
        line = "Each image lies on the direction of its own class."
        message = f"No reliable direction for {', '.join(weak)}." if weak else ""
        return _strength("", message, line, [], reliable=not weak)
    direction = found[0]
    verdict, _, figures = direction.message.partition(": ")
    counts = f"n = {direction.n_val:,} ({direction.n_errors:,} errors)"
    tested = direction.coef is not None
    line = f"{figures}, p = {direction.p_value:.2g}, {counts}" if tested else figures
    return _strength(
        direction.class_, verdict, line, list(direction.warnings), reliable=direction.reliable
    )


def _strength(class_: str, message: str, line: str, notes: list[str], *, reliable: bool) -> Json:
    return {
        "class": class_, "reliable": reliable, "message": message, "line": line, "warnings": notes
    }  # fmt: skip


def _caption(item: Mapping[Hashable, Any]) -> list[str]:
    sign = "✓" if item["correct"] else "×"
    figures = f"p {item['confidence']:.2f}"
    if not math.isnan(item["decision"]):  # NaN where the class has no direction
        figures += f"   {item['decision']:+.2f}"
    return [f"{item['class']} →", f"{sign} {item['predicted']}", figures]
