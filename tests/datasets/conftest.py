"""Small pictures on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (24, 18)) -> Image.Image:
    """Return a noisy picture of (width, height)."""
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of three pictures, a text file and a broken picture."""
    root = tmp_path / "pets"
    for c, name in enumerate(("cat", "dog")):
        (root / name).mkdir(parents=True)
        for i in range(3):
            picture(10 * c + i).save(root / name / f"{i}.png")
    (root / "notes.txt").write_text("not a picture")
    (root / "dog" / "broken.jpg").write_bytes(b"\xff\xd8\xffnothing")
    return root
