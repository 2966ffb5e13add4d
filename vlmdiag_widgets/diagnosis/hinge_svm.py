"""Balanced linear SVMs with hinge loss over a grid of C, cheap enough to permute."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.svm import SVC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vlmdiag_widgets.diagnosis._check import Float

# Above this many rows the table of all dot products would take more than some 70 MB.
_MAX_GRAM_ROWS = 3000


class HingeSolution(NamedTuple):
    """One fitted SVM: ``w = rows[train].T @ dual``, decision ``w @ x + intercept``."""

    dual: Float
    intercept: float


class HingeSVM:
    """Fit ``SVC(kernel="linear", class_weight="balanced")`` on many splits of the same rows.

    Dot products are taken once for all splits, labels and C. Where regularisation is so strong
    that every example sits at its bound, the solution is known without a search: w is C n / 2
    times the difference of the two means, and the hinge loss leaves the intercept anywhere in
    an interval, of which the middle is taken. (libsvm takes the middle too, unless rounding
    lets one example look free; then it lands on an end of the interval and calls nearly
    everything one class.)

    Parameters
    ----------
    rows : float64 (n, d)
    """

    def __init__(self, rows: Float) -> None:
        self._rows = rows
        self._gram = rows @ rows.T if len(rows) <= _MAX_GRAM_ROWS else None

    def path(
        self, train: NDArray[np.intp], positive: NDArray[np.bool_], grid: Float
    ) -> Iterator[HingeSolution]:
        """Yield the solution for each C of `grid` on ``rows[train]`` with these labels."""
        share = np.where(positive, positive.sum(), (~positive).sum()) / len(positive)
        bounded = np.where(positive, 0.5, -0.5) / share
        heights = self.project(train, bounded)[train]
        top, bottom = heights[positive].max(), heights[~positive].min()
        for c in grid:
            if c * (top - bottom) <= 2:
                yield HingeSolution(c * bounded, float(-c * (top + bottom) / 2))
            else:
                yield self._by_libsvm(train, positive, float(c))

    def decide(self, train: NDArray[np.intp], solution: HingeSolution) -> Float:
        """Return the decision value of all rows, (n,)."""
        return self.project(train, solution.dual) + solution.intercept

    def project(self, train: NDArray[np.intp], dual: Float) -> Float:
        """Return ``rows @ w`` for ``w = rows[train].T @ dual``, (n,)."""
        if self._gram is None:
            return np.asarray(self._rows @ self.normal(train, dual))
        return np.asarray(self._gram[:, train] @ dual)

    def normal(self, train: NDArray[np.intp], dual: Float) -> Float:
        """Return w itself, (d,)."""
        return np.asarray(self._rows[train].T @ dual)

    def _by_libsvm(
        self, train: NDArray[np.intp], positive: NDArray[np.bool_], c: float
    ) -> HingeSolution:
        kernel = "linear" if self._gram is None else "precomputed"
        data = self._rows[train] if self._gram is None else self._gram[np.ix_(train, train)]
        model = SVC(kernel=kernel, C=c, class_weight="balanced").fit(data, positive)
        dual = np.zeros(len(train))
        dual[model.support_] = model.dual_coef_[0]
        return HingeSolution(dual, float(model.intercept_[0]))


class Search(NamedTuple):
    """Cross-validated search for C: strength and folds at the best, its place, all scores."""

    strength: float
    folds: Float
    best: int
    scores: Float


def search_c(
    svm: HingeSVM,
    positive: NDArray[np.bool_],
    grid: Float,
    folds: int,
    rng: np.random.Generator,
) -> Search:
    """Cross-validate every C by balanced accuracy; of equals the smallest C is best."""
    fold_of = stratified_folds(positive, folds, rng)
    scores = np.empty((len(grid), folds))
    for fold in range(folds):
        train, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        for i, solution in enumerate(svm.path(train, positive[train], grid)):
            called = svm.decide(train, solution)[held] > 0
            scores[i, fold] = balanced_accuracy(called, positive[held])
    # argmax takes the first of equals; rounding keeps summation noise from breaking a tie.
    best = int(np.argmax(scores.mean(axis=1).round(12)))
    return Search(float(scores[best].mean()), scores[best], best, scores)


def stratified_folds(
    positive: NDArray[np.bool_], folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Deal each side out over the folds, the second from where the first ended."""
    fold_of = np.empty(len(positive), dtype=np.intp)
    negative, right = np.flatnonzero(~positive), np.flatnonzero(positive)
    order = np.concatenate([rng.permutation(negative), rng.permutation(right)])
    fold_of[order] = np.arange(len(positive)) % folds
    return fold_of


def balanced_accuracy(called: NDArray[np.bool_], positive: NDArray[np.bool_]) -> float:
    """Return the mean of the two recalls."""
    return float((called[positive].mean() + (~called[~positive]).mean()) / 2)
