"""CLIP's loss against all true pairs of a batch, and its learning rate."""

from __future__ import annotations

import math

from torch import Tensor, nn

from vlmdiag_widgets.training.settings import Settings


def soft_loss(images: Tensor, texts: Tensor, scale: Tensor, true: Tensor) -> Tensor:
    """Return the mean cross-entropy both ways against all true pairs.

    CLIP's loss (Radford et al. 2021, figure 3) with a target that is uniform over the true pairs,
    because a caption such as "a bird" is true of many pictures of a batch.

    Parameters
    ----------
    images, texts : Tensor (n, d)
        Vectors of any length.
    scale : Tensor
        Logarithm of the inverse temperature.
    true : Tensor (n, n)
        1 where the caption (column) counts as true of the picture (row); its diagonal is 1.
    """
    logits = (
        scale.exp()
        * nn.functional.normalize(images, dim=-1)
        @ nn.functional.normalize(texts, dim=-1).T
    )
    by_image, by_text = targets(true)
    return (
        nn.functional.cross_entropy(logits, by_image)
        + nn.functional.cross_entropy(logits.T, by_text)
    ) / 2


def targets(true: Tensor) -> tuple[Tensor, Tensor]:
    """Return both ways' targets (n, n), each row uniform over its true pairs.

    Raises
    ------
    ValueError
        If a picture or a caption is in no true pair.
    """
    by_image, by_text = true.sum(dim=1, keepdim=True), true.sum(dim=0, keepdim=True)
    if not bool((by_image > 0).all() & (by_text > 0).all()):
        raise ValueError("A picture or a caption of the batch is in no true pair.")
    return true / by_image, (true / by_text).T


def learning_rate(settings: Settings, step: int, share: float) -> float:
    """Return the rate: a linear start, then a cosine over the spent share of the budget."""
    start = min((step + 1) / settings.warm_up, 1.0)
    return settings.rate * start * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
