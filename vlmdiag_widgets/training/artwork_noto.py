"""Noto Color Emoji: which glyph shows which sprite, and how it is cut out of the font."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from vlmdiag_widgets.datasets.worlds.sprites import (
    GENDERS,
    HAIR,
    PROFESSIONS,
    TONES,
    portrait_sprite,
    profession_sprite,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The one size at which the bitmap font holds its pictures.
FONT_SIZE = 109
CANVAS = 160

ANIMAL_GLYPHS = {
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

OBJECT_GLYPHS = {
    "car": "🚗",
    "bus": "🚌",
    "truck": "🚚",
    "bicycle": "🚲",
    "motorcycle": "🏍️",
    "boat": "⛵",
    "umbrella": "☂️",
    "ball": "⚽",
    "kite": "🪁",
    "skateboard": "🛹",
    "chair": "🪑",
    "backpack": "🎒",
    "suitcase": "🧳",
    "guitar": "🎸",
    "tent": "⛺",
    "balloon": "🎈",
    "teddy bear": "🧸",
    "gift": "🎁",
    "pizza": "🍕",
    "apple": "🍎",
    "cake": "🎂",
    "pumpkin": "🎃",
    "sunflower": "🌻",
    "clock": "⏰",
}

JOINER = "\u200d"
TONE_MARKS = dict(zip(TONES, "🏻🏼🏽🏾🏿", strict=True))
ADULTS = {"woman": "👩", "man": "👨"}
CHILDREN = {"woman": "👧", "man": "👦"}
OLDER = {"woman": "👵", "man": "👴"}
SIGNS = {"woman": "♀", "man": "♂"}
TOOLS = dict(zip(PROFESSIONS, "⚕🍳🌾🚒🏫🔧🔬🎨✈🚀⚖💼", strict=True))
HAIR_MARKS = {"red": "🦰", "curly": "🦱", "white": "🦳", "bald": "🦲"}

#: Faces that `training.face_boxes` does not find: milky goggles hide the upper half.
FACE_CORRECTIONS = {"scientist woman": (0.165, 0.27, 0.645, 0.762)}


def glyphs() -> dict[str, str]:
    """Return the text that the font draws, for each sprite."""
    return ANIMAL_GLYPHS | OBJECT_GLYPHS | dict(_professions()) | dict(_portraits())


def pictures(font_file: Path) -> Iterator[tuple[str, Image.Image | None]]:
    """Yield each sprite's name and its trimmed picture (RGBA), or None if the font lacks it."""
    font = ImageFont.truetype(str(font_file), FONT_SIZE)
    for name, text in glyphs().items():
        yield name, draw_glyph(font, text)


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


def _professions() -> Iterator[tuple[str, str]]:
    for profession, tool in TOOLS.items():
        for gender in GENDERS:
            for tone, mark in TONE_MARKS.items():
                name = profession_sprite(profession, gender, tone)
                yield name, ADULTS[gender] + mark + JOINER + tool


def _portraits() -> Iterator[tuple[str, str]]:
    for tone, mark in TONE_MARKS.items():
        yield portrait_sprite("baby", "person", tone, "plain"), "👶" + mark
        for gender in GENDERS:
            yield portrait_sprite("child", gender, tone, "plain"), CHILDREN[gender] + mark
            yield portrait_sprite("older", gender, tone, "plain"), OLDER[gender] + mark
            for hair in HAIR:
                yield portrait_sprite("adult", gender, tone, hair), _adult(gender, mark, hair)


def _adult(gender: str, mark: str, hair: str) -> str:
    if hair == "blond":
        return "👱" + mark + JOINER + SIGNS[gender]
    base = ADULTS[gender] + mark
    return base if hair == "plain" else base + JOINER + HAIR_MARKS[hair]
