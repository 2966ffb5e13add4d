"""Whitening by training statistics."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import Whitening

TRAIN = np.random.default_rng(0).normal(size=(50, 4)) * [1, 5, 0.1, 2] + 3


def test_standardises_by_training_then_scales_once():
    new = TRAIN[:5] + 1
    expected = (new - TRAIN.mean(axis=0)) / TRAIN.std(axis=0, ddof=1)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert Whitening(TRAIN).apply(new) == pytest.approx(expected)


def test_constant_dimension_says_nothing():
    train = TRAIN.copy()
    train[:, 1] = 0.1 + 0.2
    white = Whitening(train).apply(TRAIN)
    assert np.all(white[:, 1] == 0)
    assert np.isfinite(white).all()


def test_row_at_the_mean_stays_zero():
    whitening = Whitening(TRAIN)
    assert np.all(whitening.apply(whitening.mean_[None]) == 0)


def test_without_whitening_only_length_changes():
    white = Whitening(TRAIN, enabled=False).apply(TRAIN)
    assert white == pytest.approx(TRAIN / np.linalg.norm(TRAIN, axis=1, keepdims=True))


def test_refuses_a_single_row():
    with pytest.raises(InputError, match="at least two"):
        Whitening(TRAIN[:1])
