"""Random views of a batch of pictures: gentle ones for labels, strong ones for SimCLR."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

#: Weights of red, green and blue in a grey.
_GREY = (0.299, 0.587, 0.114)


def as_floats(pixels: Tensor) -> Tensor:
    """Return bytes (n, h, w, 3) as floats (n, 3, h, w) in 0..1."""
    return pixels.permute(0, 3, 1, 2).float().div_(255)


def normalised(images: Tensor) -> Tensor:
    """Return pictures in 0..1 as -1..1, laid out channels last."""
    return images.mul(2).sub_(1).contiguous(memory_format=torch.channels_last)


def gentle_view(images: Tensor, random: torch.Generator) -> Tensor:
    """Return pictures mirrored, cropped a little and relit, a sixth of them grey, in 0..1."""
    seen = crop(images, (0.75, 1.0), random)
    grey = torch.rand(len(seen), generator=random) < 1 / 6
    seen[grey] = torch.einsum("c,nchw->nhw", torch.tensor(_GREY), seen[grey])[:, None]
    gain = _uniform(len(images), 0.85, 1.15, random)
    return seen.mul_(gain).clamp_(0, 1)


#: Side of a strong view in pixels: smaller than a picture, so that more are seen in the time.
STRONG_SIZE = 48


def strong_view(images: Tensor, random: torch.Generator) -> Tensor:
    """Return pictures mirrored, cropped, recoloured, some grey or blurred, in 0..1.

    The augmentations of Chen et al. 2020, SimCLR, section 3, for pictures this small.
    """
    seen = recolour(crop(images, (0.4, 1.0), random, STRONG_SIZE), random)
    return some_blurred(seen, random).clamp_(0, 1)


def crop(
    images: Tensor, area: tuple[float, float], random: torch.Generator, size: int | None = None
) -> Tensor:
    """Return a random window of each picture, mirrored half the time, `size` pixels a side.

    `area` is the range of the window's share of the picture; its sides differ by up to 4:3.
    """
    count = len(images)
    share = _uniform(count, *area, random).flatten()
    stretch = torch.exp(_uniform(count, -0.5, 0.5, random).flatten() * math.log(4 / 3))
    wide = (share.sqrt() * stretch).clamp_(max=1)
    high = (share.sqrt() / stretch).clamp_(max=1)
    turn = torch.zeros(count, 2, 3)
    turn[:, 0, 0] = wide * torch.where(torch.rand(count, generator=random) < 0.5, -1.0, 1.0)
    turn[:, 1, 1] = high
    turn[:, 0, 2] = (2 * torch.rand(count, generator=random) - 1) * (1 - wide)
    turn[:, 1, 2] = (2 * torch.rand(count, generator=random) - 1) * (1 - high)
    side = size or images.shape[-1]
    grid = nn.functional.affine_grid(turn, [count, 3, side, side], align_corners=False)
    return nn.functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def recolour(images: Tensor, random: torch.Generator) -> Tensor:
    """Change brightness, contrast, saturation and hue in most pictures; a fifth turns grey."""
    count = len(images)
    jittered = torch.rand(count, generator=random) < 0.8
    gain = torch.where(jittered[:, None, None, None], _uniform(count, 0.6, 1.4, random), 1.0)
    contrast = torch.where(jittered[:, None, None, None], _uniform(count, 0.6, 1.4, random), 1.0)
    matrix = _colour_matrix(count, random)
    matrix = torch.where(jittered[:, None, None], matrix, torch.eye(3))
    grey = torch.rand(count, generator=random) < 0.2
    matrix = torch.where(grey[:, None, None], torch.tensor(_GREY).expand(3, 3), matrix)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    lit = (images - mean) * contrast + mean
    flat = torch.bmm(matrix * gain[:, :, :, 0], lit.flatten(2))
    return flat.view_as(images).clamp_(0, 1)


def _colour_matrix(count: int, random: torch.Generator) -> Tensor:
    """Return (n, 3, 3) matrices that turn the hue about the grey axis and scale saturation."""
    angle = (2 * torch.rand(count, generator=random) - 1) * (0.1 * 2 * math.pi)
    saturation = _uniform(count, 0.6, 1.4, random)[:, :, :, 0]
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    third, root = 1 / 3, 1 / math.sqrt(3)
    axis = torch.full((3, 3), third)
    cross = torch.tensor([[0.0, -root, root], [root, 0.0, -root], [-root, root, 0.0]])
    hue = cos * torch.eye(3) + (1 - cos) * axis + sin * cross
    grey = torch.tensor(_GREY).expand(3, 3)
    return torch.bmm(saturation * torch.eye(3) + (1 - saturation) * grey, hue)


def some_blurred(images: Tensor, random: torch.Generator) -> Tensor:
    """Blur half of the pictures, by one Gaussian a batch."""
    sigma = float(0.4 + 1.1 * torch.rand(1, generator=random))
    steps = torch.arange(-2, 3, dtype=torch.float32)
    weights = torch.exp(-0.5 * (steps / sigma) ** 2)
    weights = (weights / weights.sum()).expand(3, 1, 1, 5)
    chosen = torch.rand(len(images), generator=random) < 0.5
    across = nn.functional.conv2d(images[chosen], weights, padding=(0, 2), groups=3)
    down = weights.transpose(2, 3)
    images[chosen] = nn.functional.conv2d(across, down, padding=(2, 0), groups=3)
    return images


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, 1, 1, 1, generator=random)
