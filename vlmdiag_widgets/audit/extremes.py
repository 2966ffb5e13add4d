"""Failure directions of the audit: fitted on val images, shown on test images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn
from vlmdiag_widgets.audit.frames import text_column
from vlmdiag_widgets.audit.images import ImageTable

Order = Literal["hardest", "easiest", "near"]
ORDERS = ("hardest", "easiest", "near")


@dataclass(frozen=True)
class AuditDirections:
    """One failure direction a class, and where the test images lie on it.

    Attributes
    ----------
    model : FailureDirections
    directions : dict of str → Direction
    decisions : DataFrame
        row, id, class, predicted, confidence, correct, decision: one row a test image, decision
        above 0 easy, below 0 hard, NaN where its class has no direction.
    """

    model: Any
    directions: dict[str, Any]
    decisions: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row a class: strength, p and q values, reliable, message, warnings, counts."""
        fields = (
            "strength",
            "p_value",
            "q_value",
            "reliable",
            "best_C",
            "n_val",
            "n_errors",
            "message",
        )
        rows = [
            {
                "class": name,
                **{field: getattr(found, field) for field in fields},
                "warnings": "; ".join(found.warnings),
            }
            for name, found in self.directions.items()
        ]
        return pd.DataFrame(rows, columns=["class", *fields, "warnings"])


def fit_directions(
    images: ImageTable,
    x: npt.NDArray[Any],
    proba: npt.NDArray[Any],
    classes: Sequence[str],
    *,
    seed: int,
    progress: ProgressFn,
) -> AuditDirections:
    """Fit on val images with whitening from train images; decide on test images.

    Parameters
    ----------
    x : float32 (n, d)
        Raw embeddings of all images; NaN rows are left out.
    proba : float (n, C)
        Class probabilities of all images, columns in the order of `classes`.
    """
    from vlmdiag_widgets.diagnosis import FailureDirections

    usable = np.isfinite(x).all(axis=1) & np.isfinite(proba).all(axis=1) & images.labelled
    train = images.rows("train")
    train = train[np.isfinite(x[train]).all(axis=1)]
    val = images.rows("val")
    val = val[usable[val]]
    if not len(val) or len(train) < 2:
        raise InputError(
            f"There are {len(val)} labelled val images and {len(train)} training images; failure "
            "directions need both.",
            "Give the data set a split with train, val and test.",
        )
    labels = images.class_of
    predicted = np.array(classes, dtype=object)[np.nan_to_num(proba).argmax(axis=1)]
    correct = predicted == labels
    model = FailureDirections(seed=seed)
    model.fit(x[train], x[val], list(labels[val]), correct[val], progress=progress)
    test = images.evaluation_rows()
    test = test[usable[test]]
    table = pd.DataFrame(
        {
            "row": test.astype(np.uint32),
            "id": text_column(images.ids[test]),
            "class": text_column(labels[test]),
            "predicted": text_column(predicted[test]),
            "confidence": proba[test].max(axis=1) if len(test) else np.empty(0),
            "correct": correct[test].astype(bool),
            "decision": _decisions(model, x[test], labels[test]),
        }
    )
    return AuditDirections(model, dict(model.directions_), table)


def _decisions(model: Any, x: npt.NDArray[Any], labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    values = np.full(len(x), np.nan)
    for name, direction in model.directions_.items():
        members = labels == name
        if members.any() and getattr(direction, "coef", None) is not None:
            values[members] = model.decision(x[members], name)
    return values


def extremes(
    found: AuditDirections, class_: str | None, order: Order = "hardest", n: int = 24
) -> pd.DataFrame:
    """Return the n test images (of a class, or of all) at one end of the direction.

    Raises
    ------
    InputError
        For an unknown order or class, or n below 1.
    """
    if order not in ORDERS:
        raise InputError(f"order is {order!r}; expected one of {', '.join(ORDERS)}.")
    if n < 1:
        raise InputError(f"n is {n}; expected at least 1.")
    table = found.decisions.dropna(subset=["decision"])
    if class_ is not None:
        table = table[table["class"] == class_]
    key = table["decision"].abs() if order == "near" else table["decision"]
    ranked = key.sort_values(ascending=order != "easiest", kind="stable").index
    return table.loc[ranked[:n]].reset_index(drop=True)


def in_order(
    predictions: pd.DataFrame, decisions: pd.DataFrame | None, order: Order | Literal["confidence"]
) -> pd.DataFrame:
    """Return labelled images in an order: by decision value, or least p(true class) first.

    Images without a decision value come last, least p(true class) first; without `decisions`
    that is all of them.

    Parameters
    ----------
    predictions : DataFrame
        "image_predictions" of an audit, or some of its rows.
    decisions : DataFrame, optional
        With row and decision, as in `AuditDirections`.

    Returns
    -------
    DataFrame
        row, id, class, predicted, confidence, p_true, correct, decision.
    """
    names = ["row", "id", "class", "predicted", "confidence", "p_true", "correct"]
    table = predictions.loc[predictions["class"].notna(), names]
    if decisions is None:
        table = table.assign(decision=np.nan)
    else:
        table = table.merge(decisions[["row", "decision"]], on="row", how="left")
    table = table.sort_values("p_true", kind="stable")
    if order != "confidence":
        key = table["decision"].abs() if order == "near" else table["decision"]
        table = table.loc[key.sort_values(ascending=order != "easiest", kind="stable").index]
    return table.reset_index(drop=True)
