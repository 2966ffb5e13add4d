"""Splits drawn by seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.splits import SHARES, stratified_split

LABELS = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=120)


@given(LABELS, st.integers(0, 5))
def test_every_class_has_its_shares(labels, seed):
    labels = np.array(labels, dtype=object)
    split = stratified_split(labels, len(labels), seed=seed)
    for label in set(labels):
        mine = split[[other == label for other in labels]]
        for part, share in SHARES.items():
            assert abs((mine == part).sum() - share * len(mine)) <= 2
    for part, share in SHARES.items():
        assert abs((split == part).sum() - share * len(split)) <= 1


@given(LABELS, st.integers(0, 2**31))
def test_a_seed_always_gives_the_same_split(labels, seed):
    labels = np.array(labels, dtype=object)
    first, second = (stratified_split(labels, len(labels), seed=seed) for _ in range(2))
    assert list(first) == list(second)


def test_seeds_differ():
    draws = {tuple(stratified_split(None, 30, seed=seed)) for seed in range(5)}
    assert len(draws) == 5


def test_multi_label_strata_are_combinations():
    labels = np.array([[1, 0], [0, 1], [1, 1]] * 50, dtype=bool)
    split = stratified_split(labels, 150)
    for row in np.unique(labels, axis=0):
        counts = Counter(split[(labels == row).all(axis=1)])
        assert counts == pytest.approx({"train": 30, "val": 10, "test": 10}, abs=1)


def test_shares_are_scaled_and_may_leave_a_part_out():
    split = stratified_split(None, 40, shares={"train": 3, "test": 1})
    assert Counter(split) == {"train": 30, "test": 10}


@pytest.mark.parametrize("shares", [{}, {"train": -1}, {"tain": 1}, {"train": float("nan")}])
def test_bad_shares_are_explained(shares):
    with pytest.raises(InputError, match="shares"):
        stratified_split(None, 4, shares=shares)
