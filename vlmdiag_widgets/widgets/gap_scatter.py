"""Images and texts in one plane: the modality gap, open or closed. Twin: ``gap_scatter.tsx``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import traitlets

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.widgets import scatter_picture
from vlmdiag_widgets.widgets.base import View
from vlmdiag_widgets.widgets.colouring import Colouring, colouring, options
from vlmdiag_widgets.widgets.common import Answer
from vlmdiag_widgets.widgets.messages import CHUNK_BYTES, Json, NothingToShow, rows_to_bytes

if TYPE_CHECKING:
    import pandas as pd


class GapScatter(View):
    """Scatter of image and text embeddings on shared principal components.

    Parameters
    ----------
    audit : Audit
        Its `gap` ("open" or "closed") and `colour_by` are shared by every scatter of it.

    Notes
    -----
    Points travel as raw little-endian buffers, fetched by the browser in pieces of at most
    4 MB and only when their key changed: an edit of the texts leaves a million images where
    they are.
    """

    needs: ClassVar[tuple[str, ...]] = ("projection",)
    uses: ClassVar[tuple[str, ...]] = ("image_predictions", "text_predictions", "texts")
    follows: ClassVar[tuple[str, ...]] = ("gap", "colour_by")
    bundle: ClassVar[str] = "gap_scatter"
    wants_rows: ClassVar[bool] = True
    title: ClassVar[str] = "Gap scatter"

    selection_texts = traitlets.Bytes(
        b"", help="Ids of the texts that belong to the selection, uint32 little-endian."
    ).tag(sync=True, echo_update=False)

    def __init__(self, audit: Any, **kw: Any) -> None:
        #: What the browser may fetch now: name → (key, bytes).
        self._arrays: dict[str, tuple[str, bytes]] = {}
        self._shown: dict[str, Any] = {}
        super().__init__(audit, **kw)

    def build(self, results: dict[str, Any]) -> Json:
        """Describe the points; their coordinates are fetched by message."""
        projection = results["projection"]
        if not len(projection.image_rows) and not len(projection.text_ids):
            raise NothingToShow("There is no image and no text to place.", "Add an attribute.")
        colours = colouring(self.audit.colour_by, projection, results)
        self._shown = {**results, "colours": colours}
        self._arrays = {
            name: (_key(raw), raw) for name, raw in _raw_arrays(projection, colours).items()
        }
        return {
            "n_images": len(projection.image_rows),
            "n_texts": len(projection.text_ids),
            "mode": self.audit.gap,
            "explained": {mode: getattr(projection, mode).explained for mode in ("open", "closed")},
            "gap": _gap_figures(projection.gap),
            "colour": colours.described(),
            "options": options(results),
            "arrays": {
                name: {"key": key, "bytes": len(raw)} for name, (key, raw) in self._arrays.items()
            },
            "has_images": self.audit.dataset is not None,
        }

    def _on_selection(self, change: object) -> None:
        with self.audit.lock:
            self.selection_texts = rows_to_bytes(self._selected_texts())
            super()._on_selection(change)

    def _selected_texts(self) -> Any:
        """Return the selected text, or those that carry all values of the selected slice."""
        selection, texts = self.audit.selection, self._frame("texts")
        if selection.kind == "text":
            return [selection.text_id]
        wanted = selection.slice or {}
        if not wanted or texts is None or not set(wanted) <= set(texts):
            return []
        carried = [texts[name] == value for name, value in wanted.items()]
        return texts.loc[np.logical_and.reduce(carried), "text_id"].to_numpy()

    def handle(self, kind: str, payload: Json, buffers: list[Any]) -> Answer:
        """Answer "points" (a piece of an array) and "describe" (what the pointer is on)."""
        if kind == "points":
            return self._points(payload)
        if kind == "describe":
            return self._describe(payload), []
        return super().handle(kind, payload, buffers)

    def _points(self, payload: Json) -> Answer:
        name, offset = payload.get("array"), int(payload.get("offset", 0))
        if name not in self._arrays:
            raise InputError(
                f"There is no array {name!r}.", f"There are {', '.join(self._arrays)}."
            )
        key, raw = self._arrays[str(name)]
        if payload.get("key") != key:
            raise InputError(f"The array {name!r} has changed.", "Ask again with its new key.")
        piece = raw[max(0, offset) : max(0, offset) + CHUNK_BYTES]
        return {"array": name, "key": key, "offset": offset, "total": len(raw)}, [piece]

    def _describe(self, payload: Json) -> Json:
        if payload.get("text_id") is not None:
            frame = self._frame("text_predictions", "texts")
            return _described(frame, "text_id", payload["text_id"], ("text", "class", "p_true"))
        frame = self._frame("image_predictions")
        return _described(
            frame, "row", payload.get("row"), ("id", "class", "predicted", "confidence", "correct")
        )

    def _frame(self, *names: str) -> pd.DataFrame | None:
        return next((self._shown[name] for name in names if name in self._shown), None)

    def table(self) -> pd.DataFrame:
        """Return one row per point: kind, row or text_id, x and y of the mode shown, colour."""
        return scatter_picture.point_table(
            self._need("projection"), self._need("colours"), self.audit.gap
        )

    def code(self) -> str:
        """Return the Python that makes this view and its data."""
        return (
            "import vlmdiag_widgets as vd\n\n"
            "points = audit.projection()   # images, texts, explained variance; open and closed\n"
            f"audit.edit(gap={self.audit.gap!r}, colour_by={self.audit.colour_by!r})\n"
            "vd.GapScatter(audit)\n"
        )

    def picture(self) -> bytes:
        """Return the scatter as a PNG."""
        projection, colours = self._need("projection"), self._need("colours")
        return scatter_picture.draw(projection, colours, self.audit.gap)

    def sketch(self) -> bytes | None:
        """Return the scatter as a quickly drawn PNG."""
        return scatter_picture.sketch(
            self._need("projection"), self._need("colours"), self.audit.gap
        )

    def _need(self, name: str) -> Any:
        if name not in self._shown:
            raise InputError("The scatter is not ready yet.", "Try again in a moment.")
        return self._shown[name]


def _raw_arrays(projection: Any, colours: Colouring) -> dict[str, bytes]:
    arrays = {
        "open_images": projection.open.images,
        "closed_images": projection.closed.images,
        "open_texts": projection.open.texts,
        "closed_texts": projection.closed.texts,
        "image_values": colours.images,
        "text_values": colours.texts,
    }
    raw = {name: np.ascontiguousarray(a, "<f4").tobytes() for name, a in arrays.items()}
    ids = {"image_rows": projection.image_rows, "text_ids": projection.text_ids}
    return raw | {name: np.ascontiguousarray(a, "<u4").tobytes() for name, a in ids.items()}


def _key(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=8).hexdigest()


def _gap_figures(gap: Any) -> Json | None:
    if gap is None:
        return None
    return {
        name: {"mean": getattr(gap, name).mean, "std": getattr(gap, name).std}
        for name in ("magnitude", "direction", "orthogonality")
    } | {"paired": gap.paired, "n": gap.magnitude.n}


def _described(frame: pd.DataFrame | None, key: str, value: Any, columns: tuple[str, ...]) -> Json:
    if frame is None:
        return {key: value}
    found = frame[frame[key] == value]
    if found.empty:
        return {key: value}
    row = found.iloc[0]
    return {key: value} | {name: row[name] for name in columns if name in frame}
