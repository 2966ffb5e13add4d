"""Input checks shared by the diagnoses: say what was given and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vlmdiag_widgets._errors import InputError, nearest_names

if TYPE_CHECKING:
    from collections.abc import Sequence

Float = NDArray[np.float64]


def as_matrix(values: ArrayLike, name: str, *, columns: int | None = None) -> Float:
    """Return `values` as a finite float64 matrix (n, d), or raise `InputError`."""
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2:
        raise InputError(
            f"{name} has shape {matrix.shape}; expected a matrix with one row per example.",
            "For a single example pass x[None, :].",
        )
    if columns is not None and matrix.shape[1] != columns:
        raise InputError(
            f"{name} has {matrix.shape[1]} columns; expected {columns}.",
            "Embeddings must come from the same encoder.",
        )
    bad = ~np.isfinite(matrix).all(axis=1)
    if bad.any():
        raise InputError(
            f"{name} has NaN or infinite entries in {int(bad.sum())} of {len(matrix)} rows, "
            f"first in row {int(np.argmax(bad))}.",
            "Broken images embed to NaN rows: keep np.isfinite(x).all(axis=1).",
        )
    return matrix


def as_labels(values: Any, name: str, n: int) -> list[str]:
    """Return `n` labels as strings, or raise `InputError` on a wrong count or a gap."""
    labels = list(values)
    if len(labels) != n:
        raise InputError(f"{name} has {len(labels)} entries; expected {n}, one per row.")
    missing = [i for i, label in enumerate(labels) if is_missing(label)]
    if missing:
        raise InputError(
            f"{name} is missing for {len(missing)} of {n} rows, first row {missing[0]}.",
            "Keep only the rows that carry a label.",
        )
    return [str(label) for label in labels]


def is_missing(value: Any) -> bool:
    """Tell whether a table cell is empty: None, NaN or pandas' NA."""
    if value is None:
        return True
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return type(value).__name__ in {"NAType", "NaTType"}


def class_codes(labels: Sequence[str], classes: Sequence[str], name: str) -> NDArray[np.intp]:
    """Return the position of every label in `classes`."""
    position = {cls: i for i, cls in enumerate(classes)}
    unknown = sorted(set(labels) - position.keys())
    if unknown:
        near = nearest_names(unknown[0], classes) or list(classes)[:5]
        raise InputError(
            f"{name} holds {unknown[0]!r}, which is not among the {len(classes)} classes.",
            f"Nearest known: {', '.join(near)}.",
        )
    return np.array([position[label] for label in labels], dtype=np.intp)


def unit_rows(matrix: Float, name: str) -> Float:
    """Scale every row to length one; a row of zeros has no direction and is refused."""
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    if np.any(norms == 0):
        raise InputError(
            f"{name} has a row of zeros (row {int(np.argmin(norms))}), which has no direction."
        )
    return np.asarray(matrix / norms)


def need_columns(given: Sequence[Any], wanted: Sequence[str], name: str) -> None:
    """Raise `InputError` naming the first wanted column that a table lacks."""
    have = [str(column) for column in given]
    for column in wanted:
        if column not in have:
            near = nearest_names(column, have) or have
            raise InputError(
                f"{name} has no column {column!r}.", f"Its columns: {', '.join(near)}."
            )
