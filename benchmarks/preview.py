"""The instant preview against occlusion: time per image, in the same process.

Run: python benchmarks/preview.py [--images 8]

Occlusion greys out one cell at a time, one forward pass each, on as many cells as the preview
shows; the plain forward pass is printed for scale. Towers other than the demo encoder's have
random weights: only their cost is measured, not what they see.
"""

from __future__ import annotations

import argparse
import time

import torch

import vlmdiag_widgets as vd
from vlmdiag_widgets.diagnosis import gradient_preview


def score(features):
    return features[:, 0]


def occlusion(visual, pixels, cells):
    """Score lost when a cell turns grey, for every cell."""
    side = pixels.shape[-1] // cells
    with torch.inference_mode():
        before = score(visual(pixels))
        drops = []
        for cell in range(cells * cells):
            top, left = side * (cell // cells), side * (cell % cells)
            hidden = pixels.clone()
            hidden[..., top : top + side, left : left + side] = 0
            drops.append(before - score(visual(hidden)))
    return torch.stack(drops, dim=1)


def seconds(work, times=3):
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def compare(name, visual, side, images):
    pixels = torch.randn(images, 3, side, side)
    visual.eval()
    with torch.inference_mode():
        forward = seconds(lambda: visual(pixels))
    preview = seconds(lambda: gradient_preview(visual, pixels, score))
    cells = gradient_preview(visual, pixels[:1], score).maps.shape[1]
    # Every pass costs the same, so a few of the many passes tell the whole.
    one_pass = seconds(lambda: occlusion(visual, pixels, 2), times=1) / 5
    occluded = one_pass * (cells * cells + 1)
    print(
        f"{name:<16} {side} px, {cells:2d} x {cells:<2d} cells, per image: forward "
        f"{1e3 * forward / images:7.1f} ms, preview {1e3 * preview / images:7.1f} ms, "
        f"occlusion {1e3 * occluded / images:9.1f} ms = {occluded / preview:6.0f} x"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=8)
    chosen = parser.parse_args()
    import open_clip

    compare("demo", vd.load_encoder("demo").visual, 64, chosen.images)
    for name in ("ViT-B-32", "RN50"):
        tower = open_clip.create_model(name, pretrained=None).visual
        compare(name, tower, 224, min(chosen.images, 2))


if __name__ == "__main__":
    main()
