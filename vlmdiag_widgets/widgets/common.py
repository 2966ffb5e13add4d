"""Requests that every view answers alike: thumbnails, selection, edits, undo, the three actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.widgets.messages import Json, rows_from_buffer

if TYPE_CHECKING:
    import pandas as pd

    from vlmdiag_widgets.widgets.base import View

Answer = tuple[Json, list[bytes]]
Handler = Callable[["View", Json, list[Any]], Answer]

#: What a view may ask to change; anything else is refused.
EDITABLE = frozenset(
    {
        "attributes",
        "templates",
        "ensemble",
        "label_of",
        "group_of",
        "target_class",
        "slice_by",
        "gap",
        "colour_by",
    }
)

MAX_THUMBNAILS = 256


def thumbnails(view: View, payload: Json, _buffers: list[Any]) -> Answer:
    """Send one small image per row asked for; broken images come as a drawn placeholder."""
    dataset = view.audit.dataset
    if dataset is None:
        raise InputError("This audit has no images, only embeddings.")
    rows, size = payload.get("rows"), payload.get("size", 96)
    if not isinstance(rows, list) or len(rows) > MAX_THUMBNAILS:
        raise InputError(f"rows must be a list of at most {MAX_THUMBNAILS} row numbers.")
    size = max(16, min(int(size), 512))
    rows = [row_number(row, len(dataset)) for row in rows]
    images = [dataset.thumbnail(row, size) for row in rows]
    return {"rows": rows, "mime": [image_type(raw) for raw in images]}, images


def image_type(raw: bytes) -> str:
    """Tell the kind of an encoded image by its first bytes."""
    if raw[:4] == b"RIFF":
        return "image/webp"
    return "image/jpeg" if raw[:2] == b"\xff\xd8" else "image/png"


def row_number(row: Any, n: int) -> int:
    """Return a row number, checked.

    Raises
    ------
    InputError
        When it is not a whole number from 0 to `n` - 1.
    """
    if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < n:
        raise InputError(f"Row {row!r} is not one of the {n:,} images.")
    return row


def select(view: View, payload: Json, buffers: list[Any]) -> Answer:
    """Select rows, a slice or a text for every view of the audit, or clear the selection."""
    kind, source = payload.get("kind"), view.source
    if kind == "rows":
        view.audit.select(rows=rows_from_buffer(buffers), source=source)
    elif kind == "slice":
        view.audit.select(slice=payload.get("slice"), source=source)
    elif kind == "text":
        view.audit.select(text_id=payload.get("text_id"), source=source)
    elif kind == "clear":
        view.audit.clear_selection()
    else:
        raise InputError(f"Cannot select by {kind!r}.", "Use rows, slice, text or clear.")
    return dict(view.audit.selection.summary()), []


def focus(view: View, payload: Json, _buffers: list[Any]) -> Answer:
    """Put one image in focus (or none)."""
    row = payload.get("row")
    if row is not None and view.audit.dataset is not None:
        row = row_number(row, len(view.audit.dataset))
    view.audit.edit(focus=row)
    return {"row": row}, []


def hover(view: View, payload: Json, _buffers: list[Any]) -> Answer:
    """Tell every view what the pointer is on; an empty payload means nothing."""
    view.audit.edit(hover=payload or None)
    return {}, []


def edit(view: View, payload: Json, _buffers: list[Any]) -> Answer:
    """Change audit traits, all or none; the change can be undone."""
    unknown = sorted(set(payload) - EDITABLE)
    if unknown or not payload:
        raise InputError(
            f"Cannot edit {', '.join(unknown) or 'nothing'}.",
            f"What can be edited: {', '.join(sorted(EDITABLE))}.",
        )
    view.audit.edit(**payload)
    return {}, []


def undo(view: View, _payload: Json, _buffers: list[Any]) -> Answer:
    """Take back the last edit."""
    view.audit.undo()
    return {}, []


def redo(view: View, _payload: Json, _buffers: list[Any]) -> Answer:
    """Do again what was taken back."""
    view.audit.redo()
    return {}, []


def cancel(view: View, payload: Json, _buffers: list[Any]) -> Answer:
    """Stop a running job; what it has cached so far is kept."""
    view.audit.cancel(payload.get("job"))
    return {}, []


def action(view: View, payload: Json, _buffers: list[Any]) -> Answer:
    """Give the view's data (CSV), code (Python) or picture (PNG)."""
    name = payload.get("name")
    if name == "code":
        return {"code": view.code()}, []
    if name == "data":
        return {"filename": f"{view.source}.csv", "mime": "text/csv"}, [csv(view.table())]
    if name == "picture":
        return {"filename": f"{view.source}.png", "mime": "image/png"}, [view.picture()]
    raise InputError(f"There is no action {name!r}.", "Use data, code or picture.")


def csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV that is safe to open in a spreadsheet.

    File names, captions and attribute values come from data of others. A text that a spreadsheet
    would run as a formula gets an apostrophe before it; numbers stay as they are.
    """
    safe = table.rename(columns=_no_formula)
    for position, kind in enumerate(table.dtypes):
        if kind.kind not in "biufcmM":
            safe.isetitem(position, [_no_formula(cell) for cell in table.iloc[:, position]])
    return safe.to_csv(index=False).encode()


def _no_formula(cell: Any) -> Any:
    runs = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell}" if runs else cell


HANDLERS: dict[str, Handler] = {
    "thumbnails": thumbnails,
    "select": select,
    "focus": focus,
    "hover": hover,
    "edit": edit,
    "undo": undo,
    "redo": redo,
    "cancel": cancel,
    "action": action,
}
