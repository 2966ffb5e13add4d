"""Vectors: the unit view of embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unit(x: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the rows of `x` divided by their Euclidean length.

    Parameters
    ----------
    x : ndarray, shape (n, d) or (d,)

    Returns
    -------
    ndarray of float32, same shape
        A row of zeros stays zero; a row of NaN stays NaN.
    """
    wide = np.asarray(x, dtype=np.float64)
    length = np.linalg.norm(wide, axis=-1, keepdims=True)
    return (wide / np.where(length == 0, 1, length)).astype(np.float32)
