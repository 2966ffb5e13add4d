"""How fast the rendered worlds are drawn, against reading the same pictures as PNG files.

Run: python benchmarks/worlds.py [--images 2000] [--size 256]

The pictures of each world are drawn twice, once with empty caches (place renderings included) and
once more. They are also written as PNG files and read back with Pillow, which is what a data set in
a folder would cost; the pixels are compared first. The last column is the largest memory of the
process so far: it stays bounded however many pictures are drawn.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from vlmdiag_widgets.datasets import load_dataset
from vlmdiag_widgets.datasets.worlds import WORLDS
from vlmdiag_widgets.datasets.worlds.places import render_place


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read(path):
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))


def from_files(data, images):
    """Seconds to read pictures from PNG files, for as many as are drawn here."""
    sample = range(min(images, 200))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{row}.png") for row in sample]
        for row, path in zip(sample, paths, strict=True):
            data.open(row).save(path)
        for row, path in zip(sample, paths, strict=True):
            assert np.array_equal(read(path), np.asarray(data.open(row)))
        return seconds(lambda: [read(path) for path in paths]) * images / len(paths)


def draw(data):
    """Seconds to draw all pictures."""
    start = time.perf_counter()
    for row in range(len(data)):
        data.open(row)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--size", type=int, default=256)
    chosen = parser.parse_args()
    for name in WORLDS:
        images = chosen.images
        start = time.perf_counter()
        data = load_dataset(name, n=images, size=chosen.size)
        described = time.perf_counter() - start
        render_place.cache_clear()
        cold, warm = draw(data), draw(data)
        files = from_files(data, images)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:<14} {images} pictures of {chosen.size} px: described {described:4.1f} s, "
            f"drawn {cold:5.1f} s, again {warm:5.1f} s, from PNG files {files:5.1f} s "
            f"(files/drawn {files / warm:4.2f} x), {memory:,.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
