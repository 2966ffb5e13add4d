"""Slices: where texts predict failure, and what the images say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis._check import (
    Float,
    as_matrix,
    class_codes,
    is_missing,
    need_columns,
)
from vlmdiag_widgets.diagnosis.wilson import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

# Columns that start with a bar are worked with here and never returned: none of the caller's
# columns can be named so by chance.
FIGURES = [
    "text_score", "n_texts", "image_accuracy", "image_score", "n_images",
    "ci_low", "ci_high", "flagged", "agreement", "mixed_class",
]  # fmt: skip


def slice_scores(
    texts: pd.DataFrame,
    text_proba: ArrayLike,
    images: pd.DataFrame | None,
    image_proba: ArrayLike | None,
    *,
    by: Sequence[str],
    classes: Sequence[str],
    margin: float = 0.1,
) -> pd.DataFrame:
    """Score every slice on the texts that name it and on the images that carry it.

    Parameters
    ----------
    texts : DataFrame, m rows
        The `by` columns and "class", the true class (missing where none is known: such a
        text is not scored). With a boolean column "full", only full texts count: texts that
        leave an attribute out serve `attribute_influence`, not the slices.
    text_proba : array_like (m, C)
        Class probabilities of the texts.
    images : DataFrame, n rows, or None
        The same columns for the images, as far as they carry them. A `by` column that the
        images lack leaves every slice without images.
    image_proba : array_like (n, C) or None
        Rows with NaN (broken images) are left out.
    by : list of str
        Columns whose value combinations are the slices; "class" may be one of them. A row
        that lacks one of them is in no slice.
    classes : sequence of str (C,)
        Names of the probability columns.
    margin : float
        How far below its class mean a text score is flagged.

    Returns
    -------
    DataFrame
        One row per combination seen among texts or images, worst text score first (slices
        without texts last), ties in order of the `by` values. Columns: `by`, then text_score
        (mean probability of the true class), n_texts, image_accuracy, image_score (mean
        probability of the true class), n_images, ci_low and ci_high (Wilson 95 % of the
        accuracy), flagged, agreement, mixed_class (the slice spans several classes, and its
        figures average over them).

        `agreement` holds the flag against the images: the interval below the class accuracy
        means the images fail too, above it that they do not, and around it "undecided".
        "agree" when text and images say the same, else "disagree"; "no image" where a
        prediction has nothing to be checked on, "no text" where nothing was predicted. In a
        slice of several classes, class mean and class accuracy are averaged likewise.

    Raises
    ------
    InputError
        A column is missing, lengths differ, or a class is unknown.

    References
    ----------
    Zhang et al. 2023, DrML, sections 2.2 and 3.3; Eyuboglu et al. 2022 for the notion of a
    slice.
    """
    columns = [str(column) for column in by]
    if not columns:
        raise InputError("`by` is empty; expected the columns that make the slices.")
    text_side = _text_side(texts, text_proba, columns, classes)
    image_side = _image_side(images, image_proba, columns, classes)
    table = _join(text_side, image_side, columns)
    counts = table["n_images"].to_numpy(dtype=float)
    low, high = wilson_interval(table.pop("|n_correct").to_numpy(dtype=float), counts)
    seen = counts > 0
    table["ci_low"], table["ci_high"] = np.where(seen, low, np.nan), np.where(seen, high, np.nan)
    table["flagged"] = (table["text_score"] < table.pop("|text_base") - margin).to_numpy(dtype=bool)
    table["agreement"] = _agreement(table, table.pop("|image_base").to_numpy(dtype=float))
    return _sorted(table[columns + FIGURES], columns)


def _text_side(
    texts: pd.DataFrame, proba: ArrayLike, by: list[str], classes: Sequence[str]
) -> pd.DataFrame:
    need_columns(list(texts.columns), [*by, "class"], "texts")
    rows = _scored_rows(texts, proba, classes, "text")
    if "full" in texts.columns:
        rows = rows[rows["|full"]]
    rows["|base"] = rows.groupby("|class")["|p"].transform("mean")
    grouped = _in_slices(rows, by).groupby(by, sort=False)
    return pd.DataFrame(
        {
            "text_score": grouped["|p"].mean(),
            "n_texts": grouped.size(),
            "|text_base": grouped["|base"].mean(),
            "|text_class_low": grouped["|class"].min(),
            "|text_class_high": grouped["|class"].max(),
        }
    ).reset_index()


def _image_side(
    images: pd.DataFrame | None, proba: ArrayLike | None, by: list[str], classes: Sequence[str]
) -> pd.DataFrame:
    if images is None or proba is None or not {*by, "class"} <= set(images.columns):
        return _no_images(by)
    rows = _scored_rows(images, proba, classes, "image")
    rows["|base"] = rows.groupby("|class")["|right"].transform("mean")
    grouped = _in_slices(rows, by).groupby(by, sort=False)
    return pd.DataFrame(
        {
            "image_accuracy": grouped["|right"].mean(),
            "image_score": grouped["|p"].mean(),
            "n_images": grouped.size(),
            "|n_correct": grouped["|right"].sum(),
            "|image_base": grouped["|base"].mean(),
            "|image_class_low": grouped["|class"].min(),
            "|image_class_high": grouped["|class"].max(),
        }
    ).reset_index()


def _no_images(by: list[str]) -> pd.DataFrame:
    figures = ["image_accuracy", "image_score", "n_images", "|n_correct", "|image_base"]
    spans = ["|image_class_low", "|image_class_high"]
    table = pd.DataFrame({name: pd.Series(dtype=float) for name in figures + spans})
    for column in reversed(by):
        table.insert(0, column, pd.Series(dtype=object))
    return table


def _scored_rows(
    table: pd.DataFrame, proba: ArrayLike, classes: Sequence[str], what: str
) -> pd.DataFrame:
    """Keep rows with a class and finite probabilities; add p(true class) and correctness."""
    p = np.asarray(proba, dtype=np.float64)
    if p.shape != (len(table), len(classes)):
        raise InputError(
            f"{what}_proba has shape {p.shape}; expected ({len(table)}, {len(classes)}): "
            f"one row per {what} and one column per class."
        )
    known = np.array([not is_missing(c) for c in table["class"]], dtype=bool)
    known &= np.isfinite(p).all(axis=1)
    p = as_matrix(p[known], f"{what}_proba")
    rows = table.loc[known].copy()
    if "full" in rows.columns:
        rows["|full"] = rows["full"].to_numpy(dtype=bool)
    codes = class_codes([str(c) for c in rows["class"]], classes, f"the {what}s' class")
    rows["|class"] = codes
    rows["|p"] = p[np.arange(len(p)), codes]
    rows["|right"] = (p.argmax(axis=1) == codes).astype(float)
    return rows


def _in_slices(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Drop rows that lack a value of the slice; write the values as strings."""
    rows = rows.dropna(subset=by)
    return rows.assign(**{column: rows[column].astype(str) for column in by})


def _join(texts: pd.DataFrame, images: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    table = texts.merge(images, on=by, how="outer")
    for count in ("n_texts", "n_images"):
        table[count] = table[count].fillna(0).astype(int)
    table["|n_correct"] = table["|n_correct"].fillna(0)
    low = table[["|text_class_low", "|image_class_low"]].min(axis=1)
    high = table[["|text_class_high", "|image_class_high"]].max(axis=1)
    table["mixed_class"] = (low != high).to_numpy(dtype=bool)
    return table


def _agreement(table: pd.DataFrame, class_accuracy: Float) -> NDArray[np.object_]:
    flagged = table["flagged"].to_numpy(dtype=bool)
    fails = table["ci_high"].to_numpy(dtype=float) < class_accuracy
    holds = table["ci_low"].to_numpy(dtype=float) > class_accuracy
    decided = np.where(fails == flagged, "agree", "disagree").astype(object)
    decided[~fails & ~holds] = "undecided"
    decided[table["n_texts"].to_numpy() == 0] = "no text"
    decided[table["n_images"].to_numpy() == 0] = "no image"
    return np.asarray(decided)


def _sorted(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    # Scores are rounded for the order alone, so that summation noise never breaks a tie.
    rank = table["text_score"].round(12)
    return (
        table.assign(**{"|rank": rank})
        .sort_values(["|rank", *by], kind="stable", na_position="last")
        .drop(columns="|rank")
        .reset_index(drop=True)
    )
