"""Where the face is in each picture of a person, from how five skin tones differ.

A design is drawn in five tones, pixel upon pixel. What has the colour of skin in all five is
skin; its largest part is the head. Ears and neck are narrow, so they are trimmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from vlmdiag_widgets.datasets.worlds.sprites import (
    GENDERS,
    PROFESSIONS,
    TONES,
    Box,
    portrait_designs,
    portrait_sprite,
    profession_sprite,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from PIL import Image

#: The bare head that shows which colours skin has.
BALD = ("adult", "man", "bald")

#: Largest difference of a channel that still counts as the same colour (of 255).
NEARNESS = 36

#: A column or row of the head belongs to the face if it has this share of the longest one.
FULL_COLUMN = 0.4
FULL_ROW = 0.3

#: A part of the face has at least this share of the largest part.
SMALLEST_PART = 0.04

#: The face of a bald head ends above the brows: at most this height, in widths.
TALLEST = 1.2


def face_boxes(
    pictures: Mapping[str, Image.Image], corrections: Mapping[str, Box] | None = None
) -> dict[str, Box]:
    """Return the box of each person's face, as shares of the trimmed picture.

    Parameters
    ----------
    pictures : Mapping of str to PIL.Image.Image
        The sprites (RGBA) by name; designs that are not complete in all tones are left out.
    corrections : Mapping of str to tuple of float, optional
        Boxes measured by hand, by the name of the design (the sprite's without its tone).

    Returns
    -------
    dict of str to tuple of float
        (x0, y0, x1, y1) by name, the same for all tones of a design.
    """
    skin = _skin_colours(_stack(pictures, _portrait_names(*BALD)))
    boxes: dict[str, Box] = {}
    for names in designs():
        if all(name in pictures for name in names):
            design = names[0].replace(f" {TONES[0]}", "")
            box = (corrections or {}).get(design) or _face(_stack(pictures, names), skin)
            boxes |= dict.fromkeys(names, box)
    return boxes


def designs() -> list[list[str]]:
    """Return the names of the people's sprites, one list of all tones per design."""
    at_work = [
        [profession_sprite(profession, gender, tone) for tone in TONES]
        for profession in PROFESSIONS
        for gender in GENDERS
    ]
    return at_work + [_portrait_names(*design) for design in portrait_designs()]


def _portrait_names(age: str, gender: str, hair: str) -> list[str]:
    return [portrait_sprite(age, gender, tone, hair) for tone in TONES]


def _stack(pictures: Mapping[str, Image.Image], names: list[str]) -> NDArray[np.int16]:
    """Return the tones of one design (tones, height, width, RGBA)."""
    size = pictures[names[0]].size
    return np.stack([np.asarray(pictures[name].resize(size), dtype=np.int16) for name in names])


def _skin_colours(bald: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the colour of skin in each tone: the median of the upper middle of a bald head."""
    high, wide = bald.shape[1:3]
    brow = bald[:, int(0.12 * high) : int(0.25 * high), int(0.4 * wide) : int(0.6 * wide), :3]
    return np.asarray(np.median(brow, axis=(1, 2)), dtype=np.float64)


def _face(tones: NDArray[np.int16], skin: NDArray[np.float64]) -> Box:
    opaque = tones[..., 3].min(0) > 200
    distance = np.abs(tones[..., :3] - skin[:, None, None]).max(-1)
    mask = opaque & (distance.max(0) < NEARNESS)
    head = _head(ndimage.binary_opening(mask, iterations=2))
    x0, x1 = _full(head.sum(0), FULL_COLUMN)
    y0, y1 = _full(head[:, x0:x1].sum(1), FULL_ROW)
    y0 = max(y0, round(y1 - TALLEST * (x1 - x0)))
    high, wide = head.shape
    return round(x0 / wide, 4), round(y0 / high, 4), round(x1 / wide, 4), round(y1 / high, 4)


def _head(skin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest part with those above it, and what lies between them.

    Glasses and goggles cut a face in several parts; hands are at its side.
    """
    labels, _ = ndimage.label(skin)
    parts = ndimage.find_objects(labels)
    sizes = np.bincount(labels.ravel())[1:]
    rows, columns = parts[int(np.argmax(sizes))]
    face = [
        1 + index
        for index, (part, size) in enumerate(zip(parts, sizes, strict=True))
        if size >= SMALLEST_PART * sizes.max()
        and columns.start <= (part[1].start + part[1].stop) / 2 < columns.stop
        and (part[0].start + part[0].stop) / 2 < rows.stop
    ]
    head = np.isin(labels, face)
    below_first = np.maximum.accumulate(head, axis=0)
    above_last = np.maximum.accumulate(head[::-1], axis=0)[::-1]
    return np.asarray(below_first & above_last)


def _full(lengths: NDArray[np.integer], share: float) -> tuple[int, int]:
    """Return (first, past the last) of the rows or columns that are full enough."""
    full = np.flatnonzero(lengths >= share * lengths.max())
    return int(full[0]), int(full[-1]) + 1
