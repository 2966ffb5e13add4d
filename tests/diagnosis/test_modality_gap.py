"""The four statistics of the modality gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import modality_gap


def cone(n, d=6, seed=0, shift=1.0):
    """Unit rows around one axis, with no spread along it in expectation."""
    rng = np.random.default_rng(seed)
    rows = 0.3 * rng.normal(size=(n, d))
    rows[:, 0] = shift
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_constant_orthogonal_gap_is_seen_as_such():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(50, 4))
    shared /= 2 * np.linalg.norm(shared, axis=1, keepdims=True)
    side = np.full((50, 1), np.sqrt(3) / 2)
    gap = modality_gap(np.hstack([side, shared]), np.hstack([-side, shared]))
    assert gap.magnitude.mean == pytest.approx(np.sqrt(3))
    assert gap.magnitude.std == pytest.approx(0, abs=1e-12)
    assert gap.direction.values == pytest.approx(np.ones(50))
    assert gap.orthogonality.values == pytest.approx(np.zeros(50), abs=1e-12)
    assert gap.orthogonality_text.values == pytest.approx(np.zeros(50), abs=1e-12)
    assert gap.gap == pytest.approx([np.sqrt(3), 0, 0, 0, 0])


def test_follows_the_formulas():
    x, y = cone(7, seed=1), cone(7, seed=2, shift=-0.5)
    result = modality_gap(3 * x, 0.1 * y)  # rows are normalised inside
    g = x - y
    mean = g.mean(axis=0)
    along = mean / np.linalg.norm(mean)
    assert result.magnitude.values == pytest.approx(np.linalg.norm(g, axis=1))
    assert result.magnitude.std == pytest.approx(np.linalg.norm(g, axis=1).std(ddof=1))
    assert result.direction.values == pytest.approx(g @ along / np.linalg.norm(g, axis=1))
    centred = x - x.mean(axis=0)
    cosines = centred @ along / np.linalg.norm(centred, axis=1)
    assert result.orthogonality.values == pytest.approx(cosines)
    centre = (x - (x @ along)[:, None] * along).mean(axis=0)
    assert result.centre.values == pytest.approx(centre)
    assert result.centre.n == 6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_paired_centres_are_equal_by_algebra(seed):
    result = modality_gap(cone(9, seed=seed), cone(9, seed=seed + 1, shift=-1.0))
    assert result.centre.values == pytest.approx(result.centre_text.values, abs=1e-12)


def test_class_level_averages_classes_without_weights():
    x, y = cone(6, seed=1), cone(5, seed=2, shift=-1.0)
    x_labels, y_labels = list("aaaabz"), list("aabbb")
    result = modality_gap(x, y, paired=False, x_labels=x_labels, y_labels=y_labels)
    a = x[:4].mean(axis=0) - y[:2].mean(axis=0)
    b = x[4] - y[2:].mean(axis=0)
    assert result.magnitude.values == pytest.approx([np.linalg.norm(a), np.linalg.norm(b)])
    assert result.gap == pytest.approx((a + b) / 2)


def test_no_gap_has_no_direction():
    x = cone(5)
    result = modality_gap(x, x)
    assert result.magnitude.mean == 0
    assert np.all(result.direction.values == 0)


@pytest.mark.parametrize(
    ("y", "options", "words"),
    [
        (cone(4), {}, "one text for each image"),
        (cone(5, d=3), {}, "expected 6"),
        (np.zeros((5, 6)), {}, "zeros"),
        (cone(4), {"paired": False}, "x_labels and y_labels"),
        (
            cone(4),
            {"paired": False, "x_labels": list("aaaaa"), "y_labels": list("bbbb")},
            "share no class",
        ),
    ],
)
def test_refuses(y, options, words):
    with pytest.raises(InputError, match=words):
        modality_gap(cone(5), y, **options)
