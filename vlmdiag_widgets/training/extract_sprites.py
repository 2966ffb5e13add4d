"""Cut the animal pictures that the rendered worlds use out of the Noto Color Emoji font.

The font itself is not shipped. Run once, by a maintainer::

    python -m vlmdiag_widgets.training.extract_sprites path/to/NotoColorEmoji.ttf

Each glyph becomes one lossless WebP with an alpha channel, trimmed to what is visible.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

#: The one size at which the bitmap font holds its pictures.
FONT_SIZE = 109
CANVAS = 160

GLYPHS = {
    # water birds
    "mallard": "🦆",
    "swan": "🦢",
    "goose": "🪿",
    "flamingo": "🦩",
    "penguin": "🐧",
    # land birds
    "rooster": "🐓",
    "turkey": "🦃",
    "owl": "🦉",
    "parrot": "🦜",
    "peacock": "🦚",
    "eagle": "🦅",
    "dove": "🕊️",
    "blackbird": "🐦‍⬛",
    "dodo": "🦤",
    "chick": "🐥",
    # other animals
    "dog": "🐕",
    "poodle": "🐩",
    "cat": "🐈",
    "tiger": "🐅",
    "leopard": "🐆",
    "horse": "🐎",
    "cow": "🐄",
    "ox": "🐂",
    "pig": "🐖",
    "sheep": "🐑",
    "ram": "🐏",
    "goat": "🐐",
    "camel": "🐪",
    "llama": "🦙",
    "giraffe": "🦒",
    "elephant": "🐘",
    "rhinoceros": "🦏",
    "hippopotamus": "🦛",
    "mouse": "🐁",
    "rabbit": "🐇",
    "chipmunk": "🐿️",
    "beaver": "🦫",
    "hedgehog": "🦔",
    "bat": "🦇",
    "sloth": "🦥",
    "otter": "🦦",
    "skunk": "🦨",
    "kangaroo": "🦘",
    "badger": "🦡",
    "deer": "🦌",
    "bison": "🦬",
    "mammoth": "🦣",
    "donkey": "🫏",
    "crocodile": "🐊",
    "turtle": "🐢",
    "lizard": "🦎",
    "snake": "🐍",
    "gorilla": "🦍",
    "monkey": "🐒",
    "butterfly": "🦋",
    "snail": "🐌",
    "crab": "🦀",
}


def draw_glyph(font: ImageFont.FreeTypeFont, text: str) -> Image.Image | None:
    """Return the glyph trimmed to its visible pixels (RGBA), or None if the font lacks it."""
    canvas = Image.new("RGBA", (4 * CANVAS, 2 * CANVAS), (0, 0, 0, 0))
    drawer = ImageDraw.Draw(canvas)
    drawer.text((CANVAS // 2, CANVAS // 2), text, font=font, embedded_color=True)
    box = canvas.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    # A sequence that the font cannot join comes out as two pictures side by side.
    if box is None or box[2] - box[0] > CANVAS:
        return None
    return canvas.crop(box)


def main() -> None:
    """Write one picture per animal and name those that the font lacks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("font", type=Path)
    default = Path(__file__).parents[1] / "assets" / "sprites"
    parser.add_argument("--out", type=Path, default=default)
    arguments = parser.parse_args()
    font = ImageFont.truetype(str(arguments.font), FONT_SIZE)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, text in GLYPHS.items():
        picture = draw_glyph(font, text)
        if picture is None:
            print(f"{name}: not in this font")
            continue
        picture.save(arguments.out / f"{name}.webp", lossless=True, quality=100, method=6)


if __name__ == "__main__":
    main()
