"""The vision-only networks' training pictures: animals everywhere, empty places, shapes.

Every species stands in every place. Their seeds are their own: no picture of a data set, and none
of the vision-language encoders' training scenes, is ever drawn here.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vlmdiag_widgets.datasets.worlds import shape_scene
from vlmdiag_widgets.datasets.worlds.place_scene import QUALITIES, PlaceScene, sample_place_scene
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.shape_scene import ShapeScene, sample_shape_scene
from vlmdiag_widgets.datasets.worlds.sprites import BIRDS, available, other_animals
from vlmdiag_widgets.training.architecture_vision import IMAGE_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Added to every seed of the training pictures, and of those that figures are measured on.
SEED_OFFSET = 8_000_000
NEW_SEED_OFFSET = 8_500_000
#: Drawn renderings of each place that the pictures share.
VARIANTS = 80
#: Shares of animals and of empty places; the rest are shapes.
ANIMAL_SHARE, PLACE_SHARE = 0.84, 0.10
#: Animals grow a little larger here than in the data sets, for the sake of cropped views.
SCALES = (0.34, 0.60)

SPECIES = (*BIRDS, *other_animals())

#: Stands for a species or place that a picture has not.
NOTHING = -1


@dataclass(frozen=True)
class Picture:
    """A scene and the positions of its values in SPECIES, PLACES and QUALITIES."""

    scene: PlaceScene | ShapeScene
    species: int
    place: int
    quality: int


def training_picture(seed: int, index: int, variant: int) -> Picture:
    """Return the training picture number `index`; of ten, six have the normal quality."""
    rng = np.random.default_rng([SEED_OFFSET + seed, index])
    kind = rng.random()
    if kind >= ANIMAL_SHARE + PLACE_SHARE:
        return _shape(rng)
    quality = 0 if rng.random() < 0.6 else int(rng.integers(1, len(QUALITIES)))
    empty = kind >= ANIMAL_SHARE
    return _animal(rng, SEED_OFFSET + seed, variant, quality, scales=SCALES, empty=empty)


def new_picture(seed: int, index: int, variant: int, artwork: str = "noto") -> Picture:
    """Return picture number `index` of those never trained on; qualities take turns."""
    rng = np.random.default_rng([NEW_SEED_OFFSET + seed, index])
    quality = index % len(QUALITIES)
    return _animal(rng, NEW_SEED_OFFSET + seed, variant, quality, artwork=artwork)


def _animal(
    rng: np.random.Generator,
    place_seed: int,
    variant: int,
    quality: int,
    *,
    scales: tuple[float, float] = (0.34, 0.54),
    artwork: str = "noto",
    empty: bool = False,
) -> Picture:
    shown = _shown_by(artwork)
    species, place = shown[int(rng.integers(len(shown)))], int(rng.integers(len(PLACES)))
    scene = sample_place_scene(
        rng,
        [SPECIES[species]],
        PLACES[place],
        place_seed=place_seed,
        variant=variant,
        quality=QUALITIES[quality],
        scales=scales,
        artwork=artwork,
    )
    if not empty:
        return Picture(scene, species, place, quality)
    return Picture(_without_figures(scene), NOTHING, place, quality)


@lru_cache(maxsize=8)
def _shown_by(artwork: str) -> tuple[int, ...]:
    """Return the positions in SPECIES of the animals that an artwork shows."""
    return tuple(i for i, name in enumerate(SPECIES) if name in available(artwork))


def _without_figures(scene: PlaceScene) -> PlaceScene:
    return PlaceScene(
        scene.place, scene.place_seed, scene.variant, scene.window, (), scene.light, scene.quality
    )


def _shape(rng: np.random.Generator) -> Picture:
    def pick(options: tuple[str, ...]) -> str:
        return options[int(rng.integers(len(options)))]

    scene = sample_shape_scene(
        rng,
        shape=pick(shape_scene.SHAPES + shape_scene.OTHER_SHAPES),
        color=pick(shape_scene.COLORS + shape_scene.OTHER_COLORS),
        size=pick(shape_scene.SIZES),
        position=pick(shape_scene.POSITIONS),
    )
    return Picture(scene, NOTHING, NOTHING, 0)


@dataclass(frozen=True)
class Drawn:
    """Pixels (n, 64, 64, 3) as bytes and labels (n, 3): species, place, quality."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def draw_new(count: int, seed: int, artwork: str = "noto") -> Drawn:
    """Draw `count` pictures never trained on, in places never trained on."""
    variants = max(count // 100, 1)
    pictures = [new_picture(seed, i, i * variants // count, artwork) for i in range(count)]
    pixels = np.stack([np.asarray(one.scene.draw(IMAGE_SIZE)) for one in pictures])
    labels = np.array([(one.species, one.place, one.quality) for one in pictures], np.int64)
    return Drawn(pixels, labels)


def draw_part(folder: Path, seed: int, part: int, parts: int, total: int) -> None:
    """Draw one part of the training pictures and write pixels and labels."""
    start, stop = part * total // parts, (part + 1) * total // parts
    shape = (stop - start, IMAGE_SIZE, IMAGE_SIZE, 3)
    pixels = np.lib.format.open_memmap(folder / f"pixels{part}.npy", "w+", np.uint8, shape)
    labels = np.empty((stop - start, 3), np.int64)
    for row, index in enumerate(range(start, stop)):
        # Neighbours share their place renderings, so that few are held at a time.
        one = training_picture(seed, index, index * VARIANTS // total)
        pixels[row] = np.asarray(one.scene.draw(IMAGE_SIZE))
        labels[row] = one.species, one.place, one.quality
    pixels.flush()
    np.save(folder / f"labels{part}.npy", labels)


def draw_training(folder: Path, seed: int, total: int, parts: int) -> Drawn:
    """Draw `total` training pictures in so many processes, or read those already there."""
    finished = folder / "drawn.txt"
    if not finished.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        jobs = [(folder, seed, part, parts, total) for part in range(parts)]
        if parts == 1:
            draw_part(*jobs[0])
        else:
            with multiprocessing.get_context("spawn").Pool(parts) as pool:
                pool.starmap(draw_part, jobs)
        finished.write_text(f"{parts}\n")
        print(f"drew {total} pictures in {time.perf_counter() - began:.0f} s", flush=True)
    return _read(folder, int(finished.read_text()))


def _read(folder: Path, parts: int) -> Drawn:
    pixels = [np.load(folder / f"pixels{part}.npy", mmap_mode="r") for part in range(parts)]
    labels = [np.load(folder / f"labels{part}.npy") for part in range(parts)]
    return Drawn(np.concatenate(pixels), np.concatenate(labels))
