"""``vlmdiag worlds``: list the rendered data sets, describe one, write one to a folder."""

from __future__ import annotations

import json
import re
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets._progress import ProgressFn

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets import ImageDataset

DIGITS = "coloured-digits"
_DIGITS_TOLD = (
    "Real handwritten digits, from scikit-learn. In training, colour goes with the digit "
    "(after Jain et al. 2023)."
)
#: Few enough to be made at once, many enough for each world to have all its classes.
_FEW = 45
_WIDTH = 96


def names() -> list[str]:
    """Return the names that can be asked for."""
    from vlmdiag_widgets.datasets import WORLDS

    return [*WORLDS, DIGITS]


def listed() -> Iterator[str]:
    """Yield the list of worlds, line by line."""
    for name in names():
        yield from _entry(name)
        yield ""
    yield "vlmdiag worlds NAME describes one; --sheet FILE.png draws a page of its pictures;"
    yield "--out FOLDER writes it. In Python: vlmdiag_widgets.load_dataset(NAME, ...)."


def described(name: str, data: ImageDataset) -> Iterator[str]:
    """Yield what there is to know about one world, as it would be made."""
    yield from _entry(name)
    counts = ", ".join(f"{len(data.rows(part)):,} {part}" for part in ("train", "val", "test"))
    yield f"  images   {len(data):,} ({counts})"
    for column in data.attributes.columns:
        found = sorted({str(value) for value in data.attributes[column].dropna()})
        yield from _filled(f"{column}: ", found or ["–"])
    if data.captions and data.captions[0]:
        yield f"  caption  {data.captions[0][0]}"


def make(name: str, settings: Mapping[str, Any], **size: Any) -> ImageDataset:
    """Return a world.

    Parameters
    ----------
    name : str
    settings : mapping
        Its knobs.
    **size
        n, seed and size; those that are None are left to the world.

    Raises
    ------
    InputError
        An unknown name or knob, or a value that cannot be used.
    """
    from vlmdiag_widgets.datasets import coloured_digits, load_dataset

    given = {key: value for key, value in size.items() if value is not None}
    _check_name(name)
    for knob in ("n", "seed", "size", "name"):
        if knob in settings:
            raise InputError(
                f"--set cannot give {knob}.",
                f"Use --{knob} {settings[knob]}." if knob != "name" else "Give the name alone.",
            )
    if name != DIGITS:
        return load_dataset(name, **given, **settings)
    unknown = set(settings) - set(_knobs(name))
    if unknown:
        raise InputError(
            f"{name!r} has no setting {min(unknown)!r}.", f"It has {', '.join(_knobs(name))}."
        )
    return coloured_digits(**given, **settings)


def read_settings(pairs: list[str]) -> dict[str, Any]:
    """Return the knobs of ``--set knob=value``; values are JSON, or else words.

    ``a,b`` is a list of words.

    Raises
    ------
    InputError
        A pair without "=".
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        knob, equals, text = pair.partition("=")
        if not equals or not knob.strip():
            raise InputError(
                f"--set got {pair!r}, expected knob=value.", "For example --set spurious=0.9."
            )
        found[knob.strip()] = _value(text.strip())
    return found


def write(data: ImageDataset, folder: Path, *, force: bool, progress: ProgressFn) -> Iterator[str]:
    """Write a world to a folder and say so."""
    from vlmdiag_widgets.datasets import write_folder

    target = write_folder(data, folder, force=force, progress=progress)
    yield f"{target}: {len(data):,} pictures; README.md there says how to read them"


def check_targets(folder: Path | None, sheet: Path | None, *, force: bool) -> None:
    """Refuse what cannot be written to, before anything is drawn.

    Raises
    ------
    InputError
        A folder or file is there already, or the file is no picture.
    """
    from vlmdiag_widgets.datasets.write_folder import check_folder

    if sheet is not None:
        _check_sheet(sheet, force=force)
    if folder is not None:
        check_folder(folder, force=force)


def _check_sheet(path: Path, *, force: bool) -> Path:
    path = path.expanduser().absolute()
    if path.suffix.lower() not in (".png", ".webp"):
        raise InputError(f"{path.name} is no name for a picture.", "Use a name such as sheet.png.")
    if path.exists() and not force:
        raise InputError(f"{path} is there already.", "Choose another name, or use --force.")
    return path


def write_sheet(data: ImageDataset, path: Path, *, force: bool) -> Iterator[str]:
    """Write a page of a world's pictures and say so.

    Raises
    ------
    InputError
        The file is there already, ends in neither .png nor .webp, or cannot be written.
    """
    from vlmdiag_widgets.datasets import contact_sheet

    path = _check_sheet(path, force=force)
    named = data.box_names is not None
    sheet = contact_sheet(data, size=160, boxes=named, captions=["label", *_telling(data)])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sheet-", dir=path.parent) as folder:
            partial = Path(folder, path.name)
            sheet.save(partial)
            partial.replace(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another file."
        ) from error
    yield f"{path}: {sheet.width} × {sheet.height} pixels"


def _telling(data: ImageDataset) -> list[str]:
    """Return the first two attributes that say more than the label."""
    labels = [] if data.labels is None or data.multi_label else data.labels.tolist()
    return [name for name in data.attributes.columns if list(data.attributes[name]) != labels][:2]


# -- parts -----------------------------------------------------------------------


def _entry(name: str) -> Iterator[str]:
    from vlmdiag_widgets.datasets import WORLDS

    _check_name(name)
    yield name
    yield from textwrap.wrap(
        WORLDS.get(name, _DIGITS_TOLD), _WIDTH, initial_indent="  ", subsequent_indent="  "
    )
    few = make(name, {}, n=_FEW)
    yield from _filled("classes: ", few.classes)
    knobs = [f"{knob}={_shown(default)}" for knob, default in _knobs(name).items()]
    yield from _filled("settings: ", [f"n={_default_images(name)}", "seed=0", "size=256", *knobs])


def _filled(head: str, words: list[str], most: int = 24) -> list[str]:
    more = f", … ({len(words)} in all)" if len(words) > most else ""
    text = head + ", ".join(words[:most]) + more
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _knobs(name: str) -> dict[str, Any]:
    from vlmdiag_widgets.datasets.worlds import world_settings

    return {"spurious": 0.9} if name == DIGITS else world_settings(name)


def _default_images(name: str) -> int:
    from importlib import import_module

    if name == DIGITS:
        from vlmdiag_widgets.datasets.digits import IMAGES

        return IMAGES
    world = import_module(f"vlmdiag_widgets.datasets.worlds.{name.replace('-', '_')}")
    return int(world.DEFAULT_IMAGES)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=list)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        if re.fullmatch(r"[+-]?\.\d+", text):
            return float(text)  # not JSON, but what people type
        return [word.strip() for word in text.split(",")] if "," in text else text


def _check_name(name: str) -> None:
    if name in names():
        return
    near = nearest_names(name, names())
    raise InputError(
        f"There is no world {name!r}; expected one of {', '.join(names())}.",
        f"Did you mean {near[0]!r}?" if near else "",
    )
