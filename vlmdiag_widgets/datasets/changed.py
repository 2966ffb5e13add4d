"""A data set whose pictures are changed on the way: the frame of every transform."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.source import ImageSource, content_key

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from PIL import Image


class Change(Protocol):
    """One way to change pictures, by row."""

    def open(self, source: ImageSource, row: int, size: int | None) -> Image.Image:
        """Return the changed picture of `row`."""

    def key(self, source: ImageSource, row: int, size: int | None) -> bytes:
        """Return 16 bytes that differ whenever the changed picture differs."""


class ChangedSource:
    """Some pictures of another source changed, the others as they are."""

    def __init__(self, source: ImageSource, rows: Collection[int], change: Change) -> None:
        self._source = source
        self._rows = frozenset(int(row) for row in rows)
        self._change = change

    def __len__(self) -> int:
        return len(self._source)

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Return the picture of `row`, changed if it is one of those to change."""
        if row not in self._rows:
            return self._source.open(row, size)
        return self._change.open(self._source, row, size)

    def key(self, row: int, size: int | None = None) -> bytes:
        """Return the content key; that of the original for a picture that is not changed."""
        if row not in self._rows:
            return self._source.key(row, size)
        return self._change.key(self._source, row, size)


def changed(
    data: ImageDataset,
    rows: Collection[int] | NDArray[np.int64],
    change: Change,
    *,
    title: str,
    record: dict[str, Any],
    told: Mapping[str, Sequence[str]] | None,
) -> ImageDataset:
    """Return a data set with the pictures of some rows changed, and all else as it was.

    Parameters
    ----------
    data : ImageDataset
    rows : collection of int
    change : Change
    title : str
        Added to the data set's name.
    record : dict
        Added to ``provenance["transforms"]``.
    told : mapping, optional
        Attributes to add: name → one word an image.
    """
    touched = [int(row) for row in rows]
    attributes: pd.DataFrame = data.attributes.assign(**(told or {}))
    return ImageDataset(
        ChangedSource(data, touched, change),
        name=f"{data.name}, {title}",
        ids=data.ids,
        labels=data.labels,
        classes=data.classes or None,
        attributes=attributes,
        captions=data.captions,
        predictions=data.predictions,
        boxes=data.boxes,
        box_names=data.box_names,
        split=data.split,
        broken=dict(zip(data.broken["row"], data.broken["reason"], strict=True)),
        provenance=_provenance(data, {**record, "images": len(touched)}),
    )


#: What still holds for the changed pictures; the rest tells of the original ones.
_KEPT = ("split", "asked", "templates", "noun", "slice_by")


def _provenance(data: ImageDataset, record: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a changed data set; the original's goes one level down.

    A rendered world named at the top would be drawn again, unchanged, by whoever reads it.
    """
    known = data.provenance
    original = known.get("original") or {k: v for k, v in known.items() if k not in _KEPT}
    return {
        **{name: known[name] for name in _KEPT if name in known},
        "original": original,
        "transforms": [*known.get("transforms", []), record],
    }


def number(name: str, purpose: str) -> bytes:
    """Return 16 bytes that look random and depend on an image's id and a purpose."""
    return content_key(purpose.encode(), str(name).encode("utf-8", "surrogatepass"))
