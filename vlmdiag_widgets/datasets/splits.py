"""Divide images into train, val and test by a recorded seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.columns import SPLITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Shares used when nothing else is asked for.
SHARES: Mapping[str, float] = {"train": 0.6, "val": 0.2, "test": 0.2}


def stratified_split(
    labels: NDArray[Any] | None, n: int, *, seed: int = 0, shares: Mapping[str, float] = SHARES
) -> NDArray[np.object_]:
    """Draw a split in which every class has the same shares, to within two images.

    Parameters
    ----------
    labels : ndarray or None
        (n,) labels, (n, C) bool for several labels an image (each combination then
        counts as one class), or None for no classes.
    n : int
        Number of images.
    seed : int
        The same seed gives the same split.
    shares : mapping
        Share of "train", "val" and "test"; scaled to sum to one.

    Returns
    -------
    ndarray of str, shape (n,)

    Raises
    ------
    InputError
        A share is negative, all are zero, or a name is unknown.
    """
    weights = _weights(shares)
    order = np.random.default_rng(seed).permutation(n)
    strata = _strata(labels, n)[order]
    # Stable sort keeps the shuffled order inside each class. Positions along the whole
    # list, not inside each class, so that many small classes keep the shares in sum.
    order = order[np.argsort(strata, kind="stable")]
    quota = np.outer(np.arange(n + 1), weights)
    split = np.empty(n, dtype=object)
    split[order] = [SPLITS[i] for i in _deal(quota)]
    return split


def _deal(quota: NDArray[np.float64]) -> list[int]:
    """Give each place in turn to the part that is furthest behind its quota."""
    given = np.zeros(quota.shape[1])
    dealt = []
    for due in quota[1:]:
        part = int(np.argmax(due - given))
        given[part] += 1
        dealt.append(part)
    return dealt


def _weights(shares: Mapping[str, float]) -> NDArray[np.float64]:
    unknown = set(shares) - set(SPLITS)
    weights = np.array([float(shares.get(name, 0.0)) for name in SPLITS])
    if unknown or not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise InputError(
            f"The shares {dict(shares)!r} cannot be used.",
            "Give shares such as {'train': 0.6, 'val': 0.2, 'test': 0.2}.",
        )
    return np.asarray(weights / weights.sum())


def _strata(labels: NDArray[Any] | None, n: int) -> NDArray[np.int64]:
    if labels is None:
        return np.zeros(n, dtype=np.int64)
    if labels.ndim == 2:
        return np.unique(labels, axis=0, return_inverse=True)[1].reshape(-1)
    return np.unique([str(label) for label in labels], return_inverse=True)[1].reshape(-1)
