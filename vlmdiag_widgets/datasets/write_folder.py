"""Write a data set to a folder of PNG files with a table, so that any tool can read it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.datasets.source import BrokenImageError

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets.dataset import ImageDataset

#: Marks a folder as written here; only such a folder is ever replaced.
MARK = "provenance.json"
_WRITTEN_BY = "vlmdiag_widgets.datasets.write_folder"
#: Bytes of a file name, without its ending.
MAX_NAME = 200
#: Names that Windows keeps for itself.
_DEVICES = frozenset(
    ("CON", "PRN", "AUX", "NUL", *(f"{port}{i}" for port in ("COM", "LPT") for i in range(1, 10)))
)
_TABLE, _BOXES, _GUIDE = "metadata.csv", "boxes.json", "README.md"


def write_folder(
    data: ImageDataset,
    folder: str | os.PathLike[str],
    *,
    force: bool = False,
    progress: ProgressFn = no_progress,
) -> Path:
    """Write every picture and what is known about it; the folder is whole or not there.

    Pictures are ``<split>/<class>/<id>.png``; without single labels ``<split>/<id>.png``. Beside
    them lie ``metadata.csv`` (one row a picture, its ``file_name`` first), ``boxes.json`` where
    there are boxes, ``provenance.json``, and a ``README.md`` with the lines that read it again.
    Signs that no file name holds become "_", and names that would then meet get a number; an
    attribute whose name is taken, such as "label", has a "_" after it in the table.

    Parameters
    ----------
    data : ImageDataset
    folder : path
        Made when absent.
    force : bool
        Replace a folder that was written by this function before.
    progress : callable
        Called with the pictures done and the pictures in all.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        The folder holds files already, or cannot be written.
    BrokenImageError
        A picture cannot be read; nothing is left behind.
    """
    target = check_folder(folder, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the last step is one rename on one disk.
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as partial:
            made = Path(partial, "made")
            made.mkdir()
            _write(data, made, progress)
            _put(made, target, Path(partial, "old"))
    except BrokenImageError:
        raise
    except OSError as error:
        raise InputError(
            f"{target} cannot be written: {error.strerror or error}.", "Choose another folder."
        ) from error
    return target


def check_folder(folder: object, *, force: bool) -> Path:
    """Return the full path of a folder that may be written to.

    Raises
    ------
    InputError
        It is no path, a file, or holds files that may not be replaced.
    """
    try:
        target = Path(os.fsdecode(folder)).expanduser().absolute()  # type: ignore[arg-type]
        _check_target(target, force=force)
    except InputError:
        raise
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{folder!r} is no folder ({error}).", "Choose another folder.") from error
    return target


def _check_target(target: Path, *, force: bool) -> None:
    if "\0" in str(target):  # pathlib takes it for a folder that is not there yet
        raise InputError(f"{str(target)!r} is no folder.", "Choose another folder.")
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target} is a file, expected a folder.", "Choose another name.")
    if not any(target.iterdir()) or (force and _is_ours(target)):
        return
    if force:
        raise InputError(
            f"{target} holds files that were not written here.",
            "Choose another folder; only a folder written by this command is replaced.",
        )
    raise InputError(f"{target} is not empty.", "Choose another folder, or use --force.")


def _is_ours(folder: Path) -> bool:
    try:
        told = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("written_by") == _WRITTEN_BY


def _put(made: Path, target: Path, aside: Path) -> None:
    """Move the finished folder into place; an old one leaves only after it is replaced."""
    if target.exists():
        target.rename(aside)
    try:
        made.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _write(data: ImageDataset, folder: Path, progress: ProgressFn) -> None:
    names = _file_names(data)
    for row, name in enumerate(names):
        progress(row, len(data))
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data.open(row).save(path, "PNG")
    _write_table(data, names, folder / _TABLE)
    if data.boxes is not None:
        found = {str(data.ids[row]): _boxes(data, row) for row in range(len(data))}
        (folder / _BOXES).write_text(json.dumps(found, indent=0), encoding="utf-8")
    told = {"written_by": _WRITTEN_BY, **data.provenance}
    (folder / MARK).write_text(json.dumps(told, indent=1, default=str), encoding="utf-8")
    (folder / _GUIDE).write_text(_guide(data), encoding="utf-8")
    progress(len(data), len(data))


def _file_names(data: ImageDataset) -> list[str]:
    """Return the name of each picture within the folder; no two are alike on any system."""
    single = data.labels is not None and not data.multi_label
    labels = data.labels.tolist() if data.labels is not None and single else [None] * len(data)
    folders = {label: _safe("unknown" if label is None else str(label)) for label in labels}
    taken: set[str] = set()
    names = []
    for split, label, name in zip(data.split, labels, data.ids, strict=True):
        folder = f"{split}/{folders[label]}" if single else str(split)
        path = _free(f"{folder}/{_safe(str(name))}", taken)
        taken.add(path.casefold())
        names.append(f"{path}.png")
    return names


def _free(path: str, taken: set[str]) -> str:
    tries = (path if i == 1 else f"{path} ({i})" for i in count(1))
    return next(one for one in tries if one.casefold() not in taken)


def _safe(name: str) -> str:
    """Return a name that is one plain file name on every system."""
    kept = "".join(c if c.isalnum() or c in " ._-" else "_" for c in name)
    # At most 255 bytes on most systems, and room for a number.
    short = kept.encode()[:MAX_NAME].decode(errors="ignore").strip(" .")
    if short.partition(".")[0].rstrip().upper() in _DEVICES:
        return f"_{short}"
    return short or "_"


def _write_table(data: ImageDataset, names: list[str], path: Path) -> None:
    columns: dict[str, list[Any]] = {"file_name": names, "id": list(data.ids)}
    if data.labels is not None and not data.multi_label:
        columns["label"] = list(data.labels)
    columns["split"] = list(data.split)
    written = _attribute_names(data)
    columns |= {written[name]: list(data.attributes[name]) for name in data.attributes.columns}
    for i in range(_most_captions(data)):
        columns[f"caption_{i + 1}"] = [
            texts[i] if i < len(texts) else "" for texts in data.captions or []
        ]
    if data.labels is not None and data.multi_label:
        table = data.labels.astype(int)
        columns |= {name: table[:, i].tolist() for i, name in enumerate(data.classes)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _attribute_names(data: ImageDataset) -> dict[Any, str]:
    """Return the column of each attribute; other columns keep their names."""
    taken = {"file_name", "id", "label", "split", *data.classes}
    taken |= {f"caption_{i + 1}" for i in range(_most_captions(data))}
    names = {}
    for name in data.attributes.columns:
        column = str(name)
        while column in taken:
            column += "_"
        taken.add(column)
        names[name] = column
    return names


def _most_captions(data: ImageDataset) -> int:
    return max(map(len, data.captions or []), default=0)


def _boxes(data: ImageDataset, row: int) -> list[dict[str, Any]]:
    boxes = [] if data.boxes is None else np.round(data.boxes[row].astype(float), 5).tolist()
    names = [""] * len(boxes) if data.box_names is None else data.box_names[row]
    return [{"name": name, "at": box} for name, box in zip(names, boxes, strict=True)]


def _guide(data: ImageDataset) -> str:
    arguments = ['path="file_name"', "root=here", 'id="id"', 'split="split"']
    lines = []
    if data.labels is not None:
        lines.append(f"classes = {data.classes!r}")
        if data.multi_label:
            lines.append("table[classes] = table[classes].astype(int)")
            arguments.append("label=classes")
        else:
            arguments += ['label="label"', "classes=classes"]
    if len(data.attributes.columns):
        arguments.append(f"attributes={list(_attribute_names(data).values())!r}")
    if captions := _most_captions(data):
        arguments.append(f"caption={[f'caption_{i + 1}' for i in range(captions)]!r}")
    if data.boxes is not None:
        lines.append('found = json.loads(Path(here, "boxes.json").read_text())')
        lines.append(
            'table["boxes"] = [[one["at"] for one in found[name]] for name in table["id"]]'
        )
        arguments.append('boxes="boxes"')
        if data.box_names is not None:
            names = '[[one["name"] for one in found[name]] for name in table["id"]]'
            arguments.append(f"box_names={names}")
    call = "".join(f"    {argument},\n" for argument in arguments)
    return _GUIDE_TEXT.format(
        name=" ".join(str(data.name).split()),
        n=len(data),
        lines="".join(f"{line}\n" for line in lines),
        call=call,
    )


_GUIDE_TEXT = """# {name}

{n:,} pictures, written by vlmdiag_widgets. Where they come from is in `provenance.json`, what is
known about each in `metadata.csv`. Boxes are left, top, right, bottom, from 0 to 1.

```python
import json
from pathlib import Path

import pandas as pd
import vlmdiag_widgets as vd

here = "."  # this folder
table = pd.read_csv(Path(here, "metadata.csv"), dtype=str, keep_default_na=False, na_values=[""])
{lines}data = vd.ImageDataset.from_dataframe(
    table,
{call})
```
"""
