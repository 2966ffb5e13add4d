"""A map of evidence blended over its image, as the browser shows it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

#: The colour map of ``heatmap.ts`` at eleven equal steps, none … strongest.
SHADES = (
    (34, 24, 81), (66, 32, 115), (102, 37, 142), (144, 43, 142), (183, 50, 130), (216, 66, 107),
    (237, 93, 80), (249, 128, 47), (253, 165, 48), (252, 204, 85), (248, 240, 133),
)  # fmt: skip


def blend(
    image: Image.Image, cells: npt.NDArray[np.float32], *, opacity: float = 0.8
) -> Image.Image:
    """Paint the map over the central square of the image.

    Parameters
    ----------
    image : PIL image
    cells : float32 (gh, gw)
        Non-negative; coloured by share of the largest.
    opacity : float
        Of the strongest cell; weaker ones fade.
    """
    side = min(image.size)
    shares = np.asarray(
        Image.fromarray(cells / max(float(cells.max()), 1e-12)).resize(
            (side, side), Image.Resampling.BILINEAR
        )
    )
    colours = np.stack(
        [
            np.interp(shares, np.linspace(0, 1, len(SHADES)), channel)
            for channel in zip(*SHADES, strict=True)
        ],
        axis=-1,
    )
    alpha = (255 * opacity * np.sqrt(np.clip(shares, 0, 1)))[..., None]
    layer = Image.fromarray(np.concatenate([colours, alpha], axis=-1).astype(np.uint8), "RGBA")
    out = image.convert("RGBA")
    out.alpha_composite(layer, ((image.width - side) // 2, (image.height - side) // 2))
    return out.convert("RGB")
