"""A contact sheet: many pictures of a data set as one, with a few words under each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.checks import check_count, row_numbers
from vlmdiag_widgets.datasets.columns import column_error
from vlmdiag_widgets.datasets.source import BrokenImageError

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets.dataset import ImageDataset

#: Pictures shown when no rows are named: so many lines of them.
LINES = 4

#: A page of more pixels than this is refused: few programs open it.
MAX_PIXELS = 2**27

_GAP, _PAPER, _INK, _FAINT = 8, "#ffffff", "#222222", "#8a8a8a"
#: Colours of boxes, light enough for black names (Okabe & Ito 2008, lightened).
_BOX_INKS = ("#e69f00", "#56b4e9", "#2bc49a", "#e08fc0", "#f0e442", "#6f9bff", "#f0813a")


def contact_sheet(
    data: ImageDataset,
    rows: Sequence[int] | None = None,
    *,
    columns: int = 8,
    size: int = 128,
    boxes: bool = False,
    captions: str | Sequence[str] | Callable[[int], str] | None = "label",
    title: str = "",
) -> Image.Image:
    """Return some pictures of a data set in lines, as one picture.

    Parameters
    ----------
    data : ImageDataset
    rows : sequence of int, optional
        The pictures, in order; default: the first four lines of them.
    columns : int
        Pictures in a line (1 to 64).
    size : int
        Side in pixels of the square that each picture is fitted into (16 to 1024).
    boxes : bool
        Draw the boxes of each picture, with their names where the data set has them.
    captions : str, sequence of str, callable or None
        What stands under a picture, one line each: "label", "split", "id", "caption" (the first
        one) or the name of an attribute; or a function of the row that returns the lines.
    title : str
        A line above the pictures.

    Returns
    -------
    PIL.Image.Image
        RGB, on white. A picture that cannot be read leaves a crossed square.

    Raises
    ------
    InputError
        A row or a column that does not exist, or a number that cannot be used.
    """
    columns, size = check_count("columns", columns, 1, 64), check_count("size", size, 16, 1024)
    shown = _rows(data, rows, columns * LINES)
    texts = [_lines(data, row, captions) for row in shown]
    font = _font(max(10, min(15, size // 9)))
    step = font.size * 1.35
    depth = max((len(lines) for lines in texts), default=0)
    cell = (size + _GAP, size + _GAP + round(depth * step))
    top = _GAP + (round(2 * step) if title else 0)
    wide = min(columns, len(shown))
    shape = (wide * cell[0] + _GAP, top + -(-len(shown) // columns) * cell[1])
    _check_page(*shape)
    canvas = Image.new("RGB", shape, _PAPER)
    pen = ImageDraw.Draw(canvas)
    if title:
        pen.text((_GAP, _GAP), _fitted(str(title), font, canvas.width - 2 * _GAP), _INK, font)
    for place, (row, lines) in enumerate(zip(shown, texts, strict=True)):
        x, y = _GAP + place % columns * cell[0], top + place // columns * cell[1]
        canvas.paste(_square(data, row, size, boxes=boxes), (x, y))
        for i, line in enumerate(lines):
            ink = _INK if i == 0 else _FAINT
            pen.text((x, y + size + 2 + i * step), _fitted(line, font, size), ink, font)
    return canvas


def _check_page(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InputError(
            f"The page would have {width:,} × {height:,} pixels.",
            "Name fewer rows, or make size smaller.",
        )


def _rows(data: ImageDataset, rows: Sequence[int] | None, most: int) -> list[int]:
    if rows is None:
        return list(range(min(most, len(data))))
    shown: list[int] = row_numbers(rows, len(data)).tolist()
    if not shown:
        raise InputError("There is no picture to show.", "Name at least one row.")
    return shown


def _square(data: ImageDataset, row: int, size: int, *, boxes: bool) -> Image.Image:
    square = Image.new("RGB", (size, size), "#efefef")
    try:
        picture = ImageOps.contain(data.open(row, size), (size, size))
    except BrokenImageError:
        pen = ImageDraw.Draw(square)
        pen.line((0, 0, size, size), _FAINT, 2)
        pen.line((0, size, size, 0), _FAINT, 2)
        return square
    if boxes and data.boxes is not None:
        _draw_boxes(picture, data.boxes[row], _names(data, row))
    square.paste(picture, ((size - picture.width) // 2, (size - picture.height) // 2))
    return square


def _names(data: ImageDataset, row: int) -> Sequence[str]:
    return () if data.box_names is None else data.box_names[row]


def _draw_boxes(picture: Image.Image, boxes: Any, names: Sequence[str]) -> None:
    pen, font = ImageDraw.Draw(picture), _font(max(9, picture.height // 16))
    scale = np.array([picture.width, picture.height] * 2)
    known = list(dict.fromkeys(names))
    for i, box in enumerate(np.asarray(boxes)):
        x0, y0, x1, y1 = np.clip(box * scale, 0, scale - 1).tolist()
        name = names[i] if i < len(names) else ""
        ink = _BOX_INKS[(known.index(name) if name else i) % len(_BOX_INKS)]
        pen.rectangle((x0, y0, x1, y1), outline=ink, width=max(1, picture.height // 80))
        if name:
            wide, high = font.getlength(name) + 4, font.size + 2
            left = min(x0, picture.width - wide)
            # Above the box where there is room, or below, or else inside.
            below = y1 + 1 if y1 + 1 + high <= picture.height else y0
            top = y0 - high if y0 >= high else below
            pen.rectangle((left, top, left + wide, top + high), fill=ink)
            pen.text((left + 2, top - 1), name, "#000000", font)


def _lines(
    data: ImageDataset, row: int, captions: str | Sequence[str] | Callable[[int], str] | None
) -> list[str]:
    if captions is None:
        return []
    if callable(captions):
        return str(captions(row)).splitlines()
    names: Any = [captions] if isinstance(captions, str) else captions
    if not isinstance(names, Sequence):
        raise InputError(
            f"captions is {captions!r}; expected names of columns, or a function.",
            "For example captions=['label', 'split'].",
        )
    return [_cell(data, row, name) for name in names]


def _cell(data: ImageDataset, row: int, name: str) -> str:
    if name in data.attributes.columns:
        return str(data.attributes[name].iloc[row] or "")
    if name == "label":
        return _label(data, row)
    if name == "caption":
        return "" if not data.captions or not data.captions[row] else data.captions[row][0]
    if name in ("id", "split"):
        return str((data.ids if name == "id" else data.split)[row])
    raise column_error(
        "The data set", name, ["label", "split", "id", "caption", *data.attributes.columns]
    )


def _label(data: ImageDataset, row: int) -> str:
    if data.labels is None:
        return ""
    if data.multi_label:
        return ", ".join(np.array(data.classes)[data.labels[row]].tolist())
    return str(data.labels[row] or "")


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):  # Pillow was built without FreeType
        raise InputError("Pillow has no scalable font here.", "Install Pillow from a wheel.")
    return font


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """Return one line that is no wider than `width`, cut with an ellipsis."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= 5 * width and font.getlength(line) <= width:
        return line
    # No letter is a fifth of a pixel wide; halving finds the end of a long text at once.
    lengths = range(1, min(len(line), 5 * round(width)) + 1)
    kept = bisect_right(lengths, width, key=lambda n: font.getlength(line[:n] + "…"))
    return line[:kept].rstrip() + "…"
