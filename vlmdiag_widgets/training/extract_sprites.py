"""Make the sprite files of the rendered worlds from the artwork they come from.

Neither source is shipped. Run by a maintainer, once for each artwork::

    python -m vlmdiag_widgets.training.extract_sprites noto path/to/NotoColorEmoji.ttf
    python -m vlmdiag_widgets.training.extract_sprites fluent path/to/icons.json

`artwork_noto` and `artwork_fluent` say which versions. Each picture becomes one lossless WebP
with an alpha channel, trimmed to what is visible; ``faces.json`` holds where the faces are.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vlmdiag_widgets.datasets.worlds.sprites import SPRITE_FOLDER, Box, trimmed
from vlmdiag_widgets.training import artwork_fluent, artwork_noto
from vlmdiag_widgets.training.face_boxes import face_boxes

if TYPE_CHECKING:
    from PIL import Image


class Artwork(NamedTuple):
    """How to read the pictures of one artwork, and what its faces need by hand."""

    pictures: Callable[[Path], Iterator[tuple[str, Image.Image | None]]]
    corrections: Mapping[str, Box]


SOURCES = {
    "noto": Artwork(artwork_noto.pictures, artwork_noto.FACE_CORRECTIONS),
    "fluent": Artwork(artwork_fluent.pictures, {}),
}


def write_sprites(artwork: str, source: Path, folder: Path) -> list[str]:
    """Write the sprites and the boxes of their faces.

    Parameters
    ----------
    artwork : str
        Which of `SOURCES` it is.
    source : Path
        The font (noto) or the icon file (fluent).
    folder : Path
        Where the files go; it is made if need be.

    Returns
    -------
    list of str
        The names of the sprites that the source lacks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = dict(SOURCES[artwork].pictures(source))
    pictures = {name: picture for name, picture in found.items() if picture is not None}
    for name, picture in pictures.items():
        picture.save(folder / f"{name}.webp", lossless=True, quality=100, method=6)
    seen = {name: trimmed(picture) for name, picture in pictures.items()}
    _write_faces(face_boxes(seen, SOURCES[artwork].corrections), folder / "faces.json")
    return sorted(found.keys() - pictures.keys())


def _write_faces(boxes: Mapping[str, Box], path: Path) -> None:
    lines = [f"{json.dumps(name)}: {json.dumps(box)}" for name, box in sorted(boxes.items())]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    """Write the sprites of one artwork and name those that the source lacks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artwork", choices=sorted(SOURCES))
    parser.add_argument("source", type=Path, help="the font (noto) or icons.json (fluent)")
    parser.add_argument("--out", type=Path, default=SPRITE_FOLDER)
    arguments = parser.parse_args()
    folder = arguments.out / arguments.artwork
    for name in write_sprites(arguments.artwork, arguments.source, folder):
        print(f"{name}: not in this artwork")


if __name__ == "__main__":
    main()
