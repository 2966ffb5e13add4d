"""Fluent Emoji Flat: which icon shows which sprite, and how it is drawn.

The icons are those of the npm package ``@iconify-json/fluent-emoji-flat`` (version 1.2.6), in
its file ``icons.json``. They are drawn by resvg (``pip install resvg-py``, version 0.5.0),
which only this script needs.
"""

from __future__ import annotations

import importlib
import io
import json
from typing import TYPE_CHECKING

from PIL import Image

from vlmdiag_widgets.datasets.worlds.sprites import (
    ANIMALS,
    GENDERS,
    OBJECTS,
    PROFESSIONS,
    RECOLOURED,
    TONES,
    portrait_designs,
    portrait_sprite,
    profession_sprite,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Pixels of the side of an icon, before it is trimmed.
SIDE = 160

#: Sprites whose icon has another name.
ICON_NAMES = {
    "mallard": "duck",
    "chick": "front-facing-baby-chick",
    "sheep": "ewe",
    "car": "automobile",
    "truck": "delivery-truck",
    "boat": "sailboat",
    "ball": "soccer-ball",
    "suitcase": "luggage",
    "gift": "wrapped-gift",
    "apple": "red-apple",
    "cake": "birthday-cake",
    "pumpkin": "jack-o-lantern",
    "clock": "alarm-clock",
    "doctor": "health-worker",
}
CHILDREN = {"woman": "girl", "man": "boy"}
HAIR_SUFFIXES = {
    "plain": "",
    "blond": "-blonde-hair",
    "red": "-red-hair",
    "curly": "-curly-hair",
    "white": "-white-hair",
    "bald": "-bald",
}


def icons() -> dict[str, str]:
    """Return the name of the icon, for each sprite."""
    things = [name for name in (*ANIMALS, *OBJECTS) if name not in RECOLOURED]
    return {name: _icon_name(name) for name in things} | dict(_people())


def pictures(icons_file: Path) -> Iterator[tuple[str, Image.Image | None]]:
    """Yield each sprite's name and its trimmed picture (RGBA), or None if there is no icon."""
    bodies = json.loads(icons_file.read_text(encoding="utf-8"))["icons"]
    for name, icon in icons().items():
        yield name, draw_icon(bodies[icon]["body"]) if icon in bodies else None


def draw_icon(body: str) -> Image.Image:
    """Return an icon (the inside of a 32 x 32 SVG) trimmed to its visible pixels (RGBA)."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{body}</svg>'
    resvg = importlib.import_module("resvg_py")
    png = bytes(resvg.svg_to_bytes(svg, width=SIDE, height=SIDE))
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    box = picture.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    return picture.crop(box)


def _icon_name(name: str) -> str:
    return ICON_NAMES.get(name, name).replace(" ", "-")


def _people() -> Iterator[tuple[str, str]]:
    for tone in TONES:
        for gender in GENDERS:
            for profession in PROFESSIONS:
                icon = f"{gender}-{_icon_name(profession)}-{tone}"
                yield profession_sprite(profession, gender, tone), icon
        for age, gender, hair in portrait_designs():
            name = portrait_sprite(age, gender, tone, hair)
            yield name, f"{_portrait(age, gender)}{HAIR_SUFFIXES[hair]}-{tone}"


def _portrait(age: str, gender: str) -> str:
    if age == "baby":
        return age
    if age == "child":
        return CHILDREN[gender]
    return f"old-{gender}" if age == "older" else gender
