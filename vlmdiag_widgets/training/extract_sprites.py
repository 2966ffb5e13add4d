"""Make the sprite files of the rendered worlds from the artwork they come from.

Neither source is shipped. Run once, by a maintainer::

    python -m vlmdiag_widgets.training.extract_sprites noto path/to/NotoColorEmoji.ttf

Each picture becomes one WebP with an alpha channel, trimmed to what is visible.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from vlmdiag_widgets.datasets.worlds.sprites import PEOPLE, SPRITE_FOLDER
from vlmdiag_widgets.training import artwork_noto

READERS = {"noto": artwork_noto.pictures}


def main() -> None:
    """Write one picture per sprite and name those that the source lacks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artwork", choices=sorted(READERS))
    parser.add_argument("source", type=Path, help="the font file")
    parser.add_argument("--out", type=Path, default=SPRITE_FOLDER)
    arguments = parser.parse_args()
    folder = arguments.out / arguments.artwork
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in READERS[arguments.artwork](arguments.source):
        if picture is None:
            print(f"{name}: not in this artwork")
            continue
        picture.save(folder / f"{name}.webp", lossless=True, quality=100, method=6)


if __name__ == "__main__":
    main()
