"""`ImageDataset`: images with ids, labels, attributes, captions, boxes and splits."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.datasets import columns
from vlmdiag_widgets.datasets.checks import row_numbers
from vlmdiag_widgets.datasets.source import BrokenImageError, ImageSource, SubsetSource
from vlmdiag_widgets.datasets.splits import SHARES, stratified_split
from vlmdiag_widgets.datasets.thumbnails import encode_thumbnail, placeholder

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

_T = TypeVar("_T")


class ImageDataset:
    """Images, opened lazily, with what is known about each.

    Parameters
    ----------
    source : ImageSource
        Where the pixels come from.
    name : str
        Shown in titles.
    ids : sequence of str, optional
        One stable, different id an image; numbered when left out.
    labels : sequence, optional
        One label an image, or a list of labels (or a row of 0 and 1) an image.
    classes : sequence of str, optional
        All classes, in order; default: those that occur, sorted.
    attributes : DataFrame or mapping, optional
        One column an attribute, one row an image; kept as text.
    captions : sequence, optional
        A text, or a list of texts, an image.
    boxes : sequence, optional
        (k, 4) boxes an image: left, top, right, bottom as shares of width and height.
    box_names : sequence, optional
        What each box holds: k texts an image.
    predictions : DataFrame or array, optional
        Probabilities (n, C), or predicted classes (n,), of a model from elsewhere.
    split : sequence of str, optional
        "train", "val" or "test" an image; default: drawn with seed 0 and recorded.
    broken : mapping, optional
        Row → reason, for images already known to be unreadable.
    provenance : mapping, optional
        Where the data come from; how a split was drawn is added to it. "templates", "noun",
        "slice_by" and "asked" (the attributes that texts name) in it are how an audit asks about
        the data unless it is told otherwise.

    Raises
    ------
    InputError
        No images, or something of the wrong length or shape.
    """

    def __init__(
        self,
        source: ImageSource,
        *,
        name: str = "images",
        ids: Iterable[Any] | None = None,
        labels: Any = None,
        classes: Sequence[Any] | None = None,
        attributes: Any = None,
        captions: Any = None,
        boxes: Any = None,
        box_names: Any = None,
        predictions: Any = None,
        split: Iterable[Any] | None = None,
        broken: Mapping[int, str] | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        n = len(source)
        if n == 0:
            raise InputError("There are no images.", "Give at least one image.")
        self._source = source
        self.name = name
        self.ids: NDArray[np.object_] = columns.clean_ids(ids, n)
        self.labels, self.classes = columns.clean_labels(labels, classes, n)
        self.attributes: pd.DataFrame = columns.clean_attributes(attributes, n)
        self.captions = columns.clean_captions(captions, n)
        self.boxes = columns.clean_boxes(boxes, n)
        self.box_names = columns.clean_box_names(box_names, self.boxes, n)
        self.predictions = columns.clean_predictions(predictions, self.classes, n)
        self.provenance: dict[str, Any] = {"name": name, "images": n, **(provenance or {})}
        self.split: NDArray[np.object_] = self._given_or_drawn(split)
        self._broken = dict(broken or {})

    def _given_or_drawn(self, split: Iterable[Any] | None) -> NDArray[np.object_]:
        if split is not None:
            self.provenance.setdefault("split", {"made_by": "given"})
            return columns.clean_split(split, len(self))
        self.provenance["split"] = {"made_by": "seed", "seed": 0, "shares": dict(SHARES)}
        return stratified_split(self.labels, len(self), seed=0)

    # -- images ------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, row: int) -> Image.Image:
        if not -len(self) <= row < len(self):
            raise IndexError(f"Row {row} is outside 0 … {len(self) - 1}.")
        return self.open(row % len(self))

    def __iter__(self) -> Iterator[Image.Image]:
        return (self.open(row) for row in range(len(self)))

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Return image `row` as upright RGB.

        Parameters
        ----------
        row : int
        size : int, optional
            Shortest side wanted, a hint that lets large photographs decode faster.

        Raises
        ------
        BrokenImageError
            The image cannot be read; it is then listed in `broken`.
        """
        if row in self._broken:
            raise BrokenImageError(self._broken[row])
        return self._noting_failure(row, self._source.open, size)

    def key(self, row: int, size: int | None = None) -> bytes:
        """Return 16 bytes naming the content of image `row`."""
        if row in self._broken:
            raise BrokenImageError(self._broken[row])
        return self._noting_failure(row, self._source.key, size)

    def _noting_failure(
        self, row: int, read: Callable[[int, int | None], _T], size: int | None
    ) -> _T:
        try:
            return read(int(row), size)
        except BrokenImageError as error:
            self.mark_broken(row, error.message)
            raise

    def thumbnail(self, row: int, size: int = 96) -> bytes:
        """Return image `row` as WebP, longest side at most `size`; never raises.

        A broken image gives a drawn placeholder.
        """
        try:
            return encode_thumbnail(self.open(row, size), size)
        except Exception:  # noqa: BLE001 - one bad picture must not empty a page of them
            return placeholder(size)

    # -- broken images -----------------------------------------------------------

    def mark_broken(self, row: int, reason: str) -> None:
        """List image `row` as unreadable; it is skipped from now on."""
        self._broken[int(row)] = reason

    @property
    def broken(self) -> pd.DataFrame:
        """Unreadable images found so far: row, id, path, reason."""
        rows = sorted(self._broken)
        return pd.DataFrame(
            {
                "row": np.array(rows, dtype=np.int64),
                "id": [self.ids[row] for row in rows],
                "path": [self.path(row) for row in rows],
                "reason": [self._broken[row] for row in rows],
            }
        )

    def path(self, row: int) -> str:
        """Return the file of image `row`, or "" when it is no file."""
        path = getattr(self._source, "path", None)
        return "" if path is None else str(path(row))

    def check(self, progress: ProgressFn = no_progress) -> pd.DataFrame:
        """Open every image once and return the list of broken ones."""
        for row in range(len(self)):
            with contextlib.suppress(BrokenImageError):
                self.open(row)
            progress(row + 1, len(self))
        return self.broken

    # -- rows --------------------------------------------------------------------

    @property
    def multi_label(self) -> bool:
        """Whether an image may have several labels; `labels` is then (n, C) bool."""
        return self.labels is not None and self.labels.ndim == 2

    def rows(self, split: str | None = None) -> NDArray[np.uint32]:
        """Return the row numbers of one split, or of all images.

        Raises
        ------
        InputError
            The split is none of "train", "val" and "test".
        """
        if split is None:
            return np.arange(len(self), dtype=np.uint32)
        if split not in columns.SPLITS:
            raise InputError(
                f"There is no split {split!r}.", f"Use one of {', '.join(columns.SPLITS)}."
            )
        return np.flatnonzero(self.split == split).astype(np.uint32)

    def subset(self, rows: Any) -> ImageDataset:
        """Return a data set of some rows (numbers or a mask), in the given order.

        Raises
        ------
        InputError
            No row is left, or a row does not exist.
        """
        kept = self._row_numbers(rows)
        new = {old: i for i, old in enumerate(kept.tolist())}
        return ImageDataset(
            SubsetSource(self._source, kept.tolist()),
            name=self.name,
            ids=self.ids[kept],
            labels=None if self.labels is None else self.labels[kept],
            classes=self.classes or None,
            attributes=self.attributes.iloc[kept].reset_index(drop=True),
            captions=None if self.captions is None else [self.captions[i] for i in kept],
            boxes=None if self.boxes is None else [self.boxes[i] for i in kept],
            box_names=None if self.box_names is None else [self.box_names[i] for i in kept],
            predictions=None if self.predictions is None else self.predictions.iloc[kept],
            split=self.split[kept],
            broken={new[row]: reason for row, reason in self._broken.items() if row in new},
            provenance={**self.provenance, "images": len(kept), "subset_of": len(self)},
        )

    def _row_numbers(self, rows: Any) -> NDArray[np.int64]:
        numbers = row_numbers(rows, len(self))
        if numbers.size == 0:
            raise InputError("The subset holds no image.", "Choose at least one row.")
        return numbers

    def make_splits(self, seed: int = 0, shares: Mapping[str, float] = SHARES) -> ImageDataset:
        """Return the same images with a split drawn anew, stratified by class."""
        split = stratified_split(self.labels, len(self), seed=seed, shares=shares)
        new = self.subset(np.arange(len(self)))
        new.split = split
        new.provenance = {
            **self.provenance,
            "split": {"made_by": "seed", "seed": seed, "shares": dict(shares)},
        }
        return new

    def __repr__(self) -> str:
        classes = f", {len(self.classes)} classes" if self.classes else ""
        names = ", ".join(map(str, self.attributes.columns))
        counts = ", ".join(f"{len(self.rows(part))} {part}" for part in columns.SPLITS)
        return (
            f"ImageDataset({self.name!r}, {len(self)} images{classes}"
            f"{f', attributes {names}' if names else ''}; {counts})"
        )

    # -- ways to get one ---------------------------------------------------------

    @classmethod
    def from_folder(
        cls, path: str | os.PathLike[str], label: str | None = "folder", **about: Any
    ) -> ImageDataset:
        """Read a folder of images; see `vlmdiag_widgets.datasets.folder.read_folder`."""
        from vlmdiag_widgets.datasets.folder import read_folder

        return cls(**read_folder(path, label, about))

    @classmethod
    def from_dataframe(cls, frame: pd.DataFrame, path: str = "path", **about: Any) -> ImageDataset:
        """Read a table of image files; see `vlmdiag_widgets.datasets.frame.read_frame`."""
        from vlmdiag_widgets.datasets.frame import read_frame

        return cls(**read_frame(frame, path, **about))

    @classmethod
    def from_arrays(cls, images: Any, **about: Any) -> ImageDataset:
        """Take images in memory; see `vlmdiag_widgets.datasets.arrays.read_arrays`."""
        from vlmdiag_widgets.datasets.arrays import read_arrays

        return cls(**read_arrays(images, about))

    @classmethod
    def from_huggingface(cls, dataset: Any, image: str = "image", **about: Any) -> ImageDataset:
        """Wrap a Hugging Face data set; see `vlmdiag_widgets.datasets.hub.read_hub`."""
        from vlmdiag_widgets.datasets.hub import read_hub

        return cls(**read_hub(dataset, image, **about))
