"""A Hugging Face data set as an `ImageDataset`; the library is imported only here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.arrays import ArraySource
from vlmdiag_widgets.datasets.columns import column_error
from vlmdiag_widgets.datasets.source import BrokenImageError


class _HubImages(Sequence[Any]):
    """Encoded images of one column, fetched a row at a time."""

    def __init__(self, dataset: Any, image: str) -> None:
        self._dataset = dataset
        self._image = image

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, row: Any) -> Any:
        cell = self._dataset[int(row)][self._image]
        if not isinstance(cell, dict):
            return cell
        if cell.get("bytes") is not None:
            return bytes(cell["bytes"])
        try:
            return Path(cell["path"]).read_bytes()
        except (OSError, TypeError, KeyError) as error:
            raise BrokenImageError("The image's bytes are not in the data set.") from error


def read_hub(
    dataset: Any,
    image: str = "image",
    *,
    label: str | None = None,
    attributes: Sequence[str] = (),
    caption: str | None = None,
    id: str | None = None,  # noqa: A002 - the column's own name in users' tables
    **about: Any,
) -> dict[str, Any]:
    """Return `ImageDataset` arguments for a Hugging Face data set.

    Parameters
    ----------
    dataset : datasets.Dataset, datasets.DatasetDict or str
        A dict's parts become the split; a text is a name or folder that
        ``datasets.load_dataset`` knows.
    image : str
        Column of images; decoded here, lazily, not by the library.
    label, attributes, caption, id : str or sequence of str
        Other columns; class numbers are turned into the names the data set declares.
    **about
        Anything else `ImageDataset` takes.

    Raises
    ------
    InputError
        The library is not installed, the data set streams, or a column is missing.
    """
    library = _library()
    dataset = _load(library, dataset)
    dataset, split = _one_table(library, dataset)
    _check_column(dataset, image)
    column = _Texts(dataset)
    found: dict[str, Any] = {
        "name": getattr(dataset.info, "dataset_name", None) or "hugging face",
        "ids": None if id is None else column(id),
        "attributes": {name: column(name) for name in attributes},
        "captions": None if caption is None else column(caption),
        "split": split,
    }
    if label is not None:
        found |= {"labels": column(label), "classes": column.names(label)}
    provenance = {
        "made_from": "hugging face",
        "fingerprint": getattr(dataset, "_fingerprint", ""),
        **about.pop("provenance", {}),
    }
    source = ArraySource(_HubImages(_undecoded(library, dataset, image), image))
    return {"source": source, **found, **about, "provenance": provenance}


def _library() -> Any:
    try:
        import datasets
    except ImportError as error:
        raise InputError(
            "Reading a Hugging Face data set needs the package 'datasets', which is not installed.",
            "Install it with: pip install datasets",
        ) from error
    return datasets


def _load(library: Any, dataset: Any) -> Any:
    if not isinstance(dataset, str):
        return dataset
    try:
        return library.load_dataset(dataset)
    # The library raises its own and its network client's types here.
    except Exception as error:
        raise InputError(
            f"The data set {dataset!r} cannot be loaded ({type(error).__name__}: {error}).",
            "Without a network, load it where there is one, call save_to_disk, and give "
            "datasets.load_from_disk(...) here.",
        ) from error


def _one_table(library: Any, dataset: Any) -> tuple[Any, list[str] | None]:
    if isinstance(dataset, library.DatasetDict):
        names = [name for name, part in dataset.items() for _ in range(len(part))]
        return library.concatenate_datasets(list(dataset.values())), names
    if isinstance(dataset, library.Dataset):
        return dataset, None
    raise InputError(
        f"A {type(dataset).__name__} was given, expected a datasets.Dataset.",
        "Load it without streaming, or take a part of it: datasets.Dataset.from_list("
        "list(stream.take(1000)), features=stream.features).",
    )


def _check_column(dataset: Any, name: str) -> None:
    if name not in dataset.column_names:
        raise column_error("The data set", name, dataset.column_names)


def _undecoded(library: Any, dataset: Any, image: str) -> Any:
    """Keep only the image column, as encoded bytes, so that orientation can be read."""
    dataset = dataset.select_columns([image])
    if isinstance(dataset.features[image], library.Image):
        return dataset.cast_column(image, library.Image(decode=False))
    return dataset


class _Texts:
    """Columns of a Hugging Face data set, class numbers turned into names."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def names(self, name: str) -> list[str] | None:
        """Return the declared class names of a column, or None."""
        return getattr(self._dataset.features[name], "names", None)

    def __call__(self, name: str) -> list[Any]:
        _check_column(self._dataset, name)
        names = self.names(name)
        cells = list(self._dataset[name])
        if names is None:
            return cells
        return [None if cell is None or cell < 0 else names[cell] for cell in cells]
