"""A table with one image file a row as a data set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.columns import as_text, column_error
from vlmdiag_widgets.datasets.files import FileSource, is_inside


def read_frame(
    frame: pd.DataFrame,
    path: str = "path",
    *,
    root: str | os.PathLike[str] | None = None,
    label: str | Sequence[str] | None = None,
    attributes: Sequence[str] = (),
    split: str | None = None,
    id: str | None = None,  # noqa: A002 - the column's own name in users' tables
    caption: str | Sequence[str] | None = None,
    boxes: str | None = None,
    prediction: str | Sequence[str] | None = None,
    **about: Any,
) -> dict[str, Any]:
    """Return `ImageDataset` arguments for a table; every name below is a column of it.

    Parameters
    ----------
    frame : DataFrame
    path : str
        Column of file paths.
    root : path, optional
        Folder that relative paths count from; no path may then leave it.
    label : str or sequence of str, optional
        One column of labels, or one column of 0 and 1 for each class.
    attributes : sequence of str
    split, id, caption, boxes : str, optional
        `caption` may name several columns; ids default to the paths, or to row numbers
        where paths repeat.
    prediction : str or sequence of str, optional
        One column of predicted classes, or one of probabilities for each class, in the
        order of the classes.
    **about
        Anything else `ImageDataset` takes: name, classes, provenance.

    Raises
    ------
    InputError
        The table is empty, a column is missing, or a path leaves `root`.
    """
    _check_table(frame)
    take = _Columns(frame)
    paths = [_path_text(cell, row) for row, cell in enumerate(take(path))]
    if root is not None:
        _check_inside(paths, Path(root))
    found: dict[str, Any] = {
        "name": "table" if root is None else Path(root).resolve().name,
        "ids": take(id) if id is not None else _default_ids(paths),
        "attributes": {name: take(name) for name in _names(attributes)},
        "split": None if split is None else take(split),
        "boxes": None if boxes is None else take(boxes),
        "captions": take.lists(caption),
        **_label_columns(take, label),
        **_prediction_columns(take, prediction),
    }
    provenance = {
        "made_from": "data frame",
        "columns": [str(name) for name in frame.columns],
        **about.pop("provenance", {}),
    }
    if root is not None:
        provenance["path"] = str(Path(root).resolve())
    return {"source": FileSource(paths, root), **found, **about, "provenance": provenance}


class _Columns:
    """Columns of a table by name, with an error that lists what there is."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __call__(self, name: str) -> list[Any]:
        if name not in self._frame.columns:
            raise column_error("The table", name, self._frame.columns)
        return list(self._frame[name])

    def lists(self, names: str | Sequence[str] | None) -> list[Any] | None:
        """Return one cell an image for one column, a list of cells for several."""
        if names is None:
            return None
        if isinstance(names, str):
            return self(names)
        cells = zip(*(self(name) for name in names), strict=True)
        return [[text for text in map(as_text, row) if text] for row in cells]


def _check_table(frame: Any) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"A {type(frame).__name__} was given, expected a pandas DataFrame.",
            "Read a file first, for example with pandas.read_csv(...).",
        )
    if frame.empty:
        raise InputError("The table has no rows.", "Give one row for each image.")


def _path_text(cell: Any, row: int) -> str:
    text = os.fspath(cell) if isinstance(cell, os.PathLike) else as_text(cell)
    if not text:
        raise InputError(f"Row {row} of the table has no path.", "Drop such rows first.")
    return text


def _check_inside(paths: list[str], root: Path) -> None:
    if not root.is_dir():
        raise InputError(f"The folder {root} does not exist.", "Check root=.")
    for row, path in enumerate(paths):
        if not is_inside(root / path, root):
            raise InputError(
                f"The path {path!r} in row {row} leaves the folder {root}.",
                "Move the file into the folder, or give a root that holds all files.",
            )


def _default_ids(paths: list[str]) -> list[str] | None:
    return paths if len(set(paths)) == len(paths) else None


def _names(names: Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _label_columns(take: _Columns, label: str | Sequence[str] | None) -> dict[str, Any]:
    if label is None or isinstance(label, str):
        return {"labels": None if label is None else take(label)}
    table = np.array([take(name) for name in label]).T
    if not np.isin(table, (0, 1)).all():
        raise InputError(
            f"The columns {', '.join(label)} hold more than 0 and 1.",
            "Several label columns say for each class whether an image has it.",
        )
    return {"labels": table.astype(int).tolist(), "classes": list(label)}


def _prediction_columns(take: _Columns, names: str | Sequence[str] | None) -> dict[str, Any]:
    if names is None or isinstance(names, str):
        return {"predictions": None if names is None else np.array(take(names), dtype=object)}
    return {"predictions": np.array([take(name) for name in names], dtype=np.float64).T}
