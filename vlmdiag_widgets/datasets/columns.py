"""Check what a user says about each image, and bring it into one shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError, nearest_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The three parts of a data set, in the order they are used.
SPLITS = ("train", "val", "test")

_SPLIT_NAMES = {
    **dict.fromkeys(("train", "training", "0"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "1"), "val"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation", "2"), "test"),
}


def is_missing(value: Any) -> bool:
    """Return whether a cell is empty: None, NaN, NaT or pandas' NA."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def as_text(value: Any) -> str | None:
    """Return a cell as text; whole floats lose their ``.0``, missing stays None."""
    if is_missing(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return well_formed(str(value))


def well_formed(text: str) -> str:
    """Return `text` with halves of characters written out.

    File names that are no UTF-8 hold such halves, and no browser, file or tokenizer takes them.
    """
    return text.encode("utf-8", "backslashreplace").decode()


def check_length(what: str, values: Sized, n: int) -> None:
    """Raise `InputError` unless there is one entry an image."""
    if len(values) != n:
        raise InputError(
            f"{what} has {len(values)} entries, but there are {n} images.",
            f"Give {what} one entry for each image, in the order of the images.",
        )


def column_error(what: str, name: str, known: Iterable[Any]) -> InputError:
    """Return the error for a column that is not there: what there is, nearest first."""
    names = [str(column) for column in known]
    near = nearest_names(str(name), names, 3)
    listed = [*near, *(column for column in names if column not in near)]
    more = ", ..." if len(listed) > 12 else ""
    return InputError(
        f"{what} has no column {name!r}.",
        f"It has {', '.join(listed[:12])}{more}." if listed else "It has no columns.",
    )


def clean_ids(ids: Iterable[Any] | None, n: int) -> NDArray[np.object_]:
    """Return n different ids as text; None gives "0", "1", ...

    Raises
    ------
    InputError
        Wrong length, a missing id, or an id given twice.
    """
    if ids is None:
        return np.array([str(i) for i in range(n)], dtype=object)
    texts = [as_text(value) for value in ids]
    check_length("ids", texts, n)
    if None in texts or "" in texts:
        raise InputError(
            "Some ids are missing.", "Give every image an id, or leave ids out to number them."
        )
    twice = [text for text, count in Counter(texts).items() if count > 1]
    if twice:
        raise InputError(
            f"{len(twice)} ids are given more than once, such as {twice[0]!r}.",
            "Ids name images everywhere, so each must be different; leave ids out to number them.",
        )
    return _objects(texts)


def clean_labels(
    labels: Any, classes: Sequence[Any] | None, n: int
) -> tuple[NDArray[Any] | None, list[str]]:
    """Return labels and classes.

    Returns
    -------
    labels : ndarray or None
        (n,) object of str or None; or (n, C) bool when an image may have several.
    classes : list of str
        As given, or sorted.

    Raises
    ------
    InputError
        Wrong length, a label outside `classes`, or fewer than two classes.
    """
    names = None if classes is None else _clean_classes(classes)
    if labels is None:
        return None, names or []
    if not hasattr(labels, "__len__"):
        labels = list(labels)
    check_length("labels", labels, n)
    cells = labels.tolist() if hasattr(labels, "tolist") else list(labels)
    if any(isinstance(cell, list | tuple | set | frozenset) for cell in cells):
        return _clean_multi(cells, names)
    return _clean_single(cells, names)


def _clean_classes(classes: Sequence[Any]) -> list[str]:
    if isinstance(classes, str):
        raise InputError(f"classes is the text {classes!r}.", "Give a list of class names.")
    names = [str(name) for name in classes]
    if len(set(names)) != len(names):
        raise InputError("A class name is given twice.", "Give each class name once.")
    return names


def _clean_single(
    cells: list[Any], names: list[str] | None
) -> tuple[NDArray[np.object_], list[str]]:
    texts = [as_text(cell) for cell in cells]
    found = sorted({text for text in texts if text is not None}, key=_natural)
    if names is not None and set(found) - set(names) and _are_numbers(found, len(names)):
        texts = [None if text is None else names[int(text)] for text in texts]
        found = sorted({text for text in texts if text is not None})
    _check_known(found, names)
    _check_several(found if names is None else names)
    return _objects(texts), found if names is None else names


def _clean_multi(cells: list[Any], names: list[str] | None) -> tuple[NDArray[np.bool_], list[str]]:
    indicator = all(
        isinstance(cell, list | tuple) and all(item in (0, 1) for item in cell) for cell in cells
    )
    if indicator and len({len(cell) for cell in cells}) == 1:
        return _clean_indicator(np.array(cells, dtype=bool), names)
    sets = [set() if is_missing(cell) else {str(item) for item in cell} for cell in cells]
    found = sorted(set().union(*sets), key=_natural)
    _check_known(found, names)
    columns = found if names is None else names
    _check_several(columns)
    return np.array([[name in given for name in columns] for given in sets], dtype=bool), columns


def _clean_indicator(
    table: NDArray[np.bool_], names: list[str] | None
) -> tuple[NDArray[np.bool_], list[str]]:
    if names is None:
        names = [str(i) for i in range(table.shape[1])]
    if len(names) != table.shape[1]:
        raise InputError(
            f"labels has {table.shape[1]} columns, but {len(names)} classes are named.",
            "Give one column of 0 and 1 for each class.",
        )
    _check_several(names)
    return table, names


def _check_known(found: Sequence[str], names: list[str] | None) -> None:
    unknown = [] if names is None else [name for name in found if name not in set(names)]
    if unknown:
        near = nearest_names(unknown[0], names or [], 3) or (names or [])[:5]
        raise InputError(
            f"The label {unknown[0]!r} is none of the {len(names or [])} classes.",
            f"Nearest: {', '.join(near)}. Add it to classes, or leave classes out.",
        )


def _check_several(names: Sequence[str]) -> None:
    if len(names) < 2:
        raise InputError(
            f"All images have the same label, {names[0]!r}." if names else "No image has a label.",
            "A diagnosis compares at least two classes: name them all in classes=[...], "
            "or pass no labels to look at the images alone.",
        )


def clean_attributes(attributes: Any, n: int) -> pd.DataFrame:
    """Return an n-row table of text (None where missing) with a plain range index.

    Raises
    ------
    InputError
        A column has the wrong length, or two share a name.
    """
    if attributes is None or (isinstance(attributes, Mapping) and not attributes):
        return pd.DataFrame(index=pd.RangeIndex(n))
    if isinstance(attributes, Mapping):
        for name, column in attributes.items():
            check_length(f"attribute {name!r}", column, n)
    table = pd.DataFrame(attributes)
    check_length("attributes", table, n)
    if table.columns.duplicated().any():
        raise InputError("Two attributes share a name.", "Give each attribute column its own name.")
    columns = {
        str(name): _objects([as_text(cell) for cell in table[name]]) for name in table.columns
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(n), dtype=object)


def clean_captions(captions: Any, n: int) -> list[list[str]] | None:
    """Return n lists of captions; a single text becomes a list of one."""
    if captions is None:
        return None
    check_length("captions", captions, n)
    return [_texts(cell) for cell in captions]


def _texts(cell: Any) -> list[str]:
    if isinstance(cell, str):
        return [cell]
    return [] if is_missing(cell) else [str(item) for item in cell]


def clean_boxes(boxes: Any, n: int) -> list[NDArray[np.float32]] | None:
    """Return n arrays (k, 4) of left, top, right, bottom as shares of width and height.

    Raises
    ------
    InputError
        A box has not four numbers, or its sides are swapped.
    """
    if boxes is None:
        return None
    check_length("boxes", boxes, n)
    return [_box_table(cell, row) for row, cell in enumerate(boxes)]


def _box_table(cell: Any, row: int) -> NDArray[np.float32]:
    if is_missing(cell) or (isinstance(cell, Sized) and len(cell) == 0):
        return np.zeros((0, 4), dtype=np.float32)
    try:
        table = np.atleast_2d(np.asarray(cell, dtype=np.float32))
    except (TypeError, ValueError):
        table = np.zeros((0, 0), dtype=np.float32)
    good = table.ndim == 2 and table.shape[1] == 4 and bool(np.isfinite(table).all())
    if not good or (table[:, :2] > table[:, 2:]).any():
        raise InputError(
            f"The boxes of image {row} are {cell!r}.",
            "Give each box as (left, top, right, bottom), from 0 to 1 of width and height.",
        )
    return table


def clean_box_names(
    names: Any, boxes: Sequence[NDArray[np.float32]] | None, n: int
) -> list[list[str]] | None:
    """Return n lists of names, one a box; a single text names the only box of its image.

    Raises
    ------
    InputError
        There are no boxes, or an image has not as many names as boxes.
    """
    if names is None:
        return None
    if boxes is None:
        raise InputError("box_names are given without boxes.", "Give boxes=, or leave them out.")
    check_length("box_names", names, n)
    lists = [_texts(cell) for cell in names]
    for row, (given, table) in enumerate(zip(lists, boxes, strict=True)):
        if len(given) != len(table):
            raise InputError(
                f"Image {row} has {len(table)} boxes and {len(given)} box_names.",
                "Give each box one name, in the order of the boxes.",
            )
    return lists


def clean_predictions(predictions: Any, classes: list[str], n: int) -> pd.DataFrame | None:
    """Return predictions from elsewhere: one probability a class, or one "predicted" column.

    Raises
    ------
    InputError
        Wrong length, a missing class column, or numbers that are no probabilities.
    """
    if predictions is None:
        return None
    check_length("predictions", predictions, n)
    if not isinstance(predictions, pd.DataFrame):
        predictions = _prediction_frame(predictions, classes)
    table: pd.DataFrame = predictions.reset_index(drop=True)
    if "predicted" in table.columns and "predicted" not in classes:
        table = table.assign(predicted=_objects([as_text(cell) for cell in table["predicted"]]))
        _check_known([name for name in set(table["predicted"]) if name], classes or None)
        return table
    return _check_probabilities(table, classes)


def _prediction_frame(predictions: Any, classes: list[str]) -> pd.DataFrame:
    values = np.asarray(predictions, dtype=None)
    if values.ndim == 1:
        return pd.DataFrame({"predicted": values.astype(object)})
    if values.ndim != 2 or values.shape[1] != len(classes):
        raise InputError(
            f"predictions has shape {values.shape}, but there are {len(classes)} classes.",
            "Give one predicted class an image, or one probability for each image and class.",
        )
    return pd.DataFrame(values, columns=classes)


def _check_probabilities(table: pd.DataFrame, classes: list[str]) -> pd.DataFrame:
    missing = [name for name in classes if name not in table.columns]
    if missing or not classes:
        raise InputError(
            f"predictions has no column for class {missing[0]!r}."
            if missing
            else "predictions holds probabilities, but the classes are not known.",
            "Give one column for each class, or a column 'predicted'; name classes=[...].",
        )
    values = table[classes].to_numpy(dtype=np.float64)
    if not np.isfinite(values).all() or values.min(initial=0) < 0 or values.max(initial=0) > 1.001:
        raise InputError(
            "predictions holds numbers that are no probabilities.",
            "Give probabilities from 0 to 1 (apply a softmax to logits first).",
        )
    return table[classes].astype(np.float64)


def clean_split(split: Iterable[Any], n: int) -> NDArray[np.object_]:
    """Return "train", "val" or "test" an image; common other names are understood.

    Raises
    ------
    InputError
        Wrong length or an unknown name.
    """
    texts = [as_text(cell) for cell in split]
    check_length("split", texts, n)
    unknown = [text for text in texts if (text or "").lower() not in _SPLIT_NAMES]
    if unknown:
        raise InputError(
            f"The split {unknown[0]!r} is not known.",
            "Use 'train', 'val' or 'test' for every image.",
        )
    return _objects([_SPLIT_NAMES[(text or "").lower()] for text in texts])


def split_name(name: str) -> str | None:
    """Return the split a folder name stands for, or None."""
    return None if name.isdigit() else _SPLIT_NAMES.get(name.lower())


def _are_numbers(texts: Sequence[str], n: int) -> bool:
    return all(text.isdigit() and int(text) < n for text in texts)


def _natural(text: str) -> tuple[int, int, str]:
    """Sort numbers by value before other text."""
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
