"""Two dimensions to look at: PCA of images and texts together, gap open or closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis._check import Float, as_matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


#: Fewer images than this have no two components of their own.
_FEWEST_IMAGES = 3


@dataclass(frozen=True)
class Projection:
    """Coordinates of images and texts on shared principal components.

    Attributes
    ----------
    images : float32 (n, k)
    texts : float32 (m, k)
    explained : float64 (k,)
        Share of the (modality-balanced) variance of both on each component.
    """

    images: NDArray[np.float32]
    texts: NDArray[np.float32]
    explained: Float


def pca_project(
    x: ArrayLike,
    y: ArrayLike,
    *,
    closed: bool,
    n_components: int = 2,
    fit_rows: ArrayLike | None = None,
    fit_texts: Literal["all", "centre"] = "all",
) -> Projection:
    """Project image and text embeddings on their joint principal components.

    Both modalities weigh the same in the covariance, however many rows each has: otherwise a
    few texts beside thousands of images would leave the gap out of the picture.

    Parameters
    ----------
    x : array_like (n, d)
        Unit image embeddings.
    y : array_like (m, d)
        Unit text embeddings.
    closed : bool
        Subtract each modality's own mean first, without re-normalising (Zhang et al. 2023,
        DrML, section 2.1).
    n_components : int
        At most d.
    fit_rows : array_like of int or bool, optional
        Rows of `x` that the means and components are fitted on; default all.
    fit_texts : {"all", "centre"}
        With "centre" the texts take part in the fit as their centre alone, at the same weight:
        the components are those of the images and of the gap (once closed, of the images only),
        so that texts come and go without turning the axes. With fewer than three images, "all".

    Returns
    -------
    Projection
        Deterministic: in each component the sum of the cubed entries is positive; with
        "centre", texts that lie apart from the images do so on the positive side.

    Raises
    ------
    InputError
        No rows at all, rows of unlike width, NaN, or more components than dimensions.
    """
    images = as_matrix(x, "x")
    texts = as_matrix(y, "y", columns=images.shape[1])
    if not 1 <= n_components <= images.shape[1]:
        raise InputError(
            f"n_components is {n_components}; expected 1 to {images.shape[1]}, the dimensions."
        )
    fitted = images if fit_rows is None else images[np.asarray(fit_rows)]
    sides = [side for side in (fitted, texts) if len(side)]
    if not sides:
        raise InputError("There is no row to project: both x and y are empty.")
    image_mean, text_mean = _centres(fitted, texts, closed=closed)
    covariance = _balanced_covariance(fitted - image_mean, texts - text_mean)
    fit = covariance
    if fit_texts == "centre" and len(fitted) >= _FEWEST_IMAGES:
        centre = texts.mean(axis=0, keepdims=True) if len(texts) else texts
        fit = _balanced_covariance(fitted - image_mean, centre - text_mean)
    axes = _principal_axes(fit, n_components)
    if fit_texts == "centre" and len(fitted) and len(texts):
        axes = _texts_on_the_right(axes, fitted, texts)
    total = float(np.trace(covariance))
    along = np.maximum(np.einsum("dk,de,ek->k", axes, covariance, axes), 0)
    explained = along / total if total > 0 else np.zeros(n_components)
    return Projection(
        images=((images - image_mean) @ axes).astype(np.float32),
        texts=((texts - text_mean) @ axes).astype(np.float32),
        explained=explained,
    )


def _centres(images: Float, texts: Float, *, closed: bool) -> tuple[Float, Float]:
    means = [side.mean(axis=0) for side in (images, texts) if len(side)]
    middle: Float = np.mean(means, axis=0)
    if not closed:
        return middle, middle
    return (
        images.mean(axis=0) if len(images) else middle,
        texts.mean(axis=0) if len(texts) else middle,
    )


def _balanced_covariance(images: Float, texts: Float) -> Float:
    parts = [side.T @ side / len(side) for side in (images, texts) if len(side)]
    return np.asarray(np.mean(parts, axis=0))


def _principal_axes(covariance: Float, k: int) -> Float:
    """Return the top `k` eigenvectors (d, k), signs fixed.

    A sum of cubes hardly changes with the component, unlike which of its entries is largest.
    """
    _, vectors = np.linalg.eigh(covariance)
    axes: Float = vectors[:, ::-1][:, :k]
    signs = np.where((axes**3).sum(axis=0) < 0, -1.0, 1.0)
    return np.asarray(axes * signs)


def _texts_on_the_right(axes: Float, images: Float, texts: Float) -> Float:
    """Turn the axes on which texts lie apart, by over one deviation, to the side of the texts."""
    gap = (texts.mean(axis=0) - images.mean(axis=0)) @ axes
    return np.asarray(axes * np.where(gap < -(images @ axes).std(axis=0), -1.0, 1.0))
