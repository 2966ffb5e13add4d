"""How values are dealt: evenly, and for each image alike however many there are."""

from __future__ import annotations

from collections import Counter

import pytest

from vlmdiag_widgets.datasets.worlds import layout


def test_rows_begin_alike_however_many_there_are():
    assert layout.rows(None, 20) == layout.rows(40, 20)[:20]


def test_rows_follow_the_pattern():
    assert Counter(split for split, _ in layout.rows(90, 9)) == {"train": 40, "val": 20, "test": 30}


def test_rows_of_sizes_have_them():
    rows = layout.rows_of_sizes({"train": 3, "val": 0, "test": 7})
    assert Counter(split for split, _ in rows) == {"train": 3, "test": 7}
    assert [number for split, number in rows if split == "test"] == list(range(7))


def test_cells_come_equally_often_in_each_round():
    dealt = [layout.deal(1, 9, "test", number, "abcd") for number in range(40)]
    assert set(Counter(dealt).values()) == {1}
    assert [turn for _, turn in dealt] == sorted(turn for _, turn in dealt)


def test_turns_repeat_a_shuffled_order():
    taken = [layout.take_turns(1, 9, (2,), "abcde", turn) for turn in range(10)]
    assert taken[:5] == taken[5:]
    assert sorted(taken[:5]) == list("abcde")
    orders = {tuple(layout.take_turns(1, 9, (k,), "abc", t) for t in range(3)) for k in range(40)}
    assert len(orders) == 6


@pytest.mark.parametrize("share", [0, 0.05, 0.3, 0.5, 0.925, 1])
@pytest.mark.parametrize("start", [0, 0.4])
def test_exceptions_are_spread_evenly(share, start):
    found = [layout.is_exception(turn, share, start) for turn in range(200)]
    for stop in range(20, 201, 20):
        assert abs(sum(found[:stop]) - share * stop) <= 1
        assert layout.exception_before(stop, share, start) == sum(found[:stop])
