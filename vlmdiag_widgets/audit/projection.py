"""What the gap scatter shows: images and texts in two dimensions, gap open and closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit.threads import one_thread

if TYPE_CHECKING:
    import pandas as pd

    from vlmdiag_widgets.diagnosis import GapStatistics, Projection


@dataclass(frozen=True)
class AuditProjection:
    """Both projections of the evaluation images and of the full texts.

    Attributes
    ----------
    open, closed : Projection
        Before and after each modality's mean is subtracted.
    image_rows : ndarray of uint32 (n,)
        Data-set rows of the image points.
    text_ids : ndarray of uint32 (m,)
        Ids of the text points.
    gap : GapStatistics or None
        Between images and texts of the same class; None where no class has both.
    """

    open: Projection
    closed: Projection
    image_rows: npt.NDArray[np.uint32]
    text_ids: npt.NDArray[np.uint32]
    gap: GapStatistics | None


@one_thread()
def project(
    x: npt.NDArray[Any],
    rows: npt.NDArray[Any],
    image_classes: npt.NDArray[Any],
    y: npt.NDArray[Any],
    texts: pd.DataFrame,
) -> AuditProjection:
    """Project unit rows `x` (evaluation images) and `y` (one row a text of `texts`)."""
    from vlmdiag_widgets.diagnosis import pca_project

    full = texts["full"].to_numpy(dtype=bool)
    if not full.any():  # pasted texts need not carry all attributes
        full = np.ones(len(texts), dtype=bool)
    shown = y[full]
    if len(x) and x.shape[1] != shown.shape[1]:
        raise InputError(
            f"Images have {x.shape[1]} dimensions and texts {shown.shape[1]}.",
            "Both must come from the same model.",
        )
    _check_placeable(x, shown)
    return AuditProjection(
        # An edit of the texts must not turn the axes: one could not follow the points any more.
        open=pca_project(x, shown, closed=False, fit_texts="centre"),
        closed=pca_project(x, shown, closed=True, fit_texts="centre"),
        image_rows=np.asarray(rows, dtype=np.uint32),
        text_ids=texts["text_id"].to_numpy()[full].astype(np.uint32),
        gap=_gap(x, image_classes, shown, texts["class"].to_numpy()[full]),
    )


def _check_placeable(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> None:
    if not len(x) and not len(y):
        raise InputError(
            "No image is there to evaluate and no text has a vector: nothing can be placed.",
            "Give more images, or an encoder for the texts.",
        )
    if x.shape[1] < 2:
        raise InputError(
            "These embeddings have one dimension; a scatter needs two.",
            "The table and the grid work without it.",
        )


def _gap(x: Any, x_classes: Any, y: Any, y_classes: Any) -> GapStatistics | None:
    from vlmdiag_widgets.diagnosis import modality_gap

    images = np.array([name is not None for name in x_classes], dtype=bool)
    texts = np.array([name is not None for name in y_classes], dtype=bool)
    if not set(x_classes[images]) & set(y_classes[texts]):
        return None
    return modality_gap(
        x[images],
        y[texts],
        paired=False,
        x_labels=list(x_classes[images]),
        y_labels=list(y_classes[texts]),
    )
