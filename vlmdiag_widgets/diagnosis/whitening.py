"""Whitening as failure directions use it: training statistics, then length one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis._check import as_matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from vlmdiag_widgets.diagnosis._check import Float


class Whitening:
    """Subtract the training mean, divide by its standard deviation (ddof = 1), l2 once.

    Parameters
    ----------
    x_train_raw : array_like (n, d)
        Un-normalised embeddings of the classifier's training images, at least two.
    enabled : bool
        False leaves only the final scaling to length one.

    Attributes
    ----------
    mean_, scale_ : float64 (d,)
        A dimension that is constant in training carries no scale and is set to zero.

    References
    ----------
    Jain et al. 2023, Distilling model failures as directions, appendix A.3.
    """

    def __init__(self, x_train_raw: ArrayLike, *, enabled: bool = True) -> None:
        rows = as_matrix(x_train_raw, "x_train_raw")
        if len(rows) < 2:
            raise InputError(f"x_train_raw has {len(rows)} rows; a spread needs at least two.")
        d = rows.shape[1]
        self.mean_: Float = rows.mean(axis=0) if enabled else np.zeros(d)
        std = rows.std(axis=0, ddof=1) if enabled else np.ones(d)
        # A constant column's std is rounding noise of its mean, not exactly zero.
        solid = std > 1e-12 * np.maximum(np.abs(self.mean_), 1e-300)
        self.scale_: Float = np.where(solid, 1 / np.where(solid, std, 1.0), 0.0)

    def apply(self, x_raw: Float) -> Float:
        """Return whitened unit rows (n, d); a row at the mean itself stays zero."""
        white = (x_raw - self.mean_) * self.scale_
        norms = np.linalg.norm(white, axis=1, keepdims=True)
        return np.asarray(white / np.where(norms == 0, 1.0, norms))
