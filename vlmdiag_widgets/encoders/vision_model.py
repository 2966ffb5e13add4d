"""Small vision-only networks by their config: built with timm, weights from safetensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from timm.models.convnext import ConvNeXt
from timm.models.resnet import BasicBlock, ResNet
from torch import Tensor, nn

from vlmdiag_widgets._errors import InputError

CONFIG_FILE = "vision_config.json"
WEIGHTS_FILE = "model.safetensors"


class VisionModel(nn.Module):
    """A timm network whose feature is its pooled penultimate layer.

    Parameters
    ----------
    network : nn.Module
        With ``forward_features``, ``forward_head`` and ``get_classifier``, as timm has them.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    @property
    def visual(self) -> nn.Module:
        """The network itself: all of it sees images."""
        module: nn.Module = self.network
        return module

    @property
    def head(self) -> nn.Module:
        """The linear layer on the feature; an identity where no classes were trained."""
        module: nn.Module = self.network.get_classifier()
        return module

    def encode_image(self, pixels: Tensor, normalize: bool = False) -> Tensor:  # noqa: FBT001, FBT002 - open_clip's signature
        """Return features (n, dim) of normalised pixels (n, 3, h, w)."""
        seen = self.network.forward_features(pixels)
        features: Tensor = self.network.forward_head(seen, pre_logits=True)
        return nn.functional.normalize(features, dim=-1) if normalize else features

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (n, dim) and what the head makes of them."""
        features = self.encode_image(pixels)
        return features, self.head(features)


def build_vision_model(config: Mapping[str, Any]) -> VisionModel:
    """Return the network that a config describes, on the CPU, in float32, untrained.

    Parameters
    ----------
    config : mapping
        ``architecture``: ``kind`` ("resnet" or "convnext") and the sizes of that kind;
        ``classes``: the names the head tells apart, or None for a network without a head.

    Raises
    ------
    InputError
        The config names no network of these kinds, or sizes that it does not take.
    """
    sizes = dict(config.get("architecture", {}))
    kind = sizes.pop("kind", None)
    if kind not in _KINDS:
        raise InputError(
            f"The config's architecture is of kind {kind!r}.", f"Use {' or '.join(_KINDS)}."
        )
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = _KINDS[kind](num_classes=len(config.get("classes") or ()), **sizes)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise InputError(
            f"timm cannot build a {kind} from the config ({error}).", "Check its architecture."
        ) from error
    return VisionModel(network)


def _resnet(**sizes: Any) -> nn.Module:
    # timm's annotation asks for a block; its code wants the class.
    network: nn.Module = ResNet(BasicBlock, **sizes)  # type: ignore[arg-type]
    return network


def _convnext(**sizes: Any) -> nn.Module:
    network: nn.Module = ConvNeXt(**sizes)
    return network


_KINDS: dict[str, Callable[..., nn.Module]] = {"resnet": _resnet, "convnext": _convnext}
