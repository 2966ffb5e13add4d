"""Figures with their counts and intervals, as they stand in a model card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import t

from vlmdiag_widgets.diagnosis import wilson_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: JSON values: "value", "low", "high" (95%), "n", and what else is known.
Figure = dict[str, Any]

_DIGITS = 4


def rounded(value: float) -> float | None:
    """Return a number for a card; None where there is none."""
    return round(float(value), _DIGITS) if np.isfinite(value) else None


def share(right: ArrayLike, chance: float | None = None) -> Figure:
    """Return the share of hits with Wilson's 95% interval.

    Parameters
    ----------
    right : array_like of bool (n,)
    chance : float, optional
        The share that guessing gives.
    """
    hits = np.asarray(right, dtype=bool)
    low, high = wilson_interval(int(hits.sum()), len(hits))
    value = hits.mean() if len(hits) else np.nan
    found = interval(value, float(low), float(high), len(hits))
    return found if chance is None else {**found, "chance": rounded(chance)}


def interval(value: float, low: float, high: float, n: int) -> Figure:
    """Return a figure from its parts."""
    return {"value": rounded(value), "low": rounded(low), "high": rounded(high), "n": int(n)}


def over_seeds(values: Sequence[float]) -> Figure:
    """Return the mean of shares or correlations over seeds, with Student's 95% interval.

    `n` counts the seeds; the interval ends at 1 and -1.
    """
    known = np.array([value for value in values if np.isfinite(value)])
    if len(known) < 2:
        mean = known.mean() if len(known) else np.nan
        return interval(mean, np.nan, np.nan, len(known))
    reach = t.ppf(0.975, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known))
    mean = known.mean()
    found = interval(mean, max(mean - reach, -1), min(mean + reach, 1), len(known))
    return {**found, "each": [rounded(value) for value in known]}


def difference(first: ArrayLike, second: ArrayLike) -> Figure:
    """Return the share of `first` minus that of `second`, with Newcombe's 95% interval.

    The two are hits of independent samples (Newcombe 1998, Interval estimation for the
    difference between independent proportions, method 10).
    """
    a, b = share(first), share(second)
    if not (a["n"] and b["n"]):
        return interval(np.nan, np.nan, np.nan, a["n"] + b["n"])
    gap = a["value"] - b["value"]
    down = np.hypot(a["value"] - a["low"], b["high"] - b["value"])
    up = np.hypot(a["high"] - a["value"], b["value"] - b["low"])
    return interval(gap, gap - down, gap + up, a["n"] + b["n"])


def bootstrap(
    statistic: Callable[[NDArray[np.intp]], float], n: int, seed: int = 0, resamples: int = 500
) -> Figure:
    """Return a statistic of `n` pictures with its percentile bootstrap 95% interval.

    Parameters
    ----------
    statistic : callable
        Row numbers, (n,) with repeats → value.
    n : int
    seed, resamples : int
    """
    rng = np.random.default_rng(seed)
    found = [statistic(rng.integers(n, size=n)) for _ in range(resamples)]
    low, high = np.nanquantile(found, [0.025, 0.975])
    return interval(statistic(np.arange(n)), float(low), float(high), n)
