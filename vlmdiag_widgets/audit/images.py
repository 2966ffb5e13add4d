"""What an audit knows about its images: ids, labels, attributes and splits, never pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.columns import well_formed

#: Columns that result tables own; an attribute cannot have one of these names.
RESERVED = frozenset(
    [
        "row",
        "id",
        "split",
        "class",
        "predicted",
        "confidence",
        "p_true",
        "correct",
        "text",
        "text_id",
        "template",
        "full",
        "decision",
        "count",
        "label",
        "text_score",
        "n_texts",
        "image_accuracy",
        "image_score",
        "n_images",
        "ci_low",
        "ci_high",
        "flagged",
        "agreement",
        "mixed_class",
        "base",
        "prediction",
    ]
)
SPLITS = ("train", "val", "test")
_ONE_ROW = "Give one row for each image or text, all of the same length."


def is_reserved(name: str) -> bool:
    """Tell whether result tables use a name themselves: a figure, or a class's probability."""
    return name in RESERVED or name.startswith("p:")


@dataclass(frozen=True)
class ImageTable:
    """One row an image.

    Attributes
    ----------
    ids : ndarray of str (n,)
    labels : ndarray of object (n,) or of bool (n, C), or None
        Class names, None where unknown; one column a class for several labels an image.
    classes : list of str
    attributes : DataFrame, n rows
        Strings, None where unknown.
    split : ndarray of str (n,)
        "train", "val" or "test".
    multi_label : bool
    name : str
    notes : list of str
        What was decided on the way and the user should know.
    """

    ids: npt.NDArray[np.object_]
    labels: npt.NDArray[Any] | None
    classes: list[str]
    attributes: pd.DataFrame
    split: npt.NDArray[np.object_]
    multi_label: bool = False
    name: str = "embeddings"
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, split: str) -> npt.NDArray[np.intp]:
        """Return the row numbers of one split."""
        return np.flatnonzero(self.split == split)

    @property
    def class_of(self) -> npt.NDArray[np.object_]:
        """Class of each image, None where there is none (or several)."""
        if self.labels is None or self.multi_label:
            return np.full(len(self), None, dtype=object)
        return self.labels

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """Whether each image has a class."""
        return np.array([label is not None for label in self.class_of], dtype=bool)

    def evaluation_rows(self) -> npt.NDArray[np.intp]:
        """Return the test rows; only those with a class where any has one."""
        rows = self.rows("test")
        known = self.labelled[rows]
        return rows[known] if known.any() else rows


def table_of(dataset: Any, seed: int = 0) -> ImageTable:
    """Read what there is to know about the images of an `ImageDataset`."""
    labels = None if dataset.labels is None else np.asarray(dataset.labels)
    return build_table(
        labels=labels,
        n=len(dataset),
        ids=dataset.ids,
        classes=list(dataset.classes) or None,
        attributes=dataset.attributes,
        split=dataset.split,
        name=str(dataset.name),
        seed=seed,
    )


def build_table(
    *,
    labels: Any,
    n: int,
    ids: Sequence[Any] | npt.NDArray[Any] | None = None,
    classes: Sequence[str] | None = None,
    attributes: pd.DataFrame | Mapping[str, Any] | None = None,
    split: Sequence[str] | npt.NDArray[Any] | None = None,
    name: str = "embeddings",
    seed: int = 0,
) -> ImageTable:
    """Check and complete what is known about n images.

    Raises
    ------
    InputError
        For lengths that do not fit, ids given twice, fewer than two classes, or an unknown split.
    """
    ids_ = _ids(ids, n)
    labels_, multi = _labels(labels, n)
    classes_ = _classes(labels_, classes, multi=multi)
    columns, notes = _attributes(attributes, n)
    split_ = _split(split, n)
    notes += _complete(split_, labels_, seed)
    if labels_ is not None and not multi and _count_missing(labels_) > 0:
        notes.append(f"{_count_missing(labels_):,} images without a class are left out.")
    return ImageTable(ids_, labels_, classes_, columns, split_, multi, name, notes)


def _ids(ids: Any, n: int) -> npt.NDArray[np.object_]:
    values = [well_formed(str(i)) for i in (range(n) if ids is None else ids)]
    _check_length("ids", values, n)
    if len(set(values)) < n:
        raise InputError("Some ids are given twice.", "Each image needs an id of its own.")
    return np.array(values, dtype=object)


def _labels(labels: Any, n: int) -> tuple[npt.NDArray[Any] | None, bool]:
    if labels is None:
        return None, False
    array = np.asarray(labels)
    if array.ndim == 2:
        _check_length("labels", array, n)
        return array.astype(bool), True
    values = [None if _missing(value) else well_formed(str(value)) for value in list(labels)]
    _check_length("labels", values, n)
    if all(value is None for value in values):
        return None, False
    return np.array(values, dtype=object), False


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _count_missing(labels: npt.NDArray[Any]) -> int:
    return sum(label is None for label in labels)


def _classes(
    labels: npt.NDArray[Any] | None, given: Sequence[str] | None, *, multi: bool
) -> list[str]:
    present = set() if labels is None or multi else {label for label in labels if label is not None}
    classes = list(dict.fromkeys(well_formed(str(c)) for c in given)) if given else sorted(present)
    unknown = sorted(present - set(classes))
    if unknown:
        raise InputError(
            f"The labels hold {unknown[0]!r}, which is not among the classes {classes}.",
            "Add it to classes, or leave classes out to take them from the labels.",
        )
    if labels is not None and not multi and len(present) < 2:
        raise InputError(
            f"All images are of one class, {next(iter(present))!r}; an audit needs two or more.",
            "Add images of another class, or leave the labels out to see embeddings only.",
        )
    return classes


def _attributes(attributes: Any, n: int) -> tuple[pd.DataFrame, list[str]]:
    frame = pd.DataFrame(attributes if attributes is not None else {}, dtype=object)
    if frame.shape[1] == 0:
        return pd.DataFrame(index=pd.RangeIndex(n)), []
    _check_length("attributes", frame, n)
    frame = frame.reset_index(drop=True)
    frame.columns = pd.Index([well_formed(str(column)) for column in frame.columns])
    taken = [column for column in frame.columns if is_reserved(column)]
    notes = [f"The attribute {c!r} is left out: result tables use that name." for c in taken]
    frame = frame.drop(columns=taken)
    text = {
        column: pd.Series(
            [None if _missing(v) else well_formed(str(v)) for v in frame[column]],
            dtype=object,
            name=column,
        )
        for column in frame.columns
    }
    return pd.DataFrame(text, index=pd.RangeIndex(n)), notes


def _split(split: Any, n: int) -> npt.NDArray[np.object_]:
    values = [None] * n if split is None else [str(value) for value in split]
    _check_length("split", values, n)
    unknown = sorted({str(value) for value in values if value not in (*SPLITS, None)})
    if unknown:
        raise InputError(
            f"The split holds {unknown[0]!r}; expected 'train', 'val' or 'test'.",
            "Rename the parts, or leave split out to have one drawn.",
        )
    return np.array(values, dtype=object)


def _complete(
    split: npt.NDArray[np.object_], labels: npt.NDArray[Any] | None, seed: int
) -> list[str]:
    """Draw the parts of the split that are absent, in place; say what was done."""
    present = {value for value in split if value is not None}
    if present == set(SPLITS):
        return []
    if not present:
        _deal(split, np.arange(len(split)), labels, {"train": 0.6, "val": 0.2, "test": 0.2}, seed)
        return [f"The split was drawn: 60 % train, 20 % val, 20 % test, by class, seed {seed}."]
    notes = []
    if "test" not in present:
        source = "val" if "val" in present else "train"
        _deal(split, np.flatnonzero(split == source), labels, {source: 0.5, "test": 0.5}, seed)
        notes.append(f"No test images were given: half of {source} became test, seed {seed}.")
        present |= {"test"}
    if "train" not in present:
        source = "val" if "val" in present else "test"
        _deal(split, np.flatnonzero(split == source), labels, {source: 0.5, "train": 0.5}, seed)
        notes.append(f"No training images were given: half of {source} became train, seed {seed}.")
    if "val" not in present:
        _deal(split, np.flatnonzero(split == "train"), labels, {"train": 0.75, "val": 0.25}, seed)
        notes.append(f"No val images were given: a quarter of train became val, seed {seed}.")
    return notes


def _deal(
    split: npt.NDArray[np.object_],
    rows: npt.NDArray[np.intp],
    labels: npt.NDArray[Any] | None,
    shares: Mapping[str, float],
    seed: int,
) -> None:
    """Give `rows` to parts by `shares`, class by class."""
    rows = np.random.default_rng(seed).permutation(rows)
    if labels is not None:
        strata = np.array([str(labels[row]) for row in rows])
        rows = rows[np.argsort(strata, kind="stable")]
    # Golden-ratio steps spread each part evenly along the rows, so also within every class.
    position = (np.arange(len(rows)) * 0.6180339887498949) % 1.0
    edges = np.cumsum(list(shares.values()))
    names = np.array(list(shares), dtype=object)
    split[rows] = names[np.minimum(np.searchsorted(edges, position, "right"), len(names) - 1)]


def _check_length(what: str, values: Any, n: int) -> None:
    if len(values) != n:
        raise InputError(
            f"{what} has {len(values):,} entries for {n:,} images.",
            f"Give one entry of {what} for each image, in the same order.",
        )


def check_embeddings(x: Any, n: int | None = None, what: str = "embeddings") -> Any:
    """Return embeddings as float32 (n, d).

    Raises
    ------
    InputError
        For a wrong shape, NaN or infinite values, or rows of zeros.
    """
    try:
        given = np.asarray(x)
    except ValueError as error:  # rows of different lengths
        raise InputError(f"{what} is no table of numbers ({error}).", _ONE_ROW) from error
    if given.ndim != 2 or 0 in given.shape or given.dtype.kind not in "fiu":
        raise InputError(
            f"{what} has shape {given.shape} and type {given.dtype}; expected numbers (n, d).",
            _ONE_ROW,
        )
    if n is not None and len(given) != n:
        raise InputError(f"{what} has {len(given):,} rows; expected {n:,}.", _ONE_ROW)
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused with the infinite
        array = np.ascontiguousarray(given, dtype=np.float32)
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1) | (array == 0).all(axis=1))
    if bad.size:
        raise InputError(
            f"{what} has {bad.size:,} rows with NaN, infinity or only zeros; the first is row "
            f"{bad[0]}.",
            "Leave these rows out, with their labels, or embed them again.",
        )
    return array
