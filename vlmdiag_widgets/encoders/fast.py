"""A faster copy of the image tower for inference on a CPU."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from open_clip.modified_resnet import Bottleneck, ModifiedResNet
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

ImageTower = Callable[[torch.Tensor], torch.Tensor]

_PAIRS = (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3"))


def fast_image_tower(model: Any, device: torch.device, precision: str) -> ImageTower:
    """Return a function from pixels (n, 3, H, W) to features (n, d).

    For CLIP's ResNets on a CPU in float32 it is a copy of the tower with each batch
    normalisation folded into the convolution before it, laid out channels last; the
    model itself is left as it is. Anything else runs as it is.
    """
    plain = _plain(model)
    if device.type != "cpu" or precision != "fp32" or type(model.visual) is not ModifiedResNet:
        return plain
    return _fused(model.visual)


def _plain(model: Any) -> ImageTower:
    def encode(pixels: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = model.encode_image(pixels, normalize=False)
        return features

    return encode


def _fused(visual: ModifiedResNet) -> nn.Module:
    # The copy must hold normal tensors even when first asked for in inference mode.
    with torch.inference_mode(False), torch.no_grad():
        tower: nn.Module = copy.deepcopy(visual).eval()
        for module in tower.modules():
            if isinstance(module, ModifiedResNet | Bottleneck):
                _fold_pairs(module)
            if isinstance(module, Bottleneck) and module.downsample is not None:
                _fold_downsample(module.downsample)
        return tower.to(memory_format=torch.channels_last)


def _fold_pairs(module: nn.Module) -> None:
    for conv, norm in _PAIRS:
        setattr(module, conv, _fold(getattr(module, conv), getattr(module, norm)))
        setattr(module, norm, nn.Identity())


def _fold_downsample(steps: nn.Sequential) -> None:
    steps[-2] = _fold(steps[-2], steps[-1])
    steps[-1] = nn.Identity()


def _fold(conv: Any, norm: Any) -> nn.Module:
    folded: nn.Module = fuse_conv_bn_eval(conv, norm)
    return folded
