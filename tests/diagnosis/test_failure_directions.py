"""Failure directions per class."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.diagnosis import FailureDirections, Whitening

D = 16


def planted(shift=4.0, n=240, error_rate=0.25, seed=0):
    """Two classes; the errors of "a" lie along the first axis, those of "b" anywhere."""
    rng = np.random.default_rng(seed)
    x_train, x_val = rng.normal(2, 3, size=(300, D)), rng.normal(2, 3, size=(n, D))
    labels = np.where(np.arange(n) % 2 == 0, "a", "b")
    correct = rng.random(n) > error_rate
    x_val[(labels == "a") & ~correct, 0] -= 3 * shift
    return x_train, x_val, labels, correct


@pytest.fixture(scope="module")
def fitted():
    return FailureDirections().fit(*planted())


def test_finds_the_planted_direction_and_no_other(fitted):
    a, b = fitted.directions_["a"], fitted.directions_["b"]
    assert a.reliable
    assert a.strength > 0.85
    assert a.coef[0] > 0.8
    assert a.message.startswith("reliable direction")
    assert not b.reliable
    assert b.message.startswith("no reliable direction")


def test_figures_fit_together(fitted):
    a, b = fitted.directions_.values()
    assert a.strength == pytest.approx(a.folds.mean())
    assert np.linalg.norm(a.coef) == pytest.approx(1)
    assert a.p_value == pytest.approx(0.01)  # the smallest that 99 permutations allow
    assert [a.q_value, b.q_value] == pytest.approx(
        false_discovery_control([a.p_value, b.p_value]).tolist()
    )
    assert a.n_val == 120
    assert a.n_errors == int((~planted()[3][::2]).sum())


def test_decision_is_the_signed_distance_and_positive_for_easy(fitted):
    x_train, x_val, labels, correct = planted()
    a = fitted.directions_["a"]
    decision = fitted.decision(x_val, "a")
    assert decision == pytest.approx(Whitening(x_train).apply(x_val) @ a.coef + a.intercept)
    easy = decision[labels == "a"] > 0
    assert (easy == correct[labels == "a"]).mean() > 0.85


def test_broken_images_have_no_decision(fitted):
    x_val = planted()[1][:3].copy()
    x_val[1, 4] = np.nan
    assert np.isnan(fitted.decision(x_val, "a")).tolist() == [False, True, False]


def test_is_deterministic_and_classes_do_not_disturb_one_another(fitted):
    x_train, x_val, labels, correct = planted()
    alone = labels == "a"
    again = FailureDirections().fit(x_train, x_val[alone], labels[alone], correct[alone])
    first, second = fitted.directions_["a"], again.directions_["a"]
    assert first.p_value == second.p_value
    assert first.folds.tolist() == second.folds.tolist()
    assert first.coef == pytest.approx(second.coef)


def test_p_values_are_uniform_where_nothing_was_planted():
    p = []
    for seed in range(20):
        directions = FailureDirections(n_permutations=19, seed=seed)
        x_train, x_val, labels, correct = planted(shift=0.0, n=80, seed=seed)
        directions.fit(x_train, x_val, labels, correct)
        p += [d.p_value for d in directions.directions_.values()]
    assert 0.3 < np.mean(p) < 0.7
    assert np.mean(np.array(p) <= 0.05) < 0.2


def test_class_without_errors_has_no_direction():
    x_train, x_val, labels, correct = planted()
    correct = correct | (labels == "b")
    directions = FailureDirections(n_permutations=19).fit(x_train, x_val, labels, correct)
    b = directions.directions_["b"]
    assert b.coef is None
    assert "all 120 validation images of b are classified correctly" in b.message
    assert np.isnan(directions.decision(x_val, "b")).all()
    # A class that was not tested does not count among the tests.
    assert directions.directions_["a"].q_value == directions.directions_["a"].p_value


@pytest.mark.parametrize(
    ("n_errors", "words"), [(1, "2 of each are needed"), (120, "all 120 .* misclassified")]
)
def test_too_few_of_one_side_has_no_direction(n_errors, words):
    x_train, x_val, labels, correct = planted()
    correct[labels == "b"] = np.arange(120) >= n_errors
    directions = FailureDirections(n_permutations=0).fit(x_train, x_val, labels, correct)
    assert directions.directions_["b"].coef is None
    assert re.search(words, directions.directions_["b"].message)


def test_few_errors_are_warned_about():
    x_train, x_val, labels, correct = planted()
    correct[labels == "b"] = np.arange(120) >= 4
    b = FailureDirections(n_permutations=9).fit(x_train, x_val, labels, correct).directions_["b"]
    assert "only 4 errors" in b.warnings[0]


def test_edge_of_the_grid_is_warned_about():
    directions = FailureDirections(n_permutations=0, grid=[0.5, 1.0, 2.0]).fit(*planted())
    for d in directions.directions_.values():
        assert (d.best_C == 2.0) == any("largest tried" in w for w in d.warnings)


def test_without_permutations_nothing_is_called_reliable():
    a = FailureDirections(n_permutations=0).fit(*planted()).directions_["a"]
    assert np.isnan(a.p_value)
    assert not a.reliable
    assert a.message.startswith("not tested")


def test_validation_images_from_training_are_noticed():
    x_train, x_val, labels, correct = planted()
    x_train[:7] = x_val[:7]
    directions = FailureDirections(n_permutations=0).fit(x_train, x_val, labels, correct)
    assert directions.warnings_ == ["7 of 240 validation images are also training images"]
    assert all(directions.warnings_[0] in d.warnings for d in directions.directions_.values())


def test_reports_progress_and_lets_cancel_through():
    seen = []
    FailureDirections(n_permutations=3).fit(*planted(), progress=lambda *at: seen.append(at))
    assert seen == [(i, 8) for i in range(1, 9)]

    def cancel(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        FailureDirections().fit(*planted(), progress=cancel)


def test_refuses():
    x_train, x_val, labels, correct = planted()
    with pytest.raises(InputError, match="one flag"):
        FailureDirections().fit(x_train, x_val, labels, correct[:-1])
    with pytest.raises(InputError, match="True or False"):
        FailureDirections().fit(x_train, x_val, labels, np.full(240, 0.3))
    with pytest.raises(InputError, match="expected 16"):
        FailureDirections().fit(x_train, x_val[:, :3], labels, correct)
    with pytest.raises(InputError, match="ascending"):
        FailureDirections(grid=[1.0, 0.1]).fit(x_train, x_val, labels, correct)
    with pytest.raises(InputError, match="fit first"):
        FailureDirections().decision(x_val, "a")


def test_unknown_class_is_named(fitted):
    with pytest.raises(InputError, match="no class 'c'"):
        fitted.decision(planted()[1], "c")
