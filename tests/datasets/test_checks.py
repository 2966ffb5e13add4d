"""Numbers and rows that functions of data sets are given."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets.datasets import contact_sheet, corrupt, load_dataset, tint
from vlmdiag_widgets.datasets.checks import check_count, check_share, row_numbers


def test_rows_come_as_numbers_or_as_a_mask():
    assert row_numbers([2, 0, 2], 3).tolist() == [2, 0, 2]
    assert row_numbers([True, False, True], 3).tolist() == [0, 2]
    assert row_numbers(np.array([1.0]), 3).tolist() == [1]
    assert row_numbers([], 3).tolist() == []


@pytest.mark.parametrize("rows", [["a"], "all", [0.5], [None], [np.nan], [3], [-1], [True]])
def test_rows_that_are_none_are_refused(rows):
    with pytest.raises(ValueError, match=r"rows is|does not exist|1 entries"):
        row_numbers(rows, 3)


def test_numbers_of_numpy_count():
    assert check_count("n", np.int64(3), 1, 9) == 3
    assert check_share("share", np.float32(0.5)) == 0.5


def test_a_sheet_takes_a_mask():
    data = load_dataset("dspritesv", n=4, size=16)
    both = [contact_sheet(data, rows, size=16) for rows in ([False, False, True, True], [2, 3])]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    "given",
    [
        {"severity": np.array([1, 2])},
        {"rows": ["a"]},
        {"share": 0.5, "attribute": None},
        {"seed": "x"},
    ],
)
def test_corrupt_refuses_what_it_cannot_use(given):
    with pytest.raises(ValueError, match=r"severity|rows|attribute|seed"):
        corrupt(load_dataset("dspritesv", n=4, size=16), "fog", **given)


@pytest.mark.parametrize("colors", ["red", {"triangle": ["red"], "square": "red"}])
def test_tint_refuses_what_is_no_colour(colors):
    with pytest.raises(ValueError, match="colo"):
        tint(load_dataset("dspritesv", n=4, size=16), colors=colors)
