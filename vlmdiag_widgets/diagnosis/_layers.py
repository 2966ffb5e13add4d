"""Which inner activations of a vision tower have a place in the image, and how to catch them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch.utils.hooks import RemovableHandle

#: Maps coarser than this say too little about where.
MIN_CELLS = 8

_CONTAINERS = (nn.ModuleList, nn.Sequential)


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Hold `module` in evaluation mode without parameter gradients; restore both, always."""
    training = [m for m in module.modules() if m.training]
    learning = [p for p in module.parameters() if p.requires_grad]
    try:
        module.eval()
        for parameter in learning:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in learning:
            parameter.requires_grad_(True)
        for m in training:
            m.training = True


@dataclass(frozen=True)
class Activation:
    """One activation as it stands in the graph, and how to read places from it.

    Attributes
    ----------
    tensor : Tensor
        (n, c, h, w), or one of its other layouts.
    layout : {"nchw", "nhwc", "nlc", "lnc"}
        The last two are tokens.
    grid : (int, int)
        h and w.
    """

    tensor: Tensor
    layout: str
    grid: tuple[int, int]

    def evidence(self, gradient: Tensor) -> Tensor:
        """Return, per place, what its channels add to the score to first order, (n, h, w).

        Positive parts of gradient times activation, summed over channels (LayerCAM). Tokens
        carry large offsets that all places share; they are measured from their mean.
        """
        value, slope = self._by_place(self.tensor.detach()), self._by_place(gradient)
        if self.layout in {"nlc", "lnc"}:
            value = value - value.mean(dim=(2, 3), keepdim=True)
        return (value * slope).clamp_min(0).sum(dim=1)

    def _by_place(self, tensor: Tensor) -> Tensor:
        tensor = tensor.float()
        if self.layout == "nhwc":
            return tensor.permute(0, 3, 1, 2)
        if self.layout == "nchw":
            return tensor
        if self.layout == "lnc":
            tensor = tensor.transpose(0, 1)
        # Class and register tokens come first and have no place.
        places = tensor[:, tensor.shape[1] - self.grid[0] * self.grid[1] :]
        return places.transpose(1, 2).reshape(len(places), -1, *self.grid)


@dataclass
class Layers:
    """Activations of one forward pass, filled by hooks.

    Parameters
    ----------
    n : int
        Images in the batch.
    size : (int, int)
        Their height and width.
    """

    n: int
    size: tuple[int, int]
    _maps: dict[tuple[int, int], Activation] = field(default_factory=dict)
    _stages: set[tuple[int, int]] = field(default_factory=set)
    _blocks: dict[str, list[Activation]] = field(default_factory=dict)

    @contextmanager
    def watching(self, module: nn.Module) -> Iterator[None]:
        """Catch what `module` computes; the hooks are gone afterwards, whatever happens."""
        handles: list[RemovableHandle] = []
        try:
            for name, child in module.named_modules():
                handles.append(child.register_forward_hook(self._hook(name, module)))
            yield
        finally:
            for handle in handles:
                handle.remove()

    def blocks(self) -> list[Activation]:
        """Return the outputs of the transformer blocks, first to last."""
        if not self._blocks:
            return []
        outermost = min(self._blocks, key=lambda name: name.count("."))
        return self._blocks[outermost]

    def maps(self) -> list[Activation]:
        """Return one convolutional activation per resolution, finest first."""
        return [self._maps[grid] for grid in sorted(self._maps, reverse=True)]

    def _hook(self, name: str, root: nn.Module) -> Any:
        container, _, _ = name.rpartition(".")
        in_container = bool(name) and isinstance(root.get_submodule(container), _CONTAINERS)

        def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
            tensor = output[0] if isinstance(output, tuple | list) and output else output
            if not isinstance(tensor, Tensor) or not tensor.requires_grad:
                return
            if tensor.ndim == 4:
                self._see_map(tensor, stage=isinstance(module, nn.Sequential))
            elif tensor.ndim == 3 and in_container:
                self._see_tokens(tensor, container)

        return hook

    def _see_map(self, tensor: Tensor, *, stage: bool) -> None:
        """Keep the last map of a resolution; the end of a stage beats the next one's inside."""
        found = self._located(tensor)
        if found is None or (found.grid in self._stages and not stage):
            return
        self._maps[found.grid] = found
        if stage:
            self._stages.add(found.grid)

    def _located(self, tensor: Tensor) -> Activation | None:
        """Tell the spatial axes by the image's proportions; None where there are none."""
        height, width = self.size
        for layout, h, w in (
            ("nchw", tensor.shape[2], tensor.shape[3]),
            ("nhwc", tensor.shape[1], tensor.shape[2]),
        ):
            fits = abs(h * width - w * height) <= max(height, width)
            if fits and tensor.shape[0] == self.n and 1 < h <= height and 1 < w <= width:
                return Activation(tensor, layout, (h, w))
        return None

    def _see_tokens(self, tensor: Tensor, container: str) -> None:
        batch_first = tensor.shape[0] == self.n
        if not batch_first and tensor.shape[1] != self.n:
            return
        tokens = tensor.shape[1] if batch_first else tensor.shape[0]
        grid = self._patches(tokens)
        if min(grid) > 1:
            found = Activation(tensor, "nlc" if batch_first else "lnc", grid)
            self._blocks.setdefault(container, []).append(found)

    def _patches(self, tokens: int) -> tuple[int, int]:
        """Return the patch grid: that of the patch convolution, else the largest square."""
        for h, w in sorted(self._maps):
            if 0 <= tokens - h * w <= tokens // 4:
                return h, w
        side = int(tokens**0.5)
        return side, side


def as_dtype_of(module: nn.Module, pixels: Tensor) -> Tensor:
    """Return a float copy of `pixels` in the precision and on the device of `module`."""
    for parameter in module.parameters():
        if parameter.is_floating_point():
            return pixels.detach().to(parameter.device, parameter.dtype, copy=True)
    return pixels.detach().to(torch.get_default_dtype(), copy=True)
