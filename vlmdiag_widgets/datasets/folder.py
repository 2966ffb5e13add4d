"""A folder of image files as a data set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.datasets.columns import split_name
from vlmdiag_widgets.datasets.decode import SUFFIXES
from vlmdiag_widgets.datasets.files import FileSource, is_inside


def read_folder(
    path: str | os.PathLike[str], label: str | None, about: dict[str, Any]
) -> dict[str, Any]:
    """Return `ImageDataset` arguments for all image files under a folder.

    Files are sorted by path, and the path below the folder is the id. Folders named
    train, val and test at the top become the split. Files that are no images are
    listed in ``provenance["ignored"]``; hidden ones are passed over.

    Parameters
    ----------
    path : path
        The folder.
    label : "folder" or None
        Take the folder an image lies in as its label, or give no labels.
    about : dict
        Anything else `ImageDataset` takes; one entry an image, in the order of the ids.

    Raises
    ------
    InputError
        The folder is absent or holds no image, or there is no folder to take labels from.
    """
    root = Path(path).expanduser()
    _check_folder(root)
    if label not in ("folder", None):
        raise InputError(f"label is {label!r}.", "Use label='folder' or label=None.")
    images, ignored = list_images(root)
    if not images:
        raise InputError(
            f"The folder {root} holds no image ({len(ignored)} other files).",
            f"Expected files ending in {', '.join(sorted(SUFFIXES))}.",
        )
    split, below = _take_split(images)
    found: dict[str, Any] = {"name": root.resolve().name, "ids": [p.as_posix() for p in images]}
    if split is not None:
        found["split"] = split
    if label == "folder" and "labels" not in about:
        found["labels"] = [_label_of(relative, root) for relative in below]
    return {
        "source": FileSource(images, root),
        **found,
        "broken": _outside(images, root),
        **about,
        "provenance": {
            "made_from": "folder",
            "path": str(root.resolve()),
            "ignored": [p.as_posix() for p in ignored],
            **about.get("provenance", {}),
        },
    }


def list_images(root: Path) -> tuple[list[Path], list[Path]]:
    """Return image files and other files below `root`, as sorted relative paths.

    Links to folders are not followed, so that a loop of links ends.
    """
    images: list[Path] = []
    others: list[Path] = []
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for file in files:
            if not file.startswith("."):
                relative = Path(folder, file).relative_to(root)
                (images if relative.suffix.lower() in SUFFIXES else others).append(relative)
    return sorted(images), sorted(others)


def _check_folder(root: Path) -> None:
    if root.is_dir():
        return
    if root.exists():
        raise InputError(f"{root} is a file, expected a folder.", "Give the folder it lies in.")
    near: list[str] = []
    if root.parent.is_dir():
        near = nearest_names(root.name, [p.name for p in root.parent.iterdir() if p.is_dir()], 3)
    raise InputError(
        f"The folder {root} does not exist.",
        f"Nearest: {', '.join(near)}." if near else "Check the path.",
    )


def _take_split(images: list[Path]) -> tuple[list[str] | None, list[Path]]:
    """Read the split from the top folders when all of them are named after splits."""
    names = [split_name(p.parts[0]) if len(p.parts) > 1 else None for p in images]
    split = [name for name in names if name is not None]
    if len(split) < len(images):
        return None, images
    return split, [p.relative_to(p.parts[0]) for p in images]


def _label_of(relative: Path, root: Path) -> str:
    if len(relative.parts) < 2:
        raise InputError(
            f"The image {relative} lies directly in {root}, so no folder names its class.",
            "Put each class into a folder of its own, or pass label=None.",
        )
    return relative.parts[0]


def _outside(images: list[Path], root: Path) -> dict[int, str]:
    reason = "The link leaves the data set's folder."
    return {row: reason for row, p in enumerate(images) if not is_inside(root / p, root)}
