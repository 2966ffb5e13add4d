"""A contact sheet: small images in lines, each with a caption, as one PNG."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from vlmdiag_widgets.widgets.fallback import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

CELL = 128
GAP = 12
LINE = 15
TOP = 40
COLUMNS = 6
#: Letters of a caption that fit under an image.
LETTERS = 19
INK, PAPER, EMPTY = "#222222", "#ffffff", "#e6e6e6"
FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"


def contact_sheet(
    images: Sequence[bytes], captions: Sequence[Sequence[str]], title: str, columns: int = COLUMNS
) -> bytes:
    """Return a PNG.

    Drawn as SVG, whose renderer finds a font for every script; names may be in any.

    Parameters
    ----------
    images : sequence of bytes
        Encoded images; one that cannot be read stays an empty square.
    captions : sequence of sequences of str
        Lines of text under each image; long ones are cut.
    """
    import vl_convert

    lines = max((len(caption) for caption in captions), default=0)
    step_x, step_y = CELL + GAP, CELL + lines * LINE + GAP
    cells = []
    for i, (raw, caption) in enumerate(zip(images, captions, strict=True)):
        x, y = GAP + (i % columns) * step_x, TOP + (i // columns) * step_y
        cells.append(_cell(x, y, raw, caption))
    width, height = columns * step_x + GAP, TOP + -(-len(images) // columns) * step_y
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="{FONT}" font-size="12" fill="{INK}">'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
        f"{_text(GAP, 24, title, size=15)}{''.join(cells)}</svg>"
    )
    png: bytes = vl_convert.svg_to_png(svg, scale=2)
    return png


def _cell(x: int, y: int, raw: bytes, caption: Sequence[str]) -> str:
    href = "data:image/png;base64," + base64.b64encode(_square(raw)).decode()
    picture = f'<image x="{x}" y="{y}" width="{CELL}" height="{CELL}" href="{href}"/>'
    return picture + "".join(
        _text(x, y + CELL + (k + 1) * LINE, _cut(words)) for k, words in enumerate(caption)
    )


def _text(x: int, y: int, words: str, size: int = 12) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}">{html.escape(printable(words))}</text>'


def _square(raw: bytes) -> bytes:
    """Crop an encoded image to a square PNG."""
    try:
        picture = ImageOps.fit(Image.open(io.BytesIO(raw)).convert("RGB"), (CELL, CELL))
    except (UnidentifiedImageError, OSError):
        picture = Image.new("RGB", (CELL, CELL), EMPTY)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _cut(words: str) -> str:
    return words if len(words) <= LETTERS else words[: LETTERS - 1] + "…"
