"""The three vision-only networks: their sizes, and how an image is prepared for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

IMAGE_SIZE = 64

PREPROCESS: dict[str, Any] = {
    "size": IMAGE_SIZE,
    "mode": "RGB",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
    "fill_color": 0,
}

_RESNET: dict[str, Any] = {
    "kind": "resnet",
    "layers": [1, 1, 1, 1],
    "channels": [32, 64, 128, 256],
    "stem_type": "deep",
    "stem_width": 16,
}
_CONVNEXT: dict[str, Any] = {
    "kind": "convnext",
    "depths": [2, 2, 2, 2],
    "dims": [32, 64, 96, 192],
    "kernel_sizes": 5,
    # A scale of 1e-6 on every block, as timm starts it, needs longer training than this.
    "ls_init_value": None,
}

#: Encoder → network, feature length and whether its training was told the species.
NETWORKS: dict[str, dict[str, Any]] = {
    "demo-resnet@1": {"architecture": _RESNET, "dim": 256, "labels": True},
    "demo-ssl@1": {"architecture": _RESNET, "dim": 256, "labels": False},
    "demo-convnext@1": {"architecture": _CONVNEXT, "dim": 192, "labels": True},
}


def vision_config(name: str, classes: Sequence[str]) -> dict[str, Any]:
    """Return the content of ``vision_config.json``; `classes` are used where labels were."""
    found = NETWORKS[name]
    return {
        "name": name,
        "architecture": found["architecture"],
        "embed_dim": found["dim"],
        "preprocess_cfg": PREPROCESS,
        "classes": list(classes) if found["labels"] else None,
    }
