"""The modality gap: how images and texts lie apart in the shared space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis._check import Float, as_labels, as_matrix, unit_rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Statistic:
    """One figure with its spread.

    Attributes
    ----------
    mean, std : float
        `std` with ddof = 1; NaN below two values.
    n : int
        How many values there are.
    values : float64 (n,)
    """

    mean: float
    std: float
    n: int
    values: Float

    @classmethod
    def of(cls, values: Float) -> Statistic:
        """Summarise `values`."""
        std = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
        mean = float(values.mean()) if len(values) else float("nan")
        return cls(mean, std, len(values), values)


@dataclass(frozen=True)
class GapStatistics:
    """The four statistics of the modality gap, on l2-normalised embeddings.

    Attributes
    ----------
    magnitude : Statistic
        Length of each gap vector g, in [0, 2].
    direction : Statistic
        cos(g, E[g]): near 1 when the gap is one constant vector.
    orthogonality : Statistic
        cos(x - E[x], E[g]) over images: near 0 when the gap is orthogonal to the images.
    orthogonality_text : Statistic
        The same for texts.
    centre : Statistic
        The d coordinates of E[x - (x.g')g'], g' = E[g]/|E[g]|.
    centre_text : Statistic
        The same for texts. On paired data it equals `centre` by algebra, so the two are one
        finding, not two.
    gap : float64 (d,)
        E[g], images minus texts.
    paired : bool
        Whether each g is one image minus its text, or one class mean minus another.
    """

    magnitude: Statistic
    direction: Statistic
    orthogonality: Statistic
    orthogonality_text: Statistic
    centre: Statistic
    centre_text: Statistic
    gap: Float
    paired: bool


def modality_gap(
    x: ArrayLike,
    y: ArrayLike,
    *,
    paired: bool = True,
    x_labels: Any = None,
    y_labels: Any = None,
) -> GapStatistics:
    """Measure the gap between image and text embeddings.

    Parameters
    ----------
    x : array_like (n, d)
        Image embeddings; rows are l2-normalised here.
    y : array_like (m, d)
        Text embeddings; likewise. With ``paired=True``, ``m = n`` and row i describes image i.
    paired : bool
        True: one gap vector per pair, g = x - y. False: one per class, mean of its images
        minus mean of its texts; classes are averaged without weights.
    x_labels, y_labels : sequences of str
        Classes of the rows, for ``paired=False``. Classes present on one side only are left
        out of the gap vectors.

    Raises
    ------
    InputError
        Rows do not pair up, labels are missing or share no class, or a row is zero or NaN.

    References
    ----------
    Zhang et al. 2023, DrML, section 2.1 and Table 1; Liang et al. 2022, Mind the gap.
    """
    images = unit_rows(as_matrix(x, "x"), "x")
    texts = unit_rows(as_matrix(y, "y", columns=images.shape[1]), "y")
    gaps = _pair_gaps(images, texts) if paired else class_gaps(images, texts, x_labels, y_labels)
    mean_gap = gaps.mean(axis=0)
    return GapStatistics(
        magnitude=Statistic.of(np.linalg.norm(gaps, axis=1)),
        direction=Statistic.of(_cosines(gaps, mean_gap)),
        orthogonality=Statistic.of(_cosines(images - images.mean(axis=0), mean_gap)),
        orthogonality_text=Statistic.of(_cosines(texts - texts.mean(axis=0), mean_gap)),
        centre=Statistic.of(_centre(images, mean_gap)),
        centre_text=Statistic.of(_centre(texts, mean_gap)),
        gap=mean_gap,
        paired=paired,
    )


def class_gaps(images: Float, texts: Float, x_labels: Any, y_labels: Any) -> Float:
    """Return one gap vector per class that both sides carry, (classes, d)."""
    if x_labels is None or y_labels is None:
        raise InputError(
            "A class-level gap needs the classes of both sides.",
            "Pass x_labels and y_labels, or paired=True for one text per image.",
        )
    x_names = np.array(as_labels(x_labels, "x_labels", len(images)))
    y_names = np.array(as_labels(y_labels, "y_labels", len(texts)))
    shared = np.intersect1d(x_names, y_names)
    if not len(shared):
        raise InputError("x_labels and y_labels share no class, so there is no gap to measure.")
    return np.stack(
        [images[x_names == c].mean(axis=0) - texts[y_names == c].mean(axis=0) for c in shared]
    )


def _pair_gaps(images: Float, texts: Float) -> Float:
    if len(images) != len(texts) or not len(images):
        raise InputError(
            f"x has {len(images)} rows and y {len(texts)}; pairs need one text for each image.",
            "For unequal sets use paired=False with x_labels and y_labels.",
        )
    return images - texts


def _cosines(rows: Float, vector: Float) -> Float:
    """Cosine of every row with `vector`; 0 where one of them has no direction."""
    scale = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    dots: NDArray[np.float64] = rows @ vector
    # Rounding leaves ~1e-17 where algebra says zero: a direction of noise is no direction.
    solid = scale > 1e-15
    return np.clip(np.where(solid, dots / np.where(solid, scale, 1.0), 0.0), -1.0, 1.0)


def _centre(rows: Float, gap: Float) -> Float:
    mean: Float = rows.mean(axis=0)
    norm = float(np.linalg.norm(gap))
    if norm == 0:
        return mean
    along = gap / norm
    return mean - (mean @ along) * along
