"""The linear probe."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.diagnosis import LinearProbe


def two_blobs(n=200, d=8, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(n) < 0.4, "a", "b")
    x = rng.normal(size=(n, d)) + np.where(labels == "a", 1.0, -1.0)[:, None]
    return x / np.linalg.norm(x, axis=1, keepdims=True), labels


def trained_by_torch(x, codes, orders, *, n_classes, batch_size, lr):
    """The same probe by torch.optim.Adam, in float64 from zero weights."""
    layer = torch.nn.Linear(x.shape[1], n_classes, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    adam = torch.optim.Adam(layer.parameters(), lr=lr)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(codes)
    for order in orders:
        for batch in torch.from_numpy(order).split(batch_size):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(layer(inputs[batch]), targets[batch]).backward()
            adam.step()
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


@pytest.mark.parametrize("batch_size", [32, 7, 1000])
def test_agrees_with_torch_adam(batch_size):
    x, labels = two_blobs()
    labels[:30] = "c"
    probe = LinearProbe(epochs=5, lr=1e-2, batch_size=batch_size, seed=3).fit(x, labels)
    rng = np.random.default_rng(3)
    orders = [rng.permutation(len(x)) for _ in range(5)]
    codes = np.searchsorted(["a", "b", "c"], labels)
    weight, bias = trained_by_torch(x, codes, orders, n_classes=3, batch_size=batch_size, lr=1e-2)
    assert probe.coef_ == pytest.approx(weight, abs=1e-6)
    assert probe.intercept_ == pytest.approx(bias, abs=1e-6)


def test_learns_and_predicts():
    x, labels = two_blobs()
    probe = LinearProbe(lr=1e-2).fit(x, labels)
    assert probe.classes_ == ["a", "b"]
    assert (probe.predict(x) == labels).mean() > 0.95
    proba = probe.predict_proba(x)
    assert proba.shape == (200, 2)
    assert proba.sum(axis=1) == pytest.approx(1)


def test_same_seed_same_weights():
    x, labels = two_blobs()
    first, again, other = (LinearProbe(epochs=3, seed=s).fit(x, labels) for s in (0, 0, 1))
    assert np.array_equal(first.coef_, again.coef_)
    assert not np.array_equal(first.coef_, other.coef_)


def test_keeps_the_epoch_of_lowest_validation_loss():
    x, labels = two_blobs()
    x_val, flipped = x[:50], np.where(labels[:50] == "a", "b", "a")
    # Every step away from zero makes wrong labels likelier to be called wrong.
    probe = LinearProbe(epochs=4).fit(x, labels, x_val, flipped)
    assert probe.best_epoch_ == 1
    assert probe.history_["val_loss"].is_monotonic_increasing
    one_epoch = LinearProbe(epochs=1).fit(x, labels)
    assert np.array_equal(probe.coef_, one_epoch.coef_)


def test_validation_never_reaches_the_weights():
    x, labels = two_blobs()
    x_val, labels_val = two_blobs(60, seed=5)
    plain = LinearProbe(epochs=4).fit(x, labels)
    watched = LinearProbe(epochs=4).fit(x, labels, x_val, labels_val)
    assert watched.best_epoch_ == 4
    assert np.array_equal(plain.coef_, watched.coef_)


def test_loss_is_a_mean_over_examples_not_over_batches():
    x, labels = two_blobs(33)
    # With no learning to speak of, every example costs log 2, whatever batch it falls in.
    probe = LinearProbe(epochs=1, lr=1e-12, batch_size=32).fit(x, labels, x, labels)
    assert probe.history_["train_loss"][0] == pytest.approx(np.log(2))
    assert probe.history_["val_loss"][0] == pytest.approx(np.log(2))


def test_state_rebuilds_the_probe():
    x, labels = two_blobs()
    probe = LinearProbe(epochs=2).fit(x, labels)
    again = LinearProbe.from_state(probe.state())
    assert again.classes_ == probe.classes_
    assert np.array_equal(again.predict_proba(x), probe.predict_proba(x))


def test_reports_progress_and_lets_cancel_through():
    x, labels = two_blobs()
    seen = []
    LinearProbe(epochs=3).fit(x, labels, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]

    def cancel(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        LinearProbe().fit(x, labels, progress=cancel)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": ["a"] * 4}, "at least two"),
        ({"labels": ["a", "b"]}, "expected 4"),
        ({"labels": ["a", "b", None, "a"]}, "missing for 1 of 4"),
        ({"x": [[0.0], [1.0], [np.nan], [2.0]]}, "NaN"),
        ({"x": [0.0, 1.0, 2.0, 3.0]}, "matrix"),
        ({"x_val": [[0.0]]}, "both x_val and labels_val"),
        ({"x_val": [[0.0]], "labels_val": ["z"]}, "not among the 2 classes"),
        ({"x_val": [[0.0, 1.0]], "labels_val": ["a"]}, "expected 1"),
        ({"x_val": np.empty((0, 1)), "labels_val": []}, "no rows"),
    ],
)
def test_refuses(change, words):
    given = {"x": [[0.0], [1.0], [2.0], [3.0]], "labels": ["a", "b", "a", "b"]} | change
    with pytest.raises(InputError, match=words):
        LinearProbe(epochs=1).fit(**given)


def test_refuses_bad_settings_and_an_unfitted_probe():
    with pytest.raises(InputError, match="epochs=0"):
        LinearProbe(epochs=0).fit([[0.0], [1.0]], ["a", "b"])
    with pytest.raises(InputError, match="fit"):
        LinearProbe().predict([[0.0]])
    with pytest.raises(InputError, match="one finite entry"):
        LinearProbe.from_arrays([[1.0]], [0.0, 1.0], ["a"])
