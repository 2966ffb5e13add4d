"""The zero-shot classifier."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import ZeroShotClassifier


def test_is_the_softmax_of_scaled_cosines():
    classifier = ZeroShotClassifier([[3.0, 0.0], [0.0, 0.5]], ["cat", "dog"], logit_scale=2.0)
    proba = classifier.predict_proba([[5.0, 0.0]])
    assert proba[0, 0] == pytest.approx(np.exp(2) / (np.exp(2) + 1))
    assert classifier.predict([[5.0, 0.0], [0.1, 0.2]]).tolist() == ["cat", "dog"]


@pytest.mark.parametrize(
    ("vectors", "classes"),
    [([[1.0, 0.0]], ["a", "b"]), ([[1.0, 0.0]], ["a"]), ([[0.0, 0.0], [1.0, 0.0]], ["a", "b"])],
)
def test_refuses(vectors, classes):
    with pytest.raises(InputError):
        ZeroShotClassifier(vectors, classes, 1.0)
