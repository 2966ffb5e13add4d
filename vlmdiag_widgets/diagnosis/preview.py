"""The instant preview: where an image moves a score, from one forward and one backward pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis._layers import MIN_CELLS, Layers, as_dtype_of, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import nn

    from vlmdiag_widgets.diagnosis._layers import Activation

# Share of the cells that only set the floor: what is left is the strongest twentieth.
_FLOOR = 0.95
_LATE_BLOCKS = 3
_LATE_MAPS = 3
_MAX_CELLS = 28


@dataclass(frozen=True)
class Preview:
    """Maps of the evidence for a score.

    Attributes
    ----------
    maps : float32 (n, gh, gw)
        At least 8 x 8 cells over the image, none negative; each sums to 1, or is 0 throughout
        where there is no signal.
    signal : bool (n,)
        False where the score does not depend on the pixels beyond rounding.
    """

    maps: NDArray[np.float32]
    signal: NDArray[np.bool_]


def gradient_preview(
    visual: nn.Module, pixels: Tensor, score: Callable[[Tensor], Tensor]
) -> Preview:
    """Show which cells of each image carry the evidence for a score.

    A cell counts as far as all depths of the network agree on it. The factors are: the size of
    the gradient at its pixels; and, at late layers, the positive parts of gradient times
    activation, summed over channels. In a transformer these are the outputs of the last three
    blocks that the score reads patches from; in a convolutional network the ends of the last
    three stages with at least 8 x 8 cells; any other module is read at its pixels alone. The
    square root of the product keeps weaker cells visible, and the level that 95 cells in a hundred
    stay below is subtracted, so that a map shows the strongest twentieth of the image, not a
    haze over all of it.

    Parameters
    ----------
    visual : nn.Module
        Pixels (n, 3, H, W) to features (n, d); of a tuple the first item is taken. It runs in
        evaluation mode; modes and requires_grad are restored and hooks removed, also on error.
    pixels : Tensor (n, 3, H, W)
        Preprocessed images, at least 8 x 8.
    score : callable
        Features (n, d) to one score per image (n,), differentiable. A logit, or a lead over
        the other classes, is better than a probability, which has no slope where it saturates.

    Returns
    -------
    Preview
        A fine grid of a quarter of the image's side, 8 to 28 cells, whatever the patch grid.

    Raises
    ------
    InputError
        The images are not (n, 3, H, W) or too small, or the score is not one number per image.

    References
    ----------
    After Bousselham et al. 2024, LeGrad (gradients at several late transformer blocks), and
    Jiang et al. 2021, LayerCAM (class activation from earlier layers). For the check against
    constant scores: Adebayo et al. 2018, Sanity checks for saliency maps.
    """
    _check_pixels(pixels)
    # A caller may stand in inference mode, where nothing records what gradients need.
    with torch.inference_mode(mode=False), torch.enable_grad(), frozen(visual):
        x = as_dtype_of(visual, pixels).requires_grad_()
        layers = Layers(len(x), (x.shape[2], x.shape[3]))
        with layers.watching(visual):
            output = visual(x)
        values = score(output[0] if isinstance(output, tuple | list) else output)
        _check_score(values, len(x))
        maps, signal = _maps(x, layers, values)
    return Preview(maps.cpu().numpy().astype(np.float32), signal.cpu().numpy())


def _maps(x: Tensor, layers: Layers, values: Tensor) -> tuple[Tensor, Tensor]:
    grid = _grid(x.shape[2]), _grid(x.shape[3])
    late = layers.blocks() or [a for a in layers.maps() if min(a.grid) >= MIN_CELLS]
    if not values.requires_grad:
        return _nothing(len(x), grid)
    inputs = [x, *(a.tensor for a in late)]
    slope, *gradients = _gradients(values, inputs)
    if slope is None:
        return _nothing(len(x), grid)
    slope = slope.float()
    signal = _moves(x, slope, values)
    evidence = functional.adaptive_avg_pool2d(slope.abs().sum(dim=1), grid)
    most = _LATE_BLOCKS if layers.blocks() else _LATE_MAPS
    for factor in _late_evidence(late, gradients, most=most):
        evidence = _agree(evidence, _resized(factor, grid))
    return _as_shares(_above_floor(evidence.sqrt()), signal)


def _gradients(values: Tensor, inputs: list[Tensor]) -> tuple[Tensor | None, ...]:
    # Images of a batch do not touch one another, so the sum gives each its own gradient.
    found: tuple[Tensor | None, ...] = torch.autograd.grad(values.sum(), inputs, allow_unused=True)
    return found


def _late_evidence(
    late: list[Activation], gradients: list[Tensor | None], *, most: int
) -> list[Tensor]:
    """Return the evidence of the last layers that the score reads places from."""
    found: list[Tensor] = []
    for activation, gradient in zip(reversed(late), reversed(gradients), strict=True):
        # The last block of a tower that reads its class token alone has no slope at patches.
        if gradient is not None and len(found) < most:
            evidence = activation.evidence(gradient)
            if bool(evidence.any()):
                found.append(evidence)
    return found


def _agree(evidence: Tensor, factor: Tensor) -> Tensor:
    """Multiply two maps, each scaled to its maximum; keep the first where nothing is left."""
    product = _scaled(evidence) * _scaled(factor)
    nothing_left = product.amax(dim=(1, 2), keepdim=True) <= 0
    return torch.where(nothing_left, _scaled(evidence), product)


def _scaled(maps: Tensor) -> Tensor:
    top = maps.amax(dim=(1, 2), keepdim=True)
    return maps / torch.where(top > 0, top, torch.ones_like(top))


def _resized(maps: Tensor, grid: tuple[int, int]) -> Tensor:
    if maps.shape[1] >= grid[0] and maps.shape[2] >= grid[1]:
        return functional.adaptive_avg_pool2d(maps, grid)
    return functional.interpolate(maps[:, None], size=grid, mode="bilinear", align_corners=False)[
        :, 0
    ]


def _above_floor(maps: Tensor) -> Tensor:
    floor = torch.quantile(maps.flatten(1), _FLOOR, dim=1)[:, None, None]
    rest = (maps - floor).clamp_min(0)
    # Evidence that is the same everywhere is evidence still.
    return torch.where(rest.amax(dim=(1, 2), keepdim=True) > 0, rest, maps)


def _as_shares(maps: Tensor, signal: Tensor) -> tuple[Tensor, Tensor]:
    total = maps.sum(dim=(1, 2))
    signal = signal & (total > 0) & torch.isfinite(total)
    shares = maps / torch.where(signal, total, torch.ones_like(total))[:, None, None]
    return torch.where(signal[:, None, None], shares, torch.zeros_like(shares)), signal


def _moves(x: Tensor, slope: Tensor, values: Tensor) -> Tensor:
    """Tell where the pixels' contrast times their slope exceeds the rounding of the score."""
    contrast = x.detach().float().std(dim=(1, 2, 3)).clamp_min(1e-3)
    reach = slope.abs().sum(dim=(1, 2, 3)) * contrast
    rounding = 100 * torch.finfo(torch.float32).eps if x.dtype == torch.float32 else 1e-3
    return reach > rounding * values.detach().float().abs()


def _nothing(n: int, grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
    return torch.zeros(n, *grid), torch.zeros(n, dtype=torch.bool)


def _grid(side: int) -> int:
    return min(_MAX_CELLS, max(MIN_CELLS, side // 4))


def _check_pixels(pixels: Tensor) -> None:
    good = pixels.ndim == 4 and pixels.is_floating_point() and min(pixels.shape[2:]) >= MIN_CELLS
    if not good or not len(pixels):
        raise InputError(
            f"pixels is {pixels.dtype} of shape {tuple(pixels.shape)}; expected preprocessed "
            f"floats (n, 3, H, W), at least {MIN_CELLS} pixels a side.",
            "For one image pass encoder.preprocess(image)[None].",
        )


def _check_score(values: Any, n: int) -> None:
    if not isinstance(values, Tensor) or values.shape != (n,):
        given = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        raise InputError(
            f"score gave {given} for {n} images; expected a tensor of {n} numbers.",
            "Pick one class: lambda features: (features @ weights.T)[:, k].",
        )
