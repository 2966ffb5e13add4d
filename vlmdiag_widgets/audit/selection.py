"""The one selection that every view shows: rows, a slice or a text, always named in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.uint32]
Kind = Literal["none", "rows", "slice", "text"]


def _no_rows() -> Rows:
    return np.empty(0, dtype=np.uint32)


@dataclass(frozen=True, eq=False)
class Selection:
    """What is selected, and where it was selected.

    Attributes
    ----------
    kind : {"none", "rows", "slice", "text"}
    rows : ndarray of uint32, shape (k,)
        Data-set rows of evaluation images; for a text, the images that carry its attributes.
    slice : dict or None
        Column → value, for ``kind="slice"``.
    text_id : int or None
        For ``kind="text"``.
    label : str
        The selection in words: ``"landbird × water, 300 images"``.
    source : str
        Who selected: ``"python"`` or the name of a view.
    """

    kind: Kind = "none"
    rows: Rows = field(default_factory=_no_rows)
    slice: dict[str, str] | None = None
    text_id: int | None = None
    label: str = "nothing selected"
    source: str = "python"

    def __post_init__(self) -> None:
        rows = np.array(self.rows, dtype=np.uint32)
        rows.setflags(write=False)
        object.__setattr__(self, "rows", rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Selection):
            return NotImplemented
        return self.summary() == other.summary() and np.array_equal(self.rows, other.rows)

    def __hash__(self) -> int:
        return hash((self.kind, self.text_id, self.label, self.rows.tobytes()))

    def __len__(self) -> int:
        return int(self.rows.size)

    def __bool__(self) -> bool:
        return self.kind != "none"

    def summary(self) -> dict[str, Any]:
        """Return the selection without its rows, ready for JSON."""
        return {
            "kind": self.kind,
            "label": self.label,
            "count": len(self),
            "slice": dict(self.slice) if self.slice is not None else None,
            "text_id": self.text_id,
            "source": self.source,
        }


def count_words(count: int) -> str:
    """Return ``"no image"``, ``"1 image"`` or ``"1,200 images"``."""
    if count == 0:
        return "no image"
    return "1 image" if count == 1 else f"{count:,} images"


def slice_words(slice_: Mapping[str, str]) -> str:
    """Return the values of a slice in words: ``"landbird × water"``."""
    return " × ".join(slice_.values())
