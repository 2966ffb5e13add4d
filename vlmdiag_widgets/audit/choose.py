"""Turn what the user points at into a `Selection`: rows, a slice, or a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.audit.selection import Selection, count_words, slice_words


def choose_rows(rows: Any, table: pd.DataFrame, source: str) -> Selection:
    """Select evaluation images by data-set row; an empty choice selects nothing."""
    array = np.asarray(rows)
    if array.size and (array.ndim != 1 or array.dtype.kind not in "iu"):
        raise InputError(
            f"rows has shape {array.shape} and type {array.dtype}; expected whole numbers.",
            'Give data-set rows, such as audit.predictions()["row"].',
        )
    chosen = np.unique(array.astype(np.int64)) if array.size else np.empty(0, dtype=np.int64)
    if not chosen.size:
        return Selection(source=source)
    outside = chosen[~np.isin(chosen, table["row"].to_numpy())]
    if outside.size:
        raise InputError(
            f"Row {outside[0]} is no evaluation image ({outside.size} of {chosen.size} rows are "
            "not).",
            'Choose among audit.predictions()["row"].',
        )
    return Selection(
        "rows", chosen.astype(np.uint32), label=count_words(chosen.size), source=source
    )


def choose_slice(
    slice_: Any,
    table: pd.DataFrame,
    columns: list[str],
    source: str,
    named: Mapping[str, Iterable[str]] | None = None,
) -> Selection:
    """Select the images that carry all values of a slice; there may be none.

    With `named`, column → values that texts name, a value that neither an image nor a text has
    is refused.
    """
    if not isinstance(slice_, Mapping) or not slice_:
        raise InputError(
            f"slice is {slice_!r}; expected columns with values.",
            'Write slice={"class": "landbird", "habitat": "water"}.',
        )
    wanted = {str(name): str(value) for name, value in slice_.items()}
    for name, value in wanted.items():
        if name not in columns:
            near = nearest_names(name, columns) or columns
            raise InputError(f"There is no column {name!r}.", f"Did you mean {' or '.join(near)}?")
        if named is not None:
            _check_value(name, value, table, named.get(name, ()))
    rows = table.loc[_carrying(table, wanted), "row"].to_numpy()
    label = f"{slice_words(wanted)}, {count_words(len(rows))}"
    return Selection("slice", rows, slice=wanted, label=label, source=source)


def _check_value(name: str, value: str, table: pd.DataFrame, named: Iterable[str]) -> None:
    shown = table[name].dropna().unique() if name in table.columns else ()
    known = list(dict.fromkeys([*named, *shown]))
    if value not in known:
        near = nearest_names(value, known) or known[:5]
        raise InputError(
            f"No image and no text has {name}={value!r}.", f"Did you mean {' or '.join(near)}?"
        )


def choose_text(
    text_id: Any, texts: pd.DataFrame, attributes: list[str], table: pd.DataFrame, source: str
) -> Selection:
    """Select a text, and with it the images that carry all its attributes."""
    found = texts[texts["text_id"] == text_id]
    if found.empty:
        raise InputError(f"There is no text {text_id!r}.", 'Choose among audit.texts()["text_id"].')
    text = found.iloc[0]
    carried = {
        name: str(text[name]) for name in attributes if name in texts and pd.notna(text[name])
    }
    known = bool(carried) and all(name in table.columns for name in carried)
    rows = table.loc[_carrying(table, carried), "row"].to_numpy() if known else []
    label = f"“{text['text']}”, {count_words(len(rows))}"
    return Selection("text", np.asarray(rows), text_id=int(text_id), label=label, source=source)


def _carrying(table: pd.DataFrame, wanted: Mapping[str, str]) -> Any:
    mask = np.ones(len(table), dtype=bool)
    for name, value in wanted.items():
        if name not in table.columns:
            return np.zeros(len(table), dtype=bool)
        mask &= (table[name] == value).to_numpy(dtype=bool)
    return mask
