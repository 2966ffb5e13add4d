"""The linear probe: a softmax classifier trained on embeddings by minibatch Adam."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import log_softmax, softmax

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.diagnosis._check import Float, as_labels, as_matrix, class_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class LinearProbe:
    """Linear softmax classifier d -> C, trained with Adam on the mean cross-entropy.

    Weights start at zero, so nothing is in them that the data did not put there; the seed
    sets the order of the minibatches. Arithmetic is float64.

    Parameters
    ----------
    epochs : int
    lr : float
        Adam's step; its other constants are the usual 0.9, 0.999 and 1e-8.
    batch_size : int
        The last batch of an epoch may be smaller; the loss is a mean over its examples.
    seed : int

    Attributes
    ----------
    classes_ : list[str]
        Sorted names of the training labels.
    coef_ : float64 (C, d)
    intercept_ : float64 (C,)
    best_epoch_ : int
        Epoch (from 1) whose weights were kept: lowest validation loss, the earliest on a tie;
        the last one without a validation set.
    history_ : DataFrame
        epoch, train_loss (mean over the examples as they were met), val_loss, val_accuracy
        (NaN without a validation set).

    References
    ----------
    Zhang et al. 2023, DrML, section 3.1 and appendix B (linear layer, Adam, lr 1e-3, batch
    32, 25 epochs). The epoch is chosen on in-distribution validation data, never on the sets
    that the diagnosis reports on.

    Examples
    --------
    >>> x = [[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]]
    >>> probe = LinearProbe(epochs=50, lr=0.1).fit(x, ["a", "a", "b", "b"])
    >>> probe.predict([[1.0, 0.2]]).tolist()
    ['a']
    """

    classes_: list[str]
    coef_: Float
    intercept_: Float
    best_epoch_: int
    history_: pd.DataFrame

    def __init__(
        self, epochs: int = 25, lr: float = 1e-3, batch_size: int = 32, seed: int = 0
    ) -> None:
        self.epochs = epochs
        self.lr = lr
        self.batch_size = batch_size
        self.seed = seed

    def fit(
        self,
        x: ArrayLike,
        labels: Sequence[Any] | NDArray[Any],
        x_val: ArrayLike | None = None,
        labels_val: Sequence[Any] | NDArray[Any] | None = None,
        progress: ProgressFn = no_progress,
    ) -> LinearProbe:
        """Train on unit embeddings.

        Parameters
        ----------
        x : array_like (n, d)
        labels : sequence of str (n,)
        x_val, labels_val : optional
            In-distribution validation data, used only to choose the epoch.
        progress : ProgressFn
            Called after every epoch; may raise `Cancelled`.

        Raises
        ------
        InputError
            Fewer than two classes, lengths that differ, NaN, or a validation class that
            training never saw.
        """
        self._check_settings()
        rows = as_matrix(x, "x")
        names = as_labels(labels, "labels", len(rows))
        classes = sorted(set(names))
        _need_two_classes(classes)
        codes = class_codes(names, classes, "labels")
        validation = _validation(x_val, labels_val, classes, rows.shape[1])
        best, history = self._train(rows, codes, len(classes), validation, progress)
        self.classes_ = classes
        self.coef_, self.intercept_ = best.weights[:, :-1].copy(), best.weights[:, -1].copy()
        self.best_epoch_ = best.epoch
        self.history_ = pd.DataFrame(history)
        return self

    @classmethod
    def from_arrays(
        cls, coef: ArrayLike, intercept: ArrayLike, classes: Sequence[str]
    ) -> LinearProbe:
        """Build a probe from known weights: coef (C, d), intercept (C,) and class names."""
        probe = cls()
        probe.coef_ = as_matrix(coef, "coef").copy()
        probe.intercept_ = np.array(intercept, dtype=np.float64).reshape(-1)
        probe.classes_ = [str(name) for name in classes]
        sizes = {len(probe.coef_), len(probe.intercept_), len(probe.classes_)}
        if len(sizes) != 1 or not np.isfinite(probe.intercept_).all():
            raise InputError(
                f"coef has {len(probe.coef_)} rows, intercept {len(probe.intercept_)} entries and "
                f"classes {len(probe.classes_)} names; expected one finite entry of each per class."
            )
        _need_two_classes(probe.classes_)
        return probe

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the weights as plain arrays: coef, intercept and classes (unicode)."""
        self._check_fitted()
        return {
            "coef": self.coef_.copy(),
            "intercept": self.intercept_.copy(),
            "classes": np.array(self.classes_, dtype=np.str_),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> LinearProbe:
        """Rebuild the probe that `state` described."""
        return cls.from_arrays(state["coef"], state["intercept"], state["classes"].tolist())

    def decision_function(self, x: ArrayLike) -> Float:
        """Return the logits (n, C)."""
        self._check_fitted()
        rows = as_matrix(x, "x", columns=self.coef_.shape[1])
        return rows @ self.coef_.T + self.intercept_

    def predict_proba(self, x: ArrayLike) -> Float:
        """Return class probabilities (n, C)."""
        return np.asarray(softmax(self.decision_function(x), axis=1))

    def predict(self, x: ArrayLike) -> NDArray[np.object_]:
        """Return the most probable class of every row."""
        best = self.decision_function(x).argmax(axis=1)
        return np.asarray(np.array(self.classes_, dtype=object)[best])

    def _train(
        self,
        rows: Float,
        codes: NDArray[np.intp],
        n_classes: int,
        validation: tuple[Float, NDArray[np.intp]] | None,
        progress: ProgressFn,
    ) -> tuple[_Kept, dict[str, list[float]]]:
        inputs = _with_ones(rows)
        adam = _Adam(np.zeros((n_classes, inputs.shape[1])), self.lr)
        best = _Kept(adam.weights, 0, np.inf)
        history: dict[str, list[float]] = {
            key: [] for key in ("epoch", "train_loss", "val_loss", "val_accuracy")
        }
        for epoch, order in enumerate(self._orders(len(inputs)), start=1):
            train_loss = self._run_epoch(adam, inputs, codes, order)
            val_loss, val_accuracy = _evaluate(adam.weights, validation)
            figures = (epoch, train_loss, val_loss, val_accuracy)
            for key, figure in zip(history, figures, strict=True):
                history[key].append(figure)
            if validation is None or val_loss < best.loss:
                best = _Kept(adam.weights.copy(), epoch, val_loss)
            progress(epoch, self.epochs)
        return best, history

    def _run_epoch(
        self, adam: _Adam, inputs: Float, codes: NDArray[np.intp], order: NDArray[np.intp]
    ) -> float:
        """Take one pass over the data; return the mean loss over the examples met."""
        total = 0.0
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            loss, gradient = _loss_and_gradient(adam.weights, inputs[batch], codes[batch])
            adam.step(gradient)
            total += loss * len(batch)
        return total / len(order)

    def _orders(self, n: int) -> Iterator[NDArray[np.intp]]:
        """Yield the order of the examples in each epoch."""
        rng = np.random.default_rng(self.seed)
        for _ in range(self.epochs):
            yield rng.permutation(n)

    def _check_settings(self) -> None:
        if self.epochs < 1 or self.batch_size < 1 or not self.lr > 0:
            raise InputError(
                f"epochs={self.epochs}, batch_size={self.batch_size}, lr={self.lr}; "
                "expected at least 1, at least 1 and above 0."
            )

    def _check_fitted(self) -> None:
        if not hasattr(self, "coef_"):
            raise InputError("This probe has no weights yet.", "Call fit(x, labels) first.")


@dataclass
class _Adam:
    """Adam on one array, updated in place; buffers are reused because steps are many."""

    weights: Float
    lr: float
    steps: int = 0
    first: Float = field(init=False)
    second: Float = field(init=False)

    def __post_init__(self) -> None:
        self.first = np.zeros_like(self.weights)
        self.second = np.zeros_like(self.weights)

    def step(self, gradient: Float) -> None:
        """Move the weights against `gradient` (Kingma and Ba 2015, algorithm 1)."""
        self.steps += 1
        self.first *= BETA1
        self.first += (1 - BETA1) * gradient
        self.second *= BETA2
        self.second += (1 - BETA2) * gradient * gradient
        scale = np.sqrt(self.second)
        scale *= 1 / np.sqrt(1 - BETA2**self.steps)
        scale += EPSILON
        np.divide(self.first, scale, out=scale)
        scale *= self.lr / (1 - BETA1**self.steps)
        self.weights -= scale


@dataclass(frozen=True)
class _Kept:
    """Weights (C, d + 1) of the best epoch so far."""

    weights: Float
    epoch: int
    loss: float


def _with_ones(rows: Float) -> Float:
    """Append a column of ones, so that the intercept is the last weight."""
    return np.hstack([rows, np.ones((len(rows), 1))])


def _loss_and_gradient(
    weights: Float, inputs: Float, codes: NDArray[np.intp]
) -> tuple[float, Float]:
    logits = inputs @ weights.T
    logits -= logits.max(axis=1, keepdims=True)
    picked = np.arange(len(codes))
    true_logits = logits[picked, codes]
    residual = np.exp(logits)
    norm = residual.sum(axis=1, keepdims=True)
    loss = float((np.log(norm[:, 0]) - true_logits).mean())
    residual /= norm
    residual[picked, codes] -= 1
    residual /= len(codes)
    return loss, residual.T @ inputs


def _evaluate(
    weights: Float, validation: tuple[Float, NDArray[np.intp]] | None
) -> tuple[float, float]:
    if validation is None:
        return float("nan"), float("nan")
    inputs, codes = validation
    logits = inputs @ weights.T
    loss = -log_softmax(logits, axis=1)[np.arange(len(codes)), codes].mean()
    return float(loss), float((logits.argmax(axis=1) == codes).mean())


def _validation(
    x_val: ArrayLike | None, labels_val: Any, classes: list[str], d: int
) -> tuple[Float, NDArray[np.intp]] | None:
    if x_val is None and labels_val is None:
        return None
    if x_val is None or labels_val is None:
        raise InputError("Give both x_val and labels_val, or neither.")
    rows = as_matrix(x_val, "x_val", columns=d)
    if not len(rows):
        raise InputError("x_val has no rows.", "Leave it out to keep the last epoch.")
    names = as_labels(labels_val, "labels_val", len(rows))
    return _with_ones(rows), class_codes(names, classes, "labels_val")


def _need_two_classes(classes: Sequence[str]) -> None:
    if len(set(classes)) < 2 or len(set(classes)) != len(classes):
        raise InputError(
            f"The classes are {list(classes)}; a classifier needs at least two different ones."
        )
