"""The dashboard as one printed picture: the pictures of its views, put together."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from vlmdiag_widgets.widgets.base import View

log = logging.getLogger(__name__)

WIDTH = 2200
MARGIN = 32
INK = "#1f2328"
MUTED = "#59636e"


def draw(title: str, trust: str, views: Sequence[View]) -> bytes:
    """Return a PNG with the title, the trust line and the views in two columns.

    Views that have no picture (yet) are left out.
    """
    pictures = [picture for picture in map(_picture, views) if picture is not None]
    column = (WIDTH - 3 * MARGIN) // 2
    pictures = [_fitted(picture, column) for picture in pictures]
    top = 3 * MARGIN + 56
    placed, heights = [], [top, top]
    for picture in pictures:
        side = heights.index(min(heights))
        placed.append((picture, (MARGIN + side * (column + MARGIN), heights[side])))
        heights[side] += picture.height + MARGIN
    page = Image.new("RGB", (WIDTH, max(*heights, top + MARGIN)), "white")
    pen = ImageDraw.Draw(page)
    pen.text((MARGIN, MARGIN), title, fill=INK, font=ImageFont.load_default(36))
    pen.text((MARGIN, MARGIN + 48), trust, fill=MUTED, font=ImageFont.load_default(26))
    for picture, place in placed:
        page.paste(picture, place)
    return _png(page)


def _picture(view: View) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(view.picture())).convert("RGB")
    except Exception:  # one view without a picture must not cost the others theirs
        log.debug("no picture of %s", type(view).__name__, exc_info=True)
        return None


def _fitted(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    return picture.resize((width, round(picture.height * width / picture.width)))


def _png(page: Image.Image) -> bytes:
    out = io.BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()
