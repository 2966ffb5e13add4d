"""The focused image under its instant preview map. Twin: ``saliency_overlay.tsx``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, ClassVar

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.widgets.base import View
from vlmdiag_widgets.widgets.common import Answer, image_type, row_number
from vlmdiag_widgets.widgets.messages import Json

if TYPE_CHECKING:
    import pandas as pd

    from vlmdiag_widgets.audit.saliency import SaliencyResult

#: Sides of an image that may be asked for, in pixels.
SIZES = (32, 1024)

NO_IMAGES = "This audit has embeddings but no images to look into. Pass dataset=, too."


class SaliencyOverlay(View):
    """Show the focused image and which parts of it the score of a class is sensitive to.

    Parameters
    ----------
    audit : Audit
        Its `focus` is the image.
    """

    needs: ClassVar[tuple[str, ...]] = ("image_predictions",)
    uses: ClassVar[tuple[str, ...]] = ("saliency",)
    follows: ClassVar[tuple[str, ...]] = ("focus", "saliency_target")
    bundle: ClassVar[str] = "saliency_overlay"
    title: ClassVar[str] = "Where it looks"

    def build(self, results: dict[str, Any]) -> Json:
        """Describe the focused image and its map."""
        audit, row = self.audit, self.audit.focus
        saliency = results.get("saliency")
        if saliency is not None and saliency.row != row:
            saliency = None  # the map of another image
        item = _item(results["image_predictions"], row)
        target = self._target(saliency, item)
        if item is not None:
            item["p_target"] = item.pop("p").get(target)
        return {
            "reason": self._reason(),
            "classes": list(audit.classes),
            "target": target,
            "chosen": audit.saliency_target,
            "item": item,
            "map": _map(saliency),
            "signal": bool(saliency is None or saliency.signal),
            "method": "" if saliency is None else saliency.method.capitalize(),
            "milliseconds": None if saliency is None else 1000 * saliency.seconds,
            "fit": str(getattr(audit.encoder, "resize_mode", "shortest")),
        }

    def handle(self, kind: str, payload: Json, buffers: list[Any]) -> Answer:
        """Answer "image" (its bytes), "step" (to a neighbour), "hardest" and "target"."""
        if kind == "image":
            return self._image(payload)
        if kind == "step":
            return self._step(int(payload.get("by", 1))), []
        if kind == "hardest":
            return self._focus_on(self._hardest()), []
        if kind == "target":
            self.audit.edit(saliency_target=payload.get("class"))
            return {}, []
        return super().handle(kind, payload, buffers)

    def _image(self, payload: Json) -> Answer:
        if self.audit.dataset is None:
            raise InputError(NO_IMAGES)
        row = row_number(payload.get("row"), len(self.audit.dataset))
        size = max(SIZES[0], min(int(payload.get("size", 512)), SIZES[1]))
        raw = self.audit.dataset.thumbnail(row, size)
        return {"row": row, "mime": image_type(raw)}, [raw]

    def _step(self, by: int) -> Json:
        """Put the image `by` places further in focus: of the selection, else of all."""
        selected = [int(row) for row in self.audit.selection.rows]
        rows = selected or [int(row) for row in self._predictions()["row"]]
        if not rows:
            raise InputError("There is no image to step to.")
        now = rows.index(self.audit.focus) if self.audit.focus in rows else -by
        place = (now + by) % len(rows)
        words = f"{place + 1:,} of {len(rows):,} {'selected' if selected else 'images'}"
        return {**self._focus_on(rows[place]), "place": words}

    def _focus_on(self, row: int) -> Json:
        self.audit.focus = row
        return {"row": row}

    def _hardest(self) -> int:
        """Return the image whose true class got the least probability."""
        known = self._predictions().dropna(subset=["p_true"])
        if known.empty:
            raise InputError("No image has a label, so none is the hardest.")
        return int(known["row"].iloc[int(known["p_true"].argmin())])

    def _predictions(self) -> pd.DataFrame:
        frame: pd.DataFrame = self._results["image_predictions"]
        return frame

    def _target(self, saliency: Any, item: Json | None) -> str:
        if saliency is not None:
            return str(saliency.target)
        chosen = self.audit.saliency_target
        return str(chosen or (item or {}).get("predicted") or "")

    def _reason(self) -> str:
        """Return why no map can be made, "" when one can."""
        if self.audit.dataset is None:
            return NO_IMAGES
        _, phase = self.audit.peek("saliency")
        error = self._errors.get("saliency") if phase == "failed" else None
        return "" if error is None else f"{error.message} {error.hint}".strip()

    def _concerns(self, event: Any) -> bool:
        """Also hear of a map that failed: why is shown beside the image."""
        return super()._concerns(event) or event.phase == "failed"

    def table(self) -> pd.DataFrame:
        """Return the map: one row a cell, with its share of all evidence."""
        import pandas as pd

        cells = self._saliency().map
        rows, cols = cells.shape
        return pd.DataFrame(
            [(y, x, float(cells[y, x])) for y in range(rows) for x in range(cols)],
            columns=["cell_row", "cell_column", "share"],
        )

    def _saliency(self) -> SaliencyResult:
        found: SaliencyResult | None = self._results.get("saliency")
        if found is None or found.row != self.audit.focus:
            raise InputError("There is no map yet.", "Click an image first.")
        return found

    def code(self) -> str:
        """Return the Python that makes this map."""
        row, target = self.audit.focus, self.data.get("target") or None
        return (
            "import vlmdiag_widgets as vd\n\n"
            f"found = audit.saliency(row={row!r}, target={target!r})\n"
            "found.map        # float32, cells of the image\n"
            "vd.SaliencyOverlay(audit)\n"
        )

    def picture(self) -> bytes:
        """Return the image with the map over it as a PNG."""
        from vlmdiag_widgets.widgets.saliency_picture import blend

        row = self.audit.focus
        if row is None or self.audit.dataset is None:
            raise InputError("There is no image in focus.", "Click an image first.")
        image = self.audit.dataset.open(row, 512)
        found = self._results.get("saliency")
        if found is not None and found.row == row and found.signal:
            image = blend(image, found.map)
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()


def _item(table: pd.DataFrame, row: int | None) -> Json | None:
    """Return what the predictions say about a row; the row alone where they do not cover it."""
    if row is None:
        return None
    found = table.loc[table["row"] == row]
    if found.empty:
        return {"row": row, "id": f"row {row}", "label": None, "predicted": None, "p": {}}
    known = found.iloc[0]
    return {
        "row": row,
        "id": known["id"],
        "label": known["class"],
        "predicted": known["predicted"],
        "p": {name[2:]: known[name] for name in table.columns if name.startswith("p:")},
    }


def _map(saliency: SaliencyResult | None) -> Json | None:
    if saliency is None:
        return None
    cells = saliency.map
    return {"rows": cells.shape[0], "cols": cells.shape[1], "values": cells.ravel()}
