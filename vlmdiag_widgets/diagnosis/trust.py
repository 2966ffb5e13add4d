"""The trust line: how far the texts' verdicts hold on images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from vlmdiag_widgets.diagnosis._check import Float, need_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

#: Below this many slices with both sides a correlation says nothing.
MIN_SLICES = 3

#: Below this many, resamples repeat so few slices that their interval would be false precision.
MIN_FOR_INTERVAL = 8

Interval = tuple[float, float]
_NOTHING: Interval = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Trust:
    """Agreement of text and image verdicts over slices.

    Attributes
    ----------
    n_agree, n_checked : int
        Slices that agree, among those that the images decide either way.
    n_undecided : int
        Slices whose interval holds the class accuracy: counted apart.
    spearman, pearson : float
        Correlation of text score and image accuracy over slices with both; NaN when there
        are too few or one side is constant.
    spearman_ci, pearson_ci : (float, float)
        Bootstrap 95 % intervals over slices; NaN below `MIN_FOR_INTERVAL` slices.
    text : str
        The same in one plain sentence.
    """

    n_agree: int
    n_checked: int
    n_undecided: int
    spearman: float
    spearman_ci: Interval
    pearson: float
    pearson_ci: Interval
    text: str


def trust_line(slices: pd.DataFrame, *, n_bootstrap: int = 1000, seed: int = 0) -> Trust:
    """Sum up how well texts and images agree over slices.

    Parameters
    ----------
    slices : DataFrame
        From `slice_scores`.
    n_bootstrap : int
        Resamples of the slices, for the intervals.
    seed : int

    References
    ----------
    Zhang et al. 2023, DrML, section 3.3 and Figure 2 (correlation over slices).
    """
    need_columns(list(slices.columns), ["text_score", "image_accuracy", "agreement"], "slices")
    counts = slices["agreement"].value_counts()
    agree, disagree, undecided = (
        int(counts.get(name, 0)) for name in ("agree", "disagree", "undecided")
    )
    both = slices[["text_score", "image_accuracy"]].dropna().to_numpy(dtype=np.float64)
    picks = np.random.default_rng(seed).integers(0, max(len(both), 1), (n_bootstrap, len(both)))
    spearman, spearman_ci = _correlation(both, picks, _ranks)
    pearson, pearson_ci = _correlation(both, picks, _as_is)
    text = _sentence((agree, agree + disagree, undecided), len(both), spearman, spearman_ci)
    return Trust(
        n_agree=agree,
        n_checked=agree + disagree,
        n_undecided=undecided,
        spearman=spearman,
        spearman_ci=spearman_ci,
        pearson=pearson,
        pearson_ci=pearson_ci,
        text=text,
    )


def _correlation(
    pairs: Float, picks: NDArray[np.intp], transform: Callable[[Float], Float]
) -> tuple[float, Interval]:
    if len(pairs) < MIN_SLICES:
        return float("nan"), _NOTHING
    value = float(_pearson(transform(pairs[None, :, 0]), transform(pairs[None, :, 1]))[0])
    if np.isnan(value) or len(pairs) < MIN_FOR_INTERVAL:
        return value, _NOTHING
    draws = _pearson(transform(pairs[picks, 0]), transform(pairs[picks, 1]))
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return value, (float(low), float(high))


def _ranks(rows: Float) -> Float:
    return np.asarray(rankdata(rows, axis=1))


def _as_is(rows: Float) -> Float:
    return rows


def _pearson(a: Float, b: Float) -> Float:
    """Pearson's r of each pair of rows; NaN where a row is constant."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    solid = scale > 1e-12
    r = (a * b).sum(axis=1) / np.where(solid, scale, 1.0)
    return np.where(solid, np.clip(r, -1, 1), np.nan)


def _sentence(counts: tuple[int, int, int], n_both: int, r: float, ci: Interval) -> str:
    agree, checked, undecided = counts
    if n_both == 0:
        return "no slice has both texts and images, so nothing checks the texts"
    parts = [
        f"texts agree with images on {agree} of {checked} slices"
        if checked
        else f"images decide none of {n_both} slices",
        f"{undecided} undecided",
    ]
    if n_both < MIN_SLICES:
        parts.append(f"too few slices to correlate ({n_both})")
    elif np.isnan(r):
        parts.append("no correlation: one side is constant")
    elif np.isnan(ci[0]):
        parts.append(f"Spearman r = {r:.2f} ({n_both} slices: too few for an interval)")
    else:
        parts.append(f"Spearman r = {r:.2f} [{ci[0]:.2f}, {ci[1]:.2f}]")
    return ", ".join(parts)
