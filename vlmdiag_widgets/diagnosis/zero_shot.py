"""CLIP's zero-shot classifier: softmax over scaled cosines to class prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis._check import Float, as_matrix, unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


class ZeroShotClassifier:
    """Classify embeddings by their cosine to one vector per class.

    Parameters
    ----------
    class_vectors : array_like (C, d)
        One text vector per class; normalised here.
    classes : sequence of str
        Names, in the order of the rows.
    logit_scale : float
        Factor on the cosine, the encoder's learned temperature (100 in OpenAI's CLIP).

    Attributes
    ----------
    classes_ : list[str]
    coef_ : float64 (C, d)
        Unit class vectors times `logit_scale`: the weights of the equal linear classifier on
        unit embeddings.
    intercept_ : float64 (C,)
        Zeros.

    References
    ----------
    Radford et al. 2021, Learning transferable visual models from natural language, 3.1.
    """

    def __init__(
        self, class_vectors: ArrayLike, classes: Sequence[str], logit_scale: float
    ) -> None:
        vectors = unit_rows(as_matrix(class_vectors, "class_vectors"), "class_vectors")
        if len(vectors) != len(classes):
            raise InputError(
                f"There are {len(vectors)} class vectors for {len(classes)} classes; "
                "expected one for each."
            )
        if len(set(classes)) != len(classes) or len(classes) < 2:
            raise InputError(f"classes is {list(classes)}; expected at least two different names.")
        self.classes_ = [str(name) for name in classes]
        self.coef_: Float = vectors * float(logit_scale)
        self.intercept_: Float = np.zeros(len(classes))

    def predict_proba(self, x: ArrayLike) -> Float:
        """Return class probabilities (n, C) of embeddings (n, d), normalised here."""
        rows = as_matrix(x, "x", columns=self.coef_.shape[1])
        return np.asarray(softmax(unit_rows(rows, "x") @ self.coef_.T, axis=1))

    def predict(self, x: ArrayLike) -> NDArray[np.object_]:
        """Return the most probable class of every row."""
        names = np.array(self.classes_, dtype=object)
        return np.asarray(names[self.predict_proba(x).argmax(axis=1)])
