"""Balanced hinge-loss SVMs against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import SVC

from vlmdiag_widgets.diagnosis import hinge_svm
from vlmdiag_widgets.diagnosis.hinge_svm import HingeSVM, search_c, stratified_folds

GRID = np.logspace(-6, 2, 9)


def data(n=80, d=12, seed=0):
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.75
    rows = rng.normal(size=(n, d))
    rows[:, 0] += np.where(positive, 0.7, -0.7)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), positive


@pytest.mark.parametrize("gram", [True, False])
def test_directions_equal_svc_at_every_c(gram, monkeypatch):
    if not gram:
        monkeypatch.setattr(hinge_svm, "_MAX_GRAM_ROWS", 0)
    rows, positive = data()
    svm, train = HingeSVM(rows), np.arange(60)
    for c, ours in zip(GRID, svm.path(train, positive[:60], GRID), strict=True):
        theirs = SVC(kernel="linear", C=c, class_weight="balanced", tol=1e-5)
        theirs.fit(rows[:60], positive[:60])
        w, v = svm.normal(train, ours.dual), theirs.coef_[0]
        assert w @ v / np.linalg.norm(w) / np.linalg.norm(v) == pytest.approx(1, abs=1e-4)
        assert np.linalg.norm(w) == pytest.approx(np.linalg.norm(v), rel=1e-2)
        assert svm.decide(train, ours) == pytest.approx(rows @ w + ours.intercept)


def test_known_solutions_reach_the_lowest_loss():
    rows, positive = data()
    svm, train = HingeSVM(rows), np.arange(len(rows))
    weight = np.where(positive, 0.5 / positive.mean(), 0.5 / (1 - positive.mean()))

    def loss(c, w, b):
        margins = np.where(positive, 1, -1) * (rows @ w + b)
        return w @ w / 2 + c * weight @ np.maximum(0, 1 - margins)

    for c, ours in zip(GRID, svm.path(train, positive, GRID), strict=True):
        theirs = SVC(kernel="linear", C=c, class_weight="balanced", tol=1e-6).fit(rows, positive)
        best = loss(c, theirs.coef_[0], theirs.intercept_[0])
        assert loss(c, svm.normal(train, ours.dual), ours.intercept) <= best * (1 + 1e-3)


def test_strong_regularisation_does_not_collapse():
    rows, positive = data()
    (weakest, *_) = HingeSVM(rows).path(np.arange(80), positive, GRID)
    called = HingeSVM(rows).decide(np.arange(80), weakest) > 0
    assert (called == positive).mean() > 0.6


def test_folds_are_stratified_and_even():
    positive = np.arange(25) < 7
    fold_of = stratified_folds(positive, 2, np.random.default_rng(0))
    assert sorted(np.bincount(fold_of).tolist()) == [12, 13]
    assert sorted(np.bincount(fold_of[positive]).tolist()) == [3, 4]


def test_search_takes_the_smallest_of_equal_cs():
    rows, positive = data()
    found = search_c(HingeSVM(rows), positive, GRID, 2, np.random.default_rng(0))
    mean = found.scores.mean(axis=1)
    assert found.best == int(np.flatnonzero(mean == mean.max())[0])
    assert found.strength == found.folds.mean() == mean.max()
