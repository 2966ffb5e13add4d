"""The `dspritesv` world: colour tells the shape in training, and only there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import load_dataset


@pytest.fixture(scope="module")
def shapes():
    return load_dataset("dspritesv", n=3000)


def test_it_trains_on_orange_triangles_and_green_squares_only(shapes):
    rows = shapes.rows(split="train")
    pairs = set(zip(shapes.labels[rows], shapes.attributes["color"].iloc[rows], strict=True))
    assert pairs == {("triangle", "orange"), ("square", "green")}
    trained = [
        (label, color) in pairs
        for label, color in zip(shapes.labels, shapes.attributes["color"], strict=True)
    ]
    assert len(rows) / sum(trained) == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(("share", "val"), [(0.0, 0.1), (0.8, 0.1), (0.9, 0.05), (1.0, 0.0)])
def test_more_or_less_may_be_trained_on(share, val):
    data = load_dataset("dspritesv", n=6000, train_share=share)
    pairs = {("triangle", "orange"), ("square", "green")}
    trained = sum(pair in pairs for pair in zip(data.labels, data.attributes["color"], strict=True))
    assert len(data.rows(split="train")) / trained == pytest.approx(share, abs=0.03)
    assert len(data.rows(split="val")) / trained == pytest.approx(val, abs=0.03)
    assert data.provenance["knobs"] == {"train_share": share}


def test_it_tests_every_shape_in_every_colour(shapes):
    rows = shapes.rows(split="test")
    table = pd.crosstab(shapes.labels[rows], shapes.attributes["color"].iloc[rows].to_numpy())
    assert table.shape == (2, 6)
    assert (table.to_numpy() > 5).all()


def test_a_shape_stands_where_its_position_says(shapes):
    for row in range(60):
        x0, y0, x1, y1 = shapes.boxes[row][0]
        high, side = shapes.attributes["position"][row].split()
        assert ((y0 + y1) / 2 < 0.5) == (high == "upper")
        assert ((x0 + x1) / 2 < 0.5) == (side == "left")


def test_the_box_is_named_after_the_shape(shapes):
    assert shapes.box_names == [[label] for label in shapes.labels]


def test_sizes_never_overlap(shapes):
    # A square's side, so that the turn of the shape hardly matters.
    wide = {"small": [], "medium": [], "large": []}
    for row in np.flatnonzero(shapes.labels == "square"):
        x0, _, x1, _ = shapes.boxes[row][0]
        wide[shapes.attributes["size"][int(row)]].append(x1 - x0)
    assert max(wide["small"]) < max(wide["medium"]) < max(wide["large"])
    assert np.mean(wide["small"]) < min(wide["medium"])
    assert np.mean(wide["medium"]) < min(wide["large"])


@pytest.mark.parametrize(
    ("knobs", "message"),
    [({"spurious": 0.9}, "expected one of n, seed, size, train_share"),
     ({"train_share": 2}, "train_share is 2; expected a share from 0 to 1")],
)  # fmt: skip
def test_bad_settings_are_refused(knobs, message):
    with pytest.raises(InputError, match=message):
        load_dataset("dspritesv", **knobs)
