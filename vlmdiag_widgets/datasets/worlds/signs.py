"""Written boards: a word in capitals, drawn once and scaled into scenes."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

#: The words of the `professions` world, one for each profession in its order.
SIGN_WORDS = (
    "doctor",
    "cook",
    "farmer",
    "firefighter",
    "teacher",
    "mechanic",
    "scientist",
    "artist",
    "pilot",
    "astronaut",
    "judge",
    "clerk",
)

#: No board is higher than this share of the picture's side, however short its word.
MAX_HEIGHT = 0.18

_POINTS = 72
_PAD = 26


@lru_cache(maxsize=64)
def board(text: str) -> Image.Image:
    """Return the board (RGBA) with the text in black capitals on white.

    The letters are those that Pillow carries with it (Aileron, public domain), made bold.
    """
    font = ImageFont.load_default(_POINTS)
    capitals = text.upper()
    left, top, right, bottom = (int(v) for v in font.getbbox(capitals, stroke_width=3))
    wide, high = right - left + 2 * _PAD, bottom - top + 2 * _PAD
    picture = Image.new("RGBA", (wide, high), (0, 0, 0, 0))
    drawer = ImageDraw.Draw(picture)
    frame = (0, 0, wide - 1, high - 1)
    drawer.rounded_rectangle(frame, 14, fill=(250, 248, 240, 255), outline=(70, 52, 38), width=6)
    origin = _PAD - left, _PAD - top
    drawer.text(origin, capitals, font=font, fill=(18, 18, 22), stroke_width=3)
    return picture


def board_shape(text: str, width: float) -> tuple[float, float]:
    """Return (width, height) of the board that is at most `width` wide, as shares of the side."""
    picture = board(text)
    high = width * picture.height / picture.width
    if high <= MAX_HEIGHT:
        return width, high
    return MAX_HEIGHT * picture.width / picture.height, MAX_HEIGHT
