"""Wilson's interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import wilson_interval


@given(st.integers(1, 500), st.data())
def test_equals_scipy(n, data):
    k = data.draw(st.integers(0, n))
    expected = binomtest(k, n).proportion_ci(method="wilson")
    low, high = wilson_interval(k, n)
    assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_takes_arrays_and_knows_nothing_without_counts():
    low, high = wilson_interval([0, 5, 10], [0, 10, 10])
    assert low[0] == 0
    assert high[0] == 1
    assert low[1] == pytest.approx(0.2366, abs=1e-4)
    assert high[2] == 1
    assert np.all(low <= high)


@pytest.mark.parametrize(("k", "n", "level"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0)])
def test_refuses_impossible_counts(k, n, level):
    with pytest.raises(InputError):
        wilson_interval(k, n, level)
