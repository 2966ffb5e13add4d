"""A contact sheet: small images in lines, each with a caption, as one PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Sequence

CELL = 128
GAP = 12
LINE = 15
COLUMNS = 6
INK, PAPER, EMPTY = "#222222", "#ffffff", "#e6e6e6"


def contact_sheet(
    images: Sequence[bytes], captions: Sequence[Sequence[str]], title: str, columns: int = COLUMNS
) -> bytes:
    """Return a PNG.

    Parameters
    ----------
    images : sequence of bytes
        Encoded images; one that cannot be read stays an empty square.
    captions : sequence of sequences of str
        Lines of text under each image; long ones are cut.
    """
    lines = max((len(caption) for caption in captions), default=0)
    step_x, step_y = CELL + GAP, CELL + lines * LINE + GAP
    rows = -(-len(images) // columns)
    size = (columns * step_x + GAP, rows * step_y + 2 * GAP + 2 * LINE)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((GAP, GAP), title, INK, ImageFont.load_default(16))
    small = ImageFont.load_default(12)
    for i, (raw, caption) in enumerate(zip(images, captions, strict=True)):
        x, y = GAP + (i % columns) * step_x, 2 * GAP + 2 * LINE + (i // columns) * step_y
        sheet.paste(_square(raw), (x, y))
        for k, words in enumerate(caption):
            draw.text((x, y + CELL + 2 + k * LINE), _cut(words, small), INK, small)
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _square(raw: bytes) -> Image.Image:
    """Crop an image to a square cell."""
    from PIL import ImageOps

    try:
        picture = Image.open(io.BytesIO(raw)).convert("RGB")
    except (UnidentifiedImageError, OSError):
        return Image.new("RGB", (CELL, CELL), EMPTY)
    return ImageOps.fit(picture, (CELL, CELL))


def _cut(words: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> str:
    if font.getlength(words) <= CELL:
        return words
    while words and font.getlength(words + "…") > CELL:
        words = words[:-1]
    return words + "…"
