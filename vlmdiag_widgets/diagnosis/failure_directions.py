"""Failure directions: one linear direction per class from easy to hard images."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import false_discovery_control

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.diagnosis._check import as_labels, as_matrix
from vlmdiag_widgets.diagnosis.hinge_svm import HingeSVM, Search, search_c
from vlmdiag_widgets.diagnosis.whitening import Whitening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vlmdiag_widgets.diagnosis._check import Float

#: Below this many errors (or correct images) a class's direction rests on very little.
FEW = 10

#: A cross-validated balanced accuracy below this is "about 0.5", however small its p.
MIN_STRENGTH = 0.55


#: Values of C that are tried, as in the paper's code.
DEFAULT_GRID = tuple(10.0**exponent for exponent in range(-6, 1))


@dataclass(frozen=True)
class Direction:
    """What was found for one class.

    Attributes
    ----------
    class_ : str
    strength : float
        Cross-validated balanced accuracy of the SVM at the best C; 0.5 is chance, NaN when
        there was nothing to fit. The best C was chosen on the same folds, which flatters;
        `p_value` accounts for it.
    folds : float64 (folds,)
        The same per fold.
    p_value, q_value : float
        Permutation p-value of the strength, and Benjamini-Hochberg over the classes.
    reliable : bool
        ``q_value <= alpha`` and `strength` clear of 0.5.
    message : str
        The verdict in plain words.
    warnings : tuple of str
        What to keep in mind beside it.
    best_C : float
    coef : float64 (d,) or None
        Unit normal of the hyperplane in the whitened space, pointing to easy.
    intercept : float
        ``coef @ whitened + intercept`` is the signed distance to the hyperplane.
    norm : float
        Length of the SVM's own weight vector: distance times `norm` is its decision value.
    n_val, n_errors : int
    """

    class_: str
    strength: float
    folds: Float
    p_value: float
    q_value: float
    reliable: bool
    message: str
    warnings: tuple[str, ...]
    best_C: float  # noqa: N815 - C is the field's name for it
    coef: Float | None
    intercept: float
    norm: float
    n_val: int
    n_errors: int


class FailureDirections:
    """Fit, per true class, the direction that separates correct from wrong predictions.

    Embeddings are whitened by the statistics of the classifier's training images and scaled
    to length one; then one SVM per class (hinge loss, balanced) learns "correct" on validation
    images that the classifier never saw. C is chosen by stratified cross-validation on
    balanced accuracy, ties to the smallest, and the SVM is fitted again on all of the class.

    Parameters
    ----------
    n_permutations : int
        Shufflings of "correct" within the class, each with its own search for C. The smallest
        possible p is 1 / (n_permutations + 1): 0.01 with 99; 0 skips the test, and then no
        direction is called reliable.
    folds : int
        Of the cross-validation, stratified and shuffled by seed.
    alpha : float
        Level for `reliable`, on the q-value.
    seed : int
    whiten : bool
        False for the un-whitened space; directions then easily collapse to one side.
    grid : sequence of float
        The values of C, ascending; default 1e-6 to 1 in factors of ten.

    Attributes
    ----------
    directions_ : dict[str, Direction]
        By class, sorted by name.
    warnings_ : list[str]
        About the data as a whole; each direction carries them too.

    References
    ----------
    Jain et al. 2023, Distilling model failures as directions in latent space, section 2 and
    appendix A.3.
    """

    directions_: dict[str, Direction]
    warnings_: list[str]

    def __init__(
        self,
        n_permutations: int = 99,
        *,
        folds: int = 2,
        alpha: float = 0.05,
        seed: int = 0,
        whiten: bool = True,
        grid: Sequence[float] = DEFAULT_GRID,
    ) -> None:
        self.n_permutations = n_permutations
        self.folds = folds
        self.alpha = alpha
        self.seed = seed
        self.whiten = whiten
        self.grid = grid

    def fit(
        self,
        x_train_raw: ArrayLike,
        x_val_raw: ArrayLike,
        labels_val: Sequence[Any] | NDArray[Any],
        correct_val: ArrayLike,
        progress: ProgressFn = no_progress,
    ) -> FailureDirections:
        """Fit one direction per class.

        Parameters
        ----------
        x_train_raw : array_like (n, d)
            Un-normalised embeddings of the classifier's training images.
        x_val_raw : array_like (m, d)
            The same for validation images, which the classifier never saw.
        labels_val : sequence of str (m,)
            True classes.
        correct_val : array_like of bool (m,)
            Whether the classifier got each right.
        progress : ProgressFn
            Called after every permutation of every class.

        Raises
        ------
        InputError
            Lengths differ, NaN, no validation image, or `correct_val` is not boolean.
        """
        self._check_settings()
        train = as_matrix(x_train_raw, "x_train_raw")
        val = as_matrix(x_val_raw, "x_val_raw", columns=train.shape[1])
        labels = np.array(as_labels(labels_val, "labels_val", len(val)), dtype=object)
        correct = _as_flags(correct_val, len(val))
        self._whitening = Whitening(train, enabled=self.whiten)
        white = self._whitening.apply(val)
        classes = sorted(set(labels.tolist()))
        count = _Counter(progress, len(classes) * (self.n_permutations + 1))
        fitted = [self._fit_class(c, white[labels == c], correct[labels == c], count)
                  for c in classes]  # fmt: skip
        self.warnings_ = _shared_rows(train, val)
        self.directions_ = {
            d.class_: replace(d, warnings=(*d.warnings, *self.warnings_))
            for d in _judged(fitted, self.alpha)
        }
        return self

    def decision(self, x_raw: ArrayLike, class_: str) -> Float:
        """Return the signed distance of images to a class's hyperplane, > 0 is easy.

        Parameters
        ----------
        x_raw : array_like (n, d)
            Un-normalised embeddings; rows with NaN give NaN.
        class_ : str

        Returns
        -------
        float64 (n,)
            All NaN when the class has no direction.
        """
        direction = self._direction(class_)
        rows = np.asarray(x_raw, dtype=np.float64)
        whole = np.isfinite(rows).all(axis=1)
        values = np.full(len(rows), np.nan)
        if direction.coef is not None:
            given = as_matrix(rows[whole], "x_raw", columns=len(direction.coef))
            values[whole] = self._whitening.apply(given) @ direction.coef + direction.intercept
        return values

    def _direction(self, class_: str) -> Direction:
        if not hasattr(self, "directions_"):
            raise InputError("There are no directions yet.", "Call fit first.")
        if class_ not in self.directions_:
            near = nearest_names(class_, self.directions_) or list(self.directions_)
            raise InputError(f"There is no class {class_!r}.", f"Known: {', '.join(near[:5])}.")
        return self.directions_[class_]

    def _fit_class(
        self, name: str, rows: Float, correct: NDArray[np.bool_], count: _Counter
    ) -> Direction:
        scarcest = int(min(correct.sum(), (~correct).sum()))
        if scarcest < self.folds:
            count.step(self.n_permutations + 1)
            return _no_direction(name, correct, self.folds)
        # Seeded by the name, so that other classes coming or going change nothing here.
        rng = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
        svm = HingeSVM(rows)
        found = search_c(svm, correct, self._grid, self.folds, rng)
        count.step()
        p_value = self._p_value(svm, correct, found.strength, rng, count)
        plane = self._refit(svm, correct, found.best)
        return Direction(
            class_=name,
            strength=found.strength,
            folds=found.folds,
            p_value=p_value,
            q_value=float("nan"),
            reliable=False,
            message="",
            warnings=_cautions(found, plane, correct, self.grid),
            best_C=float(self.grid[found.best]),
            coef=plane.normal,
            intercept=plane.intercept,
            norm=plane.norm,
            n_val=len(correct),
            n_errors=int((~correct).sum()),
        )

    def _p_value(
        self,
        svm: HingeSVM,
        correct: NDArray[np.bool_],
        strength: float,
        rng: np.random.Generator,
        count: _Counter,
    ) -> float:
        if self.n_permutations == 0:
            return float("nan")
        as_strong = 0
        for _ in range(self.n_permutations):
            shuffled = search_c(svm, rng.permutation(correct), self._grid, self.folds, rng)
            as_strong += shuffled.strength >= strength - 1e-12
            count.step()
        return (1 + as_strong) / (1 + self.n_permutations)

    def _refit(self, svm: HingeSVM, correct: NDArray[np.bool_], best: int) -> _Plane:
        everyone = np.arange(len(correct))
        solution = next(svm.path(everyone, correct, self._grid[best : best + 1]))
        normal = svm.normal(everyone, solution.dual)
        norm = float(np.linalg.norm(normal))
        easy = svm.decide(everyone, solution) > 0
        collapsed = bool(easy.all() or not easy.any())
        if norm == 0:
            return _Plane(None, float("nan"), 0.0, collapsed=True)
        return _Plane(normal / norm, solution.intercept / norm, norm, collapsed)

    @property
    def _grid(self) -> Float:
        return np.asarray(self.grid, dtype=np.float64)

    def _check_settings(self) -> None:
        grid = self._grid
        if self.folds < 2 or self.n_permutations < 0:
            raise InputError(
                f"folds={self.folds}, n_permutations={self.n_permutations}; "
                "expected at least 2 and 0."
            )
        if not len(grid) or np.any(grid <= 0) or np.any(np.diff(grid) <= 0):
            raise InputError("grid must hold positive values of C in ascending order.")


@dataclass(frozen=True)
class _Plane:
    """Hyperplane with unit normal, and the length its normal had in the SVM."""

    normal: Float | None
    intercept: float
    norm: float
    collapsed: bool


class _Counter:
    """Progress over classes and permutations."""

    def __init__(self, progress: ProgressFn, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def step(self, n: int = 1) -> None:
        self._done += n
        self._progress(self._done, self._total)


def _cautions(
    found: Search, plane: _Plane, correct: NDArray[np.bool_], grid: Sequence[float]
) -> tuple[str, ...]:
    cautions = []
    n_errors = int((~correct).sum())
    for n, what in ((n_errors, "errors"), (len(correct) - n_errors, "correct images")):
        if n < FEW:
            cautions.append(f"only {n} {what}: the direction rests on very little")
    if plane.collapsed:
        cautions.append("the SVM calls every image the same: it has collapsed")
    return (*cautions, *_edge_caution(found, grid))


def _edge_caution(found: Search, grid: Sequence[float]) -> list[str]:
    """Warn when the search may have wanted a C beyond the grid."""
    if len(grid) < 2:
        return []
    mean = found.scores.mean(axis=1)
    if found.best == len(grid) - 1:
        return [f"best C is the largest tried ({grid[-1]:g}): a larger one might do better"]
    # Small enough Cs are all one classifier; equal scores there mean the search has levelled.
    if found.best == 0 and abs(mean[0] - mean[1]) > 1e-12:
        return [f"best C is the smallest tried ({grid[0]:g}): a smaller one might do better"]
    return []


def _no_direction(name: str, correct: NDArray[np.bool_], folds: int) -> Direction:
    n, n_errors = len(correct), int((~correct).sum())
    if n_errors == 0:
        why = f"no direction: all {n} validation images of {name} are classified correctly"
    elif n_errors == n:
        why = f"no direction: all {n} validation images of {name} are misclassified"
    else:
        why = (
            f"no direction: {n_errors} errors and {n - n_errors} correct among {n} validation "
            f"images of {name}; {folds} of each are needed"
        )
    nan = float("nan")
    return Direction(
        class_=name, strength=nan, folds=np.full(folds, nan), p_value=nan, q_value=nan,
        reliable=False, message=why, warnings=(), best_C=nan, coef=None, intercept=nan, norm=0.0,
        n_val=n, n_errors=n_errors,
    )  # fmt: skip


def _judged(directions: list[Direction], alpha: float) -> list[Direction]:
    """Add q-values over the classes that were tested, and the verdict in words."""
    p = np.array([d.p_value for d in directions])
    tested = np.isfinite(p)
    q = np.full(len(p), np.nan)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return [
        d if d.coef is None else _with_verdict(d, float(q_value), alpha)
        for d, q_value in zip(directions, q, strict=True)
    ]


def _with_verdict(d: Direction, q_value: float, alpha: float) -> Direction:
    reliable = bool(q_value <= alpha and d.strength >= MIN_STRENGTH)
    spread = np.ptp(d.folds) / 2
    figures = f"balanced accuracy {d.strength:.2f} ± {spread:.2f} over folds, q = {q_value:.2g}"
    if np.isnan(q_value):
        verdict = "not tested"
    elif reliable:
        verdict = "reliable direction"
    else:
        verdict = "no reliable direction"
    return replace(d, q_value=q_value, reliable=reliable, message=f"{verdict}: {figures}")


def _shared_rows(train: Float, val: Float) -> list[str]:
    """Warn when validation images were trained on: their errors are not those of new images."""
    known = {row.tobytes() for row in train}
    shared = sum(row.tobytes() in known for row in val)
    if not shared:
        return []
    return [f"{shared} of {len(val)} validation images are also training images"]


def _as_flags(correct: ArrayLike, n: int) -> NDArray[np.bool_]:
    flags = np.asarray(correct)
    if flags.shape != (n,) or not n:
        raise InputError(
            f"correct_val has shape {flags.shape} for {n} validation images; "
            "expected one flag for each, and at least one image."
        )
    if flags.dtype != bool and not np.isin(flags.astype(object), [0, 1]).all():
        raise InputError("correct_val must hold True or False.")
    return flags.astype(bool)
