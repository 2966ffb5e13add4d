"""Wilson's interval for a share: honest at small counts and near 0 or 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from vlmdiag_widgets._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def wilson_interval(
    successes: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Wilson score interval of ``successes / n``.

    Parameters
    ----------
    successes, n : array_like, broadcast together
        Counts; ``0 <= successes <= n``.
    level : float
        Confidence in (0, 1).

    Returns
    -------
    low, high : float64 arrays (0-d for scalars), shares in [0, 1]
        With ``n = 0`` nothing is known: the interval is 0 to 1.

    Raises
    ------
    InputError
        A count is negative, above `n` or not a number, or `level` is not in (0, 1).

    References
    ----------
    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    k, total = np.broadcast_arrays(
        np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    )
    if not 0 < level < 1:
        raise InputError(f"level is {level}; expected a share between 0 and 1, such as 0.95.")
    if not np.all((k >= 0) & (k <= total)):
        raise InputError("Counts must satisfy 0 <= successes <= n in every entry.")
    z2 = float(ndtri(0.5 + level / 2)) ** 2
    # Written without dividing by n, so that n = 0 needs no special case.
    centre = k + z2 / 2
    spread = np.sqrt(z2 * (k * (total - k) / np.maximum(total, 1) + z2 / 4))
    low = np.where(k == 0, 0.0, (centre - spread) / (total + z2))
    high = np.where(k == total, 1.0, (centre + spread) / (total + z2))
    return np.asarray(np.clip(low, 0, 1)), np.asarray(np.clip(high, 0, 1))
