"""Data sets whose pictures are changed when they are opened: corrupted, or tinted.

Nothing is copied: ids, labels, attributes, captions, boxes and splits stay, and the pictures are
changed one by one as they are asked for. What was done stands in ``provenance["transforms"]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageColor

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets import corruptions
from vlmdiag_widgets.datasets.changed import changed, number
from vlmdiag_widgets.datasets.checks import check_count, check_share, row_numbers
from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.source import ImageSource, content_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COLORS", "CORRUPTIONS", "corrupt", "tint"]

#: Names of the corruptions that `corrupt` knows.
CORRUPTIONS = corruptions.KINDS

#: The largest seed.
MAX_SEED = 2**32 - 1

#: What an image that was left alone is called in the attribute that `corrupt` adds.
UNTOUCHED = "none"

#: Colours that `tint` gives to classes in turn, and their red, green and blue.
COLORS: Mapping[str, tuple[int, int, int]] = {
    "red": (226, 44, 44),
    "green": (52, 178, 72),
    "blue": (70, 108, 240),
    "yellow": (248, 222, 60),
    "pink": (255, 130, 190),
    "orange": (255, 145, 30),
    "cyan": (60, 214, 226),
    "purple": (165, 84, 222),
    "white": (240, 240, 240),
    "brown": (160, 98, 52),
}


# -- corruption ------------------------------------------------------------------


class Corruption:
    """Spoil pictures, each with a pattern that its id and the seed decide."""

    def __init__(self, kind: str, severity: int, seed: int, side: int, ids: Sequence[str]) -> None:
        self._kind, self._severity = kind, severity
        self._seed, self._side, self._ids = seed, side, ids

    def open(self, source: ImageSource, row: int, size: int | None) -> Image.Image:  # noqa: ARG002
        """Return the spoiled picture; its shorter side is at most `side`."""
        picture = _at_most(source.open(row, self._side), self._side)
        rng = np.random.default_rng(int.from_bytes(self._drawn(row), "little"))
        return corruptions.spoil(picture, self._kind, self._severity, rng)

    def key(self, source: ImageSource, row: int, size: int | None) -> bytes:  # noqa: ARG002
        """Return the digest of the original, the pattern and the severity."""
        told = f"{corruptions.VERSION} {self._kind} {self._severity} {self._side}".encode()
        return content_key(b"corrupt", told, self._drawn(row), source.key(row, self._side))

    def _drawn(self, row: int) -> bytes:
        # Not the severity: the same pattern then grows with it.
        return number(self._ids[row], f"corrupt {self._kind} {self._seed}")


def corrupt(
    data: ImageDataset,
    kind: str,
    severity: int = 3,
    *,
    rows: Any = None,
    share: float | None = None,
    attribute: str = "corruption",
    seed: int = 0,
    side: int = 224,
) -> ImageDataset:
    """Return a data set whose pictures are corrupted, all of them or some.

    After Hendrycks & Dietterich 2019, section 4.1, and Jain et al. 2023, Distilling model
    failures as directions, appendix B.3.

    Parameters
    ----------
    data : ImageDataset
    kind : str
        One of `CORRUPTIONS`, such as "gaussian_noise" or "fog".
    severity : int
        1 (slight) to 5 (severe).
    rows : sequence of int or mask, optional
        The pictures to corrupt; default: all.
    share : float, optional
        Instead of `rows`: this share of each split, from 0 to 1, chosen by `seed`. A larger share
        holds the pictures of a smaller one.
    attribute : str
        Column that says which pictures are corrupted. Added when only some are, or where an
        earlier call made it.
    seed : int
        Decides which pictures, and the pattern of each. A picture's pattern depends on its id and
        not on the other pictures.
    side : int
        Pixels of the shorter side at which pictures are spoiled; larger ones are made smaller
        first. Whoever opens one, an encoder or a view, gets the same picture at this size.

    Returns
    -------
    ImageDataset
        Pictures left alone keep their content keys, so embeddings of them are found again.

    Raises
    ------
    InputError
        An unknown kind, a severity, share or row that cannot be used, or both `rows` and `share`.

    Examples
    --------
    >>> from vlmdiag_widgets import load_dataset
    >>> foggy = corrupt(load_dataset("dspritesv", n=10), "fog", severity=5, share=0.5)
    >>> sorted(set(foggy.attributes["corruption"]))
    ['fog', 'none']
    """
    kind, severity = corruptions.check_kind(kind), corruptions.check_severity(severity)
    side, seed = check_count("side", side, 8, 4096), check_count("seed", seed, 0, MAX_SEED)
    _check_attribute(attribute)
    chosen = _chosen(data, rows, share, seed)
    change = Corruption(kind, severity, seed, side, data.ids.tolist())
    record = {"corrupt": kind, "severity": severity, "seed": seed, "side": side}
    told = None
    if len(chosen) < len(data) or attribute in data.attributes.columns:
        told = {attribute: _noted(data, attribute, chosen, kind.replace("_", " "))}
    title = f"{kind.replace('_', ' ')} {severity}"
    return changed(data, chosen, change, title=title, record=record, told=told)


def _check_attribute(name: object) -> None:
    if not isinstance(name, str) or not name:
        raise InputError(
            f"attribute is {name!r}; expected the name of a column.",
            "For example attribute='corruption'.",
        )


def _chosen(data: ImageDataset, rows: Any, share: float | None, seed: int) -> NDArray[np.int64]:
    if rows is not None and share is not None:
        raise InputError("rows and share are both given.", "Give the one or the other.")
    if share is not None:
        return _share_of_each_split(data, check_share("share", share), seed)
    if rows is None:
        return np.arange(len(data))
    return np.unique(row_numbers(rows, len(data)))


def _share_of_each_split(data: ImageDataset, share: float, seed: int) -> NDArray[np.int64]:
    order = np.array([number(name, f"share {seed}") for name in data.ids])
    chosen: list[int] = []
    for split in dict.fromkeys(data.split.tolist()):
        rows = np.flatnonzero(data.split == split)
        chosen += rows[np.argsort(order[rows])][: round(share * len(rows))].tolist()
    return np.array(sorted(chosen), dtype=np.int64)


def _noted(data: ImageDataset, name: str, chosen: NDArray[np.int64], word: str) -> list[str]:
    """Return the attribute's cells: what was there before, and the new word where it applies."""
    known = data.attributes[name] if name in data.attributes.columns else [None] * len(data)
    cells = [UNTOUCHED if cell is None else str(cell) for cell in known]
    for row in chosen.tolist():
        cells[row] = word if cells[row] == UNTOUCHED else f"{cells[row]} and {word}"
    return cells


def _at_most(image: Image.Image, side: int) -> Image.Image:
    scale = side / min(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC)


# -- tint ------------------------------------------------------------------------


class Tint:
    """Give each picture a colour: grey values times the colour, mixed with the picture."""

    def __init__(self, inks: Sequence[tuple[int, int, int]], strength: float) -> None:
        self._inks, self._strength = inks, strength

    def open(self, source: ImageSource, row: int, size: int | None) -> Image.Image:
        """Return the tinted picture."""
        picture = source.open(row, size)
        grey = np.asarray(picture.convert("L"), dtype=np.float32)[..., None] / 255
        inked = grey * np.array(self._inks[row], dtype=np.float32)
        mixed = self._strength * inked + (1 - self._strength) * np.asarray(picture)
        return Image.fromarray(np.rint(mixed).astype(np.uint8))

    def key(self, source: ImageSource, row: int, size: int | None) -> bytes:
        """Return the digest of the original, the colour and the strength."""
        told = f"{self._inks[row]} {self._strength}".encode()
        return content_key(b"tint 1", told, source.key(row, size))


def tint(
    data: ImageDataset,
    spurious: float | Mapping[str, float] = 0.9,
    *,
    colors: Mapping[str, str] | None = None,
    strength: float = 1.0,
    attribute: str = "color",
    seed: int = 0,
) -> ImageDataset:
    """Return a data set in which colour goes with the class in training, and not in the test.

    After the coloured digits of Jain et al. 2023, Distilling model failures as directions,
    appendix B.2: a classifier may learn the colour in place of the class.

    Parameters
    ----------
    data : ImageDataset
        One label an image. Grey pictures on a dark ground take colours best.
    spurious : float or mapping
        Share of the training images of each class that have the class's own colour, from 0 to 1;
        or class → its share. The others have one of the other colours. Validation and test images
        have any of them.
    colors : mapping of str to str, optional
        Class → its colour: a name of `COLORS`, any CSS name, or "#rrggbb". Default: the names of
        `COLORS` in turn.
    strength : float
        1: only grey values times the colour are left; 0: the picture as it was.
    attribute : str
        Column for the names of the colours.
    seed : int
        Decides the colours. An image's colour depends on its id and class alone.

    Returns
    -------
    ImageDataset
        Captions stay as they are: those that name a colour are then no longer true.

    Raises
    ------
    InputError
        No single labels, too many classes for the colours, or a number or colour that cannot be
        used.
    """
    strength, seed = check_share("strength", strength), check_count("seed", seed, 0, MAX_SEED)
    _check_attribute(attribute)
    own = _colors_of_classes(data, colors)
    shares = _shares_of_classes(data, spurious)
    names = _names_of_colors(data, own, shares, seed)
    inks = {name: COLORS.get(name) or ImageColor.getrgb(name)[:3] for name in own.values()}
    change = Tint([inks[name] for name in names], strength)
    record = {"tint": own, "spurious": shares, "strength": strength, "seed": seed}
    told = {attribute: names}
    return changed(data, range(len(data)), change, title="tinted", record=record, told=told)


def _colors_of_classes(data: ImageDataset, colors: Mapping[str, str] | None) -> dict[str, str]:
    if data.labels is None or data.multi_label:
        raise InputError(
            "The images have no single labels, so no colour can go with them.",
            "Give labels=[...] with one class an image.",
        )
    if colors is None and len(data.classes) > len(COLORS):
        raise InputError(
            f"There are {len(data.classes)} classes and {len(COLORS)} colours.",
            "Give colors={class: colour}.",
        )
    given = colors or dict(zip(data.classes, COLORS, strict=False))
    if not isinstance(given, Mapping):
        raise InputError(
            f"colors is {given!r}; expected a colour for each class.",
            f"For example colors={dict(zip(data.classes[:2], COLORS, strict=False))!r}.",
        )
    missing = [name for name in data.classes if name not in given]
    if missing:
        raise InputError(
            f"colors has no colour for the class {missing[0]!r}.", "Name a colour for each class."
        )
    return {name: _check_color(given[name]) for name in data.classes}


def _shares_of_classes(
    data: ImageDataset, spurious: float | Mapping[str, float]
) -> dict[str, float]:
    if not isinstance(spurious, Mapping):
        return dict.fromkeys(data.classes, check_share("spurious", spurious))
    missing = [name for name in data.classes if name not in spurious]
    if missing:
        raise InputError(
            f"spurious has no share for the class {missing[0]!r}.", "Give each class a share."
        )
    return {name: check_share(f"spurious[{name!r}]", spurious[name]) for name in data.classes}


def _names_of_colors(
    data: ImageDataset, own: Mapping[str, str], shares: Mapping[str, float], seed: int
) -> list[str]:
    """Return each image's colour; in training the exceptions are spread over each class."""
    pool = list(dict.fromkeys(own.values()))
    order = [number(name, f"tint {seed}") for name in data.ids]
    labels, names = np.asarray(data.labels), np.empty(len(data), dtype=object)
    for row, drawn in enumerate(order):
        names[row] = pool[int.from_bytes(drawn, "little") % len(pool)]
    for label, color in own.items():
        rows = np.flatnonzero((labels == label) & (data.split == "train"))
        rows = np.array(sorted(rows.tolist(), key=order.__getitem__), dtype=np.int64)
        usual = round(shares[label] * len(rows))
        others = [name for name in pool if name != color] or [color]
        for row in rows[usual:].tolist():
            names[row] = others[int.from_bytes(order[row], "little") % len(others)]
        names[rows[:usual]] = color
    for row in np.flatnonzero([label is None for label in labels]).tolist():
        names[row] = pool[int.from_bytes(order[row], "little") % len(pool)]
    return [str(name) for name in names]


def _check_color(color: object) -> str:
    try:
        if str(color) not in COLORS:
            ImageColor.getrgb(str(color))
    except ValueError as error:
        raise InputError(
            f"There is no colour {color!r}.",
            f"Use one of {', '.join(COLORS)}, a CSS name, or '#rrggbb'.",
        ) from error
    return str(color)
