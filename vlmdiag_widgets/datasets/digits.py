"""Real handwritten digits that come with scikit-learn, in grey or in colours that mislead.

The digits are a copy of the test part of *Optical Recognition of Handwritten Digits* (E. Alpaydin
and C. Kaynak 1998, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49, licence
CC BY 4.0): 1,797 digits by 13 people, 8 × 8 pixels of 17 grey values. scikit-learn carries the
file; nothing is downloaded, and this package holds no copy.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from vlmdiag_widgets.datasets.checks import check_count
from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.source import content_key
from vlmdiag_widgets.datasets.transforms import tint

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOURCE = "Optical Recognition of Handwritten Digits (Alpaydin & Kaynak 1998, UCI), CC BY 4.0"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

#: Digits in all.
IMAGES = 1_797

#: Empty part around a digit, as a share of the picture's side, so that strokes meet no edge.
_MARGIN = 0.125
_SHARES = {"train": 0.6, "val": 0.2, "test": 0.2}


def coloured_digits(
    n: int | None = None, seed: int = 0, *, spurious: float = 0.9, size: int = 256
) -> ImageDataset:
    """Return real handwritten digits, coloured: by their class in training, by chance in the test.

    After Jain et al. 2023, Distilling model failures as directions, appendix B.2, with other
    digits (see `handwritten_digits`).

    Parameters
    ----------
    n : int, optional
        Number of digits, from 20 to 1,797 (default: all), chosen by `seed`.
    seed : int
        Decides the digits, the split and the colours.
    spurious : float
        Share of the training images of each class that have the class's colour, from 0 to 1.
    size : int
        Side of the pictures in pixels (8 to 2048).

    Returns
    -------
    ImageDataset
        Ten classes, "zero" to "nine"; attributes "digit" and "color".

    Raises
    ------
    InputError
        A number that cannot be used.
    """
    digits = handwritten_digits(n, seed, size=size)
    data = tint(digits, spurious, seed=seed)
    data.name = data.provenance["name"] = "coloured digits"
    data.captions = [
        [f"a photo of the {color} digit {digit}."]
        for color, digit in zip(data.attributes["color"], data.attributes["digit"], strict=True)
    ]
    data.provenance |= {
        "templates": ["a photo of the [{color}] digit {digit}."],
        "slice_by": ["class", "color"],
    }
    return data


def handwritten_digits(n: int | None = None, seed: int = 0, *, size: int = 256) -> ImageDataset:
    """Return the handwritten digits of scikit-learn, white on black, enlarged.

    Who wrote which digit is not known, so the split cannot keep writers apart.

    Parameters
    ----------
    n : int, optional
        Number of digits, from 20 to 1,797 (default: all), chosen by `seed`.
    seed : int
        Decides the digits and the split.
    size : int
        Side of the pictures in pixels (8 to 2048). They hold no more than their 8 × 8 pixels.

    Returns
    -------
    ImageDataset
        Ten classes, "zero" to "nine"; attribute "digit".

    Raises
    ------
    InputError
        A number that cannot be used.
    """
    count = IMAGES if n is None else check_count("n", n, 20, IMAGES)
    seed = check_count("seed", seed, 0, 2**32 - 1)
    size = check_count("size", size, 8, 2048)
    grids, targets = _bundled()
    rows = np.sort(np.random.default_rng(seed).permutation(len(targets))[:count])
    words = [WORDS[target] for target in targets[rows]]
    data = ImageDataset(
        DigitSource(grids[rows], size),
        name="handwritten digits",
        ids=[f"digit-{row:04d}" for row in rows.tolist()],
        labels=words,
        classes=WORDS,
        attributes={"digit": words},
        captions=[f"a photo of the digit {word}." for word in words],
        provenance={"made_from": "scikit-learn", "data": SOURCE, "seed": seed, "size": size},
    )
    return data.make_splits(seed, _SHARES)


class DigitSource:
    """Grids of 8 × 8 grey values (0 to 16) as white strokes on black.

    Parameters
    ----------
    grids : ndarray, shape (n, 8, 8)
    size : int
        Side in pixels when none is asked for.
    """

    def __init__(self, grids: NDArray[np.uint8], size: int) -> None:
        self._grids, self._size = grids, size

    def __len__(self) -> int:
        return len(self._grids)

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Return digit `row` (RGB, square)."""
        side = size or self._size
        grey = Image.fromarray((self._grids[row] * 255.0 / 16).astype(np.uint8))
        inner = max(1, round(side * (1 - 2 * _MARGIN)))
        canvas = Image.new("L", (side, side))
        corner = (side - inner) // 2
        canvas.paste(grey.resize((inner, inner), Image.Resampling.BICUBIC), (corner, corner))
        return canvas.convert("RGB")

    def key(self, row: int, size: int | None = None) -> bytes:
        """Return the digest of the grid and the size."""
        return content_key(b"digit 1", self._grids[row].tobytes(), str(size or self._size).encode())


@cache
def _bundled() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    return found.images.astype(np.uint8), found.target.astype(np.int64)
