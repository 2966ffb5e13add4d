"""Linear classifiers as plain arrays: how a classifier is saved without pickling it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vlmdiag_widgets.audit.classifier import probabilities
from vlmdiag_widgets.audit.vectors import unit


def weights_of(classifier: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Return weights (C, d) and intercepts (C,) of a linear classifier's logits, or None."""
    coef, intercept = getattr(classifier, "coef_", None), getattr(classifier, "intercept_", None)
    if coef is None:
        coef, intercept = getattr(classifier, "weight", None), getattr(classifier, "bias", None)
        if coef is None or intercept is None or not hasattr(coef, "detach"):
            return None
        coef, intercept = coef.detach().cpu().numpy(), intercept.detach().cpu().numpy()
    if intercept is None or _one_against_one(classifier):
        return None
    weights = np.atleast_2d(np.asarray(coef, dtype=np.float64))
    bias = np.atleast_1d(np.asarray(intercept, dtype=np.float64))
    if len(weights) == 1:  # scikit-learn keeps one row for two classes
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return weights, bias


def _one_against_one(classifier: Any) -> bool:
    """Tell whether `coef_` holds a row a pair of classes, as in scikit-learn's SVC."""
    return hasattr(classifier, "dual_coef_") and len(getattr(classifier, "classes_", ())) > 2


def arrays_of(
    classifier: Any, x: npt.NDArray[Any], classes: Sequence[str]
) -> dict[str, npt.NDArray[Any]] | None:
    """Return a linear classifier as arrays, or None where arrays would not say the same.

    "Would say the same" is tried out on embeddings `x`.
    """
    weights = weights_of(classifier)
    if weights is None:
        return None
    names = [str(name) for name in getattr(classifier, "classes_", classes)]
    if len(names) != len(weights[0]):
        return None
    arrays = {
        "coef": weights[0],
        "intercept": weights[1],
        "classes": np.array(names, dtype=np.str_),
    }
    sample = unit(x[np.isfinite(x).all(axis=1)][:256])
    theirs = probabilities(classifier, sample, classes)
    same = np.allclose(theirs, probabilities(from_arrays(arrays), sample, classes), atol=1e-5)
    return arrays if same else None


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> Any:
    """Return a linear classifier from `arrays_of`."""
    from vlmdiag_widgets.diagnosis import LinearProbe

    names = [str(name) for name in arrays["classes"]]
    return LinearProbe.from_arrays(arrays["coef"], arrays["intercept"], names)
